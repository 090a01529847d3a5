//! The fictional comune.
