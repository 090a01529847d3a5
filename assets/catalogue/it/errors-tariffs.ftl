# File di tariffa: che cosa non va e che cosa scrivere. Le stesse chiavi stanno in en/errors-tariffs.ftl.

error-rule-toml = Il file non si legge: { $message }
error-rule-no-components = La tariffa non ha componenti: aggiungi almeno una sezione [[component]].
error-rule-too-many = Ci sono più di { $max } voci: dividi la tariffa.
error-rule-component-twice = Questo codice è già usato da un’altra componente: scegline un altro.
error-rule-base = Scrivi come si trova il prezzo, in un solo modo: un prezzo unico (price), le fasce ISEE (bands) o una tabella (by con is).
error-rule-no-isee-alone = Con un prezzo unico il prezzo senza ISEE (no_isee) non serve: toglilo.
error-rule-no-isee-missing = Manca il prezzo di chi non ha un ISEE valido (nel testo: no_isee).
error-rule-price = Non è un prezzo: scrivilo in euro tra virgolette, per esempio "4.50", con al massimo sei decimali.
error-rule-amount = Non è un importo: scrivilo in euro tra virgolette, per esempio "7000.00".
error-rule-band-open = Solo l’ultima fascia è senza limite: aggiungi a questa il suo limite (to).
error-rule-band-last = Dopo l’ultimo limite i prezzi mancano: chiudi con una fascia senza limite, nel testo per esempio {"{"} price = "4.50" {"}"}.
error-rule-band-order = Il limite non è più alto di quello della fascia prima: metti le fasce in ordine crescente.
error-rule-case = L’esempio non torna: dovrebbe costare { $expected }, la regola dà { $amount }.
error-quote-case = Il caso non si legge: { $message }
error-no-tariff = Per il { $day } non è pubblicata nessuna tariffa: pubblicala e riprova.
error-rule-not-a-table = Qui ci vuole una tabella tra graffe, per esempio {"{"} from = 2 {"}"}.
error-rule-not-a-list = Qui ci vuole un elenco tra parentesi quadre.
error-rule-not-a-text = Qui ci vuole un testo tra virgolette.
error-rule-not-a-count = Qui ci vuole un numero intero senza virgolette, da zero in su.
error-rule-unknown-key = La voce «{ $key }» non esiste: toglila o correggila. Qui si può scrivere: { $known }.
error-rule-word = La parola non è tra quelle ammesse: { $known }.
error-rule-percent = Non è una percentuale: scrivila tra virgolette, da "-100" a "1000", con al massimo quattro decimali.
error-rule-too-deep = Le tabelle stanno l’una nell’altra troppe volte: al massimo sei.
error-rule-from-without-line = Una fascia comincia dove finisce quella prima: togli from (serve solo con una retta, line).
error-rule-line = Una retta vuole due prezzi, per esempio line = ["2.00", "5.00"], e il limite della fascia (to).
error-rule-line-from = La retta comincia prima della sua fascia o dopo la sua fine: correggi from.
error-rule-rows = Scrivi una riga per ogni valore di «{ $fact }»: is = {"{"} valore = "prezzo" {"}"}.
error-rule-row-key = Il valore di «{ $fact }» non si legge: per un numero scrivi 3, 3+ o 3-5; per un sì o no, yes o no.
error-rule-row-twice = Due righe valgono per lo stesso valore: correggine una.
error-rule-unknown-fact = Il dato «{ $fact }» non esiste: dichiaralo in una sezione [[fact]] o scegli tra { $known }.
error-rule-fact-no-number = «{ $fact }» non è un numero: qui serve un dato che conta qualcosa.
error-rule-isee-test = Scrivi isee = "valid", isee = "missing" o un intervallo, per esempio {"{"} to = "20000.00" {"}"}.
error-rule-range = Scrivi almeno uno tra from e to, e from non più alto di to.
error-rule-fact-twice = Questo dato esiste già: scegli un altro codice.
error-rule-fact-source = Di’ da dove viene il dato, in un solo modo: kind (lo registra l’ufficio), any_of, isee_bands, oppure of con ranges.
error-rule-fact-value = Il valore non va bene: serve { $kind ->
    [flag] true o false
    [number] un numero intero
    [amount] un importo tra virgolette, per esempio "50.00"
   *[choice] un testo tra virgolette
}.
error-rule-date = Non è una data: scrivila così, "2026-09-01".
error-rule-due = Non è un giorno dell’anno: scrivilo come mese e giorno, per esempio "09-30".
error-rule-instalments = Le rate non fanno il 100 per cento: correggi le percentuali.
error-rule-prorata = Scrivi i due conteggi: of (per esempio days_present) e over (per esempio opening_days).
error-rule-modifier-on = Elenca le componenti che cambiano, tra queste: { $known }.
error-rule-effect = Scrivi che cosa cambia, in un solo modo: percent, less, more, price o band.
error-rule-most-each = Scrivi il massimo e per che cosa: at_most = {"{"} price = "12.00", each = "weeks" {"}"}.
error-rule-rounding-total = Una componente si arrotonda sul prezzo (unit) o sull’importo (component), non sul totale.
error-rule-of-base = «of» vale solo con una percentuale (percent).
error-rule-each = «each» vale con percent, less o more; «after» vuole anche each.
error-rule-fact-no-amount = «{ $fact }» non è un importo: scrivi un prezzo, o un dato con kind = "amount".
error-rule-sibling-services = Elenca i codici dei servizi, per esempio services = ["nido"]; con minors e any_service non servono.
error-rule-unknown-key-meant = La voce «{ $key }» non esiste: volevi dire «{ $meant }»?
error-rule-unknown-fact-meant = Il dato «{ $fact }» non esiste: volevi dire «{ $meant }»?
error-rule-word-meant = La parola non è tra quelle ammesse: volevi dire «{ $meant }»?
error-rule-one-bracket = Scrivi [[{ $key }]] con due parentesi quadre: di queste sezioni ce ne può essere più di una.
error-rule-price-negative = Un prezzo non è negativo: per togliere un importo usa una sezione [[modifier]] con less.
error-rule-not-empty = Scrivi in not che cosa non deve essere, per esempio {"{"} school = "Rodari" {"}"}.
error-rule-empty-list = L’elenco è vuoto, e nessuno ci rientra: scrivi almeno un valore.
error-rule-number-beyond = Il numero va da 1 a { $last }.
error-rule-any-of = Scrivi in any_of un elenco di condizioni, per esempio [{"{"} minors_in_household = {"{"} from = 3 {"}"} {"}"}].
error-rule-ranges = Scrivi gli intervalli in un elenco, per esempio ["1", "2", "3+"].
error-rule-by-empty = Scrivi da quale dato dipende il prezzo, per esempio by = "grade".
error-rule-row-gap = La tabella lascia fuori dei valori di «{ $fact }»: aggiungi le righe che mancano, o other per tutti gli altri.
error-rule-most-none = Con un massimo di zero non si paga niente: togli most, o la componente.
error-rule-least-above = Il minimo è più alto del massimo: correggi uno dei due.
error-rule-shift-no-bands = Nessuna delle componenti che cambia ha fasce ISEE: togli band o correggi on.
error-rule-instalments-others = Mancano le rate di chi non rientra in nessuna condizione: aggiungi anche le rate senza “when”.
error-rule-due-twice = Un’altra rata scade lo stesso giorno: uniscile.
error-rule-instalment-late = Le rate si decidono il primo giorno di frequenza del bambino, quando questo non si sa ancora: { $facts }. La condizione non varrebbe mai. Usa un dato che quel giorno è noto: grade, school, resident, isee o un dato che registra l’ufficio.
error-rule-instalment-percent = Una rata va da più di "0" a "100" per cento.
error-rule-no-cases = Manca un esempio: aggiungine almeno uno, preso dalla delibera (nel testo: una sezione [[case]] con what, with ed expect).
error-rule-not-utf8 = Il file non è in UTF-8: aprilo con un editor di testo e salvalo con la codifica UTF-8.
error-rule-shift = Non è uno spostamento di fascia: scrivi per esempio -1 per la fascia più bassa.
error-rule-aid = La parte pagata va da "0" a "100" per cento; at_most_each vuole anche each, il dato che conta i giorni.
error-rule-needs-a-period = La tariffa «{ $name }» non si può usare: un servizio prepagato si addebita giorno per giorno: tetti, quote in proporzione, minimi e contributi con un massimo nel periodo chiedono un servizio a consuntivo.
error-quote-input = Il dato «{ $input }» non esiste in questa regola, o il suo valore non è del tipo giusto.
error-tariff-fact-missing = Per la voce «{ $component }» manca il dato «{ $fact }»: registralo e riprova.
error-tariff-no-row = Nella voce «{ $component }» la tabella non ha una riga per «{ $fact }» = { $value }: correggi il dato o la tariffa.
error-tariff-too-large = L’importo supera dieci milioni di euro: controlla i prezzi, le percentuali e le quantità.
error-rule-not-daily = La tariffa «{ $name }» non ha voci che si addebitano giorno per giorno (pasti, giorni, ore): un servizio prepagato ne ha bisogno. Aggiungine una, oppure fai pagare il servizio con la bolletta.
error-rule-facts-unrecorded = La tariffa «{ $name }» dipende da dati che un giorno da solo non dice: { $facts }. Usa una tariffa che non ne dipende.
error-day-fact-missing = Per { $child } ({ $service }) manca un dato che la tariffa chiede, o non è tra quelli previsti: { explain-fact }. Registralo nella scheda della famiglia, in «Dati per la tariffa», e riprova.
error-day-facts-missing = Per { $count } bambini ({ $service }) manca un dato che la tariffa chiede, o non è tra quelli previsti ({ explain-fact }): { $child }{ $more ->
    [0] {""}
   *[other] ; e altri { $more }
}. Registralo nelle schede delle famiglie, in «Dati per la tariffa», e riprova.
error-rule-rounds-apart = La tariffa «{ $name }» non si può usare: arrotonda una somma, e i giorni di un servizio prepagato si addebitano uno per uno: insieme darebbero un’altra cifra. Arrotonda il prezzo di uno (rounding at = "unit"), oppure fai pagare il servizio con la bolletta.
error-rule-facts-unsupplied = La tariffa «{ $name }» chiede dati che nessuno dice a una bolletta: { $facts }. Usane altri, oppure dichiarali con [[fact]] perché li registri l’ufficio.

# Bozze e modulo delle tariffe.
error-tariff-draft-changed = Qualcun altro ha cambiato questa bozza nel frattempo: riaprila in un’altra scheda e riporta le tue modifiche.
error-tariff-not-ready = { $count ->
    [one] La tariffa ha un errore o un esempio che non torna
   *[other] La tariffa ha { $count } errori o esempi che non tornano
}: correggi la bozza e poi pubblica.
error-tariff-no-toml = Il testo non si legge: correggilo nella pagina «Testo», poi torna al modulo.
error-tariff-count = Scrivi un numero intero, da zero in su.
error-tariff-row-twice = Questa riga c’è già.
error-tariff-draft-no-undo = Non c’è ancora un salvataggio da annullare.
error-tariff-condition-twice = Questa condizione c’è già in un’altra riga: togline una.
