# Codes and files: fiscal code, notice number, fiscal code of an entity, CSV files. The same keys stand in it/codes.ftl.

fiscal-code-length = a fiscal code has 16 characters (11 digits if provisional), not { $found }
fiscal-code-character = character { $position } of the fiscal code can't be "{ $found }"
fiscal-code-month = character 9 of the fiscal code is the month of birth and can't be "{ $found }"
fiscal-code-day = characters 10 and 11 of the fiscal code are the day of birth and can't be "{ $found }"
fiscal-code-check = the fiscal code is mistyped: its last character doesn't fit the others
fiscal-code-check-digit = the provisional fiscal code is mistyped: its last digit doesn't fit the others

fiscal-code-other-surname = the surname doesn't fit the fiscal code
fiscal-code-other-name = the given name doesn't fit the fiscal code
fiscal-code-other-birth-date = the day of birth doesn't fit the fiscal code
fiscal-code-other-sex = the sex doesn't fit the fiscal code
fiscal-code-other-birth-place = the place of birth doesn't fit the fiscal code

entity-code-digits = the fiscal code of an entity has 11 digits
entity-code-check = the fiscal code of the entity is mistyped: its last digit doesn't fit the others

notice-number-length = a notice number has 18 digits, not { $found }
notice-number-not-a-digit = a notice number has digits only: character { $position } is "{ $found }"
notice-number-first-digit = a notice number begins with 0, 1, 2 or 3, not { $found }
notice-number-check = the notice number is mistyped: its last two digits don't fit the others
notice-number-base = the numbers for payment notices are used up

# Imported CSV files.
csv-empty = the file is empty
csv-spreadsheet = the file is a spreadsheet: save it as CSV UTF-8
csv-missing-columns = these columns are missing: { $missing }; the file has { $present }
csv-column-twice = the column { $column } stands twice: leave one
csv-field-count = the row has { $found } fields instead of { $expected }: look for a stray line break or delimiter
csv-illegible = the row has illegible characters: save the file as CSV UTF-8
csv-row-too-long = the row never ends: a closing quote may be missing
csv-unreadable = the file can't be read: { $reason }
csv-mapping-unknown = the mapping names a column { $column } that this import does not have: it has { $known }
