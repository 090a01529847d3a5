# Calls, applications, documents, diets, ISEE.

error-call-window = the deadline must come after the opening
error-call-upcoming = the call opens at { $opens }: applications can be sent from then on
error-call-closed = the call closed at { $closed }: applications can't be sent any more; the draft is kept

error-document-empty = the file "{ $name }" is empty: choose another
error-document-too-large = the file "{ $name }" has { $found } MB: at most { $max } MB are taken
error-document-text = the file "{ $name }" is plain text: give a PDF, JPEG or PNG
error-document-heic = the file "{ $name }" is a HEIC picture: give a JPEG or a PDF
error-document-type = the file "{ $name }" is of type { $found }: give a PDF, JPEG or PNG
error-document-unknown = the content of "{ $name }" is not known: give a PDF, JPEG or PNG
error-document-none = choose a file to attach
error-document-many = at most { $max } files can be attached: delete one first
error-document-required = this call needs at least one document: attach it first

error-diet-unknown = this diet is not in the catalogue: choose one that is
error-period-backwards = the last day can't come before the first
error-isee-negative = an ISEE can't be negative

error-my-data-missing = complete the applicant's own data first
error-draft-changed = the draft was saved elsewhere at { $at }: look at it again, then save
error-draft-changed-before-sending = the draft was changed elsewhere at { $at }: look at it again, then send
error-title-missing = say whether the applicant is parent, guardian or foster parent
error-child-missing = say for which child the application is
error-child-is-applicant = this is the applicant's own fiscal code: give the child's
error-class-missing = choose school and class
error-privacy-missing = the privacy notice must be accepted
error-conditions-missing = the general conditions must be accepted
error-application-live = there is an application for this child and call already
error-application-decided = this application is decided already: load the page again
error-class-other-year = the class is not of the call's school year
error-from-outside-year = the first day must lie in the school year { $year }
error-refusal-reason = give the reason: the family will read it
error-diet-not-yours = only staff who handle diets can confirm one
error-application-incomplete = the application is not complete: the draft is kept
