# "Comunicazioni": il dialogo tra famiglia e ufficio.

messages-title = Comunicazioni
messages-intro = Qui scrivi all’ufficio scuola e leggi le risposte. Le risposte arrivano su questa pagina.
messages-thread = Messaggi, dal più vecchio al più recente
messages-from-you = Tu
messages-from-office = Ufficio scuola
messages-from-office-clerk = Ufficio scuola, { $name }
messages-from-system = Avviso automatico
messages-new = Nuovo
messages-read-by-office = Letto dall’ufficio il { $at }
messages-not-read-yet = L’ufficio non l’ha ancora letto
messages-none-title = Non ci sono ancora messaggi
messages-none = Scrivi qui sotto la tua prima domanda. Qui arrivano anche gli esiti delle domande.
messages-write = Scrivi all’ufficio
messages-body = Il tuo messaggio
messages-body-help = Non scrivere qui notizie sulla salute: i certificati si allegano alla domanda, dove sono protetti.
messages-send = Invia il messaggio
messages-sent = Messaggio inviato: la risposta dell’ufficio arriverà qui.
messages-top-up = Ricarica
messages-of = (messaggio del { $at })
