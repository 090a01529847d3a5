//! The finishing pass: what printpdf leaves out or writes of its own accord. Structure tree,
//! link annotations, language, title, metadata and an identifier made from the content.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use sha2::{Digest, Sha256};

use super::PdfError;
use super::layout::{DisplayList, Item, Kid, Meta, NodeId, Role, Scope};
use super::measure::Length;
use super::paint::{decimal, tag};

/// Finishes and writes the file.
///
/// # Errors
/// [`PdfError::Write`] when the painted file is not what it should be.
pub(super) fn finish(mut doc: Document, list: &DisplayList) -> Result<Vec<u8>, PdfError> {
    doc.version = "1.7".to_owned();
    let pages: Vec<ObjectId> = doc.get_pages().into_values().collect();
    if pages.len() != list.pages.len() {
        return Err(PdfError::Write("a page is missing".to_owned()));
    }
    let elements: Vec<ObjectId> = list.nodes.iter().map(|_| doc.new_object_id()).collect();
    let links = link_annotations(&mut doc, list, &pages, &elements)?;
    let root = structure(&mut doc, list, &pages, &elements, &links)?;
    catalog(&mut doc, list, root)?;
    information(&mut doc, &list.meta);
    let id = identifier(&doc, list);
    doc.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    doc.compress();
    let mut bytes = Vec::new();
    doc.save_to(&mut bytes)
        .map_err(|error| PdfError::Write(error.to_string()))?;
    Ok(bytes)
}

fn failed(error: lopdf::Error) -> PdfError {
    PdfError::Write(error.to_string())
}

