//! What needs several slices.
