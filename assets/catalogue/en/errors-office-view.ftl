shell-view = You are looking at the family’s pages: you can only read. The view ends after ten minutes.
shell-view-close = Close the view
error-view-reason = Write the reason: why do you need to see this family’s pages?
