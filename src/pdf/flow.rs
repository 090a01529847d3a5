//! Text that flows down the page and on to the next: headings, paragraphs, facts, tables.

use super::fonts::{Face, printable, width};
use super::layout::{ArtifactKind, DisplayList, Ink, Length, Meta, Role, Scope};
use super::qr::QrSymbol;

const MARGIN_SIDE: Length = Length::mm(20);
const MARGIN_TOP: Length = Length::mm(18);
const MARGIN_BOTTOM: Length = Length::mm(24);
/// Above and below the text of a table row.
const ROW_PADDING: Length = Length::tenth_mm(11);
/// Left and right of the text of a cell.
const CELL_PADDING: Length = Length::tenth_mm(15);
/// Between a fact and the next: air, and enough that programs that guess the order of a page's
/// text from its look keep label and value together.
const FACT_GAP: Length = Length::tenth_mm(10);
const HAIRLINE: Length = Length::tenth_pt(5);

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
    fn baseline(self) -> Length {
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
        let bare = width(face, size, word.trim_end_matches(' '));
        if !line.is_empty() && used + bare > max {
            lines.push(std::mem::take(&mut line));
            used = Length::ZERO;
        }
        if bare <= max {
            line.push_str(word);
            used += width(face, size, word);
            continue;
        }
        for c in word.chars() {
            let step = width(face, size, c.encode_utf8(&mut [0; 4]));
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

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What its cells are.
    pub title: String,
    /// Its width.
    pub width: Length,
    /// Where the text stands.
    pub align: Align,
    /// The face of its cells.
    pub face: Face,
}

impl Column {
    /// A column of text, so many millimetres wide.
    pub fn text(title: &str, millimetres: i32) -> Column {
        Column {
            title: title.to_owned(),
            width: Length::mm(millimetres),
            align: Align::Left,
            face: Face::Regular,
        }
    }

    /// A column of amounts.
    pub fn amount(title: &str, millimetres: i32) -> Column {
        Column {
            align: Align::Right,
            ..Column::text(title, millimetres)
        }
    }

    /// A column of codes.
    pub fn code(title: &str, millimetres: i32) -> Column {
        Column {
            face: Face::Mono,
            ..Column::text(title, millimetres)
        }
    }
}

/// A row of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One text for each column; of a total, the label and the figure.
    pub cells: Vec<String>,
    /// A total: its first cell spans all columns but the last.
    pub total: bool,
}

impl Row {
    /// A row with one cell for each column.
    pub fn new(cells: impl IntoIterator<Item = String>) -> Row {
        Row {
            cells: cells.into_iter().collect(),
            total: false,
        }
    }

    /// The last row: a label over all columns but the last, and the figure.
    pub fn total(label: &str, figure: String) -> Row {
        Row {
            cells: vec![label.to_owned(), figure],
            total: true,
        }
    }
}

/// A table; its head is repeated on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether the first cell of a row says what the row is.
    pub row_headers: bool,
}

