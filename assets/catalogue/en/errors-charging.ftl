# Closing days. The same keys stand in it/errors-charging.ftl.

error-day-postpaid = { $service } is billed after the period: its days are not closed one by one
error-day-in-future = { $day } is still to come: close it when it is past
error-day-before-cutoff = schools confirm who is present until { $time }: close today after that
error-day-not-running = { $service } does not run on { $day }: there is nothing to close
error-day-closed = { $day } of { $service } is closed already
error-period-reversed = the last day is before the first: swap them
