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
