//! The real binary in a test: run to its end within a bound, or as a server with a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn tenure() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TENURE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end, which is bounded.
pub fn done(command: &mut Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    let (send, ended) = mpsc::channel();
    let id = child.id();
    std::thread::spawn(move || {
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            err.read_to_end(&mut text).map(|_| text)
        });
        let mut text = Vec::new();
        out.read_to_end(&mut text).unwrap();
        let status = child.wait().unwrap();
        send.send(Output { status, stdout: text, stderr: errors.join().unwrap().unwrap() }).unwrap();
    });
    ended.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        signal(id, "KILL");
        panic!("the command did not end: {command:?}")
    })
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn signal(id: u32, name: &str) {
    Command::new("kill").args([format!("-{name}"), id.to_string()]).status().unwrap();
}

/// Waits for a child that was told to end.
fn ended(mut child: Child) -> ExitStatus {
    let id = child.id();
    let (send, status) = mpsc::channel();
    std::thread::spawn(move || send.send(child.wait().unwrap()));
    status.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        signal(id, "KILL");
        panic!("process {id} did not end")
    })
}

/// A `tenure dev` with everything in a folder of its own.
pub struct Dev {
    /// Nothing once it has ended.
    child: Option<Child>,
    pub address: String,
    /// What opens the console, signed in.
    pub console: String,
    pub folder: tempfile::TempDir,
}

impl Dev {
    pub fn start() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), "127.0.0.1:0")
    }

    pub fn in_folder(folder: tempfile::TempDir, listen: &str) -> Self {
        let mut command = tenure();
        command.current_dir(folder.path()).args(["dev", "--json", "--listen", listen]);
        let log = fs::File::create(folder.path().join("dev.log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let log = || fs::read_to_string(folder.path().join("dev.log")).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("dev said {line:?} and {}", log()));
        let address = told["address"].as_str().unwrap().to_owned();
        let console = told["console"].as_str().unwrap().to_owned();
        Self { child: Some(child), address, console, folder }
    }

    pub fn ask(&self, args: &[&str]) -> Output {
        done(tenure().current_dir(self.folder.path()).args(args))
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.ask(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Asks again until `found` finds what is waited for, which is bounded.
    pub fn until<T>(&self, args: &[&str], found: impl Fn(&Value) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let answer = self.json(args);
            if let Some(found) = found(&answer) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "{args:?} still says {answer}");
        }
    }

    /// Returns the process that holds the runner's folder.
    pub fn runner(&self) -> Option<u32> {
        let folder = self.folder.path().canonicalize().unwrap().join(".tenure/runner");
        let is_it = |id: &u32| {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let words: Vec<_> = line.split(|byte| *byte == 0).map(text).collect();
            words.get(1).is_some_and(|word| word == "runner") && words.iter().any(|word| Path::new(word) == folder)
        };
        let processes =
            fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        processes.into_iter().find(is_it)
    }

    pub fn end(&mut self, how: &str) -> ExitStatus {
        let child = self.child.take().expect("it ends once");
        signal(child.id(), how);
        ended(child)
    }

    pub fn stop(mut self) {
        let status = self.end("TERM");
        assert!(status.success(), "dev ended with {status}");
        assert_eq!(self.runner(), None, "the runner outlived an orderly end");
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal(child.id(), "KILL");
            let _ = child.wait();
        }
        if let Some(runner) = self.runner() {
            signal(runner, "KILL");
        }
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
