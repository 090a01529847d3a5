//! What every reader of XML here has in common.

use quick_xml::events::BytesRef;

/// The character of a reference: one of the five predefined entities, or a number. Nothing else is
/// known, for documents with entities of their own are refused.
pub fn xml_character(reference: &BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}
