//! The real tools of the scripted agent: every call is told as it starts and as it ends.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::script::{Expect, ShellStep};
use crate::agent::Turn;
use crate::agent::shell::{call_of, conclude};
use crate::shell::{Shell, run};
use crate::workspace::inside;

/// The most bytes of a file that a call reads.
const READ_BYTES_MAX: u64 = 256 * 1024;

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
            let file = path_in(turn, path)?;
            let size = fs::metadata(&file).map_err(|error| format!("{path}: {error}"))?.len();
            if size > READ_BYTES_MAX {
                return Err(format!("{path} has {size} bytes; at most {READ_BYTES_MAX} are read"));
            }
            let content = fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
            Ok(json!({ "content": content }))
        })
    }

    pub fn list(&mut self, path: &str) -> Result<(), String> {
        let turn = self.turn;
        self.call("list", format!("list {path}"), json!({ "path": path }), || {
            let folder = path_in(turn, path)?;
            let entries = fs::read_dir(&folder).map_err(|error| format!("{path}: {error}"))?;
            let mut names: Vec<String> = entries
                .flatten()
                .map(|entry| {
                    let slash = if entry.path().is_dir() { "/" } else { "" };
                    format!("{}{slash}", entry.file_name().to_string_lossy())
                })
                .collect();
            names.sort();
            Ok(json!({ "entries": names }))
        })
    }

    pub fn edit(&mut self, path: &str, find: &str, replace: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "find": find, "replace": replace });
        self.call("edit", format!("edit {path}"), arguments, || {
            let file = path_in(turn, path)?;
            let before = fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
            let found = before.matches(find).count();
            if found != 1 {
                return Err(format!("the text to replace occurs {found} times in {path}, not once"));
            }
            fs::write(&file, before.replacen(find, replace, 1)).map_err(|error| format!("{path}: {error}"))?;
            Ok(json!({ "diff": { "path": path, "old": find, "new": replace } }))
        })
    }

    pub fn write(&mut self, path: &str, content: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "content": content });
        self.call("write", format!("write {path}"), arguments, || {
            let file = new_path_in(turn, path)?;
            fs::write(&file, content).map_err(|error| format!("{path}: {error}"))?;
            Ok(json!({ "bytes": content.len() }))
        })
    }

    pub fn append(&mut self, path: &str, text: &str) -> Result<(), String> {
        let turn = self.turn;
        let arguments = json!({ "path": path, "text": text });
        self.call("append", format!("append to {path}"), arguments, || {
            let file = new_path_in(turn, path)?;
            let mut file =
                OpenOptions::new().create(true).append(true).open(file).map_err(|error| error.to_string())?;
            file.write_all(text.as_bytes()).map_err(|error| format!("{path}: {error}"))?;
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

fn path_in(turn: &Turn, path: &str) -> Result<PathBuf, String> {
    inside(&turn.workspace, path)
}

fn new_path_in(turn: &Turn, path: &str) -> Result<PathBuf, String> {
    let file = path_in(turn, path)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(file)
}

fn failed(mut call: ToolCall, error: &str) -> ToolCall {
    call.status = ToolStatus::Error;
    call.error = Some(error.to_owned());
    call
}
