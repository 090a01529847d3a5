//! The station (`/pagopa/paForNode`), shown with the real executable over real HTTP: the six
//! operations and every fault, who is let in, what is no SOAP, and one credit whatever is sent how
//! often. The schemas and zeep are peers that know nothing of this program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    dead_code,
    reason = "tests of a program that runs in real time"
)]

mod hostile;
mod node;
mod once;
mod peers;
#[path = "../firm/server.rs"]
mod server;
mod six;
