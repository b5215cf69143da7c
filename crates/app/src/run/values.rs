//! Values of a run as people read them, and texts cut to what fits on a screen.

use serde_json::Value;

/// Characters of a value that is told in passing.
const BRIEF_CHARS_MAX: usize = 160;
/// Characters of one line of a longer text.
const LINE_CHARS_MAX: usize = 400;

/// Returns a text as it is, and everything else as JSON.
pub fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns a value in one line.
pub fn brief_value(value: &Value) -> String {
    cut(&printed(value).replace('\n', " "), BRIEF_CHARS_MAX)
}

/// Returns what matters most of what a step gave, in one line: the end of what a command printed, an agent's answer.
pub fn gist(kind: &str, output: &Value) -> String {
    let said = |stream: &str| output[stream].as_str().and_then(|text| text.trim().lines().last());
    match kind {
        "bash" => cut(said("stdout").or(said("stderr")).unwrap_or_default(), BRIEF_CHARS_MAX),
        "agent_prompt" => brief_value(&output["response"]),
        _ if output.is_null() => String::new(),
        _ => brief_value(output),
    }
}

/// Returns `name = value` for each entry of an object, in one line.
pub fn entries(value: &Value) -> Option<String> {
    let entries: Vec<_> = value.as_object()?.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    (!entries.is_empty()).then(|| cut(&entries.join(", "), BRIEF_CHARS_MAX))
}

/// Returns the last lines of a text, each behind `margin`, and how many went before.
pub fn shortened(text: &str, margin: &str, lines_max: usize) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(lines_max);
    let before = (skipped > 0).then(|| format!("{margin}… {skipped} lines before"));
    let shown = lines.iter().skip(skipped).map(|line| format!("{margin}{}", cut(line, LINE_CHARS_MAX)));
    before.into_iter().chain(shown).collect::<Vec<_>>().join("\n")
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
