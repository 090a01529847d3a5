//! Campanella: the school-services desk of an Italian comune in one executable.
//!
//! Read this file as the map. The domain is cut by subject; a slice holds its types, its rules
//! and its SQL, and knows nothing of HTTP. `cli` and `web` call `processes` and slices; slices
//! call `store`, `pdf`, `catalogue` and `base`.

pub mod applications;
pub mod attestations;
pub mod base;
pub mod payments;
pub mod pdf;
pub mod store;
