//! The agent `shell`: the prompt is a command, the reply is its output.

use serde_json::json;
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::{Turn, TurnEnd};
use crate::shell;

/// Runs prompts as commands.
pub struct ShellAgent {
    pub name: String,
}

impl ShellAgent {
    pub fn description(&self) -> String {
        "Runs the prompt as a shell command in the workspace; it is no model.".to_owned()
    }

    pub async fn take(&self, turn: &Turn) -> TurnEnd {
        let voice = &turn.voice;
        voice.create(&self.name, None, None);
        voice.status(AgentStatus::ToolCalling, None);
        let mut call = call_of("shell", "shell-1", &turn.spec.text);
        voice.tool(call.clone());
        let command = shell::Shell::plain(&turn.spec.text, &turn.workspace, None);
        let end = match shell::run(command, &turn.groups, |text| voice.output(&call.call, text)).await {
            Ok(ended) => {
                conclude(&mut call, &ended);
                TurnEnd::said_all()
            }
            Err(error) => {
                call.status = ToolStatus::Error;
                call.error = Some(format!("failed to start the command: {error}"));
                TurnEnd::failed(format!("failed to start the command: {error}"))
            }
        };
        voice.tool(call);
        end
    }
}

/// Returns a running call of a shell command.
pub fn call_of(tool: &str, id: &str, command: &str) -> ToolCall {
    ToolCall {
        call: id.to_owned(),
        tool: tool.to_owned(),
        title: Some(command.lines().next().unwrap_or("").to_owned()),
        status: ToolStatus::Running,
        arguments: json!({ "command": command }),
        result: None,
        error: None,
    }
}

/// Writes into the call how its command ended. A command that fails is a completed call: its exit code is the news.
pub fn conclude(call: &mut ToolCall, ended: &shell::Ended) {
    call.status = if ended.timed_out { ToolStatus::Error } else { ToolStatus::Completed };
    call.error = ended.timed_out.then(|| "the command ran out of time".to_owned()).or_else(|| ended.limit.clone());
    call.result = Some(json!({
        "exit": ended.exit,
        "signal": ended.signal,
        "timed_out": ended.timed_out,
        "output": ended.output.text(),
    }));
}
