//! `bash`: a command in a shell of the workspace. A result other than exit code 0 is a failure that keeps its output.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenure_model::step::{StepOutcome, StepWork};

use super::own_thread;
use crate::execution::begin::{At, Prepared};
use crate::execution::end::{Gave, Outcome};
use crate::execution::error::StepError;
use crate::step::Bash;
use crate::template::ShellCommand;

/// How much of what a failed command printed its message shows.
const MESSAGE_CHARS_MAX: usize = 400;

pub(super) fn prepare(at: &At, step: &Bash) -> Result<Prepared, StepError> {
    let scope = at.scope();
    let shell = step.command.render(scope.clone())?;
    let cwd = step.cwd.as_ref().map(|cwd| cwd.text(scope.clone())).transpose()?;
    let mut env = BTreeMap::new();
    for (name, value) in &step.env {
        env.insert(name.as_str().to_owned(), value.text(scope.clone())?);
    }
    shell_work(at, shell, env, cwd)
}

/// Has a command run. The variables that carry its values win over those of the author.
pub(super) fn shell_work(
    at: &At,
    shell: ShellCommand,
    mut env: BTreeMap<String, String>,
    cwd: Option<String>,
) -> Result<Prepared, StepError> {
    if shell.command.trim().is_empty() {
        return Err(StepError::new("bash_missing_command", "the command is empty"));
    }
    env.extend(shell.env);
    let input = json!({ "command": shell.command, "env": env, "cwd": cwd });
    let work = StepWork::Shell { command: shell.command, env, cwd };
    Prepared::turn(at, input, own_thread(at), work)
}

/// Judges what a runner says that the command has come to.
pub(crate) fn ended(outcome: StepOutcome) -> Outcome {
    let Some(Value::Object(mut result)) = outcome.result else {
        return Outcome::failed(StepError::new("bash_no_result", "the runner did not say how the command ended"));
    };
    result.entry("durationMs").or_insert(json!(outcome.duration_ms));
    match result.get("exitCode").and_then(Value::as_i64) {
        Some(0) => Outcome::gave(Gave::output(Value::Object(result))),
        Some(code) => {
            let message = format!("the command ended with exit code {code}{}", said(&Value::Object(result.clone())));
            let error = StepError::new(format!("bash_exit_code:{code}"), message);
            Outcome::Failed { error, output: Some(Value::Object(result)) }
        }
        None => {
            let error = StepError::new("bash_no_exit_code", "the command was ended from outside");
            Outcome::Failed { error, output: Some(Value::Object(result)) }
        }
    }
}

/// Returns the end of what the command printed.
fn said(result: &Value) -> String {
    let printed = ["stderr", "stdout"].iter().filter_map(|stream| result[stream].as_str());
    let Some(text) = printed.map(str::trim).find(|text| !text.is_empty()) else { return String::new() };
    let skipped = text.chars().count().saturating_sub(MESSAGE_CHARS_MAX);
    format!(": {}", text.chars().skip(skipped).collect::<String>())
}
