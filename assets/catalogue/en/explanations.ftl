# Why a charge costs what it costs: the same keys stand in it/statement.ftl.

explain-rule = rule: { $name }, version { $version }
explain-rule-of-act = rule: { $name }, version { $version } ({ $act })
explain-isee-used = ISEE: { $value }, valid from { $from } to { $to }
explain-isee-used-protocol = ISEE: { $value }, protocol { $protocol }, valid from { $from } to { $to }
explain-isee-not-needed = the price is the same for all: the ISEE does not count
explain-isee-non-resident = non-residents pay a price that does not depend on the ISEE
explain-isee-missing = no valid ISEE on { $day }: the price without ISEE holds
explain-isee-not-valid = the ISEE held from { $from } to { $to }, not on { $day }: the price without ISEE holds
explain-price-fixed = price of one { $unit }: { $price }
explain-price-no-isee = price of one { $unit } without ISEE: { $price }
explain-price-non-resident = price of one { $unit } for non-residents: { $price }
explain-price-any-isee = price of one { $unit } with an ISEE: { $price }
explain-price-first-band = price of one { $unit } with an ISEE up to { $to }: { $price }
explain-price-band = price of one { $unit } with an ISEE above { $over } and up to { $to }: { $price }
explain-price-top-band = price of one { $unit } with an ISEE above { $over }: { $price }
explain-rounded-unit = the price is rounded ({ $mode }): from { $from } to { $to }
explain-times = { $quantity } × { $price } = { $gives }
explain-rounded-total = the total is rounded ({ $mode }): from { $from } to { $to }
explain-amount = charged: { $amount }

# Lines of a statement.
statement-line-charge = { $service } of { $child }
statement-line-receipt = pagoPA payment for { $service } of { $child }
statement-line-opening = balance of the system before, { $service } of { $child }
statement-line-imported = { $what }, { $service } of { $child }
statement-line-credit = credit, { $service } of { $child }
statement-line-reversal = reversal, { $service } of { $child }
statement-line-refund = refund, { $service } of { $child }
statement-line-transfer-in = transfer from { $other }, to { $service } of { $child }
statement-line-transfer-out = transfer to { $other }, from { $service } of { $child }
statement-line-debt-dropped = debt written off: { $reason } ({ $service } of { $child })
statement-line-credit-dropped = credit written off: { $reason } ({ $service } of { $child })
