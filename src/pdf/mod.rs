//! Display list with roles → printpdf; used by all that prints.
