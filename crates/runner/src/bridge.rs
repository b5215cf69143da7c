//! The program that stands within, beside agents and commands, and passes on what they want of the outside.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::{isolation, tools};

/// Does what the first word says: `network` wraps a command, `tools` is started by an agent.
pub fn bridge(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut words = words.into_iter();
    match words.next() {
        Some(word) if word == isolation::NETWORK => isolation::bridge(words),
        Some(word) if word == tools::TOOLS => tools::bridge(words),
        _ => {
            eprintln!("the first word is {} or {}", isolation::NETWORK, tools::TOOLS);
            ExitCode::from(2)
        }
    }
}
