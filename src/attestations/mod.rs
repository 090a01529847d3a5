//! The yearly attestation for the 730.
