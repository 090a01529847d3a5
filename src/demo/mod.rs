//! The fictional comune.

mod families;
mod names;
mod schools;
