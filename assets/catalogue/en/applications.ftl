# Sentences of the application pages that are data (the rest of the pages is Italian only).

app-draft-deleted = the draft is deleted
app-draft-saved = draft saved at { $time }
app-document-attached = the document is attached
app-document-deleted = the document is deleted
app-sent-already = this application is sent already and can't be changed
app-child-born = born on { $date }
app-sent-one = application { $number }
