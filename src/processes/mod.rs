//! What needs several slices: the founding of a comune, imports, checks, payments.

pub mod founding;
pub mod payments;
