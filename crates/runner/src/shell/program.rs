//! A program that is spoken to, such as an agent: started in a process group of its own, its end watched, its last words kept.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::debug;

use super::{Groups, Utf8Stream};
use crate::secrets::{MaskedStream, Masker};

/// How many of the last lines of standard error an error message shows.
const LINES_MAX: usize = 12;
/// The longest line that is kept of it.
const LINE_BYTES_MAX: usize = 400;
/// How many lines of one program are logged.
const LOGGED_MAX: usize = 1_000;
/// How long an ended program is waited for, to tell how it ended.
const EXIT_WITHIN: Duration = Duration::from_millis(500);

/// What to start.
pub struct Program {
    /// What it is, in words for people.
    pub what: String,
    pub path: String,
    pub arguments: Vec<String>,
    pub env: BTreeMap<String, String>,
}

/// A started program.
pub struct Process {
    what: String,
    pub groups: Arc<Groups>,
    pub complaints: Arc<Complaints>,
    /// How it ended, in words.
    exit: watch::Receiver<Option<String>>,
    /// Whether everything on standard error was heard.
    heard_out: watch::Receiver<bool>,
}

impl Process {
    /// Starts the program in `folder`; its processes carry the mark of `groups`, and run where those do.
    pub fn start(program: &Program, folder: &Path, groups: Arc<Groups>) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        let mut command = groups.command(&program.path, &program.arguments, &program.env, folder)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = groups.spawn(&mut command)?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let complaints = Arc::new(Complaints::of(&program.what, groups.masker()));
        let (over, heard_out) = watch::channel(false);
        let (gone, exit) = watch::channel(None);
        tokio::spawn(listen(stderr, Arc::clone(&complaints), over));
        tokio::spawn(wait(child, gone));
        Ok((Self { what: program.what.clone(), groups, complaints, exit, heard_out }, stdin, stdout))
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
            told.push_str(&format!("; the {} ended ({how})", self.what));
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
pub struct Complaints {
    what: String,
    lines: Mutex<VecDeque<String>>,
    /// How many lines were logged.
    logged: AtomicUsize,
    masker: Arc<Masker>,
}

impl Complaints {
    fn of(what: &str, masker: Arc<Masker>) -> Self {
        Self { what: what.to_owned(), lines: Mutex::default(), logged: AtomicUsize::new(0), masker }
    }

    /// Keeps a line that nobody has masked yet, for a while.
    pub fn keep_raw(&self, line: &[u8]) {
        self.keep(&self.masker.masked(String::from_utf8_lossy(line).into_owned()));
    }

    /// Takes in a piece of masked text. A line without an end is cut into pieces, so that it cannot grow in memory.
    fn hear(&self, line: &mut String, text: &str) {
        for piece in text.split_inclusive('\n') {
            line.push_str(piece);
            if piece.ends_with('\n') || line.len() >= LINE_BYTES_MAX {
                self.keep(&std::mem::take(line));
            }
        }
    }

    fn keep(&self, line: &str) {
        let line = line[..line.floor_char_boundary(LINE_BYTES_MAX)].trim_end();
        if line.is_empty() {
            return;
        }
        let what = &self.what;
        match self.logged.fetch_add(1, Ordering::Relaxed) {
            ..LOGGED_MAX => debug!("{what}: {line}"),
            LOGGED_MAX => debug!("{what}: it says more, which is not logged"),
            _ => {}
        }
        let mut lines = self.lines.lock().expect("no holder of this lock panics");
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    fn last(&self) -> String {
        let lines = self.lines.lock().expect("no holder of this lock panics");
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

/// Hears standard error to its end, whatever pieces it comes in.
async fn listen(mut stderr: impl AsyncRead + Unpin, complaints: Arc<Complaints>, over: watch::Sender<bool>) {
    let (mut decoder, mut masked, mut line) = (Utf8Stream::default(), MaskedStream::default(), String::new());
    let mut buffer = vec![0; 8 * 1024];
    // What cannot be read any more has ended.
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let text = masked.push(&complaints.masker, &decoder.push(&buffer[..count]));
        complaints.hear(&mut line, &text);
    }
    let rest = masked.push(&complaints.masker, decoder.finish()) + &masked.finish(&complaints.masker);
    complaints.hear(&mut line, &rest);
    complaints.keep(&line);
    over.send_replace(true);
}
