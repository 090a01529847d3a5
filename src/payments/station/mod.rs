//! The station: what the node of pagoPA asks of a creditor, and what it is answered (SANP 3.11,
//! `paForNode.wsdl`). SOAP 1.1, document/literal; the six operations of the creditor's side.
//!
//! [`Call::read`] makes a call out of bytes, [`look`] looks for the answer in the database, and
//! [`written`] makes bytes of it. Nothing here knows of HTTP or of who calls.

mod answering;
mod fault;
mod payable;
mod reading;
mod request;
mod writing;

pub use answering::{Answer, Identity, Step, look};
pub use fault::{Fault, NotSoap};
pub use payable::{Payable, Transfer};
pub use request::{Asked, Call, Handed, Operation, Request, Station, TransferType};
pub use writing::{written, written_not_soap};

/// The largest envelope. Receipts are some 3 kB.
pub const LARGEST: usize = super::rt::LARGEST;

/// Of SOAP 1.1.
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
