# ISEE: why it counts from and until a day, what is wrong in a rule. The same keys stand in it/isee.ftl.

isee-from-own = it counts from the day of the DSU
isee-from-day = it counts from { $day }, when it was handed in
isee-from-dsu-day = it counts from { $day }, the day of the DSU
isee-from-month = it counts from the first day of the month in which it came ({ $day })
isee-from-month-after = it came on { $day } and counts from the month after
isee-from-dsu-month-after = the DSU is of { $day }: it counts from the month after
isee-from-january = it counts from 1 January of the year of { $day }
isee-from-run = it counts from the first billing run after { $day }
isee-from-month-end = each bill takes the ISEE that is valid on the last day of the month before; this one is of { $day }
isee-from-late = it came on { $day }, after the deadline of { $by }: it counts from the month after
isee-from-dsu-late = the DSU is of { $day }, after the deadline of { $by }: it counts from the month after
isee-from-in-time = the date is { $day }, within the deadline of { $by }
isee-from-not-before = it does not count for the months before { $day }
isee-from-next-year = it came on { $day }, too late for this school year: it counts from the next one
isee-from-recorded = it counts on the days on which it is valid, as recorded on { $day }
isee-to-own = it counts until its own end
isee-to-extended = it ends on { $own }, but the comune lets it count longer
isee-to-following = it ends on { $own }, but the comune lets it count into the year after
isee-to-corrente = an ISEE corrente counts while it is valid, then the ordinary one again

error-isee-omissions = the comune does not accept a statement with omissions: a new DSU is needed
error-isee-corrente = the comune does not accept an ISEE corrente: give the ordinary one
error-isee-over = it would count from { $from }, after its end on { $to }: a newer ISEE is needed
error-isee-late = the date is { $day }, the deadline was { $by }: by the comune's rule it does not count
error-isee-past = it counted until { $to }: a newer ISEE is needed
error-isee-not-declared = only what a parent declared is refused; correct what the office recorded with a newer record
error-isee-protocol = copy the protocol number from the statement: INPS-ISEE-2026-01234567X-00

error-policy-two-deadlines = give either by_day (a day of the month) or by (a day of the year), not both
error-policy-else-alone = "else" speaks of a missed deadline: add by_day or by
error-policy-no-from = "from" is missing: when the ISEE of who is in time counts from, like from = "month"
error-policy-no-else = "else" is missing: when the ISEE of who is late counts from, like else = "month_after"
error-policy-exception = an exception has a month from 1 to 12 and a day from 1 to 31, like {"{"} month = 9, by_day = 30 {"}"}
error-policy-exception-twice = this month has an exception already: remove one of the two
error-policy-exception-alone = exceptions change the day of by_day: add by_day
error-policy-retroactive = "january" reaches months that are over: add retroactive = true, or a deadline in January (by = "01-31")
error-policy-no-billing-day = "billing_run" needs the day of the run: add billing_day = 5
error-policy-run-alone = this means something only with "billing_run" (bills also with "month_end"): remove it
error-policy-last-day-alone = last_day needs until = "extended" or until = "following_year": add it or remove this
error-policy-corrente = corrente_months is a number from 1 to 12, and means nothing with corrente = "refused"
error-policy-day = a day of the month is a number from 1 to 31
error-policy-year-day = a day of the year is month-day, like "01-31"; 29 February is not in every year: write "02-28"

isee-rule-lodged = what decides is the day on which the comune gets the ISEE
isee-rule-dsu = what decides is the day on which the DSU was presented
isee-rule-own = from the day of the DSU
isee-rule-day = from that day
isee-rule-month = from the first day of that month
isee-rule-month-after = from the first day of the month after
isee-rule-january = from 1 January of that year
isee-rule-run-before = from the first billing run after it, on day { $day } for the month before
isee-rule-run-same = from the first billing run after it, on day { $day } for the same month
isee-rule-month-end-before = each bill takes the ISEE that is valid on the last day of the month that it bills
isee-rule-month-end-same = each bill takes the ISEE that is valid on the last day of the month before
isee-rule-never = it does not count: the top price
isee-rule-exception = in month { $month } the deadline is day { $day }
isee-rule-requests-until = requests after { $day } count from 1 September of the next school year
isee-rule-retroactive = it is retroactive
isee-rule-not-retroactive = it is not retroactive
isee-rule-until-own = until its own end
isee-rule-until-extended = beyond its end until the first { $day } after it
isee-rule-until-following = until { $day } of the year after
isee-rule-corrente = an ISEE corrente counts while it is valid
isee-rule-corrente-months = an ISEE corrente counts at most { $months } months
isee-rule-corrente-refused = an ISEE corrente is not accepted
isee-rule-omissions = statements with omissions are accepted
isee-rule-no-omissions = statements with omissions are refused
isee-rule-hold-bills = bills of the first months wait for the new ISEE until { $day }
isee-rule-post-late = what a late ISEE changes is billed by itself, payable within { $days } days
error-policy-late-days-alone = days to pay differences are for late = "post" only: write it, or take this line away
error-policy-late-days = days to pay differences are 1 to 365
