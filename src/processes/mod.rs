//! What needs several slices: the founding of a comune, imports, checks.

pub mod founding;
