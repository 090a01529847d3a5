//! Text that flows down the page and on to the next: headings, paragraphs, facts, tables.

use super::fonts::text_width;
use super::layout::{ArtifactKind, DisplayList, Meta, Role};
use super::measure::{Ink, Length};
use super::symbol::Symbol;

mod style;
mod table;

pub use style::{Align, Style, wrap};
pub use table::{Column, Row, Table};

const MARGIN_SIDE: Length = Length::mm(20);
const MARGIN_TOP: Length = Length::mm(18);
const MARGIN_BOTTOM: Length = Length::mm(24);
/// Between a fact and the next: air, and enough that programs that guess the order of a page's
/// text from its look keep label and value together.
const FACT_GAP: Length = Length::tenth_mm(10);
const HAIRLINE: Length = Length::tenth_pt(5);

/// A document under way: a display list and where the next thing goes.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What was composed so far.
    pub list: DisplayList,
    left: Length,
    right: Length,
    y: Length,
    running_head: String,
}

impl Flow {
    /// An empty document; the running head stands on every page but the first.
    pub fn new(meta: Meta, running_head: &str) -> Flow {
        Flow {
            list: DisplayList::new(meta),
            left: MARGIN_SIDE,
            right: Length::A4_WIDTH - MARGIN_SIDE,
            y: MARGIN_TOP,
            running_head: running_head.to_owned(),
        }
    }

    /// Where the next thing goes.
    pub fn y(&self) -> Length {
        self.y
    }

    /// The left edge of the text.
    pub fn left(&self) -> Length {
        self.left
    }

    /// The width of the text.
    pub fn width(&self) -> Length {
        self.right - self.left
    }

    /// Leaves white, but not at the top of a page.
    pub fn space(&mut self, height: Length) {
        if !self.at_top() {
            self.y += height;
        }
    }

    fn at_top(&self) -> bool {
        self.y <= MARGIN_TOP
    }

    fn bottom() -> Length {
        Length::A4_HEIGHT - MARGIN_BOTTOM
    }

    /// Starts a page unless so much fits on this one.
    pub fn ensure(&mut self, height: Length) {
        if !self.at_top() && self.y + height > Flow::bottom() {
            self.break_page();
        }
    }

    fn break_page(&mut self) {
        self.list.new_page();
        self.y = MARGIN_TOP;
        if self.running_head.is_empty() {
            return;
        }
        let (x, y) = (MARGIN_SIDE, MARGIN_TOP - Length::mm(5));
        let head = &self.running_head;
        self.list.artifact(ArtifactKind::Header, |page| {
            let style = Style::SMALL;
            page.text((x, y), (style.face, style.size), style.ink, head);
        });
    }

    /// A text that is a structure element of its own.
    pub fn text(&mut self, role: Role, style: Style, text: &str) {
        self.list.open(role);
        self.lines(style, text);
        self.list.close();
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.text(Role::P, Style::BODY, text);
        self.space(Length::mm(2));
    }

    /// A note in small print.
    pub fn note(&mut self, text: &str) {
        self.text(Role::P, Style::SMALL, text);
        self.space(Length::mm(1));
    }

    /// A section's heading, with white above; it stays with what follows.
    pub fn heading(&mut self, role: Role, text: &str) {
        let style = match role {
            Role::H1 => Style::H1,
            Role::H2 => Style::H2,
            _ => Style::H3,
        };
        self.space(Length::mm(if role == Role::H2 { 6 } else { 4 }));
        self.ensure(Length::mm(30));
        self.text(role, style, text);
        self.space(Length::mm(2));
    }

