# Why a charge costs what it costs: the same keys stand in it/statement.ftl.

explain-rule = rule: { $name }, version { $version }
explain-rule-of-act = rule: { $name }, version { $version } ({ $act })
explain-isee-used = ISEE: { $value }, valid from { $from } to { $to }
explain-isee-used-protocol = ISEE: { $value }, protocol { $protocol }, valid from { $from } to { $to }
explain-isee-not-needed = the price is the same for all: the ISEE does not count
explain-isee-non-resident = non-residents pay a price that does not depend on the ISEE
explain-isee-missing = no valid ISEE on { $day }: the price without ISEE holds
explain-isee-not-valid = the ISEE held from { $from } to { $to }, not on { $day }: the price without ISEE holds
explain-what = { $what ->
    [label] “{ $label }”
   *[other] one { $unit }
}
explain-fact = { $fact ->
    [label] { $factlabel }
   *[other] { $fact }
}
explain-price-fixed = price of { explain-what }: { $price }
explain-price-no-isee = price of { explain-what } without ISEE: { $price }
explain-price-non-resident = price of { explain-what } for non-residents: { $price }
explain-price-any-isee = price of { explain-what } with an ISEE: { $price }
explain-price-first-band = price of { explain-what } with an ISEE up to { $to }: { $price }
explain-price-band = price of { explain-what } with an ISEE above { $over } and up to { $to }: { $price }
explain-price-top-band = price of { explain-what } with an ISEE above { $over }: { $price }
explain-row = the price depends on { explain-fact }: here { $value }
explain-line = between an ISEE of { $from } and one of { $to } the price goes in proportion from { $first } to { $last }
explain-shifted = the band { $places } { $which } holds, up to { $to }
explain-shifted-top = the band { $places } { $which } holds, above { $over }
explain-percent-less = “{ $label }”: { $percent } less, from { $from } to { $to }
explain-percent-more = “{ $label }”: { $percent } more, from { $from } to { $to }
explain-less = “{ $label }”: { $part } less, from { $from } to { $to }
explain-more = “{ $label }”: { $part } more, from { $from } to { $to }
explain-percent-of-less = “{ $label }”: { $percent } less, of the price of { $of } before changes: from { $from } to { $to }
explain-percent-of-more = “{ $label }”: { $percent } more, of the price of { $of } before changes: from { $from } to { $to }
explain-each = “{ $label }” counts { $times } times ({ explain-fact }: { $count }, of which the first { $after } do not count)
explain-refused-none = “{ $label }” not given ({ explain-fact }: { $count }, of which the first { $after } do not count)
explain-refused-not = “{ $label }” not given: it does not hold where { explain-fact } is { $found }
explain-refused-not-isee = “{ $label }” not given: it does not hold with an ISEE of { $found }
explain-beyond = { $counted } were counted: the first { $after } are not charged here
explain-limited-least = the least of this is { $to }: up from { $from }
explain-limited-most = the most of this is { $to }: down from { $from }
explain-limited-each = the most of this is { $each } for each unit ({ explain-fact }: { $count }): from { $from } down to { $to }
explain-set-price = “{ $label }”: the price becomes { $to } instead of { $from }
explain-band-given = “{ $label }”: given by the change of band
explain-refused-better = “{ $label }” does not add up: “{ $better }” is better
explain-refused-band = “{ $label }” not given: there is no other band
explain-refused-no-isee = “{ $label }” not given: it needs a valid ISEE
explain-refused-has-isee = “{ $label }” not given: it is for who has no ISEE
explain-refused-isee-between = “{ $label }” not given: it needs an ISEE between { $from } and { $to }, found { $found }
explain-refused-isee-from = “{ $label }” not given: it needs an ISEE from { $from }, found { $found }
explain-refused-isee-to = “{ $label }” not given: it needs an ISEE up to { $to }, found { $found }
explain-refused-value = “{ $label }” not given: { explain-fact } must be { $wanted }, found { $found }
explain-refused-between = “{ $label }” not given: { explain-fact } between { $from } and { $to }, found { $found }
explain-refused-from = “{ $label }” not given: { explain-fact } at least { $from }, found { $found }
explain-refused-to = “{ $label }” not given: { explain-fact } at most { $to }, found { $found }
explain-prorata = a part is due: { $of } of { $over } ({ explain-fact }), from { $from } to { $to }
explain-rounded-unit = the price is rounded ({ $mode }, to { $unit }): from { $from } to { $to }
explain-rounded-component = the component is rounded ({ $mode }, to { $unit }): from { $from } to { $to }
explain-rounded-total = the total is rounded ({ $mode }, to { $unit }): from { $from } to { $to }
explain-capped = { $counted } were counted, at most { $most } are charged
explain-times = { $quantity } × { $price } = { $gives }
explain-at-least = the least of the period is { $to }: up from { $from }
explain-at-most = the most of the period is { $to }: down from { $from }
explain-aided = { $by } pays { $pays }: { $left } are left
explain-given-back = the office took the charge of this day back: it costs nothing
explain-instalment = All in all { $whole }, in { $count } instalments: this is number { $number } and asks for { $pays }
explain-instalments = All in all { $whole }, in { $count } instalments: these are numbers { $first } to { $number }, due before the enrolment or with it, and ask for { $pays }
explain-amount = charged: { $amount }

# Lines of a statement.
statement-line-charge = { $service } of { $child }
statement-line-receipt = pagoPA payment for { $service } of { $child }
statement-line-settlement = payment for { $service } of { $child } that the bank has declared: its pagoPA receipt has yet to come
statement-line-cash-desk = payment at the cash desk, receipt { $number }, for { $service } of { $child }
statement-line-cash-desk-cancelled = receipt { $number } of the cash desk cancelled, { $service } of { $child }
statement-line-opening = balance of the system before, { $service } of { $child }
statement-line-imported = { $what }, { $service } of { $child }
statement-line-credit = credit, { $service } of { $child }
statement-line-given-back = given back by a correction, { $service } of { $child }
statement-line-reversed = reversal, { $service } of { $child }: { $reason }
statement-line-reversal = reversal, { $service } of { $child }
statement-line-transfer-reversed = reversal of the transfer with { $other }, { $service } of { $child }
statement-line-drop-reversed = reversal of the write-off “{ $reason }”, { $service } of { $child }
statement-line-refund = refund, { $service } of { $child }
statement-line-transfer-in = transfer from { $other }, to { $service } of { $child }
statement-line-transfer-out = transfer to { $other }, from { $service } of { $child }
statement-line-debt-dropped = debt written off: { $reason } ({ $service } of { $child })
statement-line-credit-dropped = credit written off: { $reason } ({ $service } of { $child })
