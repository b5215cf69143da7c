//! What the built-in agent can do: files of the workspace, commands in process groups of the turn, and the server's tools.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_llm::{Call, Offered};
use tenure_model::chat::{AgentStatus, ToolCall, ToolStatus};

use super::remote::Remote;
use crate::agent::Turn;
use crate::agent::files::READ_BYTES_MAX;
use crate::agent::shell::conclude;
use crate::config::PermissionPolicy;
use crate::shell::{Shell, run};

/// One of the agent's own tools.
struct Described {
    name: &'static str,
    description: &'static str,
    /// Its arguments, all of them texts and required.
    arguments: &'static [&'static str],
    /// Whether it changes something, so that a permission is asked.
    changes: bool,
}

const ALL: [Described; 6] = [
    Described {
        name: "read",
        description: "Reads a text file of the workspace.",
        arguments: &["path"],
        changes: false,
    },
    Described {
        name: "list",
        description: "Lists a folder of the workspace; `.` is its root.",
        arguments: &["path"],
        changes: false,
    },
    Described {
        name: "search",
        description: "Finds the lines that hold a text (no pattern) in every file below a folder of the workspace.",
        arguments: &["path", "text"],
        changes: false,
    },
    Described { name: "write", description: "Writes a whole file.", arguments: &["path", "content"], changes: true },
    Described {
        name: "edit",
        description: "Replaces a text that occurs exactly once in a file.",
        arguments: &["path", "find", "replace"],
        changes: true,
    },
    Described {
        name: "shell",
        description: "Runs a shell command in the workspace.",
        arguments: &["command"],
        changes: true,
    },
];

impl Described {
    fn offered(&self) -> Offered {
        Offered { name: self.name.to_owned(), description: self.description.to_owned(), schema: self.schema() }
    }

    fn schema(&self) -> Value {
        let properties: serde_json::Map<String, Value> =
            self.arguments.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
        json!({ "type": "object", "properties": properties, "required": self.arguments, "additionalProperties": false })
    }
}

/// Does the calls of one turn.
pub struct Tools<'a> {
    turn: &'a Turn,
    output_bytes_max: usize,
    command_time_max: Duration,
    /// The tools that people have allowed for the rest of the turn.
    allowed: BTreeSet<&'static str>,
    remote: Option<Remote>,
    calls: u32,
}

impl<'a> Tools<'a> {
    pub fn new(turn: &'a Turn, output_bytes_max: usize, command_time_max: Duration, remote: Option<Remote>) -> Self {
        Self { turn, output_bytes_max, command_time_max, allowed: BTreeSet::new(), remote, calls: 0 }
    }

    /// Lists all of them; a tool of the server's that has the name of an own one is left out.
    pub fn offered(&self) -> Vec<Offered> {
        let mut offered: Vec<Offered> = ALL.iter().map(Described::offered).collect();
        let others = self.remote.iter().flat_map(Remote::tools).filter(|tool| own(&tool.name).is_none());
        offered.extend(others.cloned());
        offered
    }

    /// Does one call, tells it, and returns what the model is shown of it.
    pub async fn call(&mut self, call: &Call) -> String {
        self.calls += 1;
        // Some servers give every call the same id.
        let mut told = ToolCall {
            call: format!("{}-{}", self.calls, call.id),
            tool: call.tool.clone(),
            title: Some(title(call)),
            status: ToolStatus::Running,
            arguments: call.arguments.clone(),
            result: None,
            error: None,
        };
        self.turn.voice.status(AgentStatus::ToolCalling, told.title.clone());
        self.turn.voice.tool(told.clone());
        let done = match self.check(call).await {
            Ok(()) => self.work(call, &mut told).await,
            Err(refusal) => Err(refusal),
        };
        let shown = match &done {
            Ok(output) => shortened(output, self.output_bytes_max),
            Err(error) => format!("error: {}", shortened(error, self.output_bytes_max)),
        };
        if let Err(error) = done {
            told.status = ToolStatus::Error;
            told.error = Some(error);
        } else if told.status == ToolStatus::Running {
            told.status = ToolStatus::Completed;
            told.result = Some(json!({ "text": shown }));
        }
        self.turn.voice.tool(told);
        shown
    }

