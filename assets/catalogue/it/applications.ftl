# Avvisi, domande in sei passi, domande inviate.

app-calls-title = Nuova domanda
app-calls-intro = Scegli l’avviso e premi “+ Nuova domanda”. Serve una domanda per ogni figlio e per ogni servizio.
app-calls-current = Avvisi aperti e prossimi
app-calls-closed = Avvisi scaduti
app-calls-none = Al momento non ci sono avvisi aperti
app-calls-none-text = Quando si potrà presentare una domanda, l’avviso comparirà qui e tra le notizie.
app-col-call = Avviso
app-col-description = Descrizione estesa
app-col-opens = Inizia dal
app-col-closes = Scade il
app-col-state = Stato
app-col-apply = Domanda
app-call-open = Attivo
app-call-upcoming = Non ancora aperto
app-call-closed = Scaduto
app-days-left = { $days ->
    [0] scade oggi
    [one] manca 1 giorno
   *[other] mancano { $days } giorni
}
app-new = Nuova domanda
app-from = Dal { $day } alle { $time }
app-drafts = Domande in bozza
app-draft-of = Bozza per { $child }
app-draft-nobody = Bozza senza nome
app-draft-at = passo { $step } di 6, salvata { $saved }
app-draft-delete = Elimina bozza
app-draft-deleted = Bozza eliminata.
app-draft-saved = Bozza salvata alle { $time }
app-saved-at = Ultimo salvataggio: { $at }.
app-read-call = Leggi l’avviso
app-see-sent = Vai alle domande inviate
app-back-home = Torna alla tua area
app-back-list = Torna all’elenco
app-back-call = Torna all’avviso
app-back-sent = Torna alle domande inviate
app-missing-title = Completa “I miei dati”
app-missing-text = Mancano alcuni dati: senza non puoi presentare una domanda.
app-missing-short = Prima completa i tuoi dati
app-missing-link = Vai a I miei dati

app-call-is-closed = L’avviso è scaduto
app-call-is-closed-text = Si poteva presentare la domanda fino a { $day }, ore { $time }.
app-call-is-upcoming = L’avviso non è ancora aperto
app-call-is-upcoming-text = Potrai presentare la domanda da { $day }, ore { $time }.
app-call-service = Servizio
app-call-year = Anno scolastico
app-call-texts = Da leggere prima di presentare la domanda
app-day-time = { $day }, ore { $time }
app-documents-asked = Documenti richiesti
app-documents-none-asked = Nessun documento è obbligatorio per tutti.
app-documents-required = Serve almeno un documento.
app-privacy = Informativa sulla privacy
app-conditions = Condizioni generali del servizio
app-text-version = Versione { $version }, pubblicata il { $at }
app-text-own-page = Apri il testo in una pagina a parte

app-delete-title = Vuoi eliminare la bozza?
app-delete-of = La bozza per { $child } è stata salvata { $saved }.
app-delete-nobody = La bozza è stata salvata { $saved }.
app-delete-attachments = { $count ->
    [one] Verrà eliminato anche il documento allegato.
   *[other] Verranno eliminati anche i { $count } documenti allegati.
}
app-delete-final = Una bozza eliminata non si può recuperare.
app-delete-confirm = Elimina la bozza
app-delete-keep = No, continua a compilarla

app-step-1 = Step 1 – Dati del richiedente
app-step-2 = Step 2 – Dati alunno utente
app-step-3 = Step 3 – Dati obbligatori
app-step-4 = Step 4 – Dichiarazioni
app-step-5 = Step 5 – Documenti
app-step-6 = Step 6 – Invio richiesta
app-short-1 = Richiedente
app-short-2 = Alunno
app-short-3 = Dati obbligatori
app-short-4 = Dichiarazioni
app-short-5 = Documenti
app-short-6 = Invio
app-continue = Salva e continua
app-closed-title = L’avviso è scaduto
app-closed-text = Si poteva inviare la domanda fino a { $closed }. La bozza resta conservata, ma non può più essere inviata.
app-sent-already = Questa domanda è già stata inviata e non si può più modificare.

app-payer = Il genitore che effettua la domanda sarà l’intestatario dei pagamenti
app-child-which = Per chi è la domanda?
app-child-other = Un altro bambino, inserisco i dati io
app-child-born = nascita: { $date }
app-child-typed-next = I dati del bambino li inserisci al prossimo passo.
app-title = In qualità di
app-title-edit = in qualità di
app-title-parent = Genitore
app-title-guardian = Tutore
app-title-foster = Affidatario
app-your-data = I tuoi dati
app-your-data-text = Controlla che siano giusti: arrivano da “I miei dati”.
app-your-data-edit = Correggi I miei dati

app-from-register = Questi dati arrivano dall’anagrafe del Comune e non si modificano qui. Se qualcosa è sbagliato, prosegui e scrivilo all’ufficio in “Comunicazioni”.
app-sex = Sesso
app-sex-f = Femmina
app-sex-m = Maschio
app-child-code-help = 16 caratteri: è sulla tessera sanitaria del bambino.

