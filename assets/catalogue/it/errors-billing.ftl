error-bill-held = Bolletta trattenuta: si aspetta il nuovo ISEE fino al { $until }. Per addebitare adesso, rifai la bozza con «Addebita anche chi non ha ancora il nuovo ISEE».
error-bill-not-over = Il servizio «{ $service }» si calcola sui giorni di presenza: il periodo deve finire prima di oggi, non il { $day }.
error-bill-terms = Scrivi i primi giorni di almeno due periodi, giorno e mese, presenti in ogni anno: 01/09, 01/01.
error-bill-no-rhythm = Nessuna cadenza propone un periodo: indica --from e --to, o un servizio (--service) che ha una cadenza.
error-bill-too-long = Un periodo può durare al massimo 13 mesi: scegli un ultimo giorno più vicino al primo.
error-bill-run-open = C’è già una bozza aperta, dal { $from } al { $to }: pubblicala o scartala prima di farne un’altra.
error-bill-cuts = Dal { $from } al { $to } è già stato pubblicato un periodo che si sovrappone a questo: scegli giorni che lo contengono tutto, o che non lo toccano.
error-bill-run-not-draft = Questa elaborazione non è più una bozza: ricarica la pagina per vedere a che punto è.
error-bill-due-past = La scadenza non può essere già passata: scegli un giorno da oggi in poi.
error-bill-nothing = In questa bozza non c’è niente da addebitare: scartala.
error-bill-faults = { $count ->
    [one] Una riga non ha un prezzo
   *[other] { $count } righe non hanno un prezzo
}: correggi i dati e rifai la bozza, oppure scegli di pubblicare senza queste righe.
error-bill-not-issued = La bolletta di questo intestatario non è stata emessa: la prossima bozza degli stessi giorni la propone di nuovo. Se succede ancora, mostra queste parole a chi gestisce il programma: { $why }
error-charge-reversed = L’addebito di questo giorno è già stato stornato.
error-charge-free = Questo giorno non è costato niente: non c’è niente da stornare.
error-charge-in-open-run = C’è una bozza di bollette aperta che comprende questo giorno, dal { $from } al { $to }: pubblicala o scartala prima di stornare.
