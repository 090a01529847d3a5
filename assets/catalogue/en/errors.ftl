# Errors: what is wrong and what to do. The same keys stand in it/errors.ftl.

error-required = a value is needed
error-too-long = too long: at most { $max } characters
error-not-a-date = not a date: write 2026-11-03 or 03/11/2026
error-date-in-future = the date is in the future
error-not-an-amount = not an amount in euros: write 12.50
error-amount-below = the amount is below the minimum of { $minimum }
error-amount-packs = only whole packs of { $quantity } ({ $amount } each) are sold: { $less } or { $more }
error-amount-above = the amount is above the maximum of { $maximum }
error-choose = not one of the allowed values
error-email = not an e-mail address
error-phone = not a telephone number
error-changed-elsewhere = it was changed meanwhile: read it again and repeat the change
error-login = wrong user name or password
error-login-locked = too many attempts: try again in { $minutes } minutes
error-too-many-requests = too many requests: wait { $seconds } seconds
error-form-expired = the form has expired
error-upload-too-large = the file is too large: at most { $max } MB
error-body-too-large = the request is too large: at most { $max } MB
error-username-taken = the user name { $username } is taken: choose another
error-fiscal-code-known = this fiscal code is registered for another person already

page-not-found = Page not found
page-not-found-text = there is no such page, or it is not for you
page-forbidden = Not allowed
page-forbidden-text = your login does not include this page
page-too-large = Too large
page-fault = A fault of ours
page-fault-text = something failed: try again
page-storage = Nothing can be saved at the moment
page-storage-text = what was sent was not written: try again in some minutes
page-conflict = It was changed meanwhile
page-refused = Refused
page-refused-text = the request can't be taken as it came
error-postal-code = a postal code has 5 digits
error-enrolled-already = the child is enrolled in this service in that period already
error-vat-rate = Write the rate in percent, for example 4 or 4.5.

# How much may be paid in advance.
new-payment-minimum = at least { $amount }
new-payment-first = the first top-up is worth at least { $quantity } units: { $amount }
new-payment-packs = sold in packs of { $quantity } units: { $amount } each
error-residence-same = This holds from that day already: there is nothing to record.
error-residence-not-last = Another residence was recorded or withdrawn meanwhile: look at the list and try again.
