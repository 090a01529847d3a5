# ISEE: perché conta da un giorno e fino a un giorno, che cosa dice la regola, la pagina del genitore.
# Le frasi che dice il programma stanno anche in en/isee.ftl.

isee-from-own = Conta dal giorno della DSU.
isee-from-day = Conta dal giorno in cui l’abbiamo ricevuto, il { $day }.
isee-from-dsu-day = Conta dal giorno della DSU, il { $day }.
isee-from-month = Conta dal primo giorno del mese in cui è arrivato ({ $day }).
isee-from-month-after = È arrivato il { $day }: conta dal mese dopo.
isee-from-dsu-month-after = La DSU è del { $day }: conta dal mese dopo.
isee-from-january = Conta dal 1º gennaio dell’anno del { $day }.
isee-from-run = Conta dalla prima fatturazione dopo il { $day }.
isee-from-month-end = Ogni fattura usa l’ISEE valido l’ultimo giorno del mese prima. Questo è del { $day }.
isee-from-late = È arrivato il { $day }, dopo il termine del { $by }: conta dal mese dopo.
isee-from-dsu-late = La DSU è del { $day }, dopo il termine del { $by }: conta dal mese dopo.
isee-from-in-time = La data è il { $day }, entro il termine del { $by }.
isee-from-not-before = Non conta per i mesi prima del { $day }.
isee-from-next-year = È arrivato il { $day }, dopo il termine per quest’anno scolastico: conta dal prossimo.
isee-from-recorded = Conta per i giorni in cui è valido, come è stato registrato il { $day }.
isee-to-own = Vale fino alla sua scadenza.
isee-to-extended = Scade il { $own }, ma il Comune lo fa valere più a lungo.
isee-to-following = Scade il { $own }, ma il Comune lo fa valere fino all’anno dopo.
isee-to-corrente = È un ISEE corrente: conta finché è valido, poi torna quello ordinario.

error-isee-omissions = Il Comune non accetta un’attestazione con omissioni o difformità: presenta una nuova DSU corretta.
error-isee-corrente = Il Comune non accetta l’ISEE corrente: indica quello ordinario o per minorenni.
error-isee-over = Per la regola del Comune conterebbe dal { $from }, ma scade prima, il { $to }: serve un ISEE più recente.
error-isee-late = La data è il { $day }, ma il termine era il { $by }: per la regola del Comune questo ISEE non conta più.
error-isee-past = Questo ISEE non conta più dal { $to }: serve un ISEE più recente.
error-isee-protocol = Copia il numero di protocollo dall’attestazione: è fatto come INPS-ISEE-2026-01234567X-00.
error-isee-not-declared = Solo una dichiarazione di un genitore si rifiuta. Un valore dell’ufficio o di un file si corregge registrando quello giusto.
error-isee-children = Scegli almeno un figlio.
error-isee-truth = Senza questa dichiarazione non possiamo registrare l’ISEE.

error-policy-two-deadlines = Scrivi o by_day (un giorno del mese) o by (un giorno dell’anno), non tutti e due.
error-policy-else-alone = "else" dice che cosa succede dopo un termine: aggiungi by_day o by.
error-policy-no-from = Manca "from": da quando conta l’ISEE di chi rispetta il termine, per esempio from = "month".
error-policy-no-else = Manca "else": da quando conta l’ISEE di chi è in ritardo, per esempio else = "month_after".
error-policy-exception = Un’eccezione ha un mese da 1 a 12 e un giorno da 1 a 31, per esempio {"{"} month = 9, by_day = 30 {"}"}.
error-policy-exception-twice = Questo mese ha già un’eccezione: toglila da una delle due righe.
error-policy-exception-alone = Le eccezioni cambiano il giorno di by_day: aggiungi by_day.
error-policy-retroactive = "january" conta anche per i mesi già passati: aggiungi retroactive = true, oppure un termine entro gennaio (by = "01-31").
error-policy-no-billing-day = "billing_run" chiede il giorno della fatturazione: aggiungi billing_day = 5.
error-policy-run-alone = Questo serve solo con "billing_run" (e bills anche con "month_end"): toglilo.
error-policy-last-day-alone = last_day serve solo con until = "extended" o until = "following_year": aggiungilo o toglila.
error-policy-corrente = corrente_months è un numero da 1 a 12, e non serve se corrente = "refused".
error-policy-day = Un giorno del mese è un numero da 1 a 31.
error-policy-year-day = Un giorno dell’anno si scrive mese-giorno, per esempio "01-31". Il 29 febbraio non c’è tutti gli anni: scrivi "02-28".

