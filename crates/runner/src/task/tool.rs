//! The runner's own tools, called by a workflow step. An unknown one is an error, never a success.

use serde_json::Value;
use tenure_model::link::{ShellWork, ToolWork};
use tenure_model::time::Span;

use super::command;
use crate::agent::{Turn, TurnEnd};
use crate::workspace::Folders;

/// How long the tool `bash` may run: when it is not said, and at most.
const BASH_TIMEOUT_MS: u64 = 120_000;
const BASH_TIMEOUT_MS_MAX: u64 = 600_000;
const BASH_TIMEOUT_MS_MIN: u64 = 1_000;

/// Calls the tool.
pub async fn take(work: &ToolWork, turn: &Turn, folders: &Folders) -> TurnEnd {
    match work.tool.as_str() {
        "bash" => match bash(&work.arguments) {
            Ok((shell, timeout_ms)) => {
                command::take(&shell, limit(timeout_ms, turn.spec.timeout_ms), turn, folders).await
            }
            Err(error) => refused(turn, error),
        },
        unknown => refused(turn, format!("tool_unknown: this runner has no tool \"{unknown}\"; its tools are bash")),
    }
}

fn refused(turn: &Turn, error: String) -> TurnEnd {
    turn.voice.create("tool", None, None);
    TurnEnd::failed(error)
}

/// Reads the arguments of the tool `bash`.
fn bash(arguments: &Value) -> Result<(ShellWork, Span), String> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).map(str::to_owned);
    let command = text("command").filter(|command| !command.trim().is_empty());
    let command = command.ok_or_else(|| "workflow_tool_bash_missing_command".to_owned())?;
    let asked = arguments.get("timeoutMs").and_then(Value::as_u64).unwrap_or(BASH_TIMEOUT_MS);
    let timeout_ms = Span(asked.clamp(BASH_TIMEOUT_MS_MIN, BASH_TIMEOUT_MS_MAX));
    Ok((ShellWork { command, env: Default::default(), cwd: text("cwd") }, timeout_ms))
}

/// Returns the shorter of the two; a step without a limit leaves it to the tool.
fn limit(of_tool: Span, of_step: Span) -> Span {
    if of_step == Span::ZERO { of_tool } else { of_tool.min(of_step) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_arguments_of_bash_are_read_and_its_time_is_bounded() {
        let (shell, timeout) = bash(&json!({ "command": "ls", "cwd": "src", "timeoutMs": 1 })).unwrap();
        assert_eq!((shell.command.as_str(), shell.cwd.as_deref(), timeout), ("ls", Some("src"), Span(1_000)));
        assert_eq!(bash(&json!({ "command": "ls" })).unwrap().1, Span(120_000));
        assert_eq!(bash(&json!({ "command": " " })).unwrap_err(), "workflow_tool_bash_missing_command");
        assert_eq!(limit(Span(5), Span(3)), Span(3));
        assert_eq!(limit(Span(5), Span::ZERO), Span(5));
    }
}
