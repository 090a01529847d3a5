//! The envelope: the operation's element, and the text of what is in it.

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

use super::fault::NotSoap;
use super::{ENVELOPE, LARGEST};
use crate::base::xml_character;
use crate::payments::rt::{DEEPEST, NAMESPACE};

/// The text of every element below the operation's, by its path.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first text at a path; nothing for an empty one.
    pub(super) fn get(&self, path: &'static str) -> Option<&str> {
        self.all(path).next()
    }

    /// Every text at a path, in order.
    pub(super) fn all(&self, path: &'static str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(name, _)| name == path);
        found.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }
}

/// Reads an envelope as a stream: its operation, and the operation's fields.
///
/// # Errors
/// What is no SOAP.
pub(super) fn envelope(bytes: &[u8]) -> Result<(String, Fields), NotSoap> {
    if bytes.len() > LARGEST {
        return Err(NotSoap::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| xml("it is not UTF-8"))?;
    let mut reader = NsReader::from_str(text);
    let mut state = State::default();
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| NotSoap::Xml(error.to_string()))?;
        match event {
            Event::Start(element) => {
                state.open(element.local_name().as_ref(), is_in(&namespace))?;
            }
            Event::Empty(element) => {
                state.open(element.local_name().as_ref(), is_in(&namespace))?;
                state.close();
            }
            Event::End(_) => state.close(),
            Event::Text(text) => state.value.push_str(&text),
            Event::CData(text) => state.value.push_str(&text),
            Event::GeneralRef(reference) => {
                let known = xml_character(&reference);
                state
                    .value
                    .push(known.ok_or_else(|| xml("an entity that is not predefined"))?);
            }
            // Entities of a document type could grow without end; SOAP has none.
            Event::DocType(_) => return Err(xml("a document type")),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    state.end()
}

fn xml(what: &str) -> NotSoap {
    NotSoap::Xml(what.to_owned())
}

/// The namespaces that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Soap,
    Node,
    Other,
}

fn is_in(namespace: &ResolveResult<'_>) -> In {
    match namespace {
        ResolveResult::Bound(name) if name.as_ref() == ENVELOPE => In::Soap,
        ResolveResult::Bound(name) if name.as_ref() == NAMESPACE => In::Node,
        _ => In::Other,
    }
}

#[derive(Default)]
struct State {
    path: Vec<String>,
    /// Whether the element at depth 2 is the body.
    in_body: bool,
    operation: Option<String>,
    fields: Vec<(String, String)>,
    value: String,
    /// The root was closed.
    over: bool,
}

impl State {
    fn open(&mut self, name: &str, namespace: In) -> Result<(), NotSoap> {
        match self.path.len() {
            0 if self.over => return Err(xml("more than one root")),
            0 if (name, namespace) != ("Envelope", In::Soap) => return Err(NotSoap::NoEnvelope),
            1 => self.in_body = (name, namespace) == ("Body", In::Soap),
            2 if self.in_body && self.operation.is_none() => {
                if namespace != In::Node {
                    return Err(NotSoap::NoOperation);
                }
                self.operation = Some(name.to_owned());
            }
            2 if self.in_body => return Err(NotSoap::NoOperation),
            DEEPEST => return Err(xml("it is nested too deep")),
            _ => {}
        }
        self.path.push(name.to_owned());
        self.value.clear();
        Ok(())
    }

    fn close(&mut self) {
        if self.in_body && self.path.len() > 3 {
            let value = self.value.trim().to_owned();
            self.fields.push((self.path[3..].join("/"), value));
        }
        self.path.pop();
        self.value.clear();
        self.over |= self.path.is_empty();
    }

    fn end(self) -> Result<(String, Fields), NotSoap> {
        if !self.path.is_empty() {
            return Err(xml("it ends too early"));
        }
        if !self.over {
            return Err(NotSoap::NoEnvelope);
        }
        let operation = self.operation.ok_or(NotSoap::NoOperation)?;
        Ok((operation, Fields(self.fields)))
    }
}
