//! Tables that flow over pages.

use super::super::fonts::Face;
use super::super::layout::{ArtifactKind, Page, Role, Scope};
use super::super::measure::{Ink, Length};
use super::{Align, Flow, HAIRLINE, Style, wrap};

/// Above and below the text of a table row.
const ROW_PADDING: Length = Length::tenth_mm(11);
/// Left and right of the text of a cell.
const CELL_PADDING: Length = Length::tenth_mm(15);

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

impl Flow {
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
}

fn row_height(cells: &[Cell]) -> Length {
    let text = cells
        .iter()
        .map(|cell| cell.style.leading * i32::try_from(cell.lines.len()).unwrap_or(1))
        .max();
    text.unwrap_or_default() + ROW_PADDING * 2
}

fn paint_cell(page: &mut Page, cell: &Cell, top: Length) {
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
    use super::super::super::layout::Item;
    use super::super::MARGIN_SIDE;
    use super::super::tests::flow;
    use super::*;

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
}
