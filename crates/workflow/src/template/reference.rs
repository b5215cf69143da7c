//! What an expression reads: a root and the keys below it, as far as the text alone tells.

use std::fmt;

use serde_json::Value;

/// One read of a value, like `outputs.test.stdout` or `inputs.list[0]`. It ends where a key is computed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reference {
    pub root: Box<str>,
    pub path: Vec<Key>,
    /// Where it stands in the source, in bytes.
    pub offset: usize,
}

/// One key of a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    Name(Box<str>),
    Index(usize),
}

impl Key {
    /// Returns what stands under this key in a value.
    pub(super) fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Key::Name(name) => value.as_object()?.get(name.as_ref()),
            Key::Index(index) => value.as_array()?.get(*index),
        }
    }
}

impl Reference {
    /// Returns the first key below the root, when it is a name: the step of `outputs.<step>`.
    pub fn first(&self) -> Option<&str> {
        match self.path.first()? {
            Key::Name(name) => Some(name),
            Key::Index(_) => None,
        }
    }

    /// Tells whether reading this one reads the other, too.
    pub(super) fn covers(&self, other: &Reference) -> bool {
        self.root == other.root && other.path.starts_with(&self.path)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        for key in &self.path {
            match key {
                Key::Name(name) if name.parse::<crate::definition::Ident>().is_ok() => write!(f, ".{name}")?,
                Key::Name(name) => write!(f, "[{name:?}]")?,
                Key::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
