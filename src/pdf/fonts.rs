//! The embedded faces: metrics for layout, subsets for the file, and what to print instead of a
//! character that a face lacks.
//!
//! A missing character would become glyph 0 without a warning: an empty box on paper, and a file
//! that no archive profile accepts. So every text goes through [`printable`] first.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use allsorts::binary::read::ReadScope;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile, subset};
use printpdf::ParsedFont;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::PdfError;
use super::measure::Length;

mod substitutes;

use substitutes::{SUBSTITUTES, transliterate};

/// A typeface. Titillium Web is the face of Italian public documents and of the pagoPA notice,
/// Roboto Mono the one of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Titillium Web Regular.
    Regular,
    /// Titillium Web SemiBold.
    SemiBold,
    /// Titillium Web Bold.
    Bold,
    /// Titillium Web Black.
    Black,
    /// Roboto Mono Regular.
    Mono,
    /// Roboto Mono Bold.
    MonoBold,
}

impl Face {
    /// All of them.
    pub const ALL: [Face; 6] = [
        Face::Regular,
        Face::SemiBold,
        Face::Bold,
        Face::Black,
        Face::Mono,
        Face::MonoBold,
    ];

    /// Its name in page resources: short, and none of F1 to F14, which printpdf takes for the
    /// built-in fonts.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Face::Regular => "R",
            Face::SemiBold => "S",
            Face::Bold => "B",
            Face::Black => "K",
            Face::Mono => "M",
            Face::MonoBold => "N",
        }
    }

    fn postscript_name(self) -> &'static str {
        match self {
            Face::Regular => "TitilliumWeb-Regular",
            Face::SemiBold => "TitilliumWeb-SemiBold",
            Face::Bold => "TitilliumWeb-Bold",
            Face::Black => "TitilliumWeb-Black",
            Face::Mono => "RobotoMono-Regular",
            Face::MonoBold => "RobotoMono-Bold",
        }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Face::Regular => include_bytes!("../../assets/fonts/TitilliumWeb-Regular.ttf"),
            Face::SemiBold => include_bytes!("../../assets/fonts/TitilliumWeb-SemiBold.ttf"),
            Face::Bold => include_bytes!("../../assets/fonts/TitilliumWeb-Bold.ttf"),
            Face::Black => include_bytes!("../../assets/fonts/TitilliumWeb-Black.ttf"),
            Face::Mono => include_bytes!("../../assets/fonts/RobotoMono-Regular.ttf"),
            Face::MonoBold => include_bytes!("../../assets/fonts/RobotoMono-Bold.ttf"),
        }
    }

    fn parsed(self) -> Option<&'static ParsedFont> {
        FACES.get(self as usize).and_then(Option::as_ref)
    }

    fn glyph(self, c: char) -> Option<u16> {
        self.parsed()?
            .lookup_glyph_index(u32::from(c))
            .filter(|glyph| *glyph != 0)
    }

    /// Whether the face can show this character.
    pub fn has(self, c: char) -> bool {
        self.glyph(c).is_some()
    }

    /// The face with only these characters, ready for a file. The tag before the name is made
    /// from the characters, so that equal documents are equal files.
    ///
    /// # Errors
    /// [`PdfError::Font`] when the embedded face is broken.
    pub(super) fn subset(self, chars: &BTreeSet<char>) -> Result<ParsedFont, PdfError> {
        let broken = || PdfError::Font(self.postscript_name());
        let mut glyphs: BTreeSet<u16> = chars.iter().filter_map(|c| self.glyph(*c)).collect();
        glyphs.insert(0);
        let glyphs: Vec<u16> = glyphs.into_iter().collect();
        let file = ReadScope::new(self.bytes())
            .read::<FontData<'_>>()
            .map_err(|_| broken())?;
        let tables = file.table_provider(0).map_err(|_| broken())?;
        let bytes = subset(&tables, &glyphs, &SubsetProfile::Pdf, CmapTarget::Unicode)
            .map_err(|_| broken())?;
        let mut font = ParsedFont::from_bytes(&bytes, 0, &mut Vec::new()).ok_or_else(broken)?;
        font.font_name = Some(format!("{}+{}", tag(chars), self.postscript_name()));
        Ok(font)
    }
}

static FACES: LazyLock<[Option<ParsedFont>; 6]> = LazyLock::new(|| {
    Face::ALL.map(|face| ParsedFont::from_bytes(face.bytes(), 0, &mut Vec::new()))
});

