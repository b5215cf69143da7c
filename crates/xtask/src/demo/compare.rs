//! When two runs of one story are the same: everything but ids, times and durations is equal.

use serde_json::Value;

/// What differs from run to run by its nature.
const OF_ONE_RUN: &[&str] =
    &["seq", "at", "turn", "thread", "call", "agent_session", "started_at", "until", "approval", "decidedAt"];

/// Returns the value without ids, times and durations.
pub fn timeless(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(timeless).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| !is_of_one_run(key));
            Value::Object(kept.map(|(key, value)| (key.clone(), timeless(value))).collect())
        }
        other => other.clone(),
    }
}

fn is_of_one_run(key: &str) -> bool {
    OF_ONE_RUN.contains(&key) || key.ends_with("_ms") || key.contains("duration")
}

/// Shows where two values part, line by line; empty when they are equal.
pub fn difference(left: &Value, right: &Value) -> String {
    lines_that_differ(&format!("{left:#}"), &format!("{right:#}"))
}

/// Shows the first lines that two texts do not share, with a little of what stands before them.
pub fn lines_that_differ(left: &str, right: &str) -> String {
    const BEFORE: usize = 3;
    const AFTER: usize = 8;
    if left == right {
        return String::new();
    }
    let (left, right): (Vec<&str>, Vec<&str>) = (left.lines().collect(), right.lines().collect());
    let at = left.iter().zip(&right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
    let shared = left[at.saturating_sub(BEFORE)..at].iter().map(|line| format!("  {line}\n"));
    let only = |sign: char, lines: &[&str]| -> String {
        lines.iter().skip(at).take(AFTER).map(|line| format!("{sign} {line}\n")).collect()
    };
    shared.collect::<String>() + &only('-', &left) + &only('+', &right)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_times_and_durations_do_not_count() {
        let run = |seq: u64, took: u64| json!([{"seq": seq, "at": seq, "author": "demo", "parts": [{"took_ms": took, "text": "a"}]}]);
        assert_eq!(timeless(&run(1, 20)), timeless(&run(2, 30)));
        assert_eq!(timeless(&run(1, 20)), json!([{"author": "demo", "parts": [{"text": "a"}]}]));
    }

    #[test]
    fn a_difference_is_shown_where_it_is() {
        assert_eq!(difference(&json!({"a": 1}), &json!({"a": 1})), "");
        assert_eq!(lines_that_differ("a\nb\nc\n", "a\nx\nc\n"), "  a\n- b\n- c\n+ x\n+ c\n");
        assert_eq!(lines_that_differ("a\n", "a\nb\n"), "  a\n+ b\n");
    }
}
