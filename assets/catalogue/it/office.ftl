# Conferme dell’ufficio: le frasi che una pagina dice una volta sola dopo un salvataggio.

office-message-sent = Messaggio inviato.
office-application-accepted = Domanda accolta: l’iscrizione è attiva e la famiglia ha ricevuto un messaggio.
office-application-refused = Domanda respinta: la famiglia ha ricevuto il motivo.
office-attestation-ready = L’attestazione { $year } è pronta: aprila e stampala da qui.
office-attestation-nothing = Per il { $year } non c’è nulla da attestare.
office-refund-opened = Richiesta aperta: la famiglia ha ricevuto un messaggio.
office-refunds-opened = Richieste aperte: le famiglie hanno ricevuto un messaggio.
office-refund-approved = Rimborso approvato: la famiglia ha ricevuto un messaggio.
office-refund-transferred = Credito spostato: la famiglia ha ricevuto un messaggio.
office-refund-withheld = Debiti coperti: la famiglia ha ricevuto un messaggio.
office-refund-refused = Richiesta respinta: la famiglia ha ricevuto il motivo.
office-receipt-placed = Pagamento accreditato: è nell’estratto conto, con la data in cui è stato pagato.
office-refund-taken-back = Approvazione annullata: la richiesta è di nuovo da decidere e la famiglia lo sa.
office-refund-rejected = Riga segnata come non pagata: il credito è ancora sul conto e la famiglia lo sa.
office-refund-returned = Movimento stornato: il credito è di nuovo sul conto e la famiglia lo sa.
office-refunds-paid = { $count ->
    [one] 1 rimborso segnato come pagato
   *[other] { $count } rimborsi segnati come pagati
}: le famiglie lo sanno.
office-policy-published = Regola pubblicata: vale da adesso per quello che non è ancora deciso.
office-credit-moved = Credito spostato: il movimento è nell’estratto conto.
office-written-off = Stralcio registrato: il movimento è nell’estratto conto.
bill-draft-discarded = La bozza è scartata: niente era stato addebitato.
office-fact-exemption = Esenzione disposta dai servizi sociali
office-fact-recorded = Dato registrato: vale per i giorni non ancora addebitati.
office-fact-ended = Dato terminato.
office-fact-withdrawn = Dato annullato: non conta più.
office-charge-reversed = Addebito stornato: l’importo è di nuovo sul conto, e la famiglia riceve un messaggio.
office-movement-reversed = Movimento stornato: nell’estratto conto ci sono tutte e due le righe.
office-tariff-draft-begun = Bozza aperta: compila il modulo e salva.
office-tariff-draft-undone = Hai ripreso la bozza com’era prima dell’ultimo salvataggio.
office-tariff-draft-saved = Bozza salvata.
office-tariff-draft-dropped = Bozza eliminata.
office-tariff-published = Tariffa pubblicata: vale per i giorni di servizio dal { $day }.
office-tariff-fault = Riga { $line }{ $place ->
    [file] {""}
   *[other] , { $place }
}: { $message }
office-cash-taken = Incasso registrato: stampa la ricevuta e consegnala.
office-cash-proof-kept = Prova allegata alla ricevuta.
office-cash-cancelled = Ricevuta annullata: il suo numero resta usato.
office-cash-deposited = Versamento in tesoreria annotato.
office-cost-saved = Costo salvato.
office-bill-rhythm-saved = Cadenza salvata.
office-reports-saved = Impostazione salvata.

office-plan-accepted = Piano accettato: la famiglia ha ricevuto le date e gli avvisi delle rate.
office-plan-refused = Richiesta respinta: la famiglia ha ricevuto il motivo.
office-plan-cancelled = Piano revocato: la famiglia ha ricevuto il motivo e l’avviso per quello che resta.
office-delivery-retried = Il programma riprova adesso.
office-deliveries-retried = Il programma riprova adesso, dal più vecchio.
office-delivery-closed = Segnato come risolto: non si riprova più.
office-delivery-withdrawn = Avviso annullato.
