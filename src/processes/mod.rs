//! What needs several slices: the founding of a comune, imports, checks, long work.

pub mod checks;
pub mod founding;
pub mod imports;
pub mod work;
