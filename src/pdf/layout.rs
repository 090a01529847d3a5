//! The display list: what is painted, where, and which structure element it belongs to.
//!
//! Positions are measured from the top left corner of an A4 page. Every mark sits either inside a
//! [`Item::Begin`] with its node and MCID, or inside an [`Item::Artifact`] (what a screen reader
//! skips): the methods of [`DisplayList`] allow nothing else, so that a tagged PDF needs no
//! change in the documents.

use super::fonts::{Face, printable, text_width};
use super::measure::{Ink, Length};
use super::symbol::Symbol;
use crate::base::Instant;

/// What the file says of itself, in its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The title; viewers show it instead of the file name.
    pub title: String,
    /// Who issues the document.
    pub author: String,
    /// When it was issued, from the data: never the clock.
    pub created: Instant,
}

/// What a header cell heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The cells below.
    Column,
    /// The cells beside.
    Row,
}

/// The role of a structure element (ISO 32000-1, 14.8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The root.
    Document,
    /// The title; one in a document.
    H1,
    /// A section.
    H2,
    /// A subsection.
    H3,
    /// A paragraph.
    P,
    /// A table: an optional head, then bodies.
    Table,
    /// The head of a table.
    THead,
    /// The rows of a table.
    TBody,
    /// A row.
    TR,
    /// A header cell.
    TH {
        /// What it heads.
        scope: Scope,
        /// How many columns it takes.
        span: usize,
    },
    /// A data cell.
    TD {
        /// How many columns it takes.
        span: usize,
    },
    /// A picture.
    Figure {
        /// What it shows, for who can't see it.
        alt: String,
    },
    /// A link; its annotation is among the kids.
    Link,
}

/// A node of the structure tree; its index in [`DisplayList::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId(pub usize);

/// What a structure element contains, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kid {
    /// Another element.
    Node(NodeId),
    /// Marked content of a page.
    Mark {
        /// The page, from 0.
        page: usize,
        /// The number of the mark in that page.
        mcid: usize,
    },
    /// The annotation of a link.
    Link {
        /// The page, from 0.
        page: usize,
        /// Which link of that page.
        index: usize,
    },
}

/// A structure element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// The element around it; `None` for the root.
    pub parent: Option<NodeId>,
    /// What it contains.
    pub kids: Vec<Kid>,
}

/// What an artifact is, where the PDF can say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// Rules, grounds, repeated table heads.
    Layout,
    /// Running head.
    Header,
    /// Page number and the like.
    Footer,
}

/// One thing of the display list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// From here to [`Item::End`] the marks belong to a structure element.
    Begin {
        /// The element.
        node: NodeId,
        /// The number of the mark in its page.
        mcid: usize,
    },
    /// From here to [`Item::End`] the marks are decoration.
    Artifact(ArtifactKind),
    /// Ends the innermost `Begin` or `Artifact`; they don't nest.
    End,
    /// A run of text. Every character is in the face.
    Text {
        /// Left end.
        x: Length,
        /// Baseline.
        y: Length,
        /// The face.
        face: Face,
        /// Its size.
        size: Length,
        /// Its colour.
        ink: Ink,
        /// The characters.
        text: String,
    },
    /// A filled rectangle: a ground, or a line when thin.
    Rule {
        /// Left end.
        x: Length,
        /// Top.
        y: Length,
        /// Width.
        width: Length,
        /// Height.
        height: Length,
        /// Colour.
        ink: Ink,
    },
    /// A QR code, in black.
    Qr {
        /// Left end of the quiet zone.
        x: Length,
        /// Top of the quiet zone.
        y: Length,
        /// Side, quiet zone included.
        side: Length,
        /// The symbol.
        symbol: Symbol,
    },
    /// The area of a link; its text is a separate item.
    Link {
        /// The structure element.
        node: NodeId,
        /// Left end.
        x: Length,
        /// Top.
        y: Length,
        /// Width.
        width: Length,
        /// Height.
        height: Length,
        /// Where it goes.
        url: String,
    },
}

/// The items of one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In painting order, which is reading order.
    pub items: Vec<Item>,
    marks: usize,
    links: usize,
}

impl Page {
    /// Paints a text that starts at `x`; what the face lacks is replaced. Returns where it ends.
    pub fn text(
        &mut self,
        (x, y): (Length, Length),
        (face, size): (Face, Length),
        ink: Ink,
        text: &str,
    ) -> Length {
        let text = printable(face, text);
        let end = x + text_width(face, size, &text);
        if text.is_empty() {
            return end;
        }
        self.items.push(Item::Text {
            x,
            y,
            face,
            size,
            ink,
            text: text.into_owned(),
        });
        end
    }

