//! Firm ground, shown with the real executable: what a kill, a full disk, a damaged file or a
//! stranger leave behind. `tests/run crash` is the long run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "tests of a program that runs in real time"
)]

mod acknowledged;
mod backup;
mod browser;
mod crash;
mod crash_station;
mod faults;
mod litestream;
#[path = "../station/node.rs"]
mod node;
mod people;
mod server;
mod syncs;