fn integer(number: usize) -> Object {
    Object::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A text string: UTF-16 with a byte order mark (ISO 32000-1, 7.9.2.2).
fn text(value: &str) -> Object {
    let utf16 = value.encode_utf16().flat_map(u16::to_be_bytes);
    let bytes = [0xfe, 0xff].into_iter().chain(utf16).collect();
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// Writes each page's links as objects of their own; per page, their ids in order of painting.
/// In the parent tree their keys follow those of the pages.
fn link_annotations(
    doc: &mut Document,
    list: &DisplayList,
    pages: &[ObjectId],
    elements: &[ObjectId],
) -> Result<Vec<Vec<(ObjectId, ObjectId)>>, PdfError> {
    let mut key = pages.len();
    let mut all = Vec::new();
    for (number, (page, id)) in list.pages.iter().zip(pages).enumerate() {
        let mut links = Vec::new();
        for item in &page.items {
            let Item::Link {
                node,
                x,
                y,
                width,
                height,
                url,
            } = item
            else {
                continue;
            };
            let Some(element) = elements.get(node.0) else {
                continue;
            };
            let bottom = Length::A4_HEIGHT - *y - *height;
            let corners = [*x, bottom, *x + *width, bottom + *height];
            let annotation = doc.add_object(dictionary! {
                "Type" => "Annot",
                "Subtype" => "Link",
                "P" => *id,
                "F" => 4,
                "Rect" => corners.map(|c| Object::Real(decimal(c))).to_vec(),
                "Border" => vec![0.into(), 0.into(), 0.into()],
                "Contents" => text(url),
                "StructParent" => integer(key),
                "A" => dictionary! {
                    "S" => "URI",
                    "URI" => Object::string_literal(url.as_str()),
                },
            });
            key += 1;
            links.push((annotation, *element));
        }
        let page = doc
            .get_object_mut(*id)
            .and_then(Object::as_dict_mut)
            .map_err(failed)?;
        page.set("StructParents", integer(number));
        page.remove(b"Annots");
        if !links.is_empty() {
            page.set("Tabs", "S");
            let refs = links.iter().map(|(id, _)| Object::Reference(*id));
            page.set("Annots", refs.collect::<Vec<_>>());
        }
        all.push(links);
    }
    Ok(all)
}

/// Writes the structure tree and its parent tree: from each mark of a page, and from each link,
/// back to its element.
fn structure(
    doc: &mut Document,
    list: &DisplayList,
    pages: &[ObjectId],
    elements: &[ObjectId],
    links: &[Vec<(ObjectId, ObjectId)>],
) -> Result<ObjectId, PdfError> {
    let root = doc.new_object_id();
    let mut parents: Vec<Vec<Object>> = pages.iter().map(|_| Vec::new()).collect();
    for (node, id) in list.nodes.iter().zip(elements) {
        let mut kids = Vec::new();
        for kid in &node.kids {
            match kid {
                Kid::Node(NodeId(child)) => kids.extend(elements.get(*child).map(|c| (*c).into())),
                Kid::Mark { page, mcid } => {
                    let (Some(page_id), Some(marks)) = (pages.get(*page), parents.get_mut(*page))
                    else {
                        continue;
                    };
                    // Elements come in the order they were opened, marks in the order they were
                    // painted: a mark's place in the array is its number.
                    if marks.len() <= *mcid {
                        marks.resize(*mcid + 1, Object::Null);
                    }
                    if let Some(mark) = marks.get_mut(*mcid) {
                        *mark = (*id).into();
                    }
                    kids.push(Object::Dictionary(dictionary! {
                        "Type" => "MCR",
                        "Pg" => *page_id,
                        "MCID" => integer(*mcid),
                    }));
                }
                Kid::Link { page, index } => {
                    let link = links.get(*page).and_then(|links| links.get(*index));
                    if let (Some(page_id), Some((annotation, _))) = (pages.get(*page), link) {
                        kids.push(Object::Dictionary(dictionary! {
                            "Type" => "OBJR",
                            "Pg" => *page_id,
                            "Obj" => *annotation,
                        }));
                    }
                }
            }
        }
        let parent = node.parent.and_then(|NodeId(p)| elements.get(p));
        let mut element = dictionary! {
            "Type" => "StructElem",
            "S" => tag(&node.role),
            "P" => parent.copied().unwrap_or(root),
            "K" => kids,
        };
        describe(&mut element, &node.role);
        doc.set_object(*id, element);
    }
    let mut numbers = Vec::new();
    for (page, marks) in parents.into_iter().enumerate() {
        numbers.extend([integer(page), Object::Array(marks)]);
    }
    let mut next = pages.len();
    for (_, element) in links.iter().flatten() {
        numbers.extend([integer(next), (*element).into()]);
        next += 1;
    }
    let document = elements
        .first()
        .ok_or_else(|| PdfError::Write("there is no root element".to_owned()))?;
    doc.set_object(
        root,
        dictionary! {
            "Type" => "StructTreeRoot",
            "K" => vec![(*document).into()],
            "ParentTree" => dictionary! { "Nums" => numbers },
            "ParentTreeNextKey" => integer(next),
        },
    );
    Ok(root)
}

fn describe(element: &mut Dictionary, role: &Role) {
    let spanning = |span: usize, scope: Option<&str>| {
        let mut attributes = dictionary! { "O" => "Table" };
        if let Some(scope) = scope {
            attributes.set("Scope", scope);
        }
        if span > 1 {
            attributes.set("ColSpan", integer(span));
        }
        attributes
    };
    match role {
        Role::Figure { alt } => element.set("Alt", text(alt)),
        Role::TH { scope, span } => {
            let scope = match scope {
                Scope::Column => "Column",
                Scope::Row => "Row",
            };
            element.set("A", spanning(*span, Some(scope)));
        }
        Role::TD { span } if *span > 1 => element.set("A", spanning(*span, None)),
        _ => {}
    }
}

/// The profile of the colours: without one a grey or a blue is not the same everywhere, and no
/// archive takes the file (PDF/A-2, 6.2.4.3).
const SRGB: &[u8] = include_bytes!("../../assets/icc/sRGB-v2-magic.icc");

fn catalog(doc: &mut Document, list: &DisplayList, structure: ObjectId) -> Result<(), PdfError> {
    let profile = doc.add_object(Stream::new(dictionary! { "N" => 3 }, SRGB.to_vec()));
    let xmp = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    let metadata =
        doc.add_object(Stream::new(xmp, metadata(&list.meta).into_bytes()).with_compression(false));
    let catalog = doc.catalog_mut().map_err(failed)?;
    catalog.set("StructTreeRoot", structure);
    catalog.set("MarkInfo", dictionary! { "Marked" => true });
    catalog.set("Lang", Object::string_literal("it-IT"));
    catalog.set("Metadata", metadata);
    catalog.set(
        "ViewerPreferences",
        dictionary! { "DisplayDocTitle" => true },
    );
    catalog.set(
        "OutputIntents",
        vec![Object::Dictionary(dictionary! {
            "Type" => "OutputIntent",
            "S" => "GTS_PDFA1",
            "OutputConditionIdentifier" => Object::string_literal("sRGB"),
            "DestOutputProfile" => profile,
        })],
    );
    Ok(())
}

fn information(doc: &mut Document, meta: &Meta) {
    let created = meta
        .created
        .in_rome()
        .strftime("D:%Y%m%d%H%M%S%z")
        .to_string();
    // The date's offset is written +01'00 (ISO 32000-1, 7.9.4).
    let (local, minutes) = created.split_at(created.len().saturating_sub(2));
    let created = Object::string_literal(format!("{local}'{minutes}"));
    let information = doc.add_object(dictionary! {
        "Title" => text(&meta.title),
        "Author" => text(&meta.author),
        "Creator" => text("Campanella"),
        "CreationDate" => created.clone(),
        "ModDate" => created,
    });
    if let Ok(old) = doc.trailer.get(b"Info").and_then(Object::as_reference) {
        doc.objects.remove(&old);
    }
    doc.trailer.set("Info", information);
}

/// Sixteen bytes that only this content has: the file must not differ from one run to the next.
fn identifier(doc: &Document, list: &DisplayList) -> Object {
    let mut hash = Sha256::new();
    hash.update(list.meta.title.as_bytes());
    hash.update(list.meta.created.0.to_be_bytes());
    for object in doc.objects.values() {
        if let Object::Stream(stream) = object {
            hash.update(&stream.content);
        }
    }
    let digest = hash.finalize();
    Object::String(
        digest.iter().copied().take(16).collect(),
        StringFormat::Hexadecimal,
    )
}

/// The XMP packet: title, PDF/A-2a, PDF/UA-1, and the extension schema that PDF/A asks for
/// because it does not know `pdfuaid` (PDF/A-2, 6.6.2.3).
fn metadata(meta: &Meta) -> String {
    let title = escaped(&meta.title);
    let author = escaped(&meta.author);
    let created = meta.created.in_rome().strftime("%Y-%m-%dT%H:%M:%S%:z");
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>it-IT</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Campanella</xmp:CreatorTool><xmp:CreateDate>{created}</xmp:CreateDate><xmp:ModifyDate>{created}</xmp:ModifyDate>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{feff}',
    )
}

fn escaped(value: &str) -> String {
    value
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
