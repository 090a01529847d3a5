# Che cosa non si può stampare, e chi lo può correggere. Le stesse chiavi stanno in en/errors-print.ftl.

error-print-too-long = Il documento non si può stampare: { $field ->
        [subject] l’oggetto del pagamento
        [creditor_name] il nome del Comune
        [creditor_department] il nome dell’ufficio
        [creditor_info] telefono ed e-mail dell’ufficio
        [debtor_name] il nome di chi paga
        [debtor_fiscal_code] il codice fiscale di chi paga
        [debtor_address] l’indirizzo di chi paga
        [cbill] il codice CBILL
        [postal_account] il conto corrente postale
        [postal_holder] l’intestatario del conto postale
        [postal_authorisation] l’autorizzazione di Poste Italiane
        [amount] l’importo
        [payments] l’elenco delle rate
       *[other] un testo
    } ha { $length } caratteri, il massimo è { $max }. { $field ->
        [debtor_address] Accorcia l’indirizzo in «I miei dati», oppure scrivi all’ufficio.
       *[other] Avvisa l’ufficio scuola: lo può correggere.
    }
error-print-invalid = Il documento non si può stampare: { $field ->
        [subject] l’oggetto del pagamento
        [creditor_name] il nome del Comune
        [creditor_department] il nome dell’ufficio
        [creditor_info] telefono ed e-mail dell’ufficio
        [debtor_name] il nome di chi paga
        [debtor_fiscal_code] il codice fiscale di chi paga
        [debtor_address] l’indirizzo di chi paga
        [cbill] il codice CBILL
        [postal_account] il conto corrente postale
        [postal_holder] l’intestatario del conto postale
        [postal_authorisation] l’autorizzazione di Poste Italiane
        [amount] l’importo
        [payments] l’elenco delle rate
       *[other] un dato
    } manca o non è giusto. Avvisa l’ufficio scuola: lo può correggere.
