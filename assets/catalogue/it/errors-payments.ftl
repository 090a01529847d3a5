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
error-notice-awaits-number = Il codice di questo avviso lo assegna il partner pagoPA e non è ancora arrivato: di solito arriva entro un giorno. Riprova più tardi.
partner-number-of-another = L’avviso { $number } è già di un’altra posizione.
partner-number-known = Questa posizione ha già un codice avviso diverso da { $number }: non si cambia.
partner-position-unknown = Non c’è una posizione con questo riferimento: dev’essere quello della colonna “posizione” del file inviato.
partner-amount-differs = L’importo è diverso da quello della posizione, { $ours }.
partner-not-a-receipt = Non è una ricevuta telematica di un pagamento eseguito ({ $reason }).
partner-file-too-large = Il file è troppo grande: al massimo 20 MB.
partner-report = Righe prese: { $taken } (di cui in sospeso: { $suspense }); già note: { $known }; da controllare: { $bad }.
partner-zip-broken = L’archivio ZIP non si legge ({ $reason }).
partner-zip-too-large = L’archivio contiene troppo: al massimo 20.000 file e 64 MB in tutto. Dividilo.

# Quello che la piattaforma risponde, e che cosa fare.
pagopa-silent = pagoPA non ha risposto in modo comprensibile ({ $detail }).
pagopa-busy = pagoPA chiede di aspettare { $seconds } secondi.
pagopa-key = La chiave di pagoPA manca o non è accettata ({ $detail }).
pagopa-no-iban = Manca l’IBAN su cui incassare: scrivilo nelle impostazioni di pagoPA.
pagopa-refused = pagoPA rifiuta l’avviso ({ $detail }).
pagopa-differs = pagoPA ha già un’altra posizione con questo nome ({ $detail }).
pagopa-paid = L’avviso risulta pagato.
error-checkout-not-yet = L’avviso non è ancora arrivato a pagoPA. Riprova tra qualche minuto, oppure scarica l’avviso e pagalo più tardi con l’app della tua banca, con l’app IO o in un punto abilitato.
error-checkout-closed = La pagina di pagamento di pagoPA non si apre. Riprova tra qualche minuto, oppure scarica l’avviso e pagalo con l’app della tua banca, con l’app IO o in un punto abilitato.
sandbox-expired = Pagamento in attesa risulta scaduto all’Ente Creditore (PAA_PAGAMENTO_SCADUTO).
error-delivery-gone = Questo invio non è più fermo: qualcuno ha già riprovato o l’ha risolto.
error-delivery-of-a-bill = Questo avviso è di una bolletta o di un piano di rate: correggi quelli, non l’avviso.
