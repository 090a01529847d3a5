# Errori: che cosa non va e che cosa fare. Le stesse chiavi stanno in en/errors.ftl.

error-required = Questo campo è obbligatorio.
error-too-long = Il testo è troppo lungo: al massimo { $max } caratteri.
error-not-a-date = Scrivi una data come 03/11/2026.
error-date-in-future = La data non può essere nel futuro.
error-not-an-amount = Scrivi un importo in euro, per esempio 12,50.
error-amount-below = L’importo minimo è { $minimum }.
error-amount-packs = Si paga a blocchetti interi di { $quantity } (per { $amount }): per esempio { $less } o { $more }.
error-amount-above = L’importo massimo è { $maximum }.
error-choose = Scegli una delle voci dell’elenco.
error-email = Scrivi un indirizzo e-mail come nome@esempio.it.
error-phone = Scrivi un numero di telefono: cifre, spazi e un eventuale + davanti.
error-changed-elsewhere = Nel frattempo questi dati sono stati cambiati, forse in un’altra scheda. Ricarica la pagina, controlla e salva di nuovo: quello che hai scritto è ancora qui sotto.
error-login = Nome utente o password non corretti.
error-login-locked = Troppi tentativi: riprova tra { $minutes } minuti.
error-too-many-requests = Troppe richieste in poco tempo: aspetta { $seconds } secondi e riprova.
error-form-expired = La pagina è rimasta aperta troppo a lungo. Ricaricala e invia di nuovo: nulla è stato salvato due volte.
error-upload-too-large = Il file è troppo grande: al massimo { $max } MB.
error-body-too-large = Quello che hai inviato supera il limite di { $max } MB.
error-username-taken = Il nome utente { $username } esiste già: scegline un altro.
error-fiscal-code-known = Questo codice fiscale è già registrato per un’altra persona.

page-not-found = Pagina non trovata
page-not-found-text = La pagina non esiste, oppure non è tra quelle che puoi vedere. Controlla l’indirizzo o torna alla pagina iniziale.
page-forbidden = Non puoi aprire questa pagina
page-forbidden-text = Il tuo accesso non comprende questa pagina. Se pensi che sia un errore, scrivi all’ufficio.
page-too-large = Invio troppo grande
page-fault = Qualcosa non ha funzionato
page-fault-text = La colpa è nostra, non tua. Riprova tra poco: quello che avevi salvato è al sicuro. Se continua, comunica all’ufficio il codice qui sotto.
page-storage = Ora non possiamo salvare
page-storage-text = C’è un problema sul nostro computer: quello che hai appena inviato non è stato registrato. Riprova tra qualche minuto. Ciò che avevamo già confermato è al sicuro. Se continua, comunica all’ufficio il codice qui sotto.
page-conflict = I dati sono cambiati nel frattempo
page-refused = Non è stato possibile
page-refused-text = La richiesta non può essere accolta così come è arrivata. Torna indietro, controlla e riprova.
error-postal-code = Il CAP ha 5 cifre, per esempio 56017.
error-enrolled-already = Questo bambino è già iscritto al servizio in quel periodo: prima chiudi l’iscrizione che c’è.
error-vat-rate = Scrivi l’aliquota in percento, per esempio 4 o 4,5.
