//! The plain demo: one server with its runner, one turn that streams into this terminal, one workflow that asks in it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::process::{Process, stop_flag};
use super::stage::{Access, free_address, wait_until_ready};
use super::{Demo, Options, repo, workflow};

pub fn run(demo: &Demo, options: &Options) -> Result<()> {
    let stop = stop_flag()?;
    let workspace = workspace(demo, options)?;
    let data = demo.folder.path().join("data");
    let address = free_address()?;
    let mut command = Command::new(&demo.binary);
    command.args(["dev", "--json", "--listen", &address.to_string(), "--data"]).arg(&data);
    // Nobody sits at `chat --once` to answer; the sample is thrown away and an own folder was named on purpose.
    command.args(["--permissions", "allow", "--workspace"]).arg(&workspace);
    match &options.agent {
        Some(agent) => command
            .args(["--agent", agent])
            .args(options.agent_env.iter().flat_map(|name| ["--agent-env", name.as_str()])),
        None => command.arg("--script").arg(demo.root.join("examples/demo/scripts")),
    };
    println!("starting tenure on {address}");
    let mut server = Process::start("server", &mut command, demo.folder.path())?;
    wait_until_ready(&mut server, address)?;
    let token = Access::read(&data)?.token;

    println!("> {}\n", demo.prompt);
    let status = Command::new(&demo.binary)
        .args(["chat", "--new", "--once", "--prompt", &demo.prompt])
        .args(["--server", &format!("http://{address}"), "--token", &token])
        .status()
        .context("failed to start tenure chat")?;
    if !status.success() {
        bail!("the turn did not end well: tenure chat ended with {status}; the server said:\n{}", server.log_end());
    }
    if options.repo.is_none() {
        println!("\nwhat the agent changed:\n{}", repo::changes(&workspace)?);
        workflow::in_terminal(demo, &address.to_string(), &token, options.yes || options.exit)?;
    }

    if options.exit {
        return server.stop();
    }
    println!("tenure stays up at http://{address}");
    println!("token: {token}");
    println!("console: {} (signs you in once)", demo.console(&address.to_string(), &token)?);
    println!("go on with: TENURE_SERVER=http://{address} TENURE_TOKEN={token} {} chat", demo.binary.display());
    println!("workspace: {} (end with Ctrl-C)", workspace.display());
    server.wait_for_end(&stop)?;
    server.stop()
}

/// Returns the user's own folder, or a fresh sample repository.
fn workspace(demo: &Demo, options: &Options) -> Result<PathBuf> {
    if let Some(own) = &options.repo {
        return own.canonicalize().with_context(|| format!("failed to find {}", own.display()));
    }
    let place = demo.folder.path().join("repo");
    repo::make(&demo.root.join("examples/demo/repo"), &place)?;
    Ok(place)
}
