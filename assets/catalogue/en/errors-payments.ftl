# Errors of payments. The same keys are in it/errors-payments.ftl.

error-notice-of-a-bill = This notice belongs to a bill and can't be withdrawn here: write to the office.
error-notice-not-open = This notice can't be paid any more: it was paid or withdrawn.
error-cart-size = Choose one to { $max } notices: pagoPA takes { $max } at once at the most.
error-payment-reference-known = The reference { $reference } is recorded for a different payment.
error-no-gateway = Online payment is not connected yet: families pay with the notice.
error-attestation-nothing = There is nothing to attest for { $year }: no deductible payment.
error-attestation-future = The year { $year } has not begun yet.

sandbox-unknown = The payment is unknown to the creditor (PAA_PAGAMENTO_SCONOSCIUTO).
sandbox-paid-already = The payment is concluded already (PAA_PAGAMENTO_DUPLICATO).
sandbox-cancelled = The payment was cancelled (PAA_PAGAMENTO_ANNULLATO).
sandbox-creditor = The creditor is not the one of the notice (PAA_ID_DOMINIO_ERRATO): check its fiscal code.
sandbox-not-paid = This notice was not paid: there is no receipt to send.

# The cash desk.
error-cash-desk-off = The cash desk is off. The accountant switches it on in the settings of reports, by choosing the means that it takes.
error-cash-desk-means = The cash desk does not take this means of payment: choose another one.
error-cash-desk-old = The day is more than a year ago: check the date.
error-cash-desk-reference = Write the reference of the proof: number of the cheque, of the terminal's slip, of the transfer.
error-cash-desk-nothing = Choose at least one notice, or write an amount for at least one account.
error-cash-desk-late = The day of the receipt is over: only the accountant can cancel it.
error-cash-desk-scanned = This receipt has a scanned proof already.
error-cash-desk-no-cash = There is neither cash nor a cheque of this day to hand over.
error-cash-desk-deposit-day = A deposit is made on the day of the takings or later, and not in the future.
error-basket-not-ticked = You typed an amount but did not choose the entry: tick its box, or delete the amount.
error-basket-empty = Tick at least one entry to pay.
error-notice-awaits-number = The partner gives this notice its number, and has not yet: it usually comes within a day. Try again later.
partner-number-of-another = Notice { $number } belongs to another position already.
partner-number-known = This position has a notice number other than { $number }: it does not change.
partner-position-unknown = There is no position with this reference: it must be the one in the column “posizione” of the file that was sent.
partner-amount-differs = The amount differs from the position's, { $ours }.
partner-not-a-receipt = It is no telematic receipt of a payment ({ $reason }).
partner-file-too-large = The file is too large: at most 20 MB.
partner-report = Rows taken: { $taken } (of which in suspense: { $suspense }); known: { $known }; to be looked at: { $bad }.
partner-zip-broken = The ZIP archive can't be read ({ $reason }).
partner-zip-too-large = The archive holds too much: at most 20,000 files and 64 MB in all. Split it.

# What the platform answers, and what to do.
pagopa-silent = pagoPA gave no answer that can be read ({ $detail }).
pagopa-busy = pagoPA asks to wait for { $seconds } seconds.
pagopa-key = The key of pagoPA is missing or not accepted ({ $detail }).
pagopa-no-iban = The account that takes the money is not said yet: write its IBAN in the settings of pagoPA.
pagopa-refused = pagoPA refuses the notice ({ $detail }).
pagopa-differs = pagoPA has another position under this name ({ $detail }).
pagopa-paid = The notice is paid.
error-checkout-not-yet = The notice has not reached pagoPA yet: try again in some minutes, or pay it later with the notice.
error-checkout-closed = The payment page of pagoPA does not open: try again in some minutes, or pay with the notice.
sandbox-expired = The payment is past its last day at the creditor (PAA_PAGAMENTO_SCADUTO).
error-delivery-gone = This delivery is not stopped any more: somebody tried again or settled it.
error-delivery-of-a-bill = This notice belongs to a bill or a plan: correct those, not the notice.