/// One cell, broken into lines.
struct Cell {
    role: Role,
    left: Length,
    right: Length,
    align: Align,
    style: Style,
    lines: Vec<String>,
}

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
            let size = (width(style.face, style.size, &line), style.leading);
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
        symbol: QrSymbol,
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

    /// A table. Rows are not cut, unless one is taller than a page.
    pub fn table(&mut self, table: &Table) {
        self.list.open(Role::Table);
        let head = self.head_cells(table);
        self.ensure(Length::mm(20));
        self.list.open(Role::THead);
        self.row(&head, Some(Ink::TINT));
        self.list.close();
        self.list.open(Role::TBody);
        for row in &table.rows {
            for cells in self.body_cells(table, row) {
                if self.y + row_height(&cells) > Flow::bottom() {
                    self.break_page();
                    self.repeated_head(&head);
                }
                self.row(&cells, row.total.then_some(Ink::TINT));
            }
        }
        self.list.close();
        self.list.close();
        self.y += Length::mm(2);
    }

    fn head_cells(&self, table: &Table) -> Vec<Cell> {
        let mut left = self.left;
        let cell = |column: &Column| {
            let right = left + column.width;
            let style = Style::new(Face::SemiBold, 80, 106, Ink::BLACK);
            let cell = self.cell(
                Role::TH {
                    scope: Scope::Column,
                    span: 1,
                },
                (left, right),
                (column.align, style),
                &column.title,
            );
            left = right;
            cell
        };
        table.columns.iter().map(cell).collect()
    }

    /// The cells of a row; more than one set when the row is taller than a page.
    fn body_cells(&self, table: &Table, row: &Row) -> Vec<Vec<Cell>> {
        let mut cells = Vec::new();
        let mut left = self.left;
        let mut columns = table.columns.iter();
        for (index, text) in row.cells.iter().enumerate() {
            let span = match row.total && index == 0 {
                true => table.columns.len().saturating_sub(1).max(1),
                false => 1,
            };
            let spanned: Vec<&Column> = columns.by_ref().take(span).collect();
            let Some(column) = spanned.last() else { break };
            let right = spanned.iter().fold(left, |at, column| at + column.width);
            let (align, face) = match (row.total, index) {
                (true, 0) => (Align::Left, Face::SemiBold),
                (true, _) => (column.align, Face::SemiBold),
                (false, _) => (column.align, column.face),
            };
            let role = match (table.row_headers || row.total) && index == 0 {
                true => Role::TH {
                    scope: Scope::Row,
                    span,
                },
                false => Role::TD { span },
            };
            let style = match face {
                Face::Mono => Style::CODE,
                _ => Style::CELL.in_face(face),
            };
            cells.push(self.cell(role, (left, right), (align, style), text));
            left = right;
        }
        pieces(cells)
    }

    fn cell(
        &self,
        role: Role,
        (left, right): (Length, Length),
        (align, style): (Align, Style),
        text: &str,
    ) -> Cell {
        let max = right - left - CELL_PADDING * 2;
        Cell {
            role,
            left: left + CELL_PADDING,
            right: right - CELL_PADDING,
            align,
            style,
            lines: wrap(style.face, style.size, text, max),
        }
    }

    fn row(&mut self, cells: &[Cell], ground: Option<Ink>) {
        self.ground(cells, ground);
        let top = self.y + ROW_PADDING;
        self.list.open(Role::TR);
        for cell in cells {
            self.list
                .leaf(cell.role.clone(), |page| paint_cell(page, cell, top));
        }
        self.list.close();
        self.y += row_height(cells);
    }

    fn repeated_head(&mut self, cells: &[Cell]) {
        self.ground(cells, Some(Ink::TINT));
        let top = self.y + ROW_PADDING;
        self.list.artifact(ArtifactKind::Layout, |page| {
            for cell in cells {
                paint_cell(page, cell, top);
            }
        });
        self.y += row_height(cells);
    }

    fn ground(&mut self, cells: &[Cell], ground: Option<Ink>) {
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
            return;
        };
        let (left, right) = (first.left - CELL_PADDING, last.right + CELL_PADDING);
        let (y, height) = (self.y, row_height(cells));
        self.list.artifact(ArtifactKind::Layout, |page| {
            if let Some(ink) = ground {
                page.rule((left, y), (right - left, height), ink);
            }
            page.rule(
                (left, y + height - HAIRLINE),
                (right - left, HAIRLINE),
                Ink::LINE,
            );
        });
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

fn row_height(cells: &[Cell]) -> Length {
    let text = cells
        .iter()
        .map(|cell| cell.style.leading * i32::try_from(cell.lines.len()).unwrap_or(1))
        .max();
    text.unwrap_or_default() + ROW_PADDING * 2
}

fn paint_cell(page: &mut super::layout::Page, cell: &Cell, top: Length) {
    let Cell { style, .. } = cell;
    let face = (style.face, style.size);
    let mut y = top + style.baseline();
    for line in &cell.lines {
        match cell.align {
            Align::Left => {
                page.text((cell.left, y), face, style.ink, line);
            }
            Align::Right => page.text_right((cell.right, y), face, style.ink, line),
        }
        y += style.leading;
    }
}

/// Cuts a row that is taller than a page into rows that are not.
fn pieces(cells: Vec<Cell>) -> Vec<Vec<Cell>> {
    const MOST_LINES: usize = 50;
    let longest = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
    if longest <= MOST_LINES {
        return vec![cells];
    }
    let piece = |number: usize| {
        let part = |cell: &Cell| Cell {
            role: cell.role.clone(),
            lines: cell
                .lines
                .iter()
                .skip(number * MOST_LINES)
                .take(MOST_LINES)
                .cloned()
                .collect(),
            ..*cell
        };
        cells.iter().map(part).collect()
    };
    (0..longest.div_ceil(MOST_LINES)).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::super::layout::{Item, Kid};
    use super::*;
    use crate::base::Instant;

    fn flow() -> Flow {
        let meta = Meta {
            title: "Prova".to_owned(),
            author: "Comune".to_owned(),
            created: Instant(0),
        };
        Flow::new(meta, "Prova")
    }

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
            assert!(width(Face::Regular, size(), line.trim_end_matches(' ')) <= Length::mm(30));
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
            assert!(width(Face::Mono, size(), line.trim_end_matches(' ')) <= Length::mm(40));
        }
    }

    /// Nothing is painted below the margin or outside the page, whatever is put into a cell.
    #[test]
    fn a_row_taller_than_a_page_goes_on_and_loses_nothing() {
        let words: Vec<String> = (0..900).map(|n| format!("parola{n}")).collect();
        let mut flow = flow();
        flow.table(&Table {
            columns: vec![Column::text("Testo", 40), Column::amount("Importo", 30)],
            rows: vec![Row::new([words.join(" "), "1,00 €".to_owned()])],
            row_headers: false,
        });
        let list = flow.finish("Prova");
        assert!(list.pages.len() > 2);
        let mut text = String::new();
        for item in list.pages.iter().flat_map(|page| &page.items) {
            if let Item::Text {
                x, y, text: run, ..
            } = item
            {
                assert!(*y < Length::A4_HEIGHT - Length::mm(10) && *x >= MARGIN_SIDE);
                text.push_str(run);
            }
        }
        for word in words {
            assert!(text.contains(&word), "{word}");
        }
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
