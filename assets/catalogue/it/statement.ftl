# Estratto conto e spiegazione di un addebito.

explain-rule = Tariffa applicata: { $name }, versione { $version }.
explain-rule-of-act = Tariffa applicata: { $name }, versione { $version } ({ $act }).
explain-isee-used = ISEE considerato: { $value }, valido dal { $from } al { $to }.
explain-isee-used-protocol = ISEE considerato: { $value }, protocollo { $protocol }, valido dal { $from } al { $to }.
explain-isee-not-needed = Il prezzo è uguale per tutti: l’ISEE non conta.
explain-isee-non-resident = Per chi non risiede nel comune il prezzo non dipende dall’ISEE.
explain-isee-missing = Il { $day } non risultava un ISEE valido: si applica il prezzo senza ISEE.
explain-isee-not-valid = L’ISEE registrato valeva dal { $from } al { $to }, quindi non il { $day }: si applica il prezzo senza ISEE.
explain-price-fixed = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
}: { $price }.
explain-price-no-isee = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} senza ISEE: { $price }.
explain-price-non-resident = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} per chi non risiede nel comune: { $price }.
explain-price-any-isee = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} con ISEE: { $price }.
explain-price-first-band = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} con ISEE fino a { $to }: { $price }.
explain-price-band = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} con ISEE oltre { $over } e fino a { $to }: { $price }.
explain-price-top-band = Prezzo { $unit ->
    [meal] di un pasto
   *[day] di un giorno
} con ISEE oltre { $over }: { $price }.
explain-rounded-unit = Il prezzo è arrotondato { $mode ->
    [half-even] al centesimo più vicino (a metà, al centesimo pari)
    [up] per eccesso
    [down] per difetto
   *[half-up] al centesimo più vicino
}: da { $from } a { $to }.
explain-times = { $unit ->
    [meal] { $quantity ->
        [one] 1 pasto
       *[other] { $quantity } pasti
    }
   *[day] { $quantity ->
        [one] 1 giorno
       *[other] { $quantity } giorni
    }
} × { $price } = { $gives }.
explain-rounded-total = Il totale è arrotondato { $mode ->
    [half-even] al centesimo più vicino (a metà, al centesimo pari)
    [up] per eccesso
    [down] per difetto
   *[half-up] al centesimo più vicino
}: da { $from } a { $to }.
explain-amount = Importo addebitato: { $amount }.

statement-title = Estratto conto
statement-intro = Quanto ti è stato addebitato, quanto hai pagato, quanto resta: conto per conto, riga per riga.
statement-you-credit = Hai un credito di { $amount }
statement-you-debt = Devi { $amount }
statement-you-even = Sei in pari
statement-account-of = { $child } – { $service }
statement-in-all = In tutto
statement-totals = Addebitato { $debit }, versato { $credit }
statement-pay = Nuovo pagamento
statement-no-accounts-title = Non hai ancora nessun conto
statement-no-accounts = Il conto si apre con l’iscrizione a un servizio. Per iscrivere un bambino presenta una domanda.
statement-no-accounts-link = Nuova domanda per i servizi scolastici
statement-filter = Scegli che cosa vedere
statement-account = Bambino e servizio
statement-all-accounts = Tutti
statement-year = Anno scolastico
statement-own-days = Oppure scegli i giorni
statement-from = Dal giorno
statement-to = Al giorno
statement-days-help = Per esempio 03/11/2026. Lascia vuoto per vedere tutto l’anno scolastico.
statement-show = Mostra
statement-lines = Movimenti dal { $from } al { $to }
statement-lines-help = Dal più recente al più vecchio. Tocca «Perché questo importo?» per vedere come è calcolato un addebito.
statement-day = Data
statement-child = Bambino
statement-service = Servizio
statement-what = Descrizione
statement-debit = Addebito
statement-credit = Accredito
statement-balance = Saldo
statement-opening = Saldo iniziale
statement-closing = Saldo finale
statement-month-total = Totale di { $month }
statement-why = Perché questo importo?
statement-no-lines-title = Nessun movimento in questo periodo
statement-no-lines = Scegli un altro anno scolastico, oppure tutti i conti.
statement-csv = Scarica per il foglio di calcolo (CSV)
statement-line-charge = { $service } di { $child }
statement-line-receipt = Pagamento pagoPA per { $service } di { $child }
statement-line-opening = Saldo riportato dal sistema precedente, { $service } di { $child }
statement-line-imported = { $what }, { $service } di { $child }
statement-line-credit = Accredito, { $service } di { $child }
statement-line-reversal = Storno, { $service } di { $child }
statement-line-refund = Rimborso, { $service } di { $child }
statement-line-transfer-in = Trasferimento da { $other }, al conto { $service } di { $child }
statement-line-transfer-out = Trasferimento a { $other }, dal conto { $service } di { $child }
statement-line-debt-dropped = Debito stralciato: { $reason } ({ $service } di { $child })
statement-line-credit-dropped = Credito stralciato: { $reason } ({ $service } di { $child })

charge-title = Perché questo importo
charge-heading = { $service } di { $child }, { $day }
charge-child = Bambino
charge-service = Servizio
charge-day = Giorno
charge-amount = Importo
charge-posted = Addebitato il
charge-how = Come è calcolato
charge-isee-title = Hai un ISEE?
charge-isee = Se per quel giorno avevi un ISEE valido, scrivi all’ufficio: controlliamo e ti rispondiamo nelle comunicazioni.
charge-doubt = Qualcosa non torna? Scrivi all’ufficio indicando il giorno.
charge-write = Scrivi all’ufficio
charge-back = Torna all’estratto conto
