//! Reads what somebody wrote of a trigger, on top of what the trigger says already.
//!
//! A field that is left out keeps its value, `null` clears it, and what an object or a list holds is replaced as a whole. Another
//! `type` takes nothing over that belongs to the old one.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::definition::{self, COMMON, Definition};
use super::kind::FORMS;
use super::name::Name;
use crate::nearest::nearest;
use crate::read::form::{Field, Form};
use crate::read::mistake::{Mistake, Mistakes};
use crate::read::node::{Content, Entry, Node};
use crate::read::reader::Reader;
use crate::read::{self, Subject};

const TRIGGER: Subject =
    Subject { word: "trigger", begin: "begin with `name:` and `type:`", smaller: "keep large values in the workflow" };

/// What a prompt can read.
const ROOTS: &[&str] = &["inputs", "payload", "trigger"];

/// What somebody wrote of a trigger, not yet judged.
#[derive(Clone, Debug)]
pub struct Patch(Node);

impl Patch {
    /// Takes YAML or JSON text; text that begins with `{` is JSON.
    pub fn text(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        match read::located(text, &TRIGGER, &mut mistakes) {
            Some(node) if mistakes.is_empty() => Ok(Self(node)),
            _ => Err(mistakes.sorted()),
        }
    }

    /// Takes bytes, which must be UTF-8.
    pub fn bytes(bytes: &[u8]) -> Result<Self, Vec<Mistake>> {
        Self::text(read::utf8(bytes, &TRIGGER)?)
    }

    /// Takes a value, as tools and requests hand it over.
    pub fn value(value: &Value) -> Result<Self, Vec<Mistake>> {
        read::placeless(value, &TRIGGER).map(Self)
    }

    /// Returns the name that is written, when it is one.
    pub fn name(&self) -> Option<Name> {
        self.word("name")?.parse().ok()
    }

    /// Returns the text under a field, when there is one.
    pub fn word(&self, field: &str) -> Option<&str> {
        match &self.0.entry(field)?.value.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns where a field is written, line and column from 1, when it comes from a text.
    pub fn place(&self, field: &str) -> Option<(usize, usize)> {
        let entry = self.0.entry(field)?;
        entry.value.mark.or(entry.mark).map(|mark| (mark.line, mark.column))
    }

    /// Returns the trigger that comes of it, or everything that is wrong with that.
    pub fn onto(&self, old: Option<&Definition>) -> Result<Definition, Vec<Mistake>> {
        let mut reader = Reader::default();
        let Content::Map(written) = &self.0.content else {
            reader.wrong_type(&self.0, TRIGGER.word, "an object");
            return Err(reader.mistakes.sorted());
        };
        let form = self.form(written, old, &mut reader);
        let node = merged(&self.0, written, old, form);
        let object = match form {
            Some(form) => reader.fields(&node, &[COMMON, form.fields], form, TRIGGER.word, &["type"], Map::new()),
            None => {
                // Without a type only the common fields mean something; the others are not judged.
                let names: Vec<&str> = written.iter().map(|entry| entry.name.as_str()).collect();
                let form = Form { word: "", description: "", fields: &[], check: definition::check };
                reader.fields(&node, &[COMMON], &form, TRIGGER.word, &names, Map::new())
            }
        };
        unknown_roots(&mut reader);
        let (Some(mut object), Some(form), true) = (object, form, reader.mistakes.is_empty()) else {
            return Err(reader.mistakes.sorted());
        };
        object.insert("type".to_owned(), form.word.into());
        serde_json::from_value(Value::Object(object)).map_err(|error| {
            reader.mistakes.add(TRIGGER.word, None, "unreadable", error.to_string(), None);
            reader.mistakes.sorted()
        })
    }

    fn form(&self, written: &[Entry], old: Option<&Definition>, reader: &mut Reader) -> Option<&'static Form> {
        let list = || format!("there are {}", FORMS.iter().map(|form| form.word).collect::<Vec<_>>().join(", "));
        let Some(entry) = written.iter().find(|entry| entry.name == "type") else {
            if let Some(old) = old {
                return FORMS.iter().find(|form| form.word == old.on.kind().word());
            }
            reader.mistakes.add(TRIGGER.word, self.0.mark, "missing_field", "`type` is missing", Some(list()));
            return None;
        };
        let path = format!("{}.type", TRIGGER.word);
        let Content::Text(word) = &entry.value.content else {
            reader.wrong_type(&entry.value, &path, "the type of a trigger");
            return None;
        };
        let form = FORMS.iter().find(|form| form.word == word);
        if form.is_none() {
            let fix = match nearest(word, FORMS.iter().map(|form| form.word)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => list(),
            };
            let message = format!("there is no type of triggers `{word}`");
            reader.wrong(&entry.value, &path, "unknown_trigger_type", message, Some(fix));
        }
        form
    }
}

/// Puts what is written on top of what the trigger says already.
fn merged(node: &Node, written: &[Entry], old: Option<&Definition>, form: Option<&Form>) -> Node {
    let kept = old.map(|old| kept(old, form)).unwrap_or_default();
    let own = form.map_or(&[][..], |form| form.fields);
    let field_of = |name: &str| COMMON.iter().chain(own).find(|field| field.names().any(|known| known == name));
    let replaced = |name: &str| {
        let field = field_of(name);
        written.iter().any(|entry| match (field, field_of(&entry.name)) {
            (Some(old), Some(new)) => old.name == new.name,
            _ => entry.name == name,
        })
    };
    let mut entries: Vec<Entry> = kept.into_iter().filter(|entry| !replaced(&entry.name)).collect();
    let said = written.iter().filter(|entry| !matches!(entry.value.content, Content::Null));
    entries.extend(said.cloned());
    Node { mark: node.mark, content: Content::Map(entries) }
}

/// Returns what an old definition says in the fields of a form.
fn kept(old: &Definition, form: Option<&Form>) -> Vec<Entry> {
    let same_kind = form.is_none_or(|form| form.word == old.on.kind().word());
    let value = serde_json::to_value(old).expect("a definition holds only texts, numbers and lists of them");
    let Content::Map(entries) = Node::from(&value).content else { return vec![] };
    let stays = |name: &str| COMMON.iter().any(|field: &Field| field.name == name) || same_kind;
    entries.into_iter().filter(|entry| entry.name != "type" && stays(&entry.name)).collect()
}

/// Says which templates read what there is not.
fn unknown_roots(reader: &mut Reader) {
    for one in std::mem::take(&mut reader.uses) {
        for reference in one.references.iter().filter(|reference| !ROOTS.contains(&reference.root.as_ref())) {
            let message = format!("`{reference}` does not exist when a trigger fires");
            let fix = Some(format!("there are {}", ROOTS.join(", ")));
            reader.mistakes.add(&one.place.path, one.place.mark, "unknown_reference", message, fix);
        }
    }
}

impl Serialize for Patch {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.json().serialize(to)
    }
}

impl PartialEq for Patch {
    fn eq(&self, other: &Self) -> bool {
        self.0.json() == other.0.json()
    }
}