    /// The lines of a text as content of the open element, over as many pages as they take.
    fn lines(&mut self, style: Style, text: &str) {
        let lines = wrap(style.face, style.size, text, self.width());
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            self.ensure(style.leading);
            let fit = (Flow::bottom() - self.y).0 / style.leading.0;
            let (now, later) =
                rest.split_at(rest.len().min(usize::try_from(fit).unwrap_or(0).max(1)));
            let (x, mut y) = (self.left, self.y);
            self.list.mark(|page| {
                for line in now {
                    page.text(
                        (x, y + style.baseline()),
                        (style.face, style.size),
                        style.ink,
                        line,
                    );
                    y += style.leading;
                }
            });
            self.y = y;
            rest = later;
        }
    }

    /// Labels with their values; empty values are left out.
    pub fn facts<S: AsRef<str>>(&mut self, facts: &[(&str, S)]) {
        for (label, value) in facts {
            if !value.as_ref().is_empty() {
                self.fact(label, value.as_ref(), Style::BODY);
            }
        }
    }

    /// One label with its value.
    pub fn fact(&mut self, label: &str, value: &str, style: Style) {
        let indent = Length::mm(46);
        let label_style = Style {
            ink: Ink::GREY,
            ..Style::BODY
        };
        let lines = wrap(style.face, style.size, value, self.width() - indent);
        let height = style.leading.max(label_style.leading);
        let (x, list) = (self.left, lines.len());
        self.ensure(height * i32::try_from(list.min(3)).unwrap_or(1));
        let mut label = Some(format!("{label} "));
        self.list.open(Role::P);
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            self.ensure(height);
            let fit = usize::try_from((Flow::bottom() - self.y).0 / height.0).unwrap_or(0);
            let (now, later) = rest.split_at(rest.len().min(fit.max(1)));
            let mut y = self.y;
            let label = label.take();
            self.list.mark(|page| {
                if let Some(label) = label {
                    let face = (label_style.face, label_style.size);
                    page.text(
                        (x, y + label_style.baseline()),
                        face,
                        label_style.ink,
                        &label,
                    );
                }
                for line in now {
                    let baseline = y + label_style.baseline();
                    page.text(
                        (x + indent, baseline),
                        (style.face, style.size),
                        style.ink,
                        line,
                    );
                    y += height;
                }
            });
            self.y = y;
            rest = later;
        }
        self.list.close();
        self.y += FACT_GAP;
    }

    /// A link that shows its address.
    pub fn link(&mut self, label: &str, url: &str) {
        let style = Style::BODY;
        self.list.open(Role::P);
        self.lines(style, label);
        self.list.open(Role::Link);
        for line in wrap(style.face, style.size, url, self.width()) {
            self.ensure(style.leading);
            let (x, y) = (self.left, self.y);
            let face = (style.face, style.size);
            self.list.mark(|page| {
                page.text((x, y + style.baseline()), face, Ink::BLUE, &line);
            });
            let size = (text_width(style.face, style.size, &line), style.leading);
            self.list.link((x, y), size, url);
            self.y += style.leading;
        }
        self.list.close();
        self.list.close();
    }

    /// A QR code at the left edge; what `beside` composes stands at its right.
    pub fn qr_beside(
        &mut self,
        side: Length,
        symbol: Symbol,
        alt: &str,
        beside: &dyn Fn(&mut Flow),
    ) {
        let (left, top) = (self.left, self.y);
        let alt = alt.to_owned();
        self.list.leaf(Role::Figure { alt }, |page| {
            page.qr((left, top), side, symbol);
        });
        let page = self.list.pages.len();
        self.left = left + side + Length::mm(4);
        beside(self);
        self.left = left;
        if self.list.pages.len() == page {
            self.y = self.y.max(top + side);
        }
    }

    /// Composes something on one page: on the next when this one has no room for it. What is
    /// taller than a page flows on.
    pub fn keep(&mut self, compose: &dyn Fn(&mut Flow)) {
        self.ensure(self.height_of(compose));
        compose(self);
    }

    /// How much room something takes on an empty page; no less than a page when it is longer.
    fn height_of(&self, compose: &dyn Fn(&mut Flow)) -> Length {
        let mut trial = Flow {
            list: DisplayList::new(self.list.meta.clone()),
            left: self.left,
            right: self.right,
            // Not the very top, where white is left out.
            y: MARGIN_TOP + Length(1),
            running_head: String::new(),
        };
        compose(&mut trial);
        match trial.list.pages.len() {
            1 => trial.y - MARGIN_TOP,
            _ => Flow::bottom() - MARGIN_TOP,
        }
    }

    /// A box around something that fits on a page, on a ground or with an outline.
    pub fn boxed(&mut self, ground: Option<Ink>, compose: &dyn Fn(&mut Flow)) {
        let padding = Length::mm(4);
        let inside = |flow: &mut Flow| {
            flow.left += padding;
            flow.right -= padding;
            flow.y += Length::mm(3);
            compose(flow);
            flow.y += Length::mm(3);
            flow.left -= padding;
            flow.right += padding;
        };
        let height = self.height_of(&inside);
        self.ensure(height);
        let (at, size) = ((self.left, self.y), (self.width(), height));
        self.list
            .artifact(ArtifactKind::Layout, |page| match ground {
                Some(ink) => page.rule(at, size, ink),
                None => page.frame(at, size, Ink::LINE),
            });
        inside(self);
    }

    /// Two texts in one line, the second at the right edge: a figure and what it is.
    pub fn pair(&mut self, left: (&str, Style), right: (&str, Style)) {
        let height = left.1.leading.max(right.1.leading);
        self.ensure(height);
        let middle = (height + left.1.size.max(right.1.size) * 7 / 10) / 2;
        let (x, end, y) = (self.left, self.right, self.y + middle);
        self.list.leaf(Role::P, |page| {
            let (text, style) = left;
            page.text(
                (x, y),
                (style.face, style.size),
                style.ink,
                &format!("{text} "),
            );
            let (text, style) = right;
            page.text_right((end, y), (style.face, style.size), style.ink, text);
        });
        self.y += height;
    }

    /// A line to be filled in by hand: labels, each with a blank so many millimetres wide.
    pub fn blanks(&mut self, blanks: &[(&str, i32)]) {
        let style = Style::BODY;
        self.ensure(style.leading);
        let (start, y) = (self.left, self.y + style.baseline());
        let mut ends = Vec::new();
        self.list.leaf(Role::P, |page| {
            let mut x = start;
            for (label, millimetres) in blanks {
                let label = format!("{label} ");
                x = page.text((x, y), (style.face, style.size), style.ink, &label);
                ends.push((x, Length::mm(*millimetres)));
                x += Length::mm(*millimetres + 4);
            }
        });
        self.list.artifact(ArtifactKind::Layout, |page| {
            for (x, width) in ends {
                page.rule((x, y + Length::pt(1)), (width, HAIRLINE), Ink::GREY);
            }
        });
        self.y += style.leading;
    }

    /// Numbers the pages and hands over the document. The footer says which document it is.
    pub fn finish(mut self, footer: &str) -> DisplayList {
        let count = self.list.pages.len();
        let y = Length::A4_HEIGHT - Length::mm(12);
        let style = Style::SMALL;
        for page in 0..count {
            let number = format!("pagina {} di {count}", page + 1);
            self.list.artifact_on(page, ArtifactKind::Footer, |page| {
                let width = Length::A4_WIDTH - MARGIN_SIDE * 2;
                let line = y - Length::mm(5);
                page.rule((MARGIN_SIDE, line), (width, HAIRLINE), Ink::LINE);
                let face = (style.face, style.size);
                page.text((MARGIN_SIDE, y), face, style.ink, footer);
                page.text_right(
                    (Length::A4_WIDTH - MARGIN_SIDE, y),
                    face,
                    style.ink,
                    &number,
                );
            });
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Kid;
    use super::*;
    use crate::base::Instant;

    pub(super) fn flow() -> Flow {
        let meta = Meta {
            title: "Prova".to_owned(),
            author: "Comune".to_owned(),
            created: Instant(0),
        };
        Flow::new(meta, "Prova")
    }

    #[test]
    fn what_is_kept_together_is_on_one_page() {
        let mut flow = flow();
        flow.space(Length::mm(1));
        for _ in 0..11 {
            flow.keep(&|flow| {
                flow.heading(Role::H2, "Titolo");
                for _ in 0..5 {
                    flow.paragraph("Testo");
                }
            });
        }
        let list = flow.finish("Prova");
        assert!(list.pages.len() > 1);
        let page_of = |node: &super::super::layout::Node| match node.kids.as_slice() {
            [Kid::Mark { page, .. }] => Some(*page),
            _ => None,
        };
        let leaves: Vec<usize> = list.nodes.iter().filter_map(page_of).collect();
        assert_eq!(leaves.len(), 66);
        for block in leaves.chunks(6) {
            assert!(block.iter().all(|page| *page == block[0]));
        }
    }
}
