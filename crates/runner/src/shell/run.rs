//! Runs one shell command in a process group of its own and tells its output as it comes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::Command;
use tokio::time::{Instant, timeout_at};

use super::{Captured, Groups, Overflow, Utf8Stream};
use crate::secrets::{MaskedStream, Masker};

/// How long a command that ran out of time may take to leave by itself.
const GRACE: Duration = Duration::from_secs(2);

/// How often the pipe is read after the end: a pipe's whole capacity, but not a background process's endless output.
const DRAIN_READS_MAX: usize = 16;

/// The shell of a person who signs in, where there is one.
const LOGIN_SHELL: &str = "/bin/bash";

/// What to run.
pub struct Shell<'a> {
    pub command: &'a str,
    pub folder: &'a Path,
    pub timeout: Option<Duration>,
    /// Standard error is captured by itself; else it stands among standard output.
    pub apart: bool,
    /// As a login shell, where there is one.
    pub login: bool,
    /// Added to the usual variables.
    pub env: BTreeMap<String, String>,
    /// Where outputs go that are too long to be told: the files' common beginning, and the most bytes of each.
    pub overflow: Option<(PathBuf, u64)>,
}

impl<'a> Shell<'a> {
    /// Returns a command of the plain shell, both outputs as one.
    pub fn plain(command: &'a str, folder: &'a Path, timeout: Option<Duration>) -> Self {
        Self { command, folder, timeout, apart: false, login: false, env: BTreeMap::new(), overflow: None }
    }

    fn overflow(&self, output: &str) -> Option<Overflow> {
        let (path, bytes_max) = self.overflow.as_ref()?;
        Some(Overflow::new(path.with_extension(output), *bytes_max))
    }

    fn command(&self, groups: &Groups) -> io::Result<Command> {
        let (shell, option) = match self.login && Path::new(LOGIN_SHELL).exists() {
            true => (LOGIN_SHELL, "-lc"),
            false => ("/bin/sh", "-c"),
        };
        let arguments = [option.to_owned(), self.command.to_owned()];
        let mut command = groups.command(shell, &arguments, &self.env, self.folder)?;
        command.stdin(Stdio::null());
        Ok(command)
    }
}

/// How a command ended.
pub struct Ended {
    /// Absent when a signal ended it.
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub timed_out: bool,
    pub output: Captured,
    /// Empty unless the outputs were kept apart.
    pub errors: Captured,
    /// Which limit of the runner ended the command, in a sentence.
    pub limit: Option<String>,
}

impl Ended {
    pub fn passed(&self) -> bool {
        self.exit == Some(0) && !self.timed_out
    }

    /// Returns the end in a few words, for people.
    pub fn in_words(&self) -> String {
        match (self.timed_out, self.exit, self.signal) {
            (true, ..) => "ran out of time".to_owned(),
            (_, Some(exit), _) => format!("exit {exit}"),
            (_, _, Some(signal)) => format!("ended by signal {signal}"),
            _ => "ended".to_owned(),
        }
    }
}

