//! The chat client of the chaos demo: `tenure chat --json`, whose events arrive one by one as they are told.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// No event for this long means that something hangs.
const SILENCE_MAX: Duration = Duration::from_secs(60);

pub struct Chat {
    child: Child,
    events: Receiver<Result<Value>>,
}

impl Chat {
    /// Opens a session, prompts once, and listens to the end of the turn; the client reconnects by itself.
    pub fn start(binary: &Path, address: &str, token: &str, prompt: &str, folder: &Path) -> Result<Chat> {
        let log = std::fs::File::create(folder.join("chat.log")).context("failed to open a log")?;
        let mut child = Command::new(binary)
            .args(["chat", "--json", "--new", "--once", "--prompt", prompt])
            .args(["--server", &format!("http://{address}"), "--token", token])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("failed to start tenure chat")?;
        let stdout = child.stdout.take().expect("the output is piped");
        let (tell, events) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let event = line.context("failed to read from tenure chat").and_then(|line| parse(&line));
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        Ok(Chat { child, events })
    }

    /// Returns the next event; none when the client has ended.
    pub fn next(&self) -> Result<Option<Value>> {
        match self.events.recv_timeout(SILENCE_MAX) {
            Ok(event) => event.map(Some),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => bail!("the chat client heard nothing for {SILENCE_MAX:?}"),
        }
    }

    /// Waits for the client's own end.
    pub fn end(&mut self) -> Result<ExitStatus> {
        self.child.wait().context("failed to wait for tenure chat")
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parse(line: &str) -> Result<Value> {
    serde_json::from_str(line).with_context(|| format!("tenure chat --json said what is not JSON: {line}"))
}
