//! `cargo xtask bench`: measures, on this machine, what the design promises; each benchmark is one file.

#[cfg(feature = "bench")]
mod appends;
#[cfg(feature = "bench")]
mod file;
#[cfg(feature = "bench")]
mod idle;
#[cfg(feature = "bench")]
mod latency;
#[cfg(feature = "bench")]
mod load;
#[cfg(feature = "bench")]
mod relay;
#[cfg(feature = "bench")]
mod run;
#[cfg(feature = "bench")]
mod runner;
#[cfg(feature = "bench")]
mod runs;
#[cfg(feature = "bench")]
mod server;
#[cfg(feature = "bench")]
mod stream;
#[cfg(feature = "bench")]
mod tools;
#[cfg(feature = "bench")]
mod tools_link;
#[cfg(feature = "bench")]
mod triggers;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::command;

/// What is measured and where the figures go.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// The benchmarks to run, by name or by the start of it; all when none is named.
    names: Vec<String>,
    /// Writes the rows into a file, as a JSON list of {name, params, value, unit}.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures, in an optimised build of this program; starts one when this is not it.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    #[cfg(feature = "bench")]
    if !cfg!(debug_assertions) {
        return run::run(options);
    }
    optimised(root, options)
}

fn optimised(root: &Path, options: &Options) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "tenure-xtask", "--features", "bench", "--", "bench"]);
    cargo.args(&options.names).current_dir(root);
    if let Some(file) = &options.json {
        cargo.arg("--json").arg(std::path::absolute(file)?);
    }
    command::run(&mut cargo)
}

/// Starts the runtime under the loads.
#[cfg(feature = "bench")]
fn tokio_runtime() -> Result<tokio::runtime::Runtime> {
    use anyhow::Context;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("failed to start the load")
}