    /// Looks whether the call can be done, and may be.
    async fn check(&mut self, call: &Call) -> Result<(), String> {
        let Some(tool) = own(&call.tool) else {
            // What it takes, and whether it may be, is for the server to say.
            if self.remote.as_ref().is_some_and(|remote| remote.has(&call.tool)) {
                return Ok(());
            }
            let names: Vec<String> = self.offered().into_iter().map(|tool| tool.name).collect();
            return Err(format!("there is no tool {}; tools are {}", call.tool, names.join(", ")));
        };
        if !call.arguments.is_object() {
            return Err("the arguments are no JSON object".to_owned());
        }
        if let Some(missing) = tool.arguments.iter().find(|name| !call.arguments[**name].is_string()) {
            return Err(format!("the argument {missing} is missing, or no text"));
        }
        if !tool.changes || self.allowed.contains(tool.name) {
            return Ok(());
        }
        match self.turn.permissions {
            PermissionPolicy::Allow => Ok(()),
            PermissionPolicy::Deny => Err("this runner permits no changes".to_owned()),
            PermissionPolicy::Ask => self.ask(tool, call).await,
        }
    }

    async fn ask(&mut self, tool: &'static Described, call: &Call) -> Result<(), String> {
        const ONCE: &str = "Allow once";
        let for_all = format!("Allow {} in this turn", tool.name);
        let question = format!("May the agent do this: {}?\n{}", title(call), call.arguments);
        self.turn.voice.status(AgentStatus::Waiting, None);
        let options = vec![ONCE.to_owned(), for_all.clone(), "Reject".to_owned()];
        match self.turn.voice.ask(&question, options, None).await {
            Some(answer) if answer.trim().eq_ignore_ascii_case(ONCE) => Ok(()),
            Some(answer) if answer.trim().eq_ignore_ascii_case(&for_all) => {
                self.allowed.insert(tool.name);
                Ok(())
            }
            Some(answer) => Err(format!("the call was not allowed; the answer was: {answer}")),
            None => Err("nobody answered whether the call is allowed".to_owned()),
        }
    }

    async fn work(&self, call: &Call, told: &mut ToolCall) -> Result<String, String> {
        let files = &self.turn.files;
        let argument = |name: &str| call.arguments[name].as_str().unwrap_or_default();
        let path = argument("path");
        if let Some(remote) = self.remote.as_ref().filter(|_| own(&call.tool).is_none()) {
            return remote.call(call).await;
        }
        match call.tool.as_str() {
            "read" => files.read(path, READ_BYTES_MAX),
            "list" => files.list(path).map(|names| names.join("\n")),
            "search" => files.search(path, argument("text")).map(|lines| lines.join("\n")),
            "write" => {
                files.write(path, argument("content"))?;
                Ok(format!("wrote {} bytes to {path}", argument("content").len()))
            }
            "edit" => {
                files.edit(path, argument("find"), argument("replace"))?;
                Ok(format!("changed {path}"))
            }
            _ => self.shell(argument("command"), told).await,
        }
    }

    async fn shell(&self, command: &str, told: &mut ToolCall) -> Result<String, String> {
        let (voice, groups) = (&self.turn.voice, &self.turn.groups);
        let shell = Shell::plain(command, &self.turn.workspace, Some(self.command_time_max));
        let ended = run(shell, groups, |text| voice.output(&told.call, text)).await;
        let ended = ended.map_err(|error| format!("failed to start the command: {error}"))?;
        conclude(told, &ended);
        Ok(format!("{}\n{}", ended.in_words(), ended.output.text()))
    }
}

fn own(name: &str) -> Option<&'static Described> {
    ALL.iter().find(|tool| tool.name == name)
}

fn title(call: &Call) -> String {
    let about = ["path", "command"].iter().find_map(|name| call.arguments[*name].as_str());
    let line = about.and_then(|about| about.lines().next()).unwrap_or_default();
    format!("{} {line}", call.tool).trim_end().to_owned()
}

/// Cuts an output in its middle: how it begins and how it ends says most.
fn shortened(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let (head, tail) = (text.floor_char_boundary(bytes_max / 2), text.ceil_char_boundary(text.len() - bytes_max / 2));
    format!("{}\n[… {} bytes left out …]\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_output_keeps_its_ends() {
        let text = format!("begin{}end", "é".repeat(1_000));
        let cut = shortened(&text, 100);
        assert!(cut.starts_with("begin") && cut.ends_with("end") && cut.contains("bytes left out"), "{cut}");
        assert_eq!(shortened("short", 100), "short");
    }
}
