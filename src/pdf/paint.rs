//! Display list → printpdf: subsets of the faces, pages of operations.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{
    Color, DictItem, FontId, LinePoint, Mm, Op, PaintMode, PdfDocument, PdfFont, PdfFontHandle,
    PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing, Pt, Rect, Rgb, TextItem, WindingOrder,
};

use super::PdfError;
use super::fonts::Face;
use super::layout::{ArtifactKind, DisplayList, Item, Node, Page, Role};
use super::measure::{Ink, Length};
use super::symbol::Symbol;

/// The file as printpdf makes it; [`super::finish`] makes a document of it.
///
/// # Errors
/// [`PdfError::Font`] when an embedded face is broken.
pub(super) fn paint(list: &DisplayList) -> Result<lopdf::Document, PdfError> {
    let mut pdf = PdfDocument::new(&list.meta.title);
    for (face, chars) in characters(list) {
        let font = PdfFont::new(face.subset(&chars)?);
        let id = FontId(face.resource().to_owned());
        pdf.resources.fonts.map.insert(id, font);
    }
    let page = |page: &Page| PdfPage::new(Mm(210.0), Mm(297.0), operations(page, &list.nodes));
    pdf.pages = list.pages.iter().map(page).collect();
    Ok(pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new()))
}

fn characters(list: &DisplayList) -> BTreeMap<Face, BTreeSet<char>> {
    let mut used: BTreeMap<Face, BTreeSet<char>> = BTreeMap::new();
    for item in list.pages.iter().flat_map(|page| &page.items) {
        if let Item::Text { face, text, .. } = item {
            used.entry(*face).or_default().extend(text.chars());
        }
    }
    used
}

fn operations(page: &Page, nodes: &[Node]) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut current = None;
    for item in &page.items {
        match item {
            Item::Begin { node, mcid } => ops.push(begin(nodes.get(node.0), *mcid)),
            Item::Artifact(kind) => ops.push(artifact(*kind)),
            Item::End => ops.push(Op::EndMarkedContent),
            Item::Text {
                x,
                y,
                face,
                size,
                ink,
                text,
            } => {
                colour(&mut ops, &mut current, *ink);
                ops.extend([
                    Op::StartTextSection,
                    Op::SetFont {
                        font: PdfFontHandle::External(FontId(face.resource().to_owned())),
                        size: points(*size),
                    },
                    Op::SetTextCursor { pos: point(*x, *y) },
                    Op::ShowText {
                        items: vec![TextItem::Text(text.clone())],
                    },
                    Op::EndTextSection,
                ]);
            }
            Item::Rule {
                x,
                y,
                width,
                height,
                ink,
            } => {
                colour(&mut ops, &mut current, *ink);
                ops.push(Op::DrawRectangle {
                    rectangle: Rect {
                        x: points(*x),
                        y: points(Length::A4_HEIGHT - *y - *height),
                        width: points(*width),
                        height: points(*height),
                        mode: Some(PaintMode::Fill),
                        winding_order: None,
                    },
                });
            }
            Item::Qr { x, y, side, symbol } => {
                colour(&mut ops, &mut current, Ink::BLACK);
                ops.push(Op::DrawPolygon {
                    polygon: modules((*x, *y), *side, symbol),
                });
            }
            // Annotations are no content: the finishing pass writes them.
            Item::Link { .. } => {}
        }
    }
    ops
}

fn begin(node: Option<&Node>, mcid: usize) -> Op {
    let mcid = DictItem::Int(i64::try_from(mcid).unwrap_or(i64::MAX));
    Op::BeginMarkedContentWithProperties {
        tag: node.map_or("P", |node| tag(&node.role)).to_owned(),
        properties: DictItem::Dict {
            map: [("MCID".to_owned(), mcid)].into(),
        },
    }
}

fn artifact(kind: ArtifactKind) -> Op {
    let subtype = match kind {
        ArtifactKind::Layout => {
            return Op::BeginMarkedContent {
                tag: "Artifact".to_owned(),
            };
        }
        ArtifactKind::Header => "Header",
        ArtifactKind::Footer => "Footer",
    };
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    Op::BeginMarkedContentWithProperties {
        tag: "Artifact".to_owned(),
        properties: DictItem::Dict {
            map: [
                ("Type".to_owned(), name("Pagination")),
                ("Subtype".to_owned(), name(subtype)),
            ]
            .into(),
        },
    }
}

/// The standard structure type of a role.
pub(super) fn tag(role: &Role) -> &'static str {
    match role {
        Role::Document => "Document",
        Role::H1 => "H1",
        Role::H2 => "H2",
        Role::H3 => "H3",
        Role::P => "P",
        Role::Table => "Table",
        Role::THead => "THead",
        Role::TBody => "TBody",
        Role::TR => "TR",
        Role::TH { .. } => "TH",
        Role::TD { .. } => "TD",
        Role::Figure { .. } => "Figure",
        Role::Link => "Link",
    }
}

#[expect(clippy::float_arithmetic, reason = "PDF colours run from 0 to 1")]
fn colour(ops: &mut Vec<Op>, current: &mut Option<Ink>, ink: Ink) {
    if current.replace(ink) == Some(ink) {
        return;
    }
    let part = |value: u8| (f32::from(value) / 255.0 * 1000.0).round() / 1000.0;
    let rgb = Rgb {
        r: part(ink.0),
        g: part(ink.1),
        b: part(ink.2),
        icc_profile: None,
    };
    ops.push(Op::SetFillColor {
        col: Color::Rgb(rgb),
    });
}

/// To points, rounded to hundredths: shorter files, and 0.004 mm is finer than any printer.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "PDF coordinates are decimal; layout itself is in integers"
)]
pub(super) fn decimal(length: Length) -> f32 {
    let hundredths = (length.0 + 5).div_euclid(10);
    hundredths as f32 / 100.0
}

fn points(length: Length) -> Pt {
    Pt(decimal(length))
}

fn point(x: Length, y: Length) -> Point {
    Point {
        x: points(x),
        y: points(Length::A4_HEIGHT - y),
    }
}

/// All modules as one path: painted at once, neighbours leave no gap.
fn modules((left, top): (Length, Length), side: Length, symbol: &Symbol) -> Polygon {
    let at = |x: i32, y: i32| LinePoint {
        p: point(
            left + side * x / symbol.modules,
            top + side * y / symbol.modules,
        ),
        bezier: false,
    };
    let ring = |[x, y, width, height]: &[i32; 4]| PolygonRing {
        points: vec![
            at(*x, *y),
            at(x + width, *y),
            at(x + width, y + height),
            at(*x, y + height),
        ],
    };
    Polygon {
        rings: symbol.dark.iter().map(ring).collect(),
        mode: PaintMode::Fill,
        winding_order: WindingOrder::NonZero,
    }
}
