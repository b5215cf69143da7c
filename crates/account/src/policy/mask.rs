//! Arguments as people are shown them: values that are secret by the names of their fields are hidden. What is carried out, and
//! what the hash of a call is made of, are the true ones.

use serde_json::{Map, Value};

/// What stands for a hidden value.
pub const HIDDEN: &str = "[hidden]";

/// A name that contains one of these is a secret's.
const WITHIN: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "authorization"];
/// So is one that ends with one of these; `max_tokens` does not.
const AT_END: [&str; 6] = ["token", "credential", "credentials", "cookie", "cookies", "pwd"];
/// Fields that name something, and those that say what it is.
const NAMES: [&str; 2] = ["name", "key"];
const VALUE: &str = "value";

/// Hides what is secret among the arguments of a call.
pub fn masked(arguments: &Map<String, Value>) -> Map<String, Value> {
    let named = NAMES.iter().filter_map(|name| arguments.get(*name)?.as_str()).any(is_secret);
    let shown = |(name, value): (&String, &Value)| {
        let hidden = is_secret(name) || (named && name == VALUE);
        (name.clone(), if hidden { hidden_value(value) } else { shown(value) })
    };
    arguments.iter().map(shown).collect()
}

/// A value that is there is hidden whole; that there is none is said.
fn hidden_value(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        _ => HIDDEN.into(),
    }
}

fn shown(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(masked(fields)),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::String(text) => text_shown(text).into(),
        other => other.clone(),
    }
}

/// Looks into a text that holds JSON, as many tools take it, and hides what signs in over HTTP.
fn text_shown(text: &str) -> String {
    let start = text.trim_start();
    if start.starts_with(['{', '['])
        && let Ok(inner) = serde_json::from_str::<Value>(text)
    {
        let hidden = shown(&inner);
        return if hidden == inner { text.to_owned() } else { hidden.to_string() };
    }
    let scheme = start.split(' ').next().unwrap_or_default();
    let signs_in = ["bearer", "basic"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    match signs_in && start.len() > scheme.len() + 1 && !start[scheme.len() + 1..].contains(' ') {
        true => format!("{scheme} {HIDDEN}"),
        false => text.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    WITHIN.iter().any(|word| plain.contains(word)) || AT_END.iter().any(|word| plain.ends_with(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(arguments: Value) -> Value {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        Value::Object(masked(&arguments))
    }

    #[test]
    fn what_is_secret_by_its_name_is_hidden_wherever_it_stands() {
        let names = ["password", "webhook_secret", "X-Api-Key", "accessToken", "Authorization", "set-cookie", "db.pwd"];
        for name in names {
            assert_eq!(told(json!({ name: "s3cr3t" })), json!({ name: HIDDEN }));
        }
        assert_eq!(told(json!({ "deep": [{ "secrets": { "a": "b" } }] })), json!({ "deep": [{ "secrets": HIDDEN }] }));
        let header =
            json!({ "headers": [{ "name": "Authorization", "value": "x" }, { "name": "Accept", "value": "y" }] });
        let shown =
            json!({ "headers": [{ "name": "Authorization", "value": HIDDEN }, { "name": "Accept", "value": "y" }] });
        assert_eq!(told(header), shown);
        assert_eq!(told(json!({ "with": "Bearer abc.def" })), json!({ "with": "Bearer [hidden]" }));
    }

    #[test]
    fn a_text_that_holds_json_is_looked_into() {
        let told = told(json!({ "variables_json": "{\"user\": \"ann\", \"password\": \"s3cr3t\"}" }));
        let text = told["variables_json"].as_str().expect("a text");
        assert!(text.contains("ann") && text.contains(HIDDEN) && !text.contains("s3cr3t"), "{text}");
    }

    #[test]
    fn everything_else_is_shown_as_it_is() {
        let plain = json!({
            "workflow_id": "nightly", "max_tokens": 100, "key": "issue-7", "value": "on", "text": "Bearer of bad news",
            "token": null, "has_secret": true, "list": "[1,  2]", "author": "ann",
        });
        assert_eq!(told(plain.clone()), plain);
    }
}
