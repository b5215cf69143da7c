//! A server and a runner as processes of their own, joined by a relay that can be cut.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::http;
use super::process::Process;
use super::proxy::Proxy;

const READY_MAX: Duration = Duration::from_secs(30);
/// Slower than by default: a server needs a moment to come back, and the turn must still be going on then.
const PACE_PERCENT: u32 = 200;
const ADDRESS: &str = "127.0.0.1:7420";

/// What `tenure dev` leaves in its data folder for whoever wants in.
pub struct Access {
    pub token: String,
    pub runner_token: String,
}

impl Access {
    pub fn read(data: &Path) -> Result<Access> {
        let path = data.join("dev.json");
        let text = fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        let file: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        let field =
            |name: &str| file[name].as_str().map(str::to_owned).with_context(|| format!("dev.json has no {name}"));
        Ok(Access { token: field("token")?, runner_token: field("runner_token")? })
    }
}

/// Server, relay and runner of one story.
pub struct Stage {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    pub access: Access,
    // Fields are dropped in this order: the runner ends before its server.
    runner: Process,
    server: Process,
    proxy: Proxy,
}

impl Stage {
    /// Sets up a fresh server in `folder`, and a runner that plays `script` in `repo`.
    pub fn set(binary: &Path, folder: &Path, repo: &Path, script: &Path) -> Result<Stage> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let address = free_address()?;
        let access = first_access(binary, folder, address)?;
        let server = serve(binary, folder, address)?;
        let proxy = Proxy::start(address)?;
        let mut command = Command::new(binary);
        command
            .args(["runner", "--server", &format!("http://{}", proxy.address()), "--token", &access.runner_token])
            .args(["--permissions", "allow", "--data"])
            .arg(folder.join("runner"))
            .arg("--workspace")
            .arg(repo)
            .arg("--script")
            .arg(script)
            .env("TENURE_SCRIPT_PACE_PERCENT", PACE_PERCENT.to_string());
        let runner = Process::start("runner", &mut command, folder)?;
        Ok(Stage { binary: binary.into(), folder: folder.into(), address, access, runner, server, proxy })
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills the server with SIGKILL and starts it again on the same data and port.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server = serve(&self.binary, &self.folder, self.address)?;
        Ok(())
    }

    /// Cuts the runner's connection.
    pub fn cut_runner(&self) -> Result<()> {
        self.proxy.cut().context("the runner had no connection that could be cut")
    }

    /// Returns the transcript as the server tells it, oldest message first.
    pub fn transcript(&self, session: &str) -> Result<Vec<Value>> {
        let mut newest_first: Vec<Value> = Vec::new();
        let mut query = String::new();
        loop {
            let path = format!("/api/sessions/{session}/messages{query}");
            let page = http::get_json(&self.address(), &path, &self.access.token)?;
            let items = page["items"].as_array().context("a page without items")?;
            newest_first.extend(items.iter().cloned());
            let oldest = items.last().and_then(|message| message["seq"].as_u64());
            match oldest.filter(|_| page["cursor"].is_string()) {
                Some(seq) => query = format!("?before={seq}"),
                None => break,
            }
        }
        newest_first.reverse();
        Ok(newest_first)
    }

    /// Ends both processes in order.
    pub fn strike(mut self) -> Result<()> {
        self.runner.stop()?;
        self.server.stop()
    }

    /// Waits until the server ends or somebody asks the demo to stop.
    pub fn stay(&mut self, stop: &std::sync::atomic::AtomicBool) -> Result<()> {
        self.server.wait_for_end(stop)
    }
}

/// Starts `tenure dev` once, because it makes the first tokens, and ends it again.
fn first_access(binary: &Path, folder: &Path, address: SocketAddr) -> Result<Access> {
    let data = folder.join("data");
    let mut command = Command::new(binary);
    command.args(["dev", "--json", "--listen", &address.to_string(), "--data"]).arg(&data);
    let mut dev = Process::start("dev", &mut command, folder)?;
    wait_until_ready(&mut dev, address)?;
    let access = Access::read(&data)?;
    dev.stop()?;
    Ok(access)
}

fn serve(binary: &Path, folder: &Path, address: SocketAddr) -> Result<Process> {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", &address.to_string(), "--data"]).arg(folder.join("data"));
    let mut server = Process::start("server", &mut command, folder)?;
    wait_until_ready(&mut server, address)?;
    Ok(server)
}

/// Waits until a server says that it takes requests.
pub fn wait_until_ready(server: &mut Process, address: SocketAddr) -> Result<()> {
    let ready = || http::get(&address.to_string(), "/readyz", None).is_ok_and(|(status, _)| status == 200);
    server.wait_until("ready", READY_MAX, ready)
}

/// Returns the usual address, or one with a free port when it is taken.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(ADDRESS).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    Ok(listener.context("failed to find a free port")?.local_addr()?)
}
