//! The program of an agent: started in a process group of its own, its end watched, its last words kept.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::debug;

use crate::shell::{Groups, base_environment};

/// How many of the last lines of standard error an error message shows.
const LINES_MAX: usize = 12;
/// The longest line that is kept of it.
const LINE_BYTES_MAX: usize = 400;
/// How long an ended program is waited for, to tell how it ended.
const EXIT_WITHIN: Duration = Duration::from_millis(500);

/// What to start.
pub struct Program {
    pub path: String,
    pub arguments: Vec<String>,
    pub env: BTreeMap<String, String>,
}

/// A started program.
pub struct Process {
    pub groups: Arc<Groups>,
    pub complaints: Arc<Complaints>,
    /// How it ended, in words.
    exit: watch::Receiver<Option<String>>,
    /// Whether everything on standard error was heard.
    heard_out: watch::Receiver<bool>,
}

impl Process {
    /// Starts the program in `folder`; its processes carry the mark of `groups`.
    pub fn start(program: &Program, folder: &Path, groups: Arc<Groups>) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).current_dir(folder);
        command.env_clear().envs(base_environment()).envs(&program.env);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = groups.spawn(&mut command)?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let complaints = Arc::new(Complaints::default());
        let (over, heard_out) = watch::channel(false);
        let (gone, exit) = watch::channel(None);
        tokio::spawn(listen(stderr, Arc::clone(&complaints), over));
        tokio::spawn(wait(child, gone));
        Ok((Self { groups, complaints, exit, heard_out }, stdin, stdout))
    }

    pub fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Waits until the program has ended; a child of it may still hold its pipes.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        let mut exit = self.exit.clone();
        async move {
            // A watch that is closed has its last value, which is the end.
            let _ = exit.wait_for(Option::is_some).await;
        }
    }

    /// Adds to an error how the program ended, and what it said last.
    pub async fn explain(&self, error: &str) -> String {
        let mut told = error.to_owned();
        if timeout(EXIT_WITHIN, self.ended()).await.is_ok() {
            let how = self.exit.borrow().clone().unwrap_or_default();
            told.push_str(&format!("; the agent ended ({how})"));
            // Its last words may still be on their way, and a child of it may keep the pipe open for ever.
            let _ = timeout(EXIT_WITHIN, self.heard_out.clone().wait_for(|over| *over)).await;
        }
        match self.complaints.last() {
            words if words.is_empty() => told,
            words => format!("{told}; its last words: {words}"),
        }
    }
}

/// The last lines of what a program complained about.
#[derive(Default)]
pub struct Complaints(Mutex<VecDeque<String>>);

impl Complaints {
    /// Keeps a line, for a while.
    pub fn keep(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES_MAX)]);
        debug!("agent: {line}");
        let mut lines = self.0.lock().expect("no holder of this lock panics");
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line.trim_end().to_owned());
    }

    fn last(&self) -> String {
        let lines = self.0.lock().expect("no holder of this lock panics");
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

async fn wait(mut child: Child, gone: watch::Sender<Option<String>>) {
    let how = match child.wait().await {
        Ok(status) => status.to_string(),
        Err(error) => format!("nobody knows how: {error}"),
    };
    gone.send_replace(Some(how));
}

/// Hears standard error to its end. A line without an end is cut into pieces, so that it cannot grow in memory.
async fn listen(stderr: impl AsyncRead + Unpin, complaints: Arc<Complaints>, over: watch::Sender<bool>) {
    let mut reader = BufReader::new(stderr);
    loop {
        let heard = match reader.fill_buf().await {
            Ok(heard) if !heard.is_empty() => heard,
            _ => break,
        };
        let end = heard.iter().position(|byte| *byte == b'\n');
        complaints.keep(&heard[..end.unwrap_or(heard.len())]);
        let taken = end.map_or(heard.len(), |end| end + 1);
        reader.consume(taken);
    }
    over.send_replace(true);
}
