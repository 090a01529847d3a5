# Rule files: what is wrong and what to write. The same keys stand in it/errors-tariffs.ftl.

error-rule-toml = the file can't be read: { $message }
error-rule-no-components = the rule has no component: add a [[component]] section
error-rule-too-many = more than { $max } entries: split the rule
error-rule-component-twice = another component has this code: choose a different one
error-rule-base = say how the price is found, in one way: one price (price), ISEE bands (bands) or a table (by with is)
error-rule-no-isee-alone = with one price for all, no_isee means nothing: remove it
error-rule-no-isee-missing = the price without a valid ISEE is missing: add no_isee
error-rule-price = not a price: write quoted euros like "4.50", with at most six decimals
error-rule-amount = not an amount: write quoted euros like "7000.00"
error-rule-band-open = only the last band has no upper bound: add `to` to this one
error-rule-band-last = nothing is said above the last bound: end with a band without `to`, like {"{"} price = "4.50" {"}"}
error-rule-band-order = the bound is not above the one before: put the bands in rising order
error-rule-case = the example does not hold: it should cost { $expected }, the rule gives { $amount }
error-quote-case = the case can't be read: { $message }
error-no-tariff = no tariff is published for { $day }: publish one and try again
error-rule-not-a-table = write a table in braces here, like {"{"} from = 2 {"}"}
error-rule-not-a-list = write a list in square brackets here
error-rule-not-a-text = write a quoted text here
error-rule-not-a-count = write a whole number without quotes here, from zero up
error-rule-unknown-key = there is no entry `{ $key }`: remove or correct it; here there may be: { $known }
error-rule-word = the word is none of { $known }
error-rule-percent = not a percentage: write it in quotes, from "-100" to "1000", with at most four decimals
error-rule-too-deep = tables stand in tables too many times: at most six
error-rule-from-without-line = a band begins where the one before ends: remove `from` (it goes with a `line` only)
error-rule-line = a line needs two prices, like line = ["2.00", "5.00"], and the band's `to`
error-rule-line-from = the line begins before its band or after its end: correct `from`
error-rule-rows = write one row for each value of `{ $fact }`: is = {"{"} value = "price" {"}"}
error-rule-row-key = the value of `{ $fact }` can't be read: a number is 3, 3+ or 3-5, a flag yes or no
error-rule-row-twice = two rows hold for the same value: correct one of them
error-rule-unknown-fact = there is no fact `{ $fact }`: declare it in a [[fact]] section or choose one of { $known }
error-rule-fact-no-number = `{ $fact }` is not a number: choose a fact that counts something
error-rule-isee-test = write isee = "valid", isee = "missing" or a range like {"{"} to = "20000.00" {"}"}
error-rule-range = write `from`, `to` or both, `from` not above `to`
error-rule-fact-twice = this fact exists already: choose another code
error-rule-fact-source = say where the fact comes from, in one way: kind (the office records it), any_of, isee_bands, or of with ranges
error-rule-fact-value = the value does not fit: write { $kind ->
    [flag] true or false
    [number] a whole number
    [amount] a quoted amount like "50.00"
   *[choice] a quoted text
}
error-rule-date = not a date: write it like "2026-09-01"
error-rule-due = not a day of the year: write month and day, like "09-30"
error-rule-instalments = the instalments do not sum up to 100 percent: correct them
error-rule-prorata = write both counts: of (like days_present) and over (like opening_days)
error-rule-modifier-on = list the components that change, out of { $known }
error-rule-effect = say what changes, in one way: percent, less, more, price or band
error-rule-most-each = write the most and what it is for: at_most = {"{"} price = "12.00", each = "weeks" {"}"}
error-rule-rounding-total = a component is rounded at its price (unit) or at what it gives (component), not at the total
error-rule-of-base = `of` goes with a percentage only (percent)
error-rule-each = `each` goes with percent, less or more; `after` needs `each`
error-rule-fact-no-amount = `{ $fact }` is not an amount: write a price, or a fact with kind = "amount"
error-rule-sibling-services = list the codes of services, like services = ["nido"]; minors and any_service need none
error-rule-unknown-key-meant = there is no entry `{ $key }`: did you mean `{ $meant }`?
error-rule-unknown-fact-meant = there is no fact `{ $fact }`: did you mean `{ $meant }`?
error-rule-word-meant = the word is none of those that may stand here: did you mean `{ $meant }`?
error-rule-one-bracket = write [[{ $key }]] with two brackets: there may be several of them
error-rule-price-negative = a price is not negative: to take an amount off use a [[modifier]] with `less`
error-rule-not-empty = say in `not` what must not be so, like {"{"} school = "Rodari" {"}"}
error-rule-empty-list = the list is empty, so that nobody is in it: write at least one value
error-rule-number-beyond = the number goes from 1 to { $last }
error-rule-any-of = write a list of conditions, like any_of = [{"{"} minors_in_household = {"{"} from = 3 {"}"} {"}"}]
error-rule-ranges = write a list of ranges, like ["1", "2", "3+"]
error-rule-by-empty = say on which fact the price depends, like by = "grade"
error-rule-row-gap = the table leaves out values of `{ $fact }`: add the rows that are missing, or `other` for all else
error-rule-most-none = with a most of zero nothing is paid: remove `most`, or the component
error-rule-least-above = the least is above the most: correct one of them
error-rule-shift-no-bands = no component that it changes has ISEE bands: remove `band` or correct `on`
error-rule-instalments-others = there are no instalments of those for whom no condition holds: add some without `when`
error-rule-due-twice = another instalment is due on this day: write one
error-rule-instalment-late = instalments are chosen on the child's first day, when this is not known yet: { $facts }; the condition would never hold. Ask for what that day tells: grade, school, resident, isee, or a fact that the office records
error-rule-instalment-percent = an instalment goes from more than "0" to "100" percent
error-rule-no-cases = there is no example: add a [[case]] with what, with and expect, out of the resolution
error-rule-not-utf8 = the file is not UTF-8: open it in a text editor and save it as UTF-8
error-rule-shift = not a shift of bands: write -1 for the next lower band
error-rule-aid = the share goes from "0" to "100"; at_most_each needs `each`, the fact that counts the days
error-rule-needs-a-period = tariff “{ $name }” can't be used: a prepaid service is charged day by day: caps, proration, minimums and aid with a most for a period need a postpaid service
error-quote-input = this rule knows no input `{ $input }`, or its value is of another kind
error-tariff-fact-missing = component `{ $component }` needs the fact `{ $fact }`: record it and try again
error-tariff-no-row = the table of component `{ $component }` has no row for { $fact } = { $value }: correct the fact or the tariff
error-tariff-too-large = the amount is above ten million euros: check prices, percentages and quantities
error-rule-not-daily = tariff “{ $name }” has no component that is charged day by day (meals, days, hours): a prepaid service needs one; add it, or let the service be billed afterwards
error-rule-facts-unrecorded = tariff “{ $name }” depends on facts that a day alone does not tell: { $facts }; use one that does not
error-day-fact-missing = { $child } ({ $service }) lacks a fact that the tariff asks for, or has one that it does not foresee: { $fact ->
    [label] { $factlabel }
   *[other] { $fact }
}; record it on the family's sheet and try again
error-day-facts-missing = { $count } children ({ $service }) lack a fact that the tariff asks for, or have one that it does not foresee ({ $fact ->
    [label] { $factlabel }
   *[other] { $fact }
}): { $child }{ $more ->
    [0] {""}
   *[other] ; and { $more } more
}. Record it on the families' sheets and try again
error-rule-rounds-apart = tariff “{ $name }” can't be used: it rounds a sum, and days of a prepaid service are charged one by one: they would add up to something else; round the price of one (rounding at = "unit"), or let the service be paid by bill
error-rule-facts-unsupplied = tariff “{ $name }” asks for facts that nobody tells a bill: { $facts }; use others, or declare them with [[fact]] so that the office records them

# Drafts of tariffs and their form.
error-tariff-draft-changed = somebody else changed this draft meanwhile: open it again and repeat your changes
error-tariff-not-ready = the tariff has { $count } faults or examples that do not hold: mend the draft, then publish
error-tariff-no-toml = the text can't be read as TOML: mend the text first
error-tariff-count = write a whole number from zero up
error-tariff-row-twice = this row is there already
error-tariff-draft-no-undo = there is no change to take back yet
error-tariff-condition-twice = this condition stands in another row already: take one away
