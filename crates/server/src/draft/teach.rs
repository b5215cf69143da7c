//! What a model is taught before it writes workflows: how to answer, the guide that all models read, and whole examples that a
//! test reads.

use std::sync::LazyLock;

use crate::guide::{self, Topic};

/// What the model is, and how it answers.
const TASK: &str = "You write workflow definitions for Tenure, a durable runtime for AI agents. You get a description, and \
sometimes a definition to change. Say in one sentence what the workflow does, then write the whole definition as YAML in one \
block between ```yaml and ```. Write nothing after it. A validator reads it and tells you every mistake. Invent no fields, no \
step types, no tools and no functions: there are only those below. Give each step a short id of letters, digits and `_`. Quote a text that begins with `{` or holds `: `. Ask \
people (`approval`) before anything that cannot be undone.";

/// Definitions that are right and short, as a whole; the guide shows the parts.
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
        let parts = [guide::definition(), guide::text(Topic::Steps), guide::text(Topic::Expressions)];
        let examples = EXAMPLES.map(|example| format!("```yaml\n{example}```"));
        format!("{TASK}\n\n{}\n\n# Whole workflows\n\n{}\n", parts.join("\n"), examples.join("\n\n"))
    });
    &SYSTEM
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
    fn every_type_of_step_is_taught_and_no_tool_that_the_model_does_not_have() {
        let taught = system();
        let schema = tenure_workflow::schema::schema();
        let types = schema["$defs"].as_object().expect("types of steps").keys();
        for name in types.filter(|name| !["step", "steps"].contains(&name.as_str())) {
            assert!(taught.contains(&format!("\n## {name}\n")), "{name}");
        }
        assert!(taught.contains("- `max_steps`") && !taught.contains("sync_workflow"), "{taught}");
        assert!(taught.len() < 32 * 1024, "{} bytes before every question", taught.len());
    }
}
