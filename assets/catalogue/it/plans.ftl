# Pagare a rate. Le chiavi fino a «Pagine» sono anche in en/plans.ftl.

plan-why-nothing = Non ci sono debiti scaduti da dividere in rate.
plan-why-below = Il debito scaduto è di { $debt }: le rate si possono chiedere da { $minimum } in su.
plan-why-one = Il debito scaduto è troppo piccolo per dividerlo: ogni rata deve essere di almeno { $minimum }.
error-plan-not-offered = Il Comune non prevede il pagamento a rate: scrivi all’ufficio.
error-plan-open = C’è già una richiesta o un piano di rate aperto: guarda quello.
error-plan-number = Scegli un numero di rate da 2 a { $most }.
error-plan-state = Questo piano è cambiato nel frattempo: guarda com’è adesso.
error-plan-debts = I debiti sono cambiati nel frattempo: guarda di nuovo le rate prima di accettare.
error-plan-first-due = La prima rata deve scadere dopo oggi ed entro il { $latest }.
error-plan-reason = Scrivi il motivo: la famiglia lo legge.

# Pagine

plans-title = Pagare a rate
plans-intro = Un debito scaduto si può pagare un po’ alla volta, se l’ufficio è d’accordo.
plans-ask = Chiedi di pagare a rate
plans-mine = Le tue richieste
plans-mine-none = Non hai ancora chiesto di pagare a rate.
plans-when = Chiesto il
plans-see = Vedi il piano
plans-state-asked = Da decidere
plans-state-withdrawn = Ritirato
plans-state-refused = Non accolto
plans-state-running = In corso
plans-state-ended = Concluso
plans-state-fallen = Decaduto
plans-state-cancelled = Revocato
plans-instalment-paid = Pagata
plans-instalment-late = Scaduta
plans-instalment-open = Da pagare
plans-instalment-replaced = Avviso ritirato
plans-rule-debt = Il debito scaduto deve essere di almeno { $minimum }.
plans-rule-instalment = Ogni rata è di almeno { $minimum }.
plans-rule-tier = Fino a { $amount } di debito le rate sono al massimo { $most }.
plans-rule-most = Le rate sono al massimo { $most }.
plans-rule-dates = La prima rata scade { $days } giorni dopo la decisione, le altre { $months ->
    [one] di mese in mese
   *[other] ogni { $months } mesi
}.
plans-rule-collection = I debiti già passati alla riscossione non si dividono.
plans-rule-falls = Il piano decade con { $missed ->
    [one] una rata non pagata
   *[other] { $missed } rate non pagate
}{ $days ->
    [0] { " " }alla scadenza
    [one] { " " }entro un giorno dalla scadenza
   *[other] { " " }entro { $days } giorni dalla scadenza
}: quello che resta si paga in una volta sola.
plan-title = Piano di rate
plan-number = Rata
plan-due = Entro il
plan-amount = Importo
plan-total = In tutto
plan-state = Stato
plan-pay = Paga
plan-new-title = Chiedi di pagare a rate
plan-new-open-title = C’è già un piano
plan-new-open = Hai una richiesta che aspetta o un piano in corso: se ne può avere uno alla volta.
plan-new-not-offered-title = Qui non si può chiedere
plan-new-not-offered = Il Comune non ha ancora stabilito le condizioni per pagare a rate. Se hai difficoltà a pagare, scrivi all’ufficio: cerchiamo una soluzione insieme.
plan-new-write = Scrivi all’ufficio
plan-new-debts = Che cosa si può dividere
plan-new-left-out = Questi debiti sono già passati alla riscossione e non si possono dividere qui
plan-new-why-not = Se hai difficoltà a pagare, scrivi all’ufficio.
plan-new-preview = Le rate
plan-new-number = Quante rate
plan-new-show = Mostra le rate
plan-new-preview-help = Le date sono quelle che avresti se l’ufficio accettasse oggi. Può cambiarle, e te lo scrive.
plan-new-conditions = Le condizioni del Comune
plan-new-send-title = Invia la richiesta
plan-new-note = Perché chiedi di pagare a rate
plan-new-note-help = Lo legge solo chi decide. Lo conserviamo cifrato.
plan-new-send = Chiedi { $number } rate
plan-withdrawn = Richiesta ritirata.
plan-next = Che cosa succede ora
plan-next-asked = L’ufficio guarda la richiesta e ti scrive nelle Comunicazioni. Fino ad allora il debito resta da pagare come prima.
plan-next-withdrawn = Hai ritirato la richiesta. Il debito resta da pagare come prima.
plan-next-refused = Il debito resta da pagare. Se hai difficoltà, scrivi all’ufficio.
plan-next-running = Paga ogni rata entro la sua data, con il suo avviso.
plan-next-ended = Hai pagato tutte le rate. Non devi fare altro.
plan-next-fallen = Le rate non sono state pagate in tempo: quello che resta si paga in una volta sola.
plan-next-cancelled = L’ufficio ha revocato il piano: quello che resta si paga in una volta sola.
plan-rest = Paga quello che resta
plan-notices = Scarica gli avvisi delle rate da pagare (PDF)
plan-instalments = Le rate
plan-paid-of = Pagati { $paid } su { $amount }.
plan-request = La richiesta
plan-asked = Richiesta inviata.
plan-asked-what = Che cosa hai chiesto
plan-asked-value = { $amount } in { $number } rate
plan-reason = Motivo
plan-note = Hai scritto
plan-withdraw = Ritira la richiesta
statement-plan = Piano di rate
statement-plan-asked = Hai chiesto di pagare { $amount } a rate: l’ufficio sta guardando la richiesta.
statement-plan-see = Vedi il piano di rate
new-payment-plan = Hai un piano di rate
new-payment-plan-text = Per le rate usa i loro avvisi, in «Pagamenti». Quello che versi da qui non paga una rata.
bill-in-plan = Avviso sostituito
bill-in-plan-text = Questo avviso è stato ritirato: il debito si paga in un altro modo, per esempio a rate. Guarda i tuoi avvisi in «Pagamenti».
