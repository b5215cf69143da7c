//! What fields a thing has: the one table from which the reader reads and the published schema is written.

use serde_json::Map;
use serde_json::Value;

use super::draft::Draft;

/// All fields of one kind of thing, and the rules between them.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// What a definition says after `type:`; empty for things that are no steps.
    pub word: &'static str,
    pub description: &'static str,
    pub fields: &'static [Field],
    /// Checks what no field can say alone, and brings other spellings into the one form.
    pub check: fn(&mut Draft<'_, '_>),
}

/// One field.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    pub shape: Shape,
    pub required: bool,
    /// What holds when the field is left out, as JSON.
    pub default: Option<&'static str>,
    /// Its templates are evaluated inside the step's own body, not before the step.
    pub inside: bool,
    pub description: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// A text that is taken as it is.
    Text,
    StepId,
    Ident,
    Slug,
    /// A version like `1.0.0`.
    Version,
    Template,
    Shell,
    /// An expression, `true` or `false`, or the older `{variable, equals}`.
    Condition,
    /// Any value; texts in it are templates.
    Value,
    /// An object of values by name; texts in it are templates.
    Values,
    /// The same, whose names must be identifiers.
    Variables,
    /// An object of texts by name, which are templates.
    Environment,
    /// An object of texts by name, as they are; empty ones are allowed.
    Labels,
    /// A list, or an expression that gives one.
    Items,
    /// Any value as it is.
    Plain,
    /// A list of any values as they are.
    Plains,
    Bool,
    Integer {
        min: u64,
        max: u64,
    },
    Number {
        min: f64,
        max: f64,
    },
    /// A length of time. The field is named `…_ms`; without these letters it takes a text like `30s`.
    Duration,
    /// The same, and may be nothing: `0s`.
    Window,
    /// The same, and without these letters a template, too.
    Delay,
    OneOf(&'static [&'static str]),
    /// A list of texts; a single one may stand alone.
    Texts,
    /// A list of templates; a single one may stand alone.
    Templates,
    /// An object; `short` is the field that a value is when it is no object.
    Object {
        form: &'static Form,
        short: Option<&'static str>,
    },
    /// Things with names in authored order: an object, or a list of objects that say their `name`.
    /// `short` is the field that an entry is when it is no object.
    Named {
        form: &'static Form,
        short: Option<&'static str>,
    },
    Steps,
}

impl Field {
    pub const fn new(name: &'static str, shape: Shape, description: &'static str) -> Self {
        Self { name, aliases: &[], shape, required: false, default: None, inside: false, description }
    }

    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Says, as JSON, what holds when the field is left out.
    pub const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    pub const fn inside(mut self) -> Self {
        self.inside = true;
        self
    }

    /// Lists every name under which the field is accepted, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let spoken = self.spoken();
        std::iter::once(self.name).chain(spoken).chain(self.aliases.iter().copied())
    }

    /// Returns the name without `_ms`, under which a length of time is written with its unit.
    pub fn spoken(&self) -> Option<&'static str> {
        match self.shape {
            Shape::Duration | Shape::Window | Shape::Delay => self.name.strip_suffix("_ms"),
            _ => None,
        }
    }

    pub fn default_value(&self) -> Option<Value> {
        self.default.map(|json| serde_json::from_str(json).expect("defaults in the tables are JSON"))
    }
}

/// Fills in what was left out.
pub(crate) fn fill(fields: &[Field], object: &mut Map<String, Value>) {
    for field in fields {
        if let Some(value) = field.default_value().filter(|_| !object.contains_key(field.name)) {
            object.insert(field.name.to_owned(), value);
        }
    }
}

/// The check of a form that has no rules between its fields.
pub(crate) fn no_rules(_: &mut Draft<'_, '_>) {}
