//! `cargo xtask demo`: builds Tenure, starts it, lets an agent work on a small repository before your eyes, and runs a workflow on it.

pub mod build;
mod chaos;
mod client;
mod compare;
mod folder;
mod http;
mod paint;
mod process;
mod proxy;
mod repo;
mod stage;
mod story;
mod view;
mod workflow;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use folder::Folder;

use crate::command;
use crate::console::Web;

/// How the demo is run.
#[derive(clap::Args, Default, Debug)]
pub struct Options {
    /// Kills the server twice and the runner's connection once in mid-turn, and the server twice in mid-run; checks that nothing of it can be seen.
    #[arg(long, conflicts_with_all = ["agent", "repo"])]
    pub chaos: bool,
    /// Ends the server when all is over; approves what the workflow asks.
    #[arg(long)]
    pub exit: bool,
    /// Approves what the workflow asks, instead of asking you.
    #[arg(long)]
    pub yes: bool,
    /// An agent that speaks the Agent Client Protocol, such as "opencode acp", instead of the scripted one.
    #[arg(long, value_name = "COMMAND")]
    pub agent: Option<String>,
    /// An environment variable that this agent gets too, besides PATH, HOME and their like; may be repeated.
    #[arg(long = "agent-env", value_name = "NAME", requires = "agent")]
    pub agent_env: Vec<String>,
    /// The folder to work in, instead of a fresh sample repository; only for an agent of your own, the scripted one knows the sample.
    #[arg(long, value_name = "PATH", requires = "agent")]
    pub repo: Option<PathBuf>,
    /// What to ask of the agent.
    #[arg(long, value_name = "TEXT")]
    pub prompt: Option<String>,
    /// A binary `tenure` that is built already.
    #[arg(long, value_name = "PATH")]
    pub binary: Option<PathBuf>,
}

/// What both forms of the demo need.
struct Demo<'a> {
    root: &'a Path,
    binary: PathBuf,
    folder: &'a Folder,
    prompt: String,
}

const PROMPT: &str = "The test fails. Find out why, mend it, and show that it passes.";

impl Demo<'_> {
    /// Returns the address that opens the console of a server, signed in.
    fn console(&self, address: &str, token: &str) -> Result<String> {
        let server = format!("http://{address}");
        let mut command = Command::new(&self.binary);
        let told = command::output(command.args(["console", "--server", &server, "--token", token]))?;
        Ok(told.lines().next().unwrap_or_default().to_owned())
    }
}

/// Builds the web console. Without what that needs, everything else is shown all the same.
fn console(root: &Path) -> Result<()> {
    match Web::find(root) {
        Ok(web) => web.build(),
        Err(why) => {
            println!("the web console is left out: {why:#}");
            Ok(())
        }
    }
}

/// Builds what is needed, then tells the story, once or with disturbances.
pub fn run(root: &Path, options: Options) -> Result<()> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => {
            console(root)?;
            build::tenure(root)?
        }
    };
    let folder = Folder::make()?;
    let prompt = options.prompt.clone().unwrap_or_else(|| PROMPT.into());
    let demo = Demo { root, binary, folder: &folder, prompt };
    let outcome = if options.chaos { chaos::run(&demo, options.exit) } else { story::run(&demo, &options) };
    if outcome.is_err() {
        println!("logs and data are kept in {}", folder.path().display());
        folder.keep();
    }
    outcome
}
