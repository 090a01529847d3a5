//! What a handler answers.

use poem::http::{StatusCode, header};
use poem::{Body, Response};
use serde::Serialize;

/// An answer, not yet a response: the dispatcher adds layout, cookies and headers.
pub enum Reply {
    /// A page out of a template.
    Page(Page),
    /// See other (303): after every good POST.
    Redirect(String),
    /// A file to keep.
    File(File),
    /// A picture that belongs to the pages: shown, and kept by browsers, for its address changes
    /// with it.
    Picture(Vec<u8>),
    /// Something for a machine.
    Json(serde_json::Value),
    /// An envelope for another program.
    Soap(StatusCode, String),
}

/// A page out of a template.
pub struct Page {
    /// 200, or 422 for a form that must be mended.
    pub status: StatusCode,
    /// The template's path under `assets/templates`.
    pub template: &'static str,
    /// The title, in Italian.
    pub title: String,
    /// What the template shows.
    pub data: serde_json::Value,
    /// Fields to mend: shown on top and beside the fields.
    pub errors: Vec<ShownError>,
}

/// A field error as the page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownError {
    /// The field's name and the id of its input.
    pub field: String,
    /// The sentence.
    pub message: String,
}

/// A file to keep.
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl File {
    /// Always as an attachment and never sniffed: an uploaded file must not run in our origin.
    pub(super) fn into_response(self) -> Response {
        let plain: String = self
            .name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || ".-_".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let utf8: String = form_urlencoded::byte_serialize(self.name.as_bytes())
            .collect::<String>()
            .replace('+', "%20");
        Response::builder()
            .header(header::CONTENT_TYPE, self.media_type)
            .header(
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{utf8}"),
            )
            .body(Body::from_bytes(self.bytes.into()))
    }
}
