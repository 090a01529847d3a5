# Refunds: the rule's reasons and errors. The same keys are in it/refunds.ftl.

refund-why-credit = The credit is { $credit }.
refund-why-no-credit = There is no credit to give back.
refund-why-still-there = The service is still used: the credit stays for the next charges.
refund-why-late = It had to be asked for by { $deadline }: the credit stays on the account.
refund-why-arrears = { $arrears } are owed on other accounts: { $withheld } of the credit cover them.
refund-why-transfer-wanted = The family asks to move the credit to { $child }.
refund-why-sibling = { $child } still uses a service: the credit goes to { $child } and is not paid out.
refund-why-below = { $rest } are left: below { $minimum } nothing is paid out.
refund-why-below-meal = { $rest } are left, less than the price of a meal ({ $minimum }): nothing is paid out.
refund-why-paid = { $amount } are paid out.
refund-why-within = The municipality pays within { $days } days.

error-transfer-accounts = Credit moves only between two different accounts of one payer.
error-transfer-paid = at most { $most } can be moved: what was paid on this account and was neither moved nor given back
error-transfer-credit = Write an amount up to the credit there is: { $credit }.
error-write-off-amount = At most the balance is written off, and towards zero: the balance is { $balance }.
error-reversed-already = This entry was reversed before.
error-policy-file = The rule can't be read: { $fault }
error-iban = Check the IBAN: its check digits are wrong. An Italian IBAN has 27 characters and begins with IT.
error-policy-suspend-always-eats = Line { $line }: with `always_eats = true`, or without that line, the child always eats and nothing is suspended. Write `always_eats = false` in [credit], or take line { $line } out.
error-policy-suspend-meals = Line { $line }: `suspend_below_meals` is a number of meals owed, from -1 to -250. Write for example `suspend_below_meals = -5`.
error-policy-unused = `[unused]` is not applied to refunds: what is taken off for days that were not used stands in the tariff (`consecutive_absence_days`). Take it out and publish again.
error-refund-no-credit = There is no credit on this account.
error-refund-open = There is an open request for this account already.
error-refund-state = This request has changed meanwhile: look at it again.
error-refund-no-bank = The family's IBAN is missing: ask for it before approving.
error-refund-amount = Write an amount from 0.01 to { $most }: the credit without what goes against debts.
error-refund-nothing-owed = Nothing is owed on other accounts.
error-collection-none = Choose at least one debtor.
error-collection-too-old = These drafts are too old: the first letters are gone. Start anew.
error-refund-list-empty = No approved refund is covered by its credit: there is nothing to list.
error-refund-paid-on = Write a day from that of the list ({ $from }) to today.


