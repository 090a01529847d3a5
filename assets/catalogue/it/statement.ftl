# Estratto conto e spiegazione di un addebito.

explain-rule = Tariffa applicata: { $name }, versione { $version }.
explain-rule-of-act = Tariffa applicata: { $name }, versione { $version } ({ $act }).
explain-isee-used = ISEE considerato: { $value }, valido dal { $from } al { $to }.
explain-isee-used-protocol = ISEE considerato: { $value }, protocollo { $protocol }, valido dal { $from } al { $to }.
explain-isee-not-needed = Il prezzo è uguale per tutti: l’ISEE non conta.
explain-isee-non-resident = Per chi non risiede nel comune il prezzo non dipende dall’ISEE.
explain-isee-missing = Il { $day } non risultava un ISEE valido: si applica il prezzo senza ISEE.
explain-isee-not-valid = L’ISEE registrato valeva dal { $from } al { $to }, quindi non il { $day }: si applica il prezzo senza ISEE.
explain-what = { $what ->
    [label] «{ $label }»
    [meal] di un pasto
    [day] di un giorno
    [hour] di un’ora
    [week] di una settimana
    [month] di un mese
    [period] di un periodo
    [once] una tantum
   *[year] di un anno
}
explain-fact = { $fact ->
    [label] { $factlabel }
    [resident] residenza nel comune
    [occasional] uso occasionale
    [disability] disabilità
    [severe_disability] disabilità grave (L. 104/1992 art. 3 c. 3)
    [disabled_minor] minore con disabilità nel nucleo
    [social_services_exemption] esenzione dei servizi sociali
    [child_order] ordine del figlio
    [users_in_household] fratelli che usano il servizio
    [minors_in_household] minori nel nucleo
    [meals] pasti
    [days_present] giorni di presenza
    [opening_days] giorni di apertura
    [hours] ore
    [weeks] settimane
    [months] mesi
    [periods] periodi
    [years] anni
    [times] volte
    [month] mese
    [weekday] giorno della settimana
    [entry_day] giorno di ingresso
    [entry_month] mese di ingresso
    [exit_day] giorno di uscita
    [enrolled_days] giorni di iscrizione
    [months_since_entry] mesi dall’ingresso
    [age_months] età in mesi
    [absence_days] giorni di assenza
    [illness_days] giorni di malattia
    [consecutive_absence_days] giorni di assenza consecutivi
    [grade] ordine di scuola
    [school] plesso
    [timetable] orario
    [meal_type] tipo di pasto
    [trip] corsa
   *[other] { $fact }
}
explain-units = { $unit ->
    [meal] { $quantity ->
        [one] 1 pasto
       *[other] { $quantity } pasti
    }
    [day] { $quantity ->
        [one] 1 giorno
       *[other] { $quantity } giorni
    }
    [hour] { $quantity ->
        [one] 1 ora
       *[other] { $quantity } ore
    }
    [week] { $quantity ->
        [one] 1 settimana
       *[other] { $quantity } settimane
    }
    [month] { $quantity ->
        [one] 1 mese
       *[other] { $quantity } mesi
    }
    [period] { $quantity ->
        [one] 1 periodo
       *[other] { $quantity } periodi
    }
    [once] { $quantity ->
        [one] 1 volta
       *[other] { $quantity } volte
    }
   *[year] { $quantity ->
        [one] 1 anno
       *[other] { $quantity } anni
    }
}
explain-mode = { $grain ->
    [cent] { $mode ->
        [half-even] al centesimo più vicino (a metà, al centesimo pari)
        [up] per eccesso
        [down] per difetto
       *[half-up] al centesimo più vicino
    }
   *[other] { $mode ->
        [half-even] al multiplo di { $unit } più vicino (a metà, a quello pari)
        [up] per eccesso al multiplo di { $unit }
        [down] per difetto al multiplo di { $unit }
       *[half-up] al multiplo di { $unit } più vicino
    }
}
explain-price-fixed = Prezzo { explain-what }: { $price }.
explain-price-no-isee = Prezzo { explain-what } senza ISEE: { $price }.
explain-price-non-resident = Prezzo { explain-what } per chi non risiede nel comune: { $price }.
explain-price-any-isee = Prezzo { explain-what } con ISEE: { $price }.
explain-price-first-band = Prezzo { explain-what } con ISEE fino a { $to }: { $price }.
explain-price-band = Prezzo { explain-what } con ISEE oltre { $over } e fino a { $to }: { $price }.
explain-price-top-band = Prezzo { explain-what } con ISEE oltre { $over }: { $price }.
explain-row = Il prezzo dipende da «{ explain-fact }»: qui { $value }.
explain-line = Tra un ISEE di { $from } e uno di { $to } il prezzo cresce in proporzione da { $first } a { $last }.
explain-shifted = Si applica la fascia { $which ->
    [lower] più bassa
   *[higher] più alta
} di { $places }, quella fino a { $to }.
explain-shifted-top = Si applica la fascia { $which ->
    [lower] più bassa
   *[higher] più alta
} di { $places }, quella oltre { $over }.
explain-percent-less = «{ $label }»: { $percent } in meno, da { $from } a { $to }.
explain-percent-more = «{ $label }»: { $percent } in più, da { $from } a { $to }.
explain-less = «{ $label }»: { $part } in meno, da { $from } a { $to }.
explain-more = «{ $label }»: { $part } in più, da { $from } a { $to }.
explain-percent-of-less = «{ $label }»: { $percent } in meno, calcolato sul prezzo di partenza di { $of }: da { $from } a { $to }.
explain-percent-of-more = «{ $label }»: { $percent } in più, calcolato sul prezzo di partenza di { $of }: da { $from } a { $to }.
explain-each = «{ $label }» conta { $times ->
    [one] una volta
   *[other] { $times } volte
} ({ explain-fact }: { $count }{ $after ->
    [0] {""}
   *[other] {""}, i primi { $after } non contano
}).
explain-refused-none = «{ $label }» non applicato ({ explain-fact }: { $count }{ $after ->
    [0] {""}
   *[other] {""}, i primi { $after } non contano
}).
explain-refused-not = «{ $label }» non applicato: non vale quando { explain-fact } è { $found }.
explain-refused-not-isee = «{ $label }» non applicato: non vale con un ISEE di { $found }.
explain-beyond = Contati { $counted }: i primi { $after } non si pagano qui.
explain-limited-least = Il minimo della voce è { $to }: l’importo sale da { $from } a { $to }.
explain-limited-most = Il massimo della voce è { $to }: l’importo scende da { $from } a { $to }.
explain-limited-each = Il massimo della voce è { $each } per ciascuna unità ({ explain-fact }: { $count }): l’importo scende da { $from } a { $to }.
explain-set-price = «{ $label }»: il prezzo diventa { $to } invece di { $from }.
explain-band-given = «{ $label }»: applicato con il cambio di fascia.
explain-refused-better = «{ $label }» non si aggiunge: vale già «{ $better }», più conveniente.
explain-refused-band = «{ $label }» non applicato: non c’è un’altra fascia.
explain-refused-no-isee = «{ $label }» non applicato: serve un ISEE valido.
explain-refused-has-isee = «{ $label }» non applicato: vale per chi non ha un ISEE.
explain-refused-isee-between = «{ $label }» non applicato: serve un ISEE tra { $from } e { $to }, risulta { $found }.
explain-refused-isee-from = «{ $label }» non applicato: serve un ISEE di almeno { $from }, risulta { $found }.
explain-refused-isee-to = «{ $label }» non applicato: serve un ISEE fino a { $to }, risulta { $found }.
explain-refused-value = «{ $label }» non applicato: { explain-fact } deve essere { $wanted }, risulta { $found }.
explain-refused-between = «{ $label }» non applicato: { explain-fact } tra { $from } e { $to }, risulta { $found }.
explain-refused-from = «{ $label }» non applicato: { explain-fact } almeno { $from }, risulta { $found }.
explain-refused-to = «{ $label }» non applicato: { explain-fact } al massimo { $to }, risulta { $found }.
explain-prorata = È dovuta una parte: { $of } su { $over } ({ explain-fact }), da { $from } a { $to }.
explain-rounded-unit = Il prezzo è arrotondato { explain-mode }: da { $from } a { $to }.
explain-rounded-component = L’importo della voce è arrotondato { explain-mode }: da { $from } a { $to }.
explain-rounded-total = Il totale è arrotondato { explain-mode }: da { $from } a { $to }.
explain-capped = Contati { $counted }, se ne pagano al massimo { $most }.
explain-times = { explain-units } × { $price } = { $gives }.
explain-at-least = Il minimo del periodo è { $to }: l’importo sale da { $from } a { $to }.
explain-at-most = Il massimo del periodo è { $to }: l’importo scende da { $from } a { $to }.
explain-aided = { $by } paga { $pays }: restano { $left }.
explain-instalment = In tutto sono { $whole }, in { $count } rate: questa è la rata { $number } e chiede { $pays }.
explain-instalments = In tutto sono { $whole }, in { $count } rate: queste sono le rate da { $first } a { $number }, che scadevano prima dell’iscrizione o scadono con essa, e chiedono { $pays }.
explain-given-back = L’ufficio ha annullato l’addebito di questo giorno: quello che era costato torna sul conto.
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
statement-all-children = Tutti i figli
statement-all-services = Tutti i servizi
statement-all-services-too = tutti i servizi
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
statement-chart = Il saldo mese per mese
statement-chart-text = Il saldo alla fine di ogni mese: sopra la linea dello zero è un credito, sotto è da pagare.
statement-chart-table = Gli stessi valori in tabella
statement-month = Mese
statement-reason = Perché
statement-reason-period = Dal { $from } al { $to }.
statement-debit = Addebito
statement-credit = Accredito
statement-balance = Saldo
statement-opening = Saldo iniziale
statement-closing = Saldo finale
statement-month-total = Totale di { $month }
statement-why = Perché questo importo?
statement-no-lines-title = Nessun movimento in questo periodo
statement-no-lines = Scegli un altro anno scolastico, oppure tutti i conti.
statement-pdf = Scarica da stampare (PDF)
statement-csv = Scarica per il foglio di calcolo (CSV)
statement-line-charge = { $service } di { $child }
statement-line-given-back = Conguaglio a tuo favore, { $service } di { $child }
statement-line-reversed = Storno, { $service } di { $child }: { $reason }
statement-line-receipt = Pagamento pagoPA per { $service } di { $child }
statement-line-settlement = pagamento di { $service } per { $child } comunicato dalla banca, in attesa della ricevuta pagoPA
statement-line-cash-desk = Pagamento in cassa, ricevuta n. { $number }, per { $service } di { $child }
statement-line-cash-desk-cancelled = Annullata la ricevuta di cassa n. { $number }, { $service } di { $child }
statement-line-opening = Saldo riportato dal sistema precedente, { $service } di { $child }
statement-line-imported = { $what }, { $service } di { $child }
statement-line-credit = Accredito, { $service } di { $child }
statement-line-reversal = Storno, { $service } di { $child }
statement-line-transfer-reversed = Storno del trasferimento con { $other }, { $service } di { $child }
statement-line-drop-reversed = Storno dello stralcio «{ $reason }», { $service } di { $child }
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
charge-print = Stampa il perché (PDF)
charge-how = Come è calcolato
charge-isee-title = Hai un ISEE?
charge-isee = Quel giorno non ci risultava un ISEE valido. Se lo avevi, comunicalo: l’ufficio controlla se si può restituire la differenza.
charge-isee-declare = Comunica il tuo ISEE
charge-doubt = Qualcosa non torna? Scrivi all’ufficio indicando il giorno.
charge-write = Scrivi all’ufficio
charge-back = Torna all’estratto conto
