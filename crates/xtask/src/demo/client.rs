//! The clients of the chaos demo: `tenure chat --json` and `tenure run --json`, whose events arrive one by one as they are told.

use std::fs::File;
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

/// Where a server is, who asks it, and where a client leaves its log.
pub struct Place<'a> {
    pub address: &'a str,
    pub token: &'a str,
    pub folder: &'a Path,
}

pub struct Client {
    child: Child,
    events: Receiver<Result<Value>>,
}

impl Client {
    /// Opens a session, prompts once, and listens to the end of the turn; the client reconnects by itself.
    pub fn chat(binary: &Path, server: &Place, prompt: &str) -> Result<Client> {
        Client::start(binary, server, &["chat", "--json", "--new", "--once", "--prompt", prompt])
    }

    /// Runs a workflow, approves what it asks, and listens to its end; the client reconnects by itself.
    pub fn run(binary: &Path, server: &Place, workflow: &Path) -> Result<Client> {
        let workflow = workflow.to_str().context("the path of the workflow is no text")?;
        Client::start(binary, server, &["run", workflow, "--json", "--yes"])
    }

    fn start(binary: &Path, server: &Place, arguments: &[&str]) -> Result<Client> {
        let log = File::options().create(true).append(true).open(server.folder.join("client.log"));
        let mut child = Command::new(binary)
            .args(arguments)
            .args(["--server", &format!("http://{}", server.address), "--token", server.token])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.context("failed to open a log")?)
            .spawn()
            .context("failed to start a client")?;
        let stdout = child.stdout.take().expect("the output is piped");
        let (tell, events) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let event = line.context("failed to read from the client").and_then(|line| parse(&line));
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        Ok(Client { child, events })
    }

    /// Returns the next event; none when the client has ended.
    pub fn next(&self) -> Result<Option<Value>> {
        match self.events.recv_timeout(SILENCE_MAX) {
            Ok(event) => event.map(Some),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => bail!("the client heard nothing for {SILENCE_MAX:?}"),
        }
    }

    /// Waits for the client's own end.
    pub fn end(&mut self) -> Result<ExitStatus> {
        self.child.wait().context("failed to wait for the client")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parse(line: &str) -> Result<Value> {
    serde_json::from_str(line).with_context(|| format!("the client said what is not JSON: {line}"))
}
