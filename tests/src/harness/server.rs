//! A `tenure serve` on a folder of its own, which can be killed and started again.

use std::fs::{self, File};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::binary::tenure;
use super::{Api, in_time, port};

/// One server; a start of it is a process.
pub struct Server {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    token: String,
    starts: u32,
}

impl Server {
    /// Starts a server on an empty folder; returns when it is ready.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server on a folder that holds these files, by name; `tenure.toml` is its configuration.
    pub async fn start_with(files: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder can be written");
            fs::write(path, text).expect("the folder can be written");
        }
        let mut server = Self { folder, port: port::free(), child: None, token: String::new(), starts: 0 };
        let token = server.launch().await["token"].as_str().map(str::to_owned);
        server.token = token.expect("the first start shows a token");
        server
    }

    /// Starts it again after [`Server::kill`] or [`Server::stop`].
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "it still runs");
        self.launch().await;
    }

    async fn launch(&mut self) -> Value {
        self.starts += 1;
        let log = File::create(self.log_path()).expect("the folder can be written");
        let mut command = tenure();
        command.current_dir(self.folder.path()).args(["serve", "--json", "--data", "data"]);
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary starts");
        let out = child.stdout.take().expect("it was asked for");
        let mut line = String::new();
        let read = in_time("the server's first line", BufReader::new(out).read_line(&mut line)).await;
        self.child = Some(child);
        let told = read.ok().and_then(|_| serde_json::from_str(&line).ok());
        told.unwrap_or_else(|| panic!("the server said {line:?} and\n{}", self.log()))
    }

    /// Kills the process with SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        in_time("the server's end", child.kill()).await.expect("a process of ours can be killed");
    }

    /// Returns where it listens, as `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns the first administrator's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns an API client of the administrator.
    pub fn api(&self) -> Api {
        Api::new(&self.address(), &self.token)
    }

    /// Issues a token for a pool of runners.
    pub async fn runner_token(&self) -> String {
        let token = serde_json::json!({ "name": "runners", "role": "runner", "pool": "tests" });
        let issued = self.api().post("/api/tokens", &token).await;
        issued["secret"].as_str().expect("a token has a secret").to_owned()
    }

    /// Returns a file of its folder.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn log_path(&self) -> std::path::PathBuf {
        self.folder.path().join(format!("server.{}.log", self.starts))
    }

    /// Returns what the running process has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}
