# Pagine pubbliche, accesso, pagina iniziale dell’area riservata, "I miei dati".

welcome-title = Area riservata
welcome-intro = Iscrivi i tuoi figli a nido, mensa e scuolabus, segui le presenze e i pagamenti.
welcome-spid = Entra con SPID
welcome-cie = Entra con CIE
welcome-cns = Entra con CNS / TS-CNS
welcome-demo-note = Questo è un ambiente dimostrativo: i tre pulsanti portano a un’identità di prova, in cui scegli una persona inventata ed entri come lei.
welcome-no-way-title = L’accesso in rete non è ancora attivo
welcome-no-way = Questo comune non ha ancora collegato un modo per entrare.
welcome-way-spid = SPID
welcome-way-cie = CIE
welcome-way-cns = CNS / TS-CNS
welcome-way-off = non ancora collegato
welcome-counter = Nel frattempo l’ufficio ti aiuta allo sportello, in { $address }, e al telefono { $phone }.
welcome-news = Notizie sui servizi
welcome-no-news = Al momento non ci sono notizie.
welcome-staff = Accesso per gli uffici e le scuole

demo-access-title = Identità di prova
demo-access-intro = Scegli con chi entrare. Sono persone inventate.
demo-access-search = Cerca per cognome o nome
demo-access-find = Cerca
demo-access-enter = Entra come { $name }
demo-access-children = { $count ->
    [0] nessun figlio iscritto
    [one] 1 figlio iscritto
   *[other] { $count } figli iscritti
}
demo-access-nobody = Nessuna persona con questo nome.
demo-access-new = Oppure entra come una persona nuova
demo-access-new-help = Serve un codice fiscale formalmente corretto, per esempio RSSMRA85T10A562S.
demo-access-new-enter = Registrati ed entra

field-surname = Cognome
field-name = Nome
field-fiscal-code = Codice fiscale
field-birth-date = Data di nascita
field-birth-place = Comune o Stato di nascita
field-address = Indirizzo
field-address-help = Via, piazza e numero civico.
field-postal-code = CAP
field-town = Comune di residenza
field-phone = Telefono
field-phone-help = Ti chiamiamo solo per cose urgenti che riguardano i tuoi figli.
field-email = E-mail

home-title = La tua area
home-hello = Ciao, { $name }
home-meals = { $kind ->
    [nido] Il prossimo giorno di nido
    [both] I prossimi giorni
   *[meals] Il prossimo pasto
}
home-meal-today = { $child }: { $kind ->
    [nido] oggi va al nido
   *[meals] oggi mangia a scuola
}, puoi disdire fino alle { $time }.
home-meal-that-day = { $child }: { $day }, puoi disdire fino alle { $time } di quel giorno.
home-meal-later = { $child }: { $day }, puoi disdire fino a { $at }.
home-meal-cancelled = { $child }: { $day }, già disdetto. Ricevuta { $number }.
home-missing = Completa i tuoi dati
home-missing-text = Mancano alcuni dati: senza non puoi presentare una domanda.
home-unread = { $count ->
    [one] Hai 1 messaggio da leggere
   *[other] Hai { $count } messaggi da leggere
}
home-draft = Completa la bozza della domanda
home-draft-of = Completa la domanda per { $child }
home-draft-until = { $call }. Si può inviare fino a { $at }.
home-notices = { $count ->
    [one] Hai 1 avviso da pagare
   *[other] Hai { $count } avvisi da pagare
}
home-notices-total = In tutto { $amount }
home-owed = Devi pagare { $amount }
home-owed-text = Crea l’avviso e paga qui, con l’app o in banca.
home-balances = Saldo
home-owes = Devi { $amount }
home-credit = Credito { $amount }
home-left = { $kind ->
    [meals] { $count ->
        [0] Non basta per un altro pasto
        [one] Basta per 1 pasto
       *[other] Basta per { $count } pasti
    }
   *[other] { $count ->
        [0] Non basta per un altro giorno
        [one] Basta per 1 giorno
       *[other] Basta per { $count } giorni
    }
}
home-todo = Da fare
home-services = Servizi
home-cancel-meal = Disdici un pasto
home-cancel-day = Disdici un giorno
home-new-application = Nuova domanda per i servizi scolastici
home-sent = Domande inviate
home-my-data = I miei dati
home-attestation = Stampa attestazione pagamenti
home-presences = Presenze
home-messages = Comunicazioni
home-how-to-pay = Come pagare
home-new-payment = Nuovo pagamento
home-payments = Pagamenti
home-statement = Estratto conto
home-leave = Esci

my-data-title = I miei dati
my-data-intro = Nome e codice fiscale arrivano dalla tua identità digitale e non si possono cambiare qui.
my-data-missing-title = Mancano alcuni dati
my-data-missing-text = Servono per presentare una domanda e per avvisarti. Compila:
my-data-identity = Identità
my-data-residence = Residenza e contatti
my-data-save = Salva
my-data-io-title = Messaggi sull’app IO
my-data-io-text = Se usi l’app IO, lì ti arriva un messaggio per ogni avviso di pagamento del Comune e per ogni sollecito. Non contiene dati dei tuoi figli.
my-data-io-now-on = Ora sono attivi.
my-data-io-now-off = Ora non li ricevi.
my-data-io-stop = Non mandarmi questi messaggi
my-data-io-start = Mandami questi messaggi
my-data-io-on = Da ora ricevi di nuovo i messaggi sull’app IO.
my-data-io-off = Da ora non ti mandiamo messaggi sull’app IO.
my-data-saved = Dati salvati.
