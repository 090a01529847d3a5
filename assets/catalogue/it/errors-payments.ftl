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
