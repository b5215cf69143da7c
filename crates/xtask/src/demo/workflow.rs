//! The workflow of the demo: in the terminal, or followed by the chaos demo, which kills the server under it.

use std::collections::BTreeSet;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Demo;
use super::client::{Client, Place};
use super::compare::{difference, timeless};
use super::http;
use super::paint::Painter;
use super::stage::Stage;

const WORKFLOW: &str = "examples/workflows/demo.yaml";
/// Every step that does something adds a line here.
const TRACE: &str = "trace.log";
/// When the chaos demo kills the server: as soon as a step has come so far. A command and an agent are at work then.
pub const KILLS: &[(&str, &str)] = &[("ready:then/uses:i0/count", "taken"), ("ready:then/notes", "taken")];

fn file(demo: &Demo) -> PathBuf {
    demo.root.join(WORKFLOW)
}

/// Runs the workflow before the eyes of whoever sits at this terminal, and who is asked, unless `yes`.
pub fn in_terminal(demo: &Demo, address: &str, token: &str, yes: bool) -> Result<()> {
    println!("a workflow on the same repository: {WORKFLOW}\n");
    let mut command = Command::new(&demo.binary);
    command.arg("run").arg(file(demo)).args(["--server", &format!("http://{address}"), "--token", token]);
    // Nobody could answer where there is no terminal.
    if yes || !std::io::stdin().is_terminal() {
        command.arg("--yes");
    }
    let status = command.status().context("failed to start tenure run")?;
    println!();
    ensure!(status.success(), "the run did not end well: tenure run ended with {status}");
    Ok(())
}

/// What is left of a run when it is over.
pub struct Outcome {
    steps: Value,
    outputs: Value,
    /// What the steps did, each line once.
    trace: Vec<String>,
}

impl Outcome {
    /// Returns how many steps were started.
    pub fn steps(&self) -> usize {
        self.steps.as_array().map_or(0, Vec::len)
    }

    /// Checks that another run came to the very same.
    pub fn must_equal(&self, other: &Outcome) -> Result<()> {
        let pairs = [("steps", &self.steps, &other.steps), ("outputs", &self.outputs, &other.outputs)];
        for (what, calm, chaos) in pairs {
            let differs = difference(calm, chaos);
            ensure!(differs.is_empty(), "the {what} of the runs differ (- undisturbed, + with chaos):\n{differs}");
        }
        let (calm, chaos) = (&self.trace, &other.trace);
        ensure!(calm == chaos, "the steps did not do the same: undisturbed {calm:?}, with chaos {chaos:?}");
        ensure!(!calm.is_empty(), "the steps left no trace, so nothing is proved");
        Ok(())
    }
}

/// Follows a run to its end as a client does, and kills the server as planned.
pub fn disturbed(demo: &Demo, stage: &mut Stage, repo: &Path, kills: &[(&str, &str)]) -> Result<Outcome> {
    println!("\n> tenure run {WORKFLOW} --yes\n");
    let (address, token) = (stage.address(), stage.access.token.clone());
    let folder = stage.folder().to_path_buf();
    let mut client =
        Client::run(&demo.binary, &Place { address: &address, token: &token, folder: &folder }, &file(demo))?;
    let mut painter = Painter::default();
    let (mut execution, mut told, mut left) = (None, BTreeSet::new(), kills.iter().peekable());
    while let Some(event) = client.next()? {
        painter.paint(&event);
        match event["type"].as_str() {
            Some("init") => {
                ensure!(execution.is_none(), "the client got a whole picture in place of what it had missed");
                execution = event["execution"]["id"].as_str().map(str::to_owned);
            }
            Some("run.step") => {
                let (step, word) = (&event["step"], |name: &str| event["step"][name].to_string());
                let once = ["path", "attempt", "phase", "at", "then"].map(word);
                ensure!(told.insert(once), "this was told twice: {step}");
                let is_now = |&&(path, phase): &&(&str, &str)| step["path"] == path && step["phase"] == phase;
                if left.next_if(|kill| is_now(kill)).is_some() {
                    painter.line("*** kill -9 of the server ***");
                    stage.kill_and_restart()?;
                    painter.line("*** the server is back ***");
                }
            }
            _ => {}
        }
    }
    let status = client.end()?;
    if !status.success() {
        let log = fs::read_to_string(folder.join("client.log")).unwrap_or_default();
        bail!("the run did not end well: tenure run ended with {status}; it said:\n{log}");
    }
    ensure!(left.next().is_none(), "the run ended before every planned kill had come");
    outcome(stage, repo, &execution.context("the client was never told its run")?)
}

fn outcome(stage: &Stage, repo: &Path, execution: &str) -> Result<Outcome> {
    let get = |path: String| http::get_json(&stage.address(), &path, &stage.access.token);
    let view = get(format!("/api/executions/{execution}"))?;
    ensure!(view["status"] == "completed", "the run is {}", view["status"]);
    let page = get(format!("/api/executions/{execution}/steps?limit=200"))?;
    ensure!(page["cursor"].is_null(), "the run has more steps than fit on one page");
    let mut steps = page["items"].as_array().context("a page without items")?.clone();
    // Steps that run at the same time begin in any order.
    steps.sort_by_key(|step| (step["path"].to_string(), step["attempt"].as_u64()));
    let text = fs::read_to_string(repo.join(TRACE)).context("failed to read what the steps did")?;
    let mut trace: Vec<_> = text.lines().map(str::to_owned).collect();
    trace.sort_unstable();
    let twice = trace.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(twice.is_none(), "a step ran twice: {twice:?}");
    Ok(Outcome { steps: timeless(&steps.into()), outputs: view["outputs"].clone(), trace })
}