/// Six capital letters that stand for a set of characters (ISO 32000-1, 9.6.4).
fn tag(chars: &BTreeSet<char>) -> String {
    let text: String = chars.iter().collect();
    Sha256::digest(text.as_bytes())
        .iter()
        .take(6)
        .map(|byte| char::from(b'A' + byte % 26))
        .collect()
}

/// How wide a text is that the face can print.
pub fn text_width(face: Face, size: Length, text: &str) -> Length {
    let Some(font) = face.parsed() else {
        return Length::ZERO;
    };
    let units: i64 = text
        .chars()
        .filter_map(|c| font.get_glyph_width(face.glyph(c)?))
        .map(i64::from)
        .sum();
    let em = i64::from(font.units_per_em).max(1);
    Length(i32::try_from(units * i64::from(size.0) / em).unwrap_or(i32::MAX))
}

/// The text as the face can print it. In this order: composed letters; the character itself; the
/// substitution table; the letter without what the face lacks (`ạ` → `a`); the transliteration
/// of passports for Cyrillic and Greek; a question mark. Line ends and tabs become spaces,
/// invisible characters fall.
pub fn printable(face: Face, text: &str) -> Cow<'_, str> {
    let fits = |c: char| face.has(c) && !c.is_control();
    if text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        if fits(c) {
            out.push(c);
        } else if c.is_whitespace() {
            out.push(
                if matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}') && fits('\u{a0}') {
                    '\u{a0}'
                } else {
                    ' '
                },
            );
        } else if !is_invisible(c) {
            out.extend(replacement(face, c).chars().filter(|c| fits(*c)));
        }
    }
    Cow::Owned(out)
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || is_combining_mark(c)
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn replacement(face: Face, c: char) -> String {
    if let Some((_, text)) = SUBSTITUTES.iter().find(|(from, _)| *from == c) {
        return (*text).to_owned();
    }
    let mut bare = String::new();
    decompose_compatible(c, |part| {
        if !is_combining_mark(part) {
            bare.push(part);
        }
    });
    if !bare.is_empty() && bare.chars().all(|part| face.has(part)) {
        return bare;
    }
    let mut letters = bare.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => transliterate(letter).unwrap_or_else(|| "?".to_owned()),
        _ => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_what_italian_documents_need() {
        let needed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\
                      àèéìòùÀÈÉÌÒÙçÇñÑäöüßÄÖÜâêîôûëïčšžćđČŠŽĆĐłŁşŞţŢăĂğĞıİőűøåæœ\
                      .,;:!?'\"()[]/\\-–—«»“”‘’…•·€%&@#*+=_|§°ªº\u{a0}";
        for face in Face::ALL {
            let missing: String = needed.chars().filter(|c| !face.has(*c)).collect();
            assert_eq!(missing, "", "{face:?}");
        }
    }

    #[test]
    fn what_the_face_lacks_is_replaced_and_never_left_out_silently() {
        for (from, to) in [
            ("Niccolò D’Amìco", "Niccolò D’Amìco"),
            ("e\u{300} caffe\u{301}", "è caffé"),
            ("Ạda Ḷuca", "Ada Luca"),
            ("Ɛmilia ɔfori", "Emilia ofori"),
            ("Щербаков Олексій", "Shcherbakov Oleksii"),
            ("Παπαδόπουλος", "Papadopoylos"),
            ("王小明", "???"),
            ("a\tb\nc\u{200b}d\u{ad}e", "a b cde"),
            ("3\u{202f}000", "3\u{a0}000"),
        ] {
            assert_eq!(printable(Face::Regular, from), to);
        }
    }

    #[test]
    fn what_is_printable_stays_as_it_is() {
        for face in Face::ALL {
            for text in ["Ștefan Nguyễn 王 Ŋ ŉ ẞ Щ −5 ﬁ ½ ™", "plain"] {
                let once = printable(face, text).into_owned();
                assert_eq!(printable(face, &once), once);
                assert!(once.chars().all(|c| face.has(c)));
            }
        }
    }

    #[test]
    fn a_subset_keeps_its_characters_and_is_small() {
        let chars: BTreeSet<char> = "Città di Prova".chars().collect();
        let font = Face::Bold.subset(&chars).unwrap();
        for c in &chars {
            assert!(
                font.lookup_glyph_index(u32::from(*c))
                    .is_some_and(|g| g != 0)
            );
        }
        assert!(font.original_bytes.len() < Face::Bold.bytes().len() / 2);
        assert_eq!(font, Face::Bold.subset(&chars).unwrap());
    }
}
