# Imports. The same keys stand in it/errors-imports.ftl.

import-not-found = not found
import-sex = the sex is F or M
import-title = the title is genitore, tutore or affidatario
import-grade = the grade is nido, infanzia, primaria or secondaria
import-school-year = a school year is written 2026/2027
import-isee-kind = the kind of ISEE is minorenni, ordinario or corrente
import-yes-no = write si or no
import-no-school = there is no school with code { $code }: import the schools first
import-no-class = there is no class { $name } in that school and year: import the classes first
import-no-service = there is no service with code { $code }
import-no-person = nobody has this fiscal code: import residents and children first
import-not-enrolled = the child is not enrolled in this service on that day
import-tariff-applies = add a line like: applies = {"{"} service = "mensa", from = "2026-09-01" {"}"}
import-no-service-day = the service does not run on that day
import-time = write the time like 14:32
import-traceable = write si, no or ignoto
import-twice = this row stands twice in the files: take one away, or tell them apart by the reference
import-order = the order is a whole number
import-charge-kind = the kind of a charge is addebito, accredito or storno
import-explanation = the explanation is not one of Campanella's: leave the column empty
import-notice-state = the state of a notice is aperto, pagato, scaduto or annullato
import-no-diet = there is no diet with code { $code }: add it in the office, or map it to one of the catalogue
import-notice-paid = the notice { $number } is paid by another payment already: look which of the two is right
import-notice-known = the notice { $number } is known with another debtor or amount: correct the file
import-closed-here = the day { $day } was closed here: the period must not touch it
import-balance-known = the opening balance of this account and day was imported as { $amount } before: correct the difference in the office
import-charge-known = the reference { $reference } is known with another account, day or amount: correct the file
import-charged-here = this program has charged { $amount } on that day itself: take the row away
import-total-rows = the file has { $found } rows, the changeover expects { $expected }: ask the supplier for the whole file, or correct the figure
import-total-sum = the rows sum up to { $found }, the changeover expects { $expected }: ask the supplier for the whole file, or correct the figure
