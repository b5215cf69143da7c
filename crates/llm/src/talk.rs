//! What is said to a model: the conversation so far, and what it can call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is asked.
#[derive(Default)]
pub struct Question<'a> {
    pub model: &'a str,
    pub system: &'a str,
    pub entries: &'a [Entry],
    /// What the model has said already of the answer that was cut off.
    pub said: &'a str,
    pub tools: &'a [Offered],
    /// The longest answer; as the server sees fit when absent.
    pub tokens_max: Option<u32>,
}

/// One thing that was said or done.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    User {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        images: Vec<Image>,
    },
    Assistant {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call>,
    },
    /// What a call brought.
    Output { call: String, tool: String, text: String },
    /// What stands for everything before it.
    Summary { text: String },
}

/// A picture that came with a prompt.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Image {
    pub mime: String,
    /// Base64.
    pub data: String,
}

/// A call that the model asked for.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Call {
    pub id: String,
    pub tool: String,
    pub arguments: Value,
    /// What some providers want back with the call, so that the model knows why it asked for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
}

/// A tool, as the model is told of it.
#[derive(Clone)]
pub struct Offered {
    pub name: String,
    pub description: String,
    pub schema: Value,
}

impl Entry {
    /// Guesses how many tokens it takes: four bytes each, a thousand for a picture.
    pub fn tokens(&self) -> usize {
        match self {
            Entry::User { text, images } => text.len() / 4 + images.len() * 1_000,
            Entry::Assistant { text, calls } => {
                text.len() / 4 + calls.iter().map(|call| call.arguments.to_string().len() / 4 + 10).sum::<usize>()
            }
            Entry::Output { text, .. } | Entry::Summary { text } => text.len() / 4,
        }
    }
}
