//! What a model is taught before it writes workflows: the language by its published schema, and examples that a test reads.

use std::fmt::Write;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use tenure_workflow::schema::schema;

/// How deep fields inside of fields are explained.
const DEPTH_MAX: usize = 3;

/// What the model is, and how it answers.
const TASK: &str = "You write workflow definitions for Tenure, a durable runtime for AI agents. You get a description, and \
sometimes a definition to change. Say in one sentence what the workflow does, then write the whole definition as YAML in one \
block between ```yaml and ```. Write nothing after it. A validator reads it and tells you every mistake. Invent no fields, no \
step types, no tools and no functions: there are only those below. Give each step a short id of letters, digits and `_`. Ask \
people (`approval`) before anything that cannot be undone.";

/// How values get from one place to another; the schema cannot say that.
const RULES: &str = r#"- `{{ outputs.test.stdout | trim }}` puts a value into a text. A field that is one such token keeps the value's type.
- `if`, `condition` and `while` are bare expressions without braces: `outputs.test.exitCode == 0 and inputs.deploy`.
- There are `inputs.<name>`, `variables.<name>` (the inputs, and what `set` gave), `outputs.<step id>` of steps that ran before,
  and `run`. In a loop there are also `loop.item` and `loop.index`, in a `catch` also `error`.
- A shell step gives `stdout`, `stderr` and `exitCode`; it fails when the code is not 0, unless `continue_on_error: true`.
- An agent gives `text`; with `output_schema` its fields stand below `outputs.<step id>` by their names.
- Values in a shell command travel as variables of the environment: put no quotes around `{{ … }}`.
- Lengths of time are written `30s`, `5m`, `2h`, `1d`.
- Text that begins with `{` or holds `: ` needs quotes in YAML."#;

/// Definitions that are right, short, and together show most of the language.
const EXAMPLES: [&str; 2] = [
    r#"name: Release check
description: Tests a branch, has the failures explained, and tags it when a person agrees.
inputs:
  branch: {type: string, default: main}
steps:
  - id: test
    type: bash
    command: git checkout {{ inputs.branch }} && make test
    timeout: 10m
    continue_on_error: true
  - id: judge
    type: conditional
    condition: outputs.test.exitCode == 0
    then:
      - id: gate
        type: approval
        prompt: Tag {{ inputs.branch }}?
        items:
          Tests: "{{ outputs.test.stdout }}"
        timeout: 1d
      - id: tag
        type: bash
        command: git tag release-{{ inputs.branch }}
    else:
      - id: explain
        type: agent_prompt
        prompt: |
          These tests failed. Say why, in a few sentences.
          {{ outputs.test.stdout }}
        output_schema:
          reason: string
      - id: tell
        type: notify
        message: "The tests fail: {{ outputs.explain.reason }}"
outputs:
  exit_code: "{{ outputs.test.exitCode }}"
"#,
    r#"name: Link report
description: Checks every page side by side and waits a moment before it is told.
inputs:
  pages: {type: array, required: true}
steps:
  - id: each
    type: loop
    over: inputs.pages
    concurrency: 4
    steps:
      - id: fetch
        type: bash
        command: curl -fsS -o /dev/null {{ loop.item }}
        retry: {max_attempts: 3, backoff: 5s}
        continue_on_error: true
  - id: both
    type: parallel
    branches:
      note:
        - {id: seen, type: set, variables: {checked: true}}
      pause:
        - {id: rest, type: wait, duration: 30s}
  - id: tell
    type: notify
    if: variables.checked
    message: All pages were looked at.
"#,
];

/// Returns what every model is told first.
pub fn system() -> &'static str {
    static SYSTEM: LazyLock<String> = LazyLock::new(|| {
        let examples: Vec<String> = EXAMPLES.iter().map(|example| format!("```yaml\n{example}```")).collect();
        let language = language(&schema());
        let examples = examples.join("\n\n");
        format!("{TASK}\n\n# Values\n\n{RULES}\n\n{language}\n\n# Examples\n\n{examples}\n")
    });
    &SYSTEM
}

