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
office-residence-recorded = Residenza registrata: vale per i giorni non ancora addebitati.
office-residence-withdrawn = Residenza annullata: non conta più.
office-fact-withdrawn = Dato annullato: non conta più.
office-charge-reversed = Addebito stornato: l’importo è di nuovo sul conto, e la famiglia riceve un messaggio.
office-movement-reversed = Movimento stornato: nell’estratto conto ci sono tutte e due le righe.
office-tariff-draft-begun = Bozza aperta: compila il modulo e salva.
office-tariff-draft-undone = Hai ripreso la bozza com’era prima dell’ultimo salvataggio.
office-tariff-draft-saved = Bozza salvata.
office-tariff-draft-saved-less = Bozza salvata. { $rows ->
    [one] 1 riga vuota tolta.
   *[other] { $rows } righe vuote tolte.
}
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
office-pagopa-saved = Impostazioni di pagoPA salvate.

office-plan-accepted = Piano accettato: la famiglia ha ricevuto le date e gli avvisi delle rate.
office-plan-refused = Richiesta respinta: la famiglia ha ricevuto il motivo.
office-plan-cancelled = Piano revocato: la famiglia ha ricevuto il motivo e l’avviso per quello che resta.
office-delivery-retried = Il programma riprova adesso.
office-deliveries-retried = Il programma riprova adesso, dal più vecchio.
office-delivery-closed = Segnato come risolto: non si riprova più.
office-delivery-withdrawn = Avviso annullato.
office-partner-positions = posizioni da pagare
office-partner-notices = codici avviso
office-partner-receipts = ricevute
office-partner-made = { $rows ->
    [one] File pronto: 1 riga.
   *[other] File pronto: { $rows } righe.
}
office-partner-nothing = Niente da inviare: il partner sa già tutto.
office-partner-again = Questo file era già stato registrato: non è successo nulla.
office-partner-taken = { $rows ->
    [one] Registrata 1 riga.
   *[other] Registrate { $rows } righe.
}
office-partner-discarded = File scartato: non è stato registrato nulla.

# Riconciliazione.
reconciliation-decided = Fatto: la decisione resta nel registro, con il motivo.
reconciliation-asked = Flussi chiesti a pagoPA: quelli nuovi sono qui.
reconciliation-flow-new = Flusso registrato.
reconciliation-flow-overwrote = Flusso aggiornato: era un’edizione più recente di uno già registrato.
reconciliation-flow-older = Il file è un’edizione vecchia di un flusso già aggiornato: resta agli atti e non cambia niente.
reconciliation-flow-known = Questo flusso era già registrato: non è cambiato niente.
reconciliation-lines-new = Movimenti registrati: { $added }. Già registrati: { $unchanged }. Saltati: { $left_out }. Totale del file: { $total }.
reconciliation-lines-bad = Non è stato registrato niente. Righe sbagliate: { $count }. Correggi il file, oppure spunta «Salta le righe sbagliate».
