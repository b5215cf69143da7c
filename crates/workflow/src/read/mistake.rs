//! One thing that is wrong with a definition: where, what, and how to mend it.

use std::fmt;

use serde::Serialize;

use super::node::Mark;
use crate::limits::MISTAKES_MAX;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// Where in the definition: `workflow.steps[2].then[0].type`.
    pub path: String,
    /// Where in the text, from 1, when it was a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// A word that stays the same from release to release.
    pub code: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// All mistakes that were found so far, at most as many as are worth reading at once.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    found: Vec<Mistake>,
}

impl Mistakes {
    pub fn add(
        &mut self,
        path: &str,
        mark: Option<Mark>,
        code: &'static str,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        if self.found.len() < MISTAKES_MAX {
            let (line, column) = (mark.map(|mark| mark.line), mark.map(|mark| mark.column));
            self.found.push(Mistake { path: path.to_owned(), line, column, code, message: message.into(), fix });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Lists the mistakes in the order of the text, where it is known.
    pub fn sorted(mut self) -> Vec<Mistake> {
        self.found.sort_by_key(|mistake| (mistake.line, mistake.column));
        self.found
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column} ")?;
        }
        write!(f, "{} {}: {}", self.path, self.code, self.message)?;
        match &self.fix {
            Some(fix) => write!(f, " ({fix})"),
            None => Ok(()),
        }
    }
}
