//! Reads things by their forms: every field once, every mistake noted, everything in its one spelling.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::draft::Draft;
use super::form::{Field, Form, Shape, fill};
use super::mistake::Mistakes;
use super::node::{Content, Entry, Mark, Node};
use crate::nearest::nearest;
use crate::template::Reference;

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Reader {
    pub mistakes: Mistakes,
    /// Every template and condition, with what it reads.
    pub uses: Vec<Use>,
    /// Where each step stands.
    pub places: BTreeMap<String, Place>,
    /// The step whose fields are being read.
    pub(super) owner: Option<String>,
    /// What the ids of steps without one begin with here.
    pub(super) prefix: String,
    pub(super) depth: usize,
    pub(super) steps: usize,
}

/// Where something stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub path: String,
    pub mark: Option<Mark>,
}

/// One template or condition of a definition.
pub(crate) struct Use {
    /// The step that it belongs to; none for what the definition says as a whole.
    pub owner: Option<String>,
    /// Evaluated inside the step's own body.
    pub inside: bool,
    pub place: Place,
    pub references: Vec<Reference>,
}

impl Reader {
    /// Reads a thing of one form.
    pub fn object(&mut self, node: &Node, form: &Form, path: &str) -> Option<Map<String, Value>> {
        self.fields(node, &[form.fields], form, path, &[], Map::new())
    }

    /// Reads a thing whose fields stand in several tables; `known` are fields that somebody else
    /// reads, and `object` holds what they gave.
    pub fn fields(
        &mut self,
        node: &Node,
        tables: &[&[Field]],
        form: &Form,
        path: &str,
        known: &[&str],
        mut object: Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let Content::Map(entries) = &node.content else {
            self.wrong_type(node, path, "an object");
            return None;
        };
        self.unknown_fields(entries, tables, path, known);
        for field in tables.iter().copied().flatten() {
            let written: Vec<&Entry> =
                entries.iter().filter(|entry| field.names().any(|name| name == entry.name)).collect();
            if let [first, second, ..] = &written[..]
                && first.name != second.name
            {
                let message = format!("`{}` and `{}` are the same field", first.name, second.name);
                self.mistakes.add(
                    &join(path, &second.name),
                    second.mark,
                    "duplicate_field",
                    message,
                    Some("keep one of them".into()),
                );
            }
            match written.first().filter(|entry| counts(entry, field)) {
                Some(entry) => {
                    if let Some((name, value)) = self.field(entry, field, &join(path, &entry.name)) {
                        object.insert(name, value);
                    }
                }
                None if field.required => {
                    let message = format!("`{}` is missing", field.spoken().unwrap_or(field.name));
                    let fix = format!("add `{}`: {}", field.spoken().unwrap_or(field.name), field.description);
                    self.mistakes.add(path, node.mark, "missing_field", message, Some(fix));
                }
                None => {}
            }
        }
        tables.iter().for_each(|fields| fill(fields, &mut object));
        (form.check)(&mut Draft { object: &mut object, node, path, mistakes: &mut self.mistakes });
        Some(object)
    }

    fn unknown_fields(&mut self, entries: &[Entry], tables: &[&[Field]], path: &str, known: &[&str]) {
        let mut names: Vec<&str> = known.to_vec();
        tables.iter().copied().flatten().flat_map(Field::names).for_each(|name| names.push(name));
        for entry in entries.iter().filter(|entry| !names.contains(&entry.name.as_str())) {
            let fix = match nearest(&entry.name, names.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => {
                    let own = tables.iter().copied().flatten().map(|field| field.spoken().unwrap_or(field.name));
                    format!("there are {}", own.collect::<Vec<_>>().join(", "))
                }
            };
            let message = format!("there is no field `{}` here", entry.name);
            self.mistakes.add(&join(path, &entry.name), entry.mark, "unknown_field", message, Some(fix));
        }
    }

    pub fn wrong_type(&mut self, node: &Node, path: &str, wanted: &str) {
        let message = format!("is {}, and must be {wanted}", node.kind());
        self.mistakes.add(path, node.mark, "wrong_type", message, None);
    }

    pub fn wrong(
        &mut self,
        node: &Node,
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        self.mistakes.add(path, node.mark, code, message, fix);
    }

    /// Notes what a template reads, to be checked when all steps are known.
    pub(super) fn note(&mut self, node: &Node, path: &str, inside: bool, references: Vec<Reference>) {
        if !references.is_empty() {
            let place = Place { path: path.to_owned(), mark: node.mark };
            self.uses.push(Use { owner: self.owner.clone(), inside, place, references });
        }
    }
}

/// A field without a value is one that was left out, except where nothing is a value, and where a body must not be empty.
fn counts(entry: &Entry, field: &Field) -> bool {
    let takes_nothing = matches!(field.shape, Shape::Plain | Shape::Value | Shape::Steps);
    takes_nothing || !matches!(entry.value.content, Content::Null)
}

/// Returns the path of a field.
pub(super) fn join(path: &str, name: &str) -> String {
    match name.parse::<crate::definition::StepId>() {
        Ok(_) => format!("{path}.{name}"),
        Err(_) => format!("{path}[{name:?}]"),
    }
}
