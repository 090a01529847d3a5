# Avvisi, domande, documenti, diete, ISEE: che cosa non va e che cosa fare.

error-call-window = La scadenza deve venire dopo l’inizio.
error-call-upcoming = L’avviso non è ancora aperto: potrai presentare la domanda da { $opens }.
error-call-closed = L’avviso è scaduto { $closed }: la domanda non può più essere inviata. La bozza resta conservata.

error-document-empty = Il file “{ $name }” è vuoto. Scegline un altro.
error-document-too-large = Il file “{ $name }” è di { $found } MB: il limite è { $max } MB. Riduci la foto o dividi il documento.
error-document-text = Il file “{ $name }” è un file di testo, non un PDF, una foto JPEG o un’immagine PNG. Salvalo come PDF e riprova.
error-document-heic = Il file “{ $name }” è una foto in formato HEIC, che non possiamo leggere. Allega una foto JPEG o un PDF.
error-document-type = Il file “{ $name }” è di tipo { $found }. Allega un PDF, una foto JPEG o un’immagine PNG.
error-document-unknown = Il file “{ $name }” non è un PDF, una foto JPEG o un’immagine PNG: il suo contenuto non si riconosce. Salvalo in uno di questi formati e riprova.
error-document-none = Scegli un file da allegare.
error-document-many = Puoi allegare al massimo { $max } file. Per aggiungerne uno, prima eliminane un altro.
error-document-required = Per questo avviso serve almeno un documento: allegalo prima di continuare.

error-diet-unknown = Questa dieta non è nell’elenco: scegline una dell’elenco.
error-period-backwards = L’ultimo giorno non può venire prima del primo.
error-isee-negative = Il valore ISEE non può essere negativo.

error-my-data-missing = Prima di presentare una domanda completa “I miei dati”.
error-draft-changed = Nel frattempo questa bozza è stata salvata in un’altra scheda, { $at }. Quello che hai scritto qui è ancora qui sotto: controllalo. Se salvi di nuovo, sostituisce quello dell’altra scheda.
error-draft-changed-before-sending = Nel frattempo questa bozza è stata cambiata in un’altra scheda, { $at }. Il riepilogo qui sotto è aggiornato: ricontrollalo e invia di nuovo.
error-title-missing = Indica se sei genitore, tutore o affidatario.
error-child-missing = Scegli per chi è la domanda.
error-child-is-applicant = Questo è il tuo codice fiscale: scrivi quello del bambino.
error-class-missing = Scegli la scuola e la classe.
error-privacy-missing = Leggi l’informativa sulla privacy e conferma la presa visione.
error-conditions-missing = Leggi le condizioni generali del servizio e accettale.
error-application-live = Per questo bambino c’è già una domanda per questo avviso: la trovi tra le domande inviate, oppure l’ha inviata l’altro genitore. Se serve una correzione, scrivi all’ufficio.
error-application-decided = Questa domanda ha già un esito: ricarica la pagina.
error-class-other-year = La classe scelta non è dell’anno scolastico dell’avviso.
error-from-outside-year = Il primo giorno deve cadere nell’anno scolastico { $year }.
error-refusal-reason = Scrivi il motivo: la famiglia lo leggerà.
error-diet-not-yours = La dieta può confermarla solo chi è addetto alle diete.
error-application-incomplete = La domanda non è completa: controlla i passi indicati qui sotto. La bozza è conservata.
