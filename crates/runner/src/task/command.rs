//! A step's command: a login shell in the workspace, watched live, whose result is told in full.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tenure_model::chat::{AgentStatus, FinishReason, ToolCall, ToolStatus};
use tenure_model::link::ShellWork;
use tenure_model::time::Span;
use tokio::time::Instant;

use crate::agent::shell::call_of;
use crate::agent::{Turn, TurnEnd};
use crate::shell::{Captured, Ended, Shell, run};
use crate::workspace::{Folders, inside};

/// The name of the call under which people see the command.
const TOOL: &str = "bash";

/// Runs the command. One that fails is done all the same: its exit code is the news.
pub async fn take(work: &ShellWork, timeout_ms: Span, turn: &Turn, folders: &Folders) -> TurnEnd {
    let voice = &turn.voice;
    voice.create("shell", None, None);
    voice.status(AgentStatus::ToolCalling, None);
    let mut call = call_of(TOOL, "bash-1", &work.command);
    if let Some(cwd) = &work.cwd {
        call.arguments["cwd"] = json!(cwd);
    }
    voice.tool(call.clone());
    let began = Instant::now();
    let ran = match prepared(work, turn) {
        Ok((folder, env)) => {
            let timeout = (timeout_ms > Span::ZERO).then(|| timeout_ms.duration());
            let plain = Shell::plain(&work.command, &folder, timeout);
            let shell = Shell { apart: true, login: true, env, overflow: folders.attachments(&turn.spec), ..plain };
            let ran = run(shell, &turn.groups, |text| voice.output(&call.call, text)).await;
            ran.map_err(|error| format!("failed to start the command: {error}"))
        }
        Err(error) => Err(error),
    };
    let end = match ran {
        Ok(ended) => concluded(&mut call, work, &ended, timeout_ms, began.elapsed()),
        Err(error) => {
            call.status = ToolStatus::Error;
            call.error = Some(error.clone());
            TurnEnd::failed(error)
        }
    };
    voice.tool(call);
    end
}

/// Returns the folder and the variables of the command, or what is wrong with them.
fn prepared(work: &ShellWork, turn: &Turn) -> Result<(PathBuf, BTreeMap<String, String>), String> {
    let folder = folder(&turn.workspace, work.cwd.as_deref())?;
    let mut env = repository(turn);
    for (name, value) in &work.env {
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let goes_on = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !begins || !goes_on {
            return Err(format!("\"{name}\" is no name of a variable"));
        }
        if value.contains('\0') {
            return Err(format!("the value of {name} holds a zero byte, which no variable can"));
        }
        env.insert(name.clone(), value.clone());
    }
    Ok((folder, env))
}

fn folder(workspace: &Path, cwd: Option<&str>) -> Result<PathBuf, String> {
    let folder = inside(workspace, cwd.unwrap_or("."))?;
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!("there is no folder {} in the workspace", cwd.unwrap_or(".")))
    }
}

/// Tells the command which source code its run works on.
fn repository(turn: &Turn) -> BTreeMap<String, String> {
    let Some(repo) = &turn.spec.repo else { return BTreeMap::new() };
    let named = [
        ("TENURE_REPO_URL", Some(&repo.url)),
        ("TENURE_REPO_BRANCH", repo.branch.as_ref()),
        ("TENURE_REPO_REF", repo.reference.as_ref()),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))).collect()
}

/// Writes into the call how the command ended, and returns its whole result for the run.
fn concluded(call: &mut ToolCall, work: &ShellWork, ended: &Ended, timeout_ms: Span, took: Duration) -> TurnEnd {
    // As shells do it, so that a condition on the exit code also holds for what a signal ended.
    let exit = ended.exit.or_else(|| ended.signal.map(|signal| 128 + signal));
    call.status = if ended.timed_out { ToolStatus::Error } else { ToolStatus::Completed };
    call.result = Some(json!({ "exit": exit, "signal": ended.signal, "timed_out": ended.timed_out }));
    let error = ended.timed_out.then(|| format!("bash_timeout:{}", timeout_ms.0)).or_else(|| ended.limit.clone());
    call.error.clone_from(&error);
    let result = json!({
        "tool": TOOL,
        "command": work.command,
        "cwd": work.cwd,
        "timeoutMs": timeout_ms,
        "durationMs": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "timedOut": ended.timed_out,
        "exitCode": exit,
        "signal": ended.signal,
        "stdout": ended.output.kept(),
        "stderr": ended.errors.kept(),
        "stdoutCut": ended.output.is_cut(),
        "stderrCut": ended.errors.is_cut(),
        "stdoutChars": size(&ended.output),
        "stderrChars": size(&ended.errors),
        "stdoutAttachment": attachment(&ended.output),
        "stderrAttachment": attachment(&ended.errors),
    });
    let reason = if error.is_some() { FinishReason::Error } else { FinishReason::EndTurn };
    TurnEnd { reason, error, result: Some(result) }
}

/// Tells where the whole of a long output is.
fn attachment(output: &Captured) -> Value {
    let attached = output.attached();
    attached.map_or(Value::Null, |file| json!({ "id": file.id, "bytes": file.bytes, "cut": file.cut }))
}

fn size(output: &Captured) -> Value {
    Value::from(output.chars_in_all())
}
