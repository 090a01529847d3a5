//! What needs several slices: the founding of a comune, imports, checks, payments, long work.

pub mod checks;
pub mod founding;
pub mod imports;
pub mod payments;
pub mod work;
