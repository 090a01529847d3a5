//! What needs several slices: the founding of a comune, imports, checks.

pub mod checks;
pub mod founding;
pub mod imports;
