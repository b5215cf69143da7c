//! Runs one program of the operator to its end, in a process group of its own that ends with it.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// What is kept of each of a program's outputs: the end of it.
const OUTPUT_BYTES_MAX: usize = 4 * 1024;
/// How long its last words may take after its end.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// How a program has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    /// None when a signal ended it.
    pub code: Option<i32>,
    /// The last line of its standard output that says anything.
    pub said: Option<String>,
    /// The last line of its standard error that says anything.
    pub complained: Option<String>,
}

impl Ran {
    /// Says how it ended, for people.
    pub fn told(&self) -> String {
        let how = match self.code {
            Some(code) => format!("it ended with {code}"),
            None => "a signal ended it".to_owned(),
        };
        self.complained.as_ref().map(|why| format!("{how}: {why}")).unwrap_or(how)
    }
}

/// Runs a program. When the answer is no longer waited for, its process group is killed.
pub(super) async fn run(
    arguments: &[String],
    environment: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Ran, String> {
    let (program, rest) = arguments.split_first().ok_or("no program is named")?;
    let mut command = Command::new(program);
    command.args(rest).envs(environment).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{program} cannot be run: {error}"))?;
    let group = Group::of(child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut reading = std::pin::pin!(async { tokio::join!(last_line(out), last_line(err)) });
    let mut lines = None;
    let status = loop {
        tokio::select! {
            read = &mut reading, if lines.is_none() => lines = Some(read),
            status = child.wait() => break status,
        }
    };
    let status = status.map_err(|error| format!("{program} cannot be waited for: {error}"))?;
    group.leave_alone();
    if lines.is_none() {
        // What it has left running may hold its outputs open.
        lines = tokio::time::timeout(LAST_WORDS_WITHIN, reading).await.ok();
    }
    let (said, complained) = lines.unwrap_or_default();
    Ok(Ran { code: status.code(), said, complained })
}

/// A process group that is killed when it is dropped before its program has ended: what that leaves behind is the sandbox.
struct Group(Option<Pid>);

impl Group {
    fn of(id: Option<u32>) -> Self {
        Self(id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    fn leave_alone(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended this very moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn last_line(output: Option<impl AsyncRead + Unpin>) -> Option<String> {
    let mut output = output?;
    let (mut kept, mut piece) = (vec![], [0; 4 * 1024]);
    while let Ok(count @ 1..) = output.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let beyond = kept.len().saturating_sub(OUTPUT_BYTES_MAX);
        kept.drain(..beyond);
    }
    let text = String::from_utf8_lossy(&kept);
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    last.map(str::to_owned)
}
