# What can't be printed, and who can mend it. The same keys are in it/errors-print.ftl.

error-print-too-long = The document can't be printed: { $field ->
        [subject] the subject of the payment
        [creditor_name] the name of the comune
        [creditor_department] the name of the department
        [creditor_info] phone and e-mail of the office
        [debtor_name] the payer's name
        [debtor_fiscal_code] the payer's fiscal code
        [debtor_address] the payer's address
        [cbill] the CBILL code
        [postal_account] the postal account
        [postal_holder] the holder of the postal account
        [postal_authorisation] the authorisation of Poste Italiane
        [amount] the amount
        [payments] the list of instalments
       *[other] a text
    } has { $length } characters, at most { $max } fit. Shorten it.
error-print-invalid = The document can't be printed: { $field ->
        [subject] the subject of the payment
        [creditor_name] the name of the comune
        [creditor_department] the name of the department
        [creditor_info] phone and e-mail of the office
        [debtor_name] the payer's name
        [debtor_fiscal_code] the payer's fiscal code
        [debtor_address] the payer's address
        [cbill] the CBILL code
        [postal_account] the postal account
        [postal_holder] the holder of the postal account
        [postal_authorisation] the authorisation of Poste Italiane
        [amount] the amount
        [payments] the list of instalments
       *[other] a field
    } is missing or wrong. Mend it.
