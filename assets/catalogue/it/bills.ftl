bills-title = Bollette
bills-lead = Una bolletta raccoglie quello che devi per un periodo, per tutti i figli e i servizi.
bills-caption = Le tue bollette, dalla più recente
bills-number = Bolletta
bills-period = Periodo
bills-total = Totale
bills-due = Da pagare
bills-state = Stato
bills-none = Nessuna bolletta
bills-none-body = Qui trovi le bollette dei servizi che si pagano dopo averli usati.
bills-back = Torna alle bollette
bill-title = Bolletta { $number }/{ $year }
bill-period = Dal { $from } al { $to }
bill-nothing-due = Niente da pagare
bill-given-back = Questa bolletta ti restituisce qualcosa: l’importo è già sul tuo conto.
bill-covered = Il tuo credito ha coperto tutto.
bill-paid = Pagata
bill-overdue = Scaduta
bill-open = Da pagare
bill-by = entro il { $day }
bill-pay-by = Da pagare entro { $day }.
bill-pay = Paga o scarica l’avviso
bill-credit-used = Dopo il tuo credito
bill-credit-used-value = restano { $due }
bill-issued = Emessa
bill-print = Stampa la bolletta (PDF)
bill-lines = Che cosa paghi, e perché
bill-line-days = { $days ->
    [one] 1 giorno
   *[other] { $days } giorni
}
bill-line-before = Per questi giorni erano già stati addebitati { $before }: questa è la differenza.
bill-line-aided = A carico di un altro ente: { $aided }.
bill-line-why = Perché costa così
bills-provisional = Non ancora in bolletta
bills-provisional-body = È il conto con quello che si sa oggi: assenze e ISEE possono ancora cambiarlo.
bills-provisional-badge = provvisorio
bills-provisional-none = il prezzo arriva con la bolletta
