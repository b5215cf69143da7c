//! A delivery that is only imagined.

use std::path::PathBuf;

use serde_json::Value;
use tenure_protocol::trigger::TestTrigger;

use super::files;
use crate::failure::{Failure, Outcome};

/// Returns the delivery: JSON, or a text when a header says what it is.
pub fn imagined(
    payload: Option<PathBuf>,
    headers: Vec<(String, String)>,
    query: String,
    event: Option<String>,
) -> Outcome<TestTrigger> {
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let payload = match payload {
        None => Value::Null,
        Some(path) => {
            let text = files::written(&path)?.text;
            match serde_json::from_str(&text) {
                Ok(value) => value,
                Err(_) if typed => Value::String(text),
                Err(error) => {
                    let file = path.display();
                    let why =
                        format!("{file} holds no JSON: {error}; what else it is says --header \"content-type: …\"");
                    return Err(Failure::Usage(why));
                }
            }
        }
    };
    Ok(TestTrigger { payload, headers: headers.into_iter().collect(), query, event })
}

/// Reads a header as curl takes it.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