app-class = Scuola e classe
app-class-year = Scuola e classe nell’anno { $year }
app-class-help = Le classi sono raggruppate per scuola.
app-class-of = { $school }, { $class }
app-class-edit = scuola, classe, dieta, ISEE e sconti
app-diet = Dieta speciale
app-diet-help = Vede la tua scelta solo chi è addetto alle diete. Per le diete sanitarie allega il certificato medico al passo 5.
app-diet-none = Nessuna: menu ordinario
app-isee = ISEE e sconti
app-isee-fetch = Acquisizione dell’ISEE dall’INPS
app-isee-consent = Autorizzo il Comune ad acquisire il mio ISEE dall’INPS
app-isee-consent-help = Senza ISEE si paga la tariffa più alta.
app-isee-value = Valore ISEE
app-isee-value-help = Se lo conosci, in euro. Per esempio 12.345,67.
app-discounts = Altri sconti
app-discounts-help = Per esempio fratelli già iscritti. Non scrivere qui notizie sulla salute.
app-yes = Autorizzata
app-no = Non autorizzata

app-declarations-intro = Apri e leggi i due testi, poi conferma.
app-begin-title = Prima di iniziare
app-begin-text = { $comune } usa i dati che inserisci solo per gestire i servizi scolastici. Qui sotto leggi chi li tratta, per quanto tempo e quali diritti hai.
app-begin-next = Poi la domanda si compila in sei passi: puoi fermarti quando vuoi, quello che hai inserito resta salvato.
app-begin = Inizia la domanda
app-privacy-read = Hai confermato di averla letta e compresa { $at }.
app-privacy-accept = Ho letto e compreso l’informativa sulla privacy
app-conditions-accept = Ho letto e accetto le condizioni generali del servizio
app-accepted-at = Versione { $version }, accettata il { $at }
app-texts = Testi accettati
app-declarations-edit = dichiarazioni

app-documents-attached = Documenti allegati
app-documents-none = Nessun documento allegato.
app-documents-full = Hai allegato { $max } file, il massimo. Per aggiungerne uno, prima eliminane un altro.
app-documents-edit = documenti
app-document-file = Aggiungi un documento
app-document-help = PDF, JPEG o PNG, al massimo { $mb } MB. Puoi allegare fino a { $max } file, uno alla volta.
app-document-attach = Allega e resta qui
app-document-attached = Documento allegato.
app-document-delete = Elimina
app-document-deleted = Documento eliminato.
app-certificate = Certificato medico, riservato
app-certificate-is = È un certificato medico (lo vedono solo gli addetti alle diete)
app-certificate-help = Il file viene conservato cifrato.
app-diet-certificate = Hai chiesto una dieta speciale
app-diet-certificate-text = Per le diete sanitarie allega il certificato medico e spunta la casella “È un certificato medico”.

app-summary-intro = Controlla tutto: quello che invii ha valore di dichiarazione (D.P.R. 445/2000).
app-incomplete-title = La domanda non è completa
app-incomplete-text = Prima di inviarla completa questi passi:
app-incomplete-count = { $count ->
    [one] 1 risposta da controllare
   *[other] { $count } risposte da controllare
}
app-complete-it = Completa la domanda
app-doubts-title = Ricontrolla i dati del bambino
app-doubts-text = Se i dati sono giusti puoi inviare lo stesso: l’ufficio li verificherà.
app-applicant = Richiedente e intestatario dei pagamenti
app-child = Alunno
app-child-edit = dati dell’alunno
app-residence = Residenza
app-birth = Nascita
app-send-warning = Dopo l’invio la domanda non si può più modificare.
app-send = Invia la richiesta

app-confirmed-title = Domanda inviata
app-confirmed-text = Abbiamo ricevuto la domanda per { $child }: { $call }.
app-number = Numero
app-sent-at = Inviata il
app-receipt = Scarica la ricevuta (PDF, { $size })
app-next = Prossimi passi
app-next-sent = Domanda inviata: la ricevuta resta in “Domande inviate”.
app-next-office = L’ufficio la esamina. Se manca qualcosa ti scrive in “Comunicazioni”.
app-next-outcome = L’esito lo trovi in “Domande inviate” e in “Comunicazioni”.
app-next-immutable = La domanda inviata non si può modificare. Per una correzione:
app-write-office = scrivi all’ufficio
app-see-this = Vedi la domanda
app-leave-hidden = e torna alla tua area

app-sent-title = Domande inviate
app-sent-one = Domanda { $number }
app-sent-intro = Una domanda inviata non si può modificare: qui ne segui l’esito.
app-sent-none = Non hai ancora inviato domande
app-sent-none-text = Quando ne invii una, qui trovi la ricevuta e l’esito.
app-state-submitted = In esame
app-enrolled = L’iscrizione di { $child } a «{ $service }» vale da { $day }: { $class }, { $school }.
app-state-accepted = Accolta
app-state-refused = Non accolta
app-waiting = L’ufficio la sta esaminando: ti avviserà in “Comunicazioni”.
app-history = Storia della domanda
app-event-submitted = Domanda inviata
app-event-accepted = Domanda accolta
app-event-refused = Domanda non accolta
app-content = Che cosa hai inviato
app-frozen = I dati sono quelli del giorno dell’invio e non cambiano più. Per una correzione
app-digest = Impronta della domanda
app-digest-text = È l’impronta SHA-256 di tutto ciò che hai inviato: la stessa che leggi sulla ricevuta.
