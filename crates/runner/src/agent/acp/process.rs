//! The program of an agent: started in a process group of its own, its last words on standard error kept.

use std::collections::VecDeque;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::debug;

use super::{Acp, Turn};
use crate::secrets::Masker;

/// How many of the last lines of standard error an error message shows.
const LINES_MAX: usize = 12;
/// The longest line that is kept of it.
const LINE_BYTES_MAX: usize = 400;
/// How long an ended program is waited for, to tell how it ended.
const EXIT_WITHIN: Duration = Duration::from_millis(500);

/// A started program.
pub struct Process {
    child: Child,
    pipes: Option<(ChildStdin, ChildStdout)>,
    complaints: Arc<Mutex<VecDeque<String>>>,
    listener: JoinHandle<()>,
}

impl Process {
    pub fn start(agent: &Acp, turn: &Turn) -> io::Result<Self> {
        let mut command = turn.groups.command(&agent.program, &agent.arguments, &agent.env, &turn.workspace)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = turn.groups.spawn(&mut command)?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        let listener = tokio::spawn(listen(stderr, agent.name.clone(), turn.groups.masker(), Arc::clone(&complaints)));
        Ok(Self { child, pipes: Some((stdin, stdout)), complaints, listener })
    }

    /// Hands out the standard input and output, once.
    pub fn pipes(&mut self) -> (ChildStdin, ChildStdout) {
        self.pipes.take().expect("they are taken once")
    }

    /// Adds to an error how the program ended and what it said last.
    pub async fn explain(&mut self, error: &str) -> String {
        let mut told = error.to_owned();
        if let Ok(Ok(status)) = timeout(EXIT_WITHIN, self.child.wait()).await {
            told.push_str(&format!("; the agent ended ({status})"));
            // Its last words may still be on their way, and a child of it may keep the pipe open for ever.
            let _ = timeout(EXIT_WITHIN, &mut self.listener).await;
        }
        let complaints = self.complaints.lock().expect("no holder of this lock panics");
        if !complaints.is_empty() {
            let lines: Vec<&str> = complaints.iter().map(String::as_str).collect();
            told.push_str(&format!("; its last words: {}", lines.join("\n")));
        }
        told
    }
}

async fn listen(
    stderr: impl AsyncRead + Unpin,
    agent: String,
    masker: Arc<Masker>,
    complaints: Arc<Mutex<VecDeque<String>>>,
) {
    let mut lines = BufReader::new(stderr).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = masker.masked(String::from_utf8_lossy(&line).into_owned());
        let line = &line[..line.floor_char_boundary(LINE_BYTES_MAX)];
        debug!(agent, "{line}");
        let mut complaints = complaints.lock().expect("no holder of this lock panics");
        if complaints.len() == LINES_MAX {
            complaints.pop_front();
        }
        complaints.push_back(line.to_owned());
    }
}
