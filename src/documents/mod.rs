//! Uploaded files and issued PDFs: checked by content, kept inside the database, certificates sealed.
