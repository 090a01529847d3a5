//! What needs several slices: long work in the background.

pub mod work;
