//! Which runners may take a session's works: those of a pool, those with certain labels, or a sandbox of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The longest pool, name of a sandbox, key or value of a label, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Labels that one session asks for.
const LABELS_MAX: usize = 20;

/// What a session asks of its runners. Nothing asked for means any runner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Placement {
    /// The pool of the runner's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// All of them must be there. A runner says `key=value`, or `key` alone for a label without a value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The kind of sandbox, by its name in the server's configuration, that is started for this session alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
}

/// Why a placement cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlacement {
    #[error("the {what} \"{given}\" must have 1 to {NAME_BYTES_MAX} bytes, no \"=\" and no control characters")]
    Name { what: &'static str, given: String },
    #[error("{given} labels are asked for, {LABELS_MAX} are the most")]
    TooMany { given: usize },
    #[error("a sandbox is started for one session and belongs to no pool; ask for a pool or for a sandbox")]
    Both,
}

impl Placement {
    /// Tells whether any runner will do.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// Checks names and numbers.
    pub fn check(&self) -> Result<(), BadPlacement> {
        let given = self.labels.len();
        if given > LABELS_MAX {
            return Err(BadPlacement::TooMany { given });
        }
        if self.pool.is_some() && self.sandbox.is_some() {
            return Err(BadPlacement::Both);
        }
        self.pool.iter().try_for_each(|name| check("pool", name))?;
        self.sandbox.iter().try_for_each(|name| check("sandbox", name))?;
        for (key, value) in &self.labels {
            check("label", key)?;
            if !value.is_empty() {
                check("value of a label", value)?;
            }
        }
        Ok(())
    }

    /// Lists the labels in the words in which runners say them.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.labels.iter().map(|(key, value)| word(key, value))
    }
}

/// Returns a label in the word in which runners say it.
fn word(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}

/// Reads a label as people write it: `key=value`, or `key` alone.
pub fn label(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}

fn check(what: &'static str, name: &str) -> Result<(), BadPlacement> {
    let good = (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains('=') && !name.contains(char::is_control);
    let given = || name.chars().take(NAME_BYTES_MAX).collect();
    if good { Ok(()) } else { Err(BadPlacement::Name { what, given: given() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(labels: &[&str]) -> Placement {
        Placement { labels: labels.iter().map(|text| label(text)).collect(), ..Placement::default() }
    }

    #[test]
    fn labels_are_said_as_runners_say_them() {
        let words: Vec<_> = asked(&["os=linux", "gpu", "a=b"]).words().collect();
        assert_eq!(words, ["a=b", "gpu", "os=linux"]);
    }

    #[test]
    fn what_no_runner_can_have_is_refused() {
        let long = "x".repeat(101);
        assert_eq!(asked(&["os=linux", "gpu"]).check(), Ok(()));
        for wrong in [asked(&["=x"]), asked(&["a=b=c"]), asked(&[&long]), asked(&["a=\n"])] {
            assert!(matches!(wrong.check(), Err(BadPlacement::Name { .. })), "{wrong:?}");
        }
        let pool = Some("p".to_owned());
        assert_eq!(Placement { sandbox: pool.clone(), pool, ..asked(&[]) }.check(), Err(BadPlacement::Both));
        let many: Vec<String> = (0..=LABELS_MAX).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(asked(&many).check(), Err(BadPlacement::TooMany { given: LABELS_MAX + 1 }));
    }
}
