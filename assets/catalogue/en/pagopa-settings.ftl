# The settings of pagoPA: what is wrong. The same keys are in it/pagopa-settings.ftl.

error-taxonomy = Choose an entry of pagoPA's taxonomy: it is written like 9/0107101TS/.
error-postal-account = The number of the postal account has 1 to 12 digits.
error-postal-iban = This is not the IBAN of the postal account: it begins with IT, has 07601 in it and ends with the number of the account.
error-postal-holder = The holder can have 50 characters at most: that is the room on the slip.
error-postal-authorisation = The authorisation begins with AUT. and has 60 characters at most, like AUT. DB/XXXX/XXX 00000 DEL 01/01/2026.
error-authorisation-without-account = The authorisation is only for a postal account: write the account too.
error-first-base = Write a number from 1 to 9999999999999.
error-first-base-given = The numbers before { $next } were given already: write { $next } or a larger one.
