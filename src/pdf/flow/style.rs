//! How a text looks, and where its lines break.

use super::super::fonts::{Face, printable, text_width};
use super::super::measure::{Ink, Length};

/// Where a text stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// At the right edge: amounts.
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The face.
    pub face: Face,
    /// Its size.
    pub size: Length,
    /// From baseline to baseline.
    pub leading: Length,
    /// The colour.
    pub ink: Ink,
}

impl Style {
    /// The name of the comune.
    pub const NAME: Style = Style::new(Face::Bold, 140, 180, Ink::BLUE);
    /// The title.
    pub const H1: Style = Style::new(Face::Bold, 160, 195, Ink::BLACK);
    /// A section.
    pub const H2: Style = Style::new(Face::Bold, 120, 160, Ink::BLUE);
    /// A subsection.
    pub const H3: Style = Style::new(Face::SemiBold, 105, 150, Ink::BLACK);
    /// Running text.
    pub const BODY: Style = Style::new(Face::Regular, 95, 133, Ink::BLACK);
    /// What matters in running text.
    pub const STRONG: Style = Style::new(Face::SemiBold, 95, 133, Ink::BLACK);
    /// Notes and labels.
    pub const SMALL: Style = Style::new(Face::Regular, 80, 112, Ink::GREY);
    /// Table text.
    pub const CELL: Style = Style::new(Face::Regular, 85, 112, Ink::BLACK);
    /// Codes and digests.
    pub const CODE: Style = Style::new(Face::Mono, 75, 112, Ink::BLACK);

    /// Sizes in tenths of a point.
    pub const fn new(face: Face, size: i32, leading: i32, ink: Ink) -> Style {
        Style {
            face,
            size: Length::tenth_pt(size),
            leading: Length::tenth_pt(leading),
            ink,
        }
    }

    /// The same in another face.
    pub const fn in_face(self, face: Face) -> Style {
        Style { face, ..self }
    }

    /// From the top of a line to its baseline: capitals (0.7 em) stand in the middle.
    pub(super) fn baseline(self) -> Length {
        (self.leading + self.size * 7 / 10) / 2
    }
}

/// Breaks a text into lines that are no wider than `max`: at spaces; inside a word only when the
/// word alone is too wide. Each line but the last ends with the space it was broken at, so that a
/// reader of the file gets whole sentences.
pub fn wrap(face: Face, size: Length, text: &str, max: Length) -> Vec<String> {
    let text = printable(face, text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = Length::ZERO;
    for word in text.trim().split_inclusive(' ') {
        let bare = text_width(face, size, word.trim_end_matches(' '));
        if !line.is_empty() && used + bare > max {
            lines.push(std::mem::take(&mut line));
            used = Length::ZERO;
        }
        if bare <= max {
            line.push_str(word);
            used += text_width(face, size, word);
            continue;
        }
        for c in word.chars() {
            let step = text_width(face, size, c.encode_utf8(&mut [0; 4]));
            if c != ' ' && !line.is_empty() && used + step > max {
                lines.push(std::mem::take(&mut line));
                used = Length::ZERO;
            }
            line.push(c);
            used += step;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> Length {
        Length::pt(10)
    }

    #[test]
    fn lines_break_at_spaces_and_keep_them() {
        let text = "Una frase che non sta in una riga sola, e che\u{a0}resta\u{a0}intera";
        let lines = wrap(Face::Regular, size(), text, Length::mm(30));
        assert!(lines.len() > 2);
        assert_eq!(lines.concat(), text);
        for line in &lines {
            assert!(
                text_width(Face::Regular, size(), line.trim_end_matches(' ')) <= Length::mm(30)
            );
        }
        let (last, others) = lines.split_last().unwrap();
        assert!(others.iter().all(|line| line.ends_with(' ')));
        assert!(last.ends_with("che\u{a0}resta\u{a0}intera"));
    }

    #[test]
    fn a_word_that_is_too_wide_is_cut() {
        let digest = "0123456789abcdef".repeat(4);
        let lines = wrap(
            Face::Mono,
            size(),
            &format!("impronta {digest} fine"),
            Length::mm(40),
        );
        assert_eq!(lines.concat(), format!("impronta {digest} fine"));
        for line in &lines {
            assert!(text_width(Face::Mono, size(), line.trim_end_matches(' ')) <= Length::mm(40));
        }
    }
}
