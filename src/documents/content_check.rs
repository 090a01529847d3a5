//! What a file is, told by its content: a name and a browser's word count for nothing.

use crate::base::{Error, Result, Text};

/// The largest upload, in bytes: 5 MB.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// What can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum MediaType {
    /// PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
}

impl MediaType {
    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            MediaType::Pdf => "application/pdf",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
        }
    }

    /// Out of the database.
    pub fn parse(text: &str) -> Option<MediaType> {
        [MediaType::Pdf, MediaType::Jpeg, MediaType::Png]
            .into_iter()
            .find(|media_type| media_type.as_str() == text)
    }

    /// The ways in which a name of such a file ends; the first is the usual one.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            MediaType::Pdf => &["pdf"],
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Png => &["png"],
        }
    }
}

/// Says what the bytes are, or refuses them and says what was found. `field` is the form's.
///
/// # Errors
/// A field error: empty, too large, or neither PDF nor JPEG nor PNG.
pub fn check_upload(field: &str, filename: &str, bytes: &[u8]) -> Result<MediaType> {
    let name = clean_name(filename);
    let refuse = |text: Text| Err(Error::field(field, text.with("name", name.clone())));
    if bytes.is_empty() {
        return refuse(Text::new("error-document-empty"));
    }
    if bytes.len() > LARGEST {
        let tenths = bytes.len().saturating_mul(10).div_ceil(1024 * 1024);
        let found = format!("{},{}", tenths / 10, tenths % 10);
        return refuse(
            Text::new("error-document-too-large")
                .with("found", found)
                .with("max", LARGEST / (1024 * 1024)),
        );
    }
    let Some(kind) = infer::get(bytes) else {
        let text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
        return refuse(Text::new(if text {
            "error-document-text"
        } else {
            "error-document-unknown"
        }));
    };
    match (MediaType::parse(kind.mime_type()), kind.extension()) {
        (Some(media_type), _) => Ok(media_type),
        (None, "heif" | "heic") => refuse(Text::new("error-document-heic")),
        (None, extension) => {
            let found = extension.to_ascii_uppercase();
            refuse(Text::new("error-document-type").with("found", found))
        }
    }
}

/// The file's own name without folders and control characters, at most 100 characters.
pub fn clean_name(filename: &str) -> String {
    let own = filename.rsplit(['/', '\\']).next().unwrap_or("");
    let name: String = own.chars().filter(|c| !c.is_control()).take(100).collect();
    match name.trim() {
        "" => "documento".to_owned(),
        name => name.to_owned(),
    }
}

/// A clean name that ends as its content does, so that nobody opens a picture as something else.
pub(super) fn stored_name(filename: &str, media_type: MediaType) -> String {
    let name = clean_name(filename);
    let extension = name.rsplit_once('.').map_or("", |(_, end)| end);
    let fits = media_type
        .extensions()
        .iter()
        .any(|known| known.eq_ignore_ascii_case(extension));
    if fits {
        name
    } else {
        format!("{name}.{}", media_type.extensions()[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_as(filename: &str, bytes: &[u8]) -> &'static str {
        match check_upload("file", filename, bytes) {
            Err(Error::Invalid(fields)) => fields[0].text.key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn content_decides_and_not_the_name() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(check_upload("file", "a.pdf", png).unwrap(), MediaType::Png);
        assert_eq!(
            check_upload("file", "x", b"%PDF-1.7\n").unwrap(),
            MediaType::Pdf
        );
        assert_eq!(
            check_upload("file", "x", b"\xff\xd8\xff\xe0").unwrap(),
            MediaType::Jpeg
        );
        assert_eq!(
            refused_as("isee.pdf", b"caro comune"),
            "error-document-text"
        );
        assert_eq!(refused_as("isee.pdf", b""), "error-document-empty");
        assert_eq!(
            refused_as("isee.pdf", &[0, 1, 2, 3]),
            "error-document-unknown"
        );
        assert_eq!(
            refused_as("a.pdf", b"PK\x03\x04...."),
            "error-document-type"
        );
        assert_eq!(
            refused_as("a.pdf", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            "error-document-heic"
        );
        let large = [b"%PDF-1.7\n".as_slice(), &vec![b' '; LARGEST]].concat();
        assert_eq!(refused_as("a.pdf", &large), "error-document-too-large");
    }

    #[test]
    fn a_stored_name_has_no_folders_and_the_right_end() {
        assert_eq!(stored_name("C:\\foto\\a.JPG", MediaType::Jpeg), "a.JPG");
        assert_eq!(
            stored_name("../../etc/passwd", MediaType::Pdf),
            "passwd.pdf"
        );
        assert_eq!(stored_name("a.exe", MediaType::Png), "a.exe.png");
        assert_eq!(stored_name("\n", MediaType::Png), "documento.png");
    }
}
