//! Printing: a display list with roles becomes a PDF.
//!
//! A document is a pure function of its data. It composes a [`DisplayList`] (mostly through
//! [`Flow`]): what is painted where, and which structure element each mark belongs to. [`write`]
//! paints the list with printpdf and finishes the file with lopdf. One list feeds painter,
//! finishing pass and tests, so that content and structure can't disagree, and the same list
//! always gives the same bytes.

mod data_matrix;
mod finish;
mod flow;
mod fonts;
mod layout;
mod letterhead;
mod measure;
mod paint;
mod qr;
mod symbol;
mod words;

pub use flow::{Align, Column, Flow, Row, Style, Table, wrap};
pub use fonts::{Face, printable, text_width};
pub use layout::{ArtifactKind, DisplayList, Item, Kid, Meta, Node, NodeId, Page, Role, Scope};
pub use letterhead::Letterhead;
pub use measure::{Ink, Length};
pub use symbol::Symbol;
pub use words::euros_in_words;

/// Why a document can't be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// A field is longer than its place on the document allows.
    #[error("{field} is too long to print: {length} characters, at most {max}")]
    TooLong {
        /// The field of the document's data.
        field: &'static str,
        /// Its length in characters.
        length: usize,
        /// What fits.
        max: usize,
    },
    /// A field can't be printed as it is.
    #[error("{field} can't be printed: {reason}")]
    Invalid {
        /// The field of the document's data.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The text does not fit into the symbol that is asked for.
    #[error("the text does not fit into the code")]
    QrTooLong,
    /// An embedded face can't be read or subset.
    #[error("typeface {0} can't be embedded")]
    Font(&'static str),
    /// The file can't be put together.
    #[error("the PDF can't be written: {0}")]
    Write(String),
}

impl From<PdfError> for crate::base::Error {
    /// What is too long or missing is told by the name of the field; the rest is our own fault.
    fn from(error: PdfError) -> Self {
        use crate::base::{Error, Text};
        match error {
            PdfError::TooLong { field, length, max } => Error::refused(
                Text::new("error-print-too-long")
                    .with("field", field)
                    .with("length", length)
                    .with("max", max),
            ),
            PdfError::Invalid { field, .. } => {
                Error::refused(Text::new("error-print-invalid").with("field", field))
            }
            other => Error::internal(other),
        }
    }
}

/// The PDF of a display list. The same list gives the same bytes.
///
/// # Errors
/// [`PdfError::Font`] or [`PdfError::Write`]; both mean a fault of the program.
pub fn write(list: &DisplayList) -> Result<Vec<u8>, PdfError> {
    finish::finish(paint::paint(list)?, list)
}
