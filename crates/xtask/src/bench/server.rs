//! The real server, in a process of its own, with limits raised to what the loads need.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::command;

/// What differs from the defaults; every figure of one run is taken under these.
const SETTINGS: &[(&str, &str)] = &[
    ("TENURE_SERVER_SESSIONS_MAX", "1000000"),
    ("TENURE_SERVER_SOCKETS_PER_USER_MAX", "10000"),
    ("TENURE_GATE_RUNS_MAX", "100000"),
    ("TENURE_GATE_OWNER_RUNS_MAX", "100000"),
    ("TENURE_SERVER_WEBHOOK_CALLS_PER_MINUTE_MAX", "10000000"),
    ("TENURE_SERVER_TOOL_CALLS_MAX", "1000"),
    ("TENURE_SERVER_TOOL_CALLS_PER_MINUTE_MAX", "10000000"),
    ("TENURE_STORE_CACHE_BYTES", "67108864"),
    ("TENURE_LOG", "warn"),
];
const READY_WITHIN: Duration = Duration::from_secs(120);

pub struct Server {
    child: Child,
    pub address: String,
    pub token: String,
    http: reqwest::Client,
}

/// Builds the optimised binary and returns its path.
pub fn binary() -> Result<PathBuf> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--package", "tenure-app"]);
    command::run(&mut build)?;
    let folder = std::env::current_exe()?.parent().context("a program stands in a folder")?.to_owned();
    Ok(folder.join("tenure"))
}

impl Server {
    /// Kills the server and starts it again over the same folder; returns how long it took to be ready.
    pub async fn killed_and_started(self, binary: &Path, data: &Path) -> Result<(Self, Duration)> {
        // Only the first start tells the token.
        let token = self.token.clone();
        drop(self);
        let (mut server, ready) = Self::start(binary, data).await?;
        server.token = token;
        Ok((server, ready))
    }

    /// Starts the server over a data folder and waits until it is ready; returns how long that took.
    pub async fn start(binary: &Path, data: &Path) -> Result<(Self, Duration)> {
        let began = Instant::now();
        let mut child = Command::new(binary)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(SETTINGS.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start the server")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the output is piped")?).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).with_context(|| format!("the server said {line:?}"))?;
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        // In a build of the whole workspace reqwest has TLS, and wants to know with what; somebody may have said so already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let server = Self { child, address: text("address"), token: text("token"), http: reqwest::Client::new() };
        while !server.is_ready().await {
            ensure!(began.elapsed() < READY_WITHIN, "the server was not ready in time");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok((server, began.elapsed()))
    }

    async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("{}/readyz", self.address)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.address))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(self.http.post(format!("{}{path}", self.address)).json(body)).await
    }

    pub async fn post_text(&self, path: &str, body: String) -> Result<Value> {
        self.send(self.http.post(format!("{}{path}", self.address)).body(body)).await
    }

    /// Calls a tool as a client of the Model Context Protocol does.
    pub async fn call_tool(&self, name: &str, arguments: &Value) -> Result<()> {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
        let request = self.http.post(format!("{}/mcp", self.address)).json(&call);
        let answer = self.send(request.header("accept", "application/json, text/event-stream")).await?;
        ensure!(answer["result"]["isError"] == false, "the tool answered {answer}");
        Ok(())
    }

    /// Posts JSON as a sender of webhooks does: with a signature, and without a token.
    pub async fn post_signed(&self, path: &str, header: &str, signature: &str, body: String) -> Result<()> {
        let request = self.http.post(format!("{}{path}", self.address)).header(header, signature);
        let answer = request.header("content-type", "application/json").body(body).send().await?;
        let status = answer.status();
        ensure!(status.as_u16() == 202, "the server answered {status}: {}", answer.text().await?);
        // Read to its end, so that the connection can be used again.
        answer.bytes().await?;
        Ok(())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer = request.bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        if !status.is_success() {
            bail!("the server answered {status}: {body}");
        }
        Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// Returns a fresh token for runners.
    pub async fn runner_token(&self) -> Result<String> {
        let issued = self.post("/api/tokens", &json!({ "name": "bench", "role": "runner", "pool": "bench" })).await?;
        Ok(issued["secret"].as_str().context("a token has a secret")?.to_owned())
    }

    /// Returns one figure of `/metrics`, summed over its labels.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let request = self.http.get(format!("{}/metrics", self.address)).bearer_auth(&self.token);
        let text = request.send().await?.text().await?;
        let of_name = text.lines().filter(|line| line.split([' ', '{']).next() == Some(name));
        Ok(of_name.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Returns the processor time that the server has used so far.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold blanks; user and system time are the 12th and 13th fields after it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        let per_second = rustix::param::clock_ticks_per_second();
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1_000 / per_second))
    }

    /// Returns how much memory the server holds, in MiB.
    pub fn resident_mib(&self) -> Result<f64> {
        resident_mib(self.child.id())
    }
}

/// Returns how much memory a process holds, in MiB.
pub fn resident_mib(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel tells the memory")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1_024.0)
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is lost when it had ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
