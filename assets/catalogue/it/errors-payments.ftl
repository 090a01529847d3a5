# Errori dei pagamenti. Le stesse chiavi stanno in en/errors-payments.ftl.

error-notice-of-a-bill = Questo avviso è di una bolletta e non si può annullare da qui: se non ti torna, scrivi all’ufficio.
error-notice-not-open = Questo avviso non è più da pagare: è già stato pagato o ritirato.
error-cart-size = Scegli da uno a { $max } avvisi: pagoPA ne accetta al massimo { $max } alla volta.
error-payment-reference-known = Il numero { $reference } è già registrato per un pagamento diverso.
error-no-gateway = Il pagamento in linea non è ancora attivo. Scarica l’avviso e paga con l’app della tua banca, con l’app IO o in un punto abilitato.
error-attestation-nothing = Nel { $year } non risultano pagamenti detraibili: non c’è niente da attestare.
error-attestation-future = L’anno { $year } non è ancora cominciato.

sandbox-unknown = Pagamento in attesa risulta sconosciuto all’Ente Creditore (PAA_PAGAMENTO_SCONOSCIUTO).
sandbox-paid-already = Pagamento in attesa risulta concluso all’Ente Creditore (PAA_PAGAMENTO_DUPLICATO).
sandbox-cancelled = Pagamento in attesa risulta annullato all’Ente Creditore (PAA_PAGAMENTO_ANNULLATO).
sandbox-creditor = La PAA non corrisponde al Dominio indicato (PAA_ID_DOMINIO_ERRATO): controlla il codice fiscale dell’ente.
sandbox-not-paid = Questo avviso non è stato pagato: non c’è una ricevuta da inviare.

# The cash desk.
error-cash-desk-off = La cassa non è attiva. La attiva la ragioneria, nelle impostazioni dei rendiconti, scegliendo i mezzi di pagamento ammessi.
error-cash-desk-means = La cassa non accetta questo mezzo di pagamento: scegline un altro.
error-cash-desk-old = Il giorno è passato da più di un anno: controlla la data.
error-cash-desk-reference = Scrivi il riferimento della prova: numero dell’assegno, della ricevuta del POS, del bonifico o del bollettino.
error-cash-desk-nothing = Scegli almeno un avviso, o scrivi un importo per almeno un conto.
error-cash-desk-late = Il giorno della ricevuta è passato: la può annullare solo la ragioneria.
error-cash-desk-scanned = Questa ricevuta ha già una prova allegata.
error-cash-desk-no-cash = In questo giorno non ci sono contanti né assegni da versare.
error-cash-desk-deposit-day = Il versamento si fa dal giorno dell’incasso in poi, e non nel futuro.
error-basket-not-ticked = Hai scritto un importo ma non hai scelto la voce: spunta la casella, oppure cancella l’importo.
error-basket-empty = Spunta almeno una voce da pagare.
