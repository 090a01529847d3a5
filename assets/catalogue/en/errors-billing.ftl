error-bill-held = held: the new ISEE is waited for until { $until }; to bill it now, draft again with --include-held
error-bill-not-over = the service “{ $service }” is priced by days of use: the period must end before today, not on { $day }
error-bill-terms = write the first days of at least two terms, each a day that every year has: 01/09, 01/01
error-bill-no-rhythm = no rhythm proposes a period: say --from and --to, or one --service that has a rhythm
error-bill-too-long = a period has at most 13 months: choose a last day closer to the first
error-bill-run-open = there is an open draft from { $from } to { $to }: publish or discard it first
error-bill-cuts = a published period from { $from } to { $to } overlaps: choose days that contain all of it, or none
error-bill-run-not-draft = this run is no draft any more
error-bill-due-past = the due date can't be past: choose today or later
error-bill-nothing = this draft charges nothing: discard it
error-bill-faults = { $count ->
    [one] one line has no price
   *[other] { $count } lines have no price
}: correct the data and draft again, or publish with --leave-faults
error-bill-not-issued = the bill of this payer could not be issued, and comes again in the next draft of these days: { $why }
error-charge-reversed = the charge of this day was given back already
error-charge-free = this day cost nothing: there is nothing to give back
error-charge-in-open-run = a draft from { $from } to { $to } is open and has this day: publish or discard it first