    /// Paints a text that ends at `right`, not counting a space at its end.
    pub fn text_right(
        &mut self,
        (right, y): (Length, Length),
        (face, size): (Face, Length),
        ink: Ink,
        text: &str,
    ) {
        let x = right - text_width(face, size, printable(face, text).trim_end());
        self.text((x, y), (face, size), ink, text);
    }

    /// Paints a ground or a line.
    pub fn rule(&mut self, (x, y): (Length, Length), (width, height): (Length, Length), ink: Ink) {
        self.items.push(Item::Rule {
            x,
            y,
            width,
            height,
            ink,
        });
    }

    /// Paints the outline of a box.
    pub fn frame(&mut self, (x, y): (Length, Length), (w, h): (Length, Length), ink: Ink) {
        let thin = Length::tenth_pt(7);
        self.rule((x, y), (w, thin), ink);
        self.rule((x, y + h - thin), (w, thin), ink);
        self.rule((x, y), (thin, h), ink);
        self.rule((x + w - thin, y), (thin, h), ink);
    }

    /// Paints a QR code.
    pub fn qr(&mut self, (x, y): (Length, Length), side: Length, symbol: Symbol) {
        self.items.push(Item::Qr { x, y, side, symbol });
    }

    /// Whether nothing was painted yet.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Pages and structure of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayList {
    /// What the file says of itself.
    pub meta: Meta,
    /// The pages; never empty.
    pub pages: Vec<Page>,
    /// The structure elements; the first is the root.
    pub nodes: Vec<Node>,
    open: Vec<NodeId>,
}

impl DisplayList {
    /// An empty document of one page.
    pub fn new(meta: Meta) -> DisplayList {
        DisplayList {
            meta,
            pages: vec![Page::default()],
            nodes: vec![Node {
                role: Role::Document,
                parent: None,
                kids: Vec::new(),
            }],
            open: Vec::new(),
        }
    }

    /// Starts another page; open elements go on there.
    pub fn new_page(&mut self) {
        self.pages.push(Page::default());
    }

    /// Opens an element inside the innermost open one.
    pub fn open(&mut self, role: Role) -> NodeId {
        let parent = self.innermost();
        let node = NodeId(self.nodes.len());
        self.nodes.push(Node {
            role,
            parent: Some(parent),
            kids: Vec::new(),
        });
        self.adopt(parent, Kid::Node(node));
        self.open.push(node);
        node
    }

    /// Closes the innermost open element.
    pub fn close(&mut self) {
        self.open.pop();
    }

    /// An element around what `compose` adds.
    pub fn element(&mut self, role: Role, compose: impl FnOnce(&mut DisplayList)) {
        self.open(role);
        compose(self);
        self.close();
    }

    /// Paints content of the innermost open element on the last page.
    pub fn mark(&mut self, draw: impl FnOnce(&mut Page)) {
        let node = self.innermost();
        let page = self.pages.len().saturating_sub(1);
        if let Some(last) = self.pages.last_mut() {
            let mcid = last.marks;
            last.marks += 1;
            last.items.push(Item::Begin { node, mcid });
            draw(last);
            last.items.push(Item::End);
            self.adopt(node, Kid::Mark { page, mcid });
        }
    }

    /// An element with content of its own and nothing else.
    pub fn leaf(&mut self, role: Role, draw: impl FnOnce(&mut Page)) {
        self.element(role, |list| list.mark(draw));
    }

    /// Paints decoration on the last page.
    pub fn artifact(&mut self, kind: ArtifactKind, draw: impl FnOnce(&mut Page)) {
        self.artifact_on(self.pages.len().saturating_sub(1), kind, draw);
    }

    /// Paints decoration on any page: page numbers, once they are known.
    pub fn artifact_on(&mut self, page: usize, kind: ArtifactKind, draw: impl FnOnce(&mut Page)) {
        if let Some(page) = self.pages.get_mut(page) {
            page.items.push(Item::Artifact(kind));
            draw(page);
            page.items.push(Item::End);
        }
    }

    /// Makes an area of the last page a link of the innermost open element, a [`Role::Link`].
    pub fn link(&mut self, (x, y): (Length, Length), (width, height): (Length, Length), url: &str) {
        let node = self.innermost();
        let page = self.pages.len().saturating_sub(1);
        if let Some(last) = self.pages.last_mut() {
            let index = last.links;
            last.links += 1;
            last.items.push(Item::Link {
                node,
                x,
                y,
                width,
                height,
                url: url.to_owned(),
            });
            self.adopt(node, Kid::Link { page, index });
        }
    }

    fn innermost(&self) -> NodeId {
        self.open.last().copied().unwrap_or(NodeId(0))
    }

    fn adopt(&mut self, node: NodeId, kid: Kid) {
        if let Some(node) = self.nodes.get_mut(node.0) {
            node.kids.push(kid);
        }
    }
}
