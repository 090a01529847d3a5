# File di tariffa: che cosa non va e che cosa scrivere. Le stesse chiavi stanno in en/errors-tariffs.ftl.

error-rule-toml = Il file non si legge: { $message }
error-rule-no-components = La tariffa non ha componenti: aggiungi almeno una sezione [[component]].
error-rule-too-many = Ci sono più di { $max } voci: dividi la tariffa.
error-rule-component-twice = Questo codice è già usato da un’altra componente: scegline un altro.
error-rule-base = Scrivi o un prezzo unico (price) o le fasce ISEE (bands), uno solo dei due.
error-rule-no-isee-alone = Con un prezzo unico il prezzo senza ISEE (no_isee) non serve: toglilo.
error-rule-no-isee-missing = Manca il prezzo di chi non ha un ISEE valido: aggiungi no_isee.
error-rule-price = Non è un prezzo: scrivilo in euro tra virgolette, per esempio "4.50", con al massimo sei decimali.
error-rule-amount = Non è un importo: scrivilo in euro tra virgolette, per esempio "7000.00".
error-rule-band-open = Solo l’ultima fascia è senza limite: aggiungi a questa il suo limite (to).
error-rule-band-last = Dopo l’ultimo limite i prezzi mancano: chiudi con una fascia senza limite, per esempio {"{"} price = "4.50" {"}"}.
error-rule-band-order = Il limite non è più alto di quello della fascia prima: metti le fasce in ordine crescente.
error-rule-case = L’esempio non torna: dovrebbe costare { $expected }, la regola dà { $amount }.
error-quote-case = Il caso non si legge: { $message }
error-no-tariff = Per il { $day } non è pubblicata nessuna tariffa: pubblicala prima di chiudere la giornata.