isee-rule-lodged = Decide il giorno in cui il Comune riceve l’ISEE.
isee-rule-dsu = Decide il giorno in cui è stata presentata la DSU.
isee-rule-own = { $when ->
    [in-time] Entro { $by }: conta dal giorno della DSU.
    [late] Dopo: conta dal giorno della DSU.
   *[always] Conta dal giorno della DSU.
}
isee-rule-day = { $when ->
    [in-time] Entro { $by }: conta da quel giorno.
    [late] Dopo: conta da quel giorno.
   *[always] Conta da quel giorno.
}
isee-rule-month = { $when ->
    [in-time] Entro { $by }: conta dal primo giorno di quel mese.
    [late] Dopo: conta dal primo giorno di quel mese.
   *[always] Conta dal primo giorno di quel mese.
}
isee-rule-month-after = { $when ->
    [in-time] Entro { $by }: conta dal primo giorno del mese dopo.
    [late] Dopo: conta dal primo giorno del mese dopo.
   *[always] Conta dal primo giorno del mese dopo.
}
isee-rule-january = { $when ->
    [in-time] Entro { $by }: conta dal 1º gennaio.
    [late] Dopo: conta dal 1º gennaio.
   *[always] Conta dal 1º gennaio di quell’anno.
}
isee-rule-run-before = { $when ->
    [late] Dopo: conta dalla prima fatturazione successiva (il giorno { $day }, per il mese prima).
    [in-time] Entro { $by }: conta dalla prima fatturazione successiva (il giorno { $day }, per il mese prima).
   *[always] Conta dalla prima fatturazione successiva, che si fa il giorno { $day } per il mese prima.
}
isee-rule-run-same = { $when ->
    [late] Dopo: conta dalla prima fatturazione successiva (il giorno { $day }, per lo stesso mese).
    [in-time] Entro { $by }: conta dalla prima fatturazione successiva (il giorno { $day }, per lo stesso mese).
   *[always] Conta dalla prima fatturazione successiva, che si fa il giorno { $day } per lo stesso mese.
}
isee-rule-month-end-before = Ogni fattura usa l’ISEE valido l’ultimo giorno del mese prima, che è il mese fatturato.
isee-rule-month-end-same = Ogni fattura usa l’ISEE valido l’ultimo giorno del mese prima: conta dal mese dopo.
isee-rule-never = { $when ->
    [late] Dopo: non conta, e si applica la tariffa massima.
   *[other] Non conta, e si applica la tariffa massima.
}
isee-rule-exception = A { $month } il termine è il giorno { $day }.
isee-rule-requests-until = Le richieste dopo il { $day } contano dal 1º settembre dell’anno scolastico dopo.
isee-rule-retroactive = È retroattivo: conta anche per i mesi già passati.
isee-rule-not-retroactive = Non è retroattivo.
isee-rule-until-own = Conta fino alla sua scadenza, di solito il 31 dicembre.
isee-rule-until-extended = Quando scade continua a contare fino al primo { $day } che segue.
isee-rule-until-following = Conta fino al { $day } dell’anno dopo.
isee-rule-corrente = L’ISEE corrente conta finché è valido, poi torna quello ordinario.
isee-rule-corrente-months = L’ISEE corrente conta per { $months } mesi al massimo, poi torna quello ordinario.
isee-rule-corrente-refused = L’ISEE corrente non si accetta.
isee-rule-omissions = Si accettano anche le attestazioni con omissioni o difformità.
isee-rule-no-omissions = Le attestazioni con omissioni o difformità non si accettano.
isee-rule-hold-bills = Le bollette dei primi mesi dell’anno aspettano il nuovo ISEE fino al { $day }.
isee-rule-post-late = Quello che cambia con un ISEE arrivato tardi si addebita o si restituisce da solo, con una bolletta da pagare entro { $days } giorni.
error-policy-late-days-alone = I giorni per pagare le differenze servono solo con late = "post": scrivilo, o togli questa riga.
error-policy-late-days = I giorni per pagare le differenze vanno da 1 a 365.

