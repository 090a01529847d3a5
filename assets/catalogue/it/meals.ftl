# "Disdici un pasto", "Presenze", registro della scuola.

meals-title = Disdici un pasto
meals-intro = Tocca i giorni in cui tuo figlio non c’è. Ricevi subito un numero di ricevuta.
meals-for = { $child } – { $service }
meals-until = si può disdire fino alle { $time } di { $day }
meals-until-that-day = si può disdire fino alle { $time } di quel giorno
meals-until-today = si può disdire fino alle { $time } di oggi
meals-too-late = L’orario per disdire, le { $time } di { $day }, è passato{ $kind ->
    [nido] {"."}
   *[other] : il pasto è già ordinato.
}
meals-too-late-charged = { $kind ->
    [nido] Puoi ancora avvisare il nido dell’assenza, ma la giornata sarà addebitata.
   *[other] Puoi ancora avvisare la scuola dell’assenza, ma il pasto sarà addebitato.
}
meals-too-late-free = { $kind ->
    [nido] Puoi ancora avvisare il nido: se tuo figlio non frequenta, la giornata non sarà addebitata.
   *[other] Puoi ancora avvisare la scuola: se tuo figlio non mangia, il pasto non sarà addebitato.
}
meals-button = Disdici i giorni scelti
meals-nothing-next = Nei prossimi giorni non ci sono { $kind ->
    [nido] giorni
   *[other] pasti
} da disdire.
meals-cancelled = Già disdetti
meals-cancelled-at = disdetto il { $when }, ricevuta
meals-cancelled-late = segnalato il { $when }, dopo l’orario, ricevuta
meals-cancelled-at-office = disdetto dall’ufficio il { $when }, ricevuta
meals-cancelled-late-office = segnalato dall’ufficio il { $when }, dopo l’orario, ricevuta
meals-by-office = dall’ufficio
meals-said-by-office = segnalato dall’ufficio
meals-restore = Ripristina
meals-restore-what = { $kind ->
    [nido] il giorno di nido di
   *[other] il pasto di
} { $day } per { $child }
meals-restored = { $kind ->
    [nido] Il giorno di nido del
   *[other] Il pasto del
} { $day } è di nuovo prenotato. Ricevuta { $number }.
meals-range = Disdici un periodo
meals-range-help = Per una vacanza o una malattia lunga. I giorni senza servizio si saltano da soli.
meals-range-from = Primo giorno
meals-range-to = Ultimo giorno
meals-range-who = Per chi
meals-range-button = Disdici il periodo
meals-nobody = Nessun figlio iscritto
meals-nobody-text = Qui compaiono i pasti dei tuoi figli quando la loro iscrizione è accolta.
meals-done-title = Disdetta registrata
meals-done-lead = Conserva i numeri di ricevuta: sono la prova di che cosa hai disdetto e quando.
meals-done-number = Ricevuta
meals-done-when = Registrata
meals-done-late = { $kind ->
    [nido] I giorni segnati «dopo l’orario» sono stati comunicati al nido.
   *[other] I giorni segnati «dopo l’orario» sono stati comunicati alla scuola, ma il pasto era già ordinato.
}
meals-done-late-mark = dopo l’orario
meals-done-next = { $kind ->
    [nido] Non devi fare altro: il nido lo vede da solo. Se cambi idea puoi ripristinare il giorno fino all’orario indicato.
   *[other] Non devi fare altro: la scuola e la cucina lo vedono da sole. Se cambi idea puoi ripristinare il pasto fino all’orario indicato.
}
meals-done-back = Disdici altri giorni
meals-day = Giorno
meals-child = Per chi

presences-title = Presenze
presences-intro = I giorni in cui il bambino ha usato il servizio, con il prezzo di ogni giorno.
presences-choose = Servizio e anno
presences-show = Mostra
presences-before = Mese precedente
presences-after = Mese successivo
presences-present = usato
presences-cancelled = disdetto
presences-absent = assente
presences-closed = chiuso
presences-booked = prenotato
presences-interrupted = servizio sospeso
presences-cancel = disdici
presences-total = Totale del mese
presences-list = Lo stesso mese in elenco
presences-price = Prezzo
presences-what = Che cosa è successo
presences-provisional = provvisorio
presences-free = gratis
presences-none = Nessun figlio iscritto
presences-none-text = Qui compaiono le presenze quando l’iscrizione di un figlio è accolta.
presences-apply = Nuova domanda per i servizi scolastici
presences-mon = lun
presences-tue = mar
presences-wed = mer
presences-thu = gio
presences-fri = ven
presences-both = disdetto, ma la scuola l’ha visto presente

register-saved = Registro salvato: presenti { $present }, assenti { $absent }.