/// Explains every field of a definition and of each type of step, as the schema has it.
fn language(schema: &Value) -> String {
    let mut text = "# A definition\n\n".to_owned();
    fields(schema, 0, &|_| true, &mut text);
    let none = Map::new();
    let types = schema["$defs"].as_object().unwrap_or(&none);
    let steps: Vec<(&String, &Value)> =
        types.iter().filter(|(name, _)| !["step", "steps"].contains(&name.as_str())).collect();
    let in_all = |field: &str| steps.iter().all(|(_, step)| step["properties"].get(field).is_some());
    text += "\n# Every step\n\n";
    if let Some((_, any)) = steps.first() {
        fields(any, 0, &|field| in_all(field) && field != "type", &mut text);
    }
    for (name, step) in &steps {
        let _ = write!(text, "\n# type: {name}\n\n{}\n", words(step));
        fields(step, 0, &|field| !in_all(field), &mut text);
    }
    text
}

/// Explains the fields of an object that `wanted` names.
fn fields(object: &Value, depth: usize, wanted: &dyn Fn(&str) -> bool, text: &mut String) {
    let none = Map::new();
    let properties = object["properties"].as_object().unwrap_or(&none);
    for (name, field) in properties {
        // Lengths of time are taught with their units; older names not at all.
        let is_other = name.strip_suffix("_ms").is_some_and(|spoken| properties.contains_key(spoken));
        if is_other || field["deprecated"] == true || !wanted(name) {
            continue;
        }
        let needed = if demands(object, name) { ", needed" } else { "" };
        let default = field.get("default").map(|default| format!(", else {default}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:1$}- `{name}` ({kind}{needed}{default}): {about}",
            "",
            depth * 2,
            kind = kind(field),
            about = words(field)
        );
        if depth + 1 < DEPTH_MAX
            && let Some(inner) = inner(field)
        {
            fields(inner, depth + 1, &|_| true, text);
        }
    }
}

/// Tells whether a field must be there. The schema demands one of all names that it goes by.
fn demands(object: &Value, name: &str) -> bool {
    let demands = object["allOf"].as_array().into_iter().flatten();
    let mut names = demands.filter_map(|demand| demand["anyOf"].as_array()).flatten();
    names.any(|one| one["required"][0] == name)
}

/// Returns the object that a field holds, or whose likes it holds.
fn inner<'a>(field: &'a Value) -> Option<&'a Value> {
    let forms = field["anyOf"].as_array().into_iter().flatten();
    let inside =
        |form: &'a Value| [Some(form), form.get("additionalProperties"), form.get("items")].into_iter().flatten();
    std::iter::once(field).chain(forms).flat_map(inside).find(|value| value.get("properties").is_some())
}

/// Says in a word or two what a field holds.
fn kind(field: &Value) -> String {
    if let Some(words) = field["enum"].as_array() {
        let words: Vec<String> =
            words.iter().map(|word| word.as_str().map_or(word.to_string(), str::to_owned)).collect();
        return words.join(" | ");
    }
    if field["$ref"] == "#/$defs/steps" {
        return "steps".to_owned();
    }
    if let Some(forms) = field["anyOf"].as_array() {
        let mut kinds: Vec<String> = forms.iter().filter(|form| form["deprecated"] != true).map(kind).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    match (&field["type"], field["examples"].as_array()) {
        (Value::String(_), Some(examples)) => format!("such as {}", examples[0].as_str().unwrap_or_default()),
        (Value::String(one), None) => one.clone(),
        (Value::Array(_), _) => "text".to_owned(),
        _ => "any value".to_owned(),
    }
}

/// Returns what the schema says about a thing, in one line.
fn words(thing: &Value) -> String {
    thing["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_right() {
        for example in EXAMPLES {
            if let Err(mistakes) = tenure_workflow::read::text(example) {
                let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                panic!("{}\n{example}", said.join("\n"));
            }
        }
    }

    #[test]
    fn everything_that_the_schema_has_is_taught() {
        let schema = schema();
        let taught = system();
        for name in schema["$defs"].as_object().expect("types of steps").keys().filter(|name| !name.starts_with("step"))
        {
            assert!(taught.contains(&format!("# type: {name}\n")), "{name}");
        }
        for field in [
            "`steps` (steps, needed)",
            "`max_steps`",
            "`retry`",
            "  - `max_attempts`",
            "`output_schema`",
            "`timeout` (such as 30s)",
        ] {
            assert!(taught.contains(field), "{field} is not taught in\n{taught}");
        }
        for other in ["outputVariable", "timeout_ms", "maxSteps"] {
            assert!(!taught.contains(other), "{other}");
        }
        assert!(taught.len() < 32 * 1024, "{} bytes before every question", taught.len());
    }
}