# La pagina del genitore.
isee-title = ISEE
isee-intro = Con un ISEE valido paghi la tariffa della tua fascia. Senza, si applica la tariffa massima.
isee-today = Che cosa conta oggi
isee-counts = Conta { $value }, { $kind }, dal { $from } al { $to }.
isee-counts-hidden = Conta un ISEE dal { $from } al { $to }. Il valore lo vede chi lo ha dichiarato e chi paga.
isee-none = Nessun ISEE conta oggi: si applica la tariffa massima.
isee-next = Dal { $from } conterà quello da { $value }.
isee-next-hidden = Dal { $from } conterà un nuovo ISEE.
isee-history = Storico
isee-value = Valore in euro
isee-value-help = È il valore dell’ISEE, non dell’ISE. Per esempio 12.345,67
isee-period = Conta dal { $from } al { $to }.
isee-source-declared = Dichiarato da un genitore il { $day }.
isee-source-mine = Dichiarato da te il { $day }.
isee-source-office = Registrato dall’ufficio il { $day }.
isee-checked = controllato
isee-to-check = da controllare
isee-hidden = Valore non visibile
isee-declare = Comunica un nuovo ISEE
isee-declare-intro = I dati sono nella prima pagina dell’attestazione rilasciata dall’INPS. L’ufficio li controlla.
isee-kind = Tipo
isee-kind-minorenni = Per prestazioni ai minorenni
isee-kind-ordinario = Ordinario
isee-kind-corrente = Corrente
isee-kind-help = È scritto sull’attestazione. Per i servizi dei figli di solito è quello per i minorenni.
isee-protocol = Numero di protocollo
isee-protocol-help = Per esempio INPS-ISEE-2026-01234567X-00
isee-dsu-day = Data di presentazione della DSU
isee-end-day = Data di scadenza
isee-omissions = L’attestazione riporta omissioni o difformità
isee-certificate = Attestazione ISEE
isee-certificate-help = Facoltativa, ma così l’ufficio controlla prima. PDF o foto (JPEG, PNG), al massimo { $mb } MB. La legge solo l’ufficio.
isee-certificate-open = Apri l’attestazione
isee-refused = non accettato
isee-children = Per quali figli
isee-truth = Dichiaro che i dati sono veri
isee-truth-help = Chi dichiara il falso ne risponde per legge e perde l’agevolazione (DPR 445/2000, articoli 75 e 76).
isee-send = Invia l’ISEE
isee-saved = Abbiamo registrato l’ISEE. Qui sotto vedi da quando conta e perché.
isee-no-children = Qui compaiono i figli di cui sei genitore o tutore. Se manca qualcuno scrivi all’ufficio.
isee-rule-title = La regola del Comune
isee-link = ISEE dei figli
isee-link-text = che cosa conta oggi e come comunicarne uno nuovo.
home-isee = Manca un ISEE valido per { $children }
home-isee-text = Senza si applica la tariffa massima. Comunicalo qui.

# Ufficio.
office-isee-counts = ISEE registrato. Conta dal { $from } al { $to }. { $why } Quello che è già stato addebitato non cambia.
office-isee-refused = Dichiarazione rifiutata: non conta più e il genitore ha un messaggio. Se c’erano giorni addebitati, la differenza è in «Bollette», «ISEE arrivati tardi».
office-isee-checked = Segnato come controllato.
office-isee-policy-saved = Regola salvata: vale per gli ISEE ricevuti dal { $day }.
office-isee-policy-fault = Riga { $line }: { $message }
