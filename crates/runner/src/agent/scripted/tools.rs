//! The real tools of the scripted agent: every call is told as it starts and as it ends.

use std::time::Duration;

use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::script::{Expect, ShellStep};
use crate::agent::Turn;
use crate::agent::files::READ_BYTES_MAX;
use crate::agent::shell::{call_of, conclude};
use crate::shell::{Shell, run};
use crate::workspace::inside;

/// Does and tells the calls of one turn.
pub struct Tools<'a> {
    turn: &'a Turn,
    calls: u32,
}

/// What later texts may refer to.
pub struct ShellEnd {
    pub exit: String,
    pub last_line: String,
}

impl<'a> Tools<'a> {
    pub fn new(turn: &'a Turn) -> Self {
        Self { turn, calls: 0 }
    }

    pub fn read(&mut self, path: &str) -> Result<(), String> {
        let turn = self.turn;
        self.call("read", format!("read {path}"), json!({ "path": path }), || {
            turn.files.read(path, READ_BYTES_MAX).map(|content| json!({ "content": content }))
        })
    }

    pub fn list(&mut self, path: &str) -> Result<(), String> {
        let turn = self.turn;
        self.call("list", format!("list {path}"), json!({ "path": path }), || {
            turn.files.list(path).map(|names| json!({ "entries": names }))
        })
    }

    pub fn edit(&mut self, path: &str, find: &str, replace: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "find": find, "replace": replace });
        self.call("edit", format!("edit {path}"), arguments, || {
            turn.files.edit(path, find, replace)?;
            Ok(json!({ "diff": { "path": path, "old": find, "new": replace } }))
        })
    }

    pub fn write(&mut self, path: &str, content: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "content": content });
        self.call("write", format!("write {path}"), arguments, || {
            turn.files.write(path, content)?;
            Ok(json!({ "bytes": content.len() }))
        })
    }

    pub fn append(&mut self, path: &str, text: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "text": text });
        self.call("append", format!("append to {path}"), arguments, || {
            turn.files.append(path, text)?;
            Ok(json!({ "bytes": text.len() }))
        })
    }

    /// Runs a command with its output streamed; fails when it does not do what the script expects.
    pub async fn shell(&mut self, step: &ShellStep, command: &str) -> Result<ShellEnd, String> {
        let turn = self.turn;
        let mut call = call_of("shell", &self.next_id(), command);
        turn.voice.status(AgentStatus::ToolCalling, call.title.clone());
        turn.voice.tool(call.clone());
        let timeout = step.timeout_ms.map(Duration::from_millis);
        let folder = inside(&turn.workspace, step.cwd.as_deref().unwrap_or("."));
        let ran = match &folder {
            Ok(folder) => {
                run(Shell::plain(command, folder, timeout), &turn.groups, |text| turn.voice.output(&call.call, text))
                    .await
                    .map_err(|error| format!("failed to start the command: {error}"))
            }
            Err(error) => Err(error.clone()),
        };
        let ended = match ran {
            Ok(ended) => ended,
            Err(error) => {
                turn.voice.tool(failed(call, &error));
                return Err(error);
            }
        };
        conclude(&mut call, &ended);
        turn.voice.tool(call);
        let as_expected = match step.expect {
            Expect::Any => true,
            Expect::Pass => ended.passed(),
            Expect::Fail => !ended.passed() && !ended.timed_out,
        };
        if !as_expected {
            return Err(format!(
                "the script expects `{command}` to {}, but: {}",
                step.expect.in_words(),
                ended.in_words()
            ));
        }
        let exit = ended.exit.map_or_else(|| ended.in_words(), |exit| exit.to_string());
        Ok(ShellEnd { exit, last_line: ended.output.last_line().to_owned() })
    }

    /// Tells the call, does it, and tells how it ended.
    fn call(
        &mut self,
        tool: &str,
        title: String,
        arguments: Value,
        work: impl FnOnce() -> Result<Value, String>,
    ) -> Result<(), String> {
        let turn = self.turn;
        let mut call = call_of(tool, &self.next_id(), "");
        call.title = Some(title);
        call.arguments = arguments;
        turn.voice.status(AgentStatus::ToolCalling, call.title.clone());
        turn.voice.tool(call.clone());
        match work() {
            Ok(result) => {
                call.status = ToolStatus::Completed;
                call.result = Some(result);
                turn.voice.tool(call);
                Ok(())
            }
            Err(error) => {
                turn.voice.tool(failed(call, &error));
                Err(error)
            }
        }
    }

    fn next_id(&mut self) -> String {
        self.calls += 1;
        format!("call-{}", self.calls)
    }
}

fn failed(mut call: ToolCall, error: &str) -> ToolCall {
    call.status = ToolStatus::Error;
    call.error = Some(error.to_owned());
    call
}
