//! How secrets are configured, and what is wrong with a setting.

use std::collections::BTreeSet;
use std::fs;

use serde::{Deserialize, Serialize};

/// A shorter value would be masked wherever it happens to occur, and is no secret anyway.
pub const SECRET_BYTES_MIN: usize = 6;
/// A longer value would have the runner hold back too much text.
const SECRET_BYTES_MAX: usize = 16 * 1024;

/// One secret: its name, where its value is, and for whom it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct SecretConfig {
    /// The variable in which it is handed out, and the word by which it is masked.
    pub name: String,
    /// The runner's variable that holds the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_env: Option<String>,
    /// The file that holds the value; a line break at its end is no part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_file: Option<String>,
    /// `agent:NAME`, `step:ID`, `label:WORD` (on runners with that label), or `all`.
    #[serde(rename = "for")]
    pub recipients: Vec<String>,
}

impl SecretConfig {
    /// Reads the value; an error goes on from "the secret X".
    pub(super) fn value(&self) -> Result<String, String> {
        let value = match (&self.value_env, &self.value_file) {
            (Some(name), None) => {
                std::env::var(name).map_err(|error| format!("cannot be read from the variable {name}: {error}"))?
            }
            (None, Some(path)) => {
                let text = fs::read_to_string(path).map_err(|error| format!("cannot be read from {path}: {error}"))?;
                text.trim_end_matches(['\n', '\r']).to_owned()
            }
            _ => return Err("needs either value_env or value_file".to_owned()),
        };
        match value.len() {
            ..SECRET_BYTES_MIN => Err(format!("has fewer than {SECRET_BYTES_MIN} bytes, too few to mask")),
            SECRET_BYTES_MIN..=SECRET_BYTES_MAX if value.contains('\0') => {
                Err("holds a zero byte, which no variable can".to_owned())
            }
            SECRET_BYTES_MIN..=SECRET_BYTES_MAX => Ok(value),
            length => Err(format!("has {length} bytes; at most {SECRET_BYTES_MAX} are taken")),
        }
    }
}

/// Checks what can be checked without the values.
pub(super) fn check(configs: &[SecretConfig]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for config in configs {
        let name = &config.name;
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !begins || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("the secret \"{name}\" has a name that no variable can have"));
        }
        if !names.insert(name) {
            return Err(format!("there are two secrets {name}"));
        }
        if config.recipients.is_empty() {
            return Err(format!("the secret {name} is for nobody; set `for`, to [\"all\"] at the widest"));
        }
        let is_unknown = |word: &&String| match word.split_once(':') {
            Some((kind, what)) => !["agent", "step", "label"].contains(&kind) || what.is_empty(),
            None => word.as_str() != "all",
        };
        if let Some(word) = config.recipients.iter().find(is_unknown) {
            return Err(format!("the secret {name} is for \"{word}\"; say agent:NAME, step:ID, label:WORD or all"));
        }
    }
    Ok(())
}
