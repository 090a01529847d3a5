# Suspended services.

error-suspension-reason = Write the reason: the family reads it.
error-suspension-day = Choose a day after today and not after { $last }: the family must know before.
error-suspension-nothing = Meanwhile none of these services is to be suspended any more: look at the list again.
error-suspension-choose = Choose one service at least.
error-interrupted-already = Meanwhile one of these services has been suspended: look at the list again.
error-interrupted-no-more = Meanwhile this service goes on again: look at the list again.
