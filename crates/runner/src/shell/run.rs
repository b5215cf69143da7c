//! Runs one shell command in a process group of its own and tells its output as it comes.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::Command;
use tokio::time::{Instant, timeout_at};

use super::{Captured, Groups, Utf8Stream, base_environment};

/// How long a command that ran out of time may take to leave by itself.
const GRACE: Duration = Duration::from_secs(2);

/// How often the pipe is read after the end: a pipe's whole capacity, but not a background process's endless output.
const DRAIN_READS_MAX: usize = 16;

/// What to run.
pub struct Shell<'a> {
    pub command: &'a str,
    pub folder: &'a Path,
    pub timeout: Option<Duration>,
}

/// How a command ended.
pub struct Ended {
    /// Absent when a signal ended it.
    pub exit: Option<i32>,
    pub signal: Option<i32>,
    pub timed_out: bool,
    pub output: Captured,
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

/// Runs the command to its end. `told` gets standard output and standard error in the order in which they were written.
pub async fn run(shell: Shell<'_>, groups: &Groups, mut told: impl FnMut(&str)) -> io::Result<Ended> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(shell.command).current_dir(shell.folder);
    command.env_clear().envs(base_environment());
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = groups.spawn(&mut command)?;
    // The command keeps the writing ends; without this one the pipe ends when the last writer does.
    drop(command);
    let leader = child.id().expect("it was not waited for yet");
    let mut reader = pipe::Receiver::from_owned_fd(reader.into())?;

    let mut listener = Listener { decoder: Utf8Stream::default(), output: Captured::default(), cut_told: false };
    let deadline = shell.timeout.map(|limit| Instant::now() + limit);
    let mut buffer = vec![0; 8 * 1024];
    let mut open = true;
    let mut timed_out = false;
    let status: ExitStatus = loop {
        let step = async {
            tokio::select! {
                read = reader.read(&mut buffer), if open => Step::Read(read),
                status = child.wait() => Step::Exited(status),
            }
        };
        let step = match deadline {
            Some(deadline) if !timed_out => timeout_at(deadline, step).await.unwrap_or(Step::TimeIsUp),
            _ => step.await,
        };
        match step {
            Step::Read(read) => match read? {
                0 => open = false,
                count => listener.hear(&buffer[..count], &mut told),
            },
            Step::Exited(status) => break status?,
            Step::TimeIsUp => {
                timed_out = true;
                groups.end(leader, GRACE).await;
            }
        }
    };
    // What a background process prints later belongs to nobody; what is in the pipe now belongs to the command.
    // It is read past tokio, whose notice of the last bytes may still be on its way.
    for _ in 0..DRAIN_READS_MAX {
        match rustix::io::read(&reader, &mut buffer) {
            Ok(count) if count > 0 => listener.hear(&buffer[..count], &mut told),
            _ => break,
        }
    }
    let output = listener.finish(&mut told);
    groups.settle(leader);
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    Ok(Ended { exit: status.code(), signal, timed_out, output })
}

enum Step {
    Read(io::Result<usize>),
    Exited(io::Result<ExitStatus>),
    TimeIsUp,
}

struct Listener {
    decoder: Utf8Stream,
    output: Captured,
    cut_told: bool,
}

impl Listener {
    fn hear(&mut self, bytes: &[u8], told: &mut impl FnMut(&str)) {
        let text = self.decoder.push(bytes);
        self.tell(&text, told);
    }

    fn finish(mut self, told: &mut impl FnMut(&str)) -> Captured {
        let rest = std::mem::take(&mut self.decoder).finish();
        self.tell(rest, told);
        self.output
    }

    fn tell(&mut self, text: &str, told: &mut impl FnMut(&str)) {
        let kept = self.output.push(text);
        if !kept.is_empty() {
            told(kept);
        }
        if kept.len() < text.len() && !self.cut_told {
            self.cut_told = true;
            told("\n[the output goes on, but is cut here]\n");
        }
    }
}