/// Runs the command to its end. `told` gets standard output and standard error as they come; in the very order in which
/// they were written, unless they are kept apart.
pub async fn run(shell: Shell<'_>, groups: &Groups, mut told: impl FnMut(&str)) -> io::Result<Ended> {
    let (reader, writer) = io::pipe()?;
    let (error_reader, error_writer) = match shell.apart {
        true => io::pipe().map(|(reader, writer)| (Some(reader), writer))?,
        false => (None, writer.try_clone()?),
    };
    let mut command = shell.command(groups)?;
    command.stdout(writer).stderr(error_writer);
    let mut child = groups.spawn(&mut command)?;
    // The command keeps the writing ends; without this one the pipe ends when the last writer does.
    drop(command);
    let leader = child.id().expect("it was not waited for yet");
    let mut output = Listener::on(Some(reader), groups.masker(), shell.overflow("stdout"))?;
    let mut errors = Listener::on(error_reader, groups.masker(), shell.overflow("stderr"))?;

    let deadline = shell.timeout.map(|limit| Instant::now() + limit);
    let mut timed_out = false;
    let status: ExitStatus = loop {
        let step = async {
            tokio::select! {
                read = output.read(), if output.is_open() => Step::Read(read.map(|count| (false, count))),
                read = errors.read(), if errors.is_open() => Step::Read(read.map(|count| (true, count))),
                status = child.wait() => Step::Exited(status),
            }
        };
        let step = match deadline {
            Some(deadline) if !timed_out => timeout_at(deadline, step).await.unwrap_or(Step::TimeIsUp),
            _ => step.await,
        };
        match step {
            Step::Read(read) => match read? {
                (true, count) => errors.hear(count, &mut told),
                (false, count) => output.hear(count, &mut told),
            },
            Step::Exited(status) => break status?,
            Step::TimeIsUp => {
                timed_out = true;
                groups.end(leader, GRACE).await;
            }
        }
    };
    let (output, errors) = (output.finish(&mut told), errors.finish(&mut told));
    groups.settle(leader);
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    let limit = groups.limit_reached(status.code(), signal);
    Ok(Ended { exit: status.code(), signal, timed_out, output, errors, limit })
}

enum Step {
    /// So many bytes came, of standard error when it is true.
    Read(io::Result<(bool, usize)>),
    Exited(io::Result<ExitStatus>),
    TimeIsUp,
}

/// Hears one output.
struct Listener {
    /// Absent when there is none, or no more of it.
    pipe: Option<pipe::Receiver>,
    buffer: Vec<u8>,
    decoder: Utf8Stream,
    masker: Arc<Masker>,
    masked: MaskedStream,
    captured: Captured,
    cut_told: bool,
}

impl Listener {
    fn on(reader: Option<io::PipeReader>, masker: Arc<Masker>, overflow: Option<Overflow>) -> io::Result<Self> {
        let pipe = reader.map(|reader| pipe::Receiver::from_owned_fd(reader.into())).transpose()?;
        let (decoder, captured) = (Utf8Stream::default(), Captured::with(overflow));
        let (buffer, masked) = (vec![0; 8 * 1024], MaskedStream::default());
        Ok(Self { pipe, buffer, decoder, masker, masked, captured, cut_told: false })
    }

    fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    async fn read(&mut self) -> io::Result<usize> {
        match &mut self.pipe {
            Some(pipe) => pipe.read(&mut self.buffer).await,
            None => std::future::pending().await,
        }
    }

    /// Takes in what was read; nothing is the end.
    fn hear(&mut self, count: usize, told: &mut impl FnMut(&str)) {
        if count == 0 {
            self.pipe = None;
        }
        let text = self.decoder.push(&self.buffer[..count]);
        self.tell(&text, told);
    }

    /// Takes in what is in the pipe at the end: that belongs to the command, what a background process prints later to
    /// nobody. It is read past tokio, whose notice of the last bytes may still be on its way.
    fn finish(mut self, told: &mut impl FnMut(&str)) -> Captured {
        for _ in 0..DRAIN_READS_MAX {
            let Some(pipe) = &self.pipe else { break };
            match rustix::io::read(pipe, &mut self.buffer) {
                Ok(count) if count > 0 => self.hear(count, told),
                _ => break,
            }
        }
        let rest = std::mem::take(&mut self.decoder).finish();
        self.tell(rest, told);
        let held = self.masked.finish(&self.masker);
        self.keep(&held, told);
        self.captured
    }

    /// Masks first: a cut in the middle of a secret would leave a half that nobody knows any more.
    fn tell(&mut self, text: &str, told: &mut impl FnMut(&str)) {
        let text = self.masked.push(&self.masker, text);
        self.keep(&text, told);
    }

    fn keep(&mut self, text: &str, told: &mut impl FnMut(&str)) {
        let kept = self.captured.push(text);
        if !kept.is_empty() {
            told(kept);
        }
        if kept.len() < text.len() && !self.cut_told {
            self.cut_told = true;
            told("\n[the output goes on, but is cut here]\n");
        }
    }
}
