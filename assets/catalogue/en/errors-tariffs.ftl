# Rule files: what is wrong and what to write. The same keys stand in it/errors-tariffs.ftl.

error-rule-toml = the file can't be read: { $message }
error-rule-no-components = the rule has no component: add a [[component]] section
error-rule-too-many = more than { $max } entries: split the rule
error-rule-component-twice = another component has this code: choose a different one
error-rule-base = give either one price (price) or ISEE bands (bands), not both
error-rule-no-isee-alone = with one price for all, no_isee means nothing: remove it
error-rule-no-isee-missing = the price without a valid ISEE is missing: add no_isee
error-rule-price = not a price: write quoted euros like "4.50", with at most six decimals
error-rule-amount = not an amount: write quoted euros like "7000.00"
error-rule-band-open = only the last band has no upper bound: add `to` to this one
error-rule-band-last = nothing is said above the last bound: end with a band without `to`, like {"{"} price = "4.50" {"}"}
error-rule-band-order = the bound is not above the one before: put the bands in rising order
error-rule-case = the example does not hold: it should cost { $expected }, the rule gives { $amount }
error-quote-case = the case can't be read: { $message }
error-no-tariff = no tariff is published for { $day }: publish one before closing the day
