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
