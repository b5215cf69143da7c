//! `cargo xtask`: the project's own tasks, one folder or file each.

mod bench;
mod ci;
mod command;
mod console;
mod demo;
mod licences;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The tasks of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts Tenure and lets an agent work on a small repository before your eyes.
    Demo(demo::Options),
    /// Builds the web console into the folder that the server takes it from.
    Console(console::Options),
    /// Checks everything that must hold, as CI does.
    Ci,
    /// Checks what must never be in the project.
    Tidy,
    /// Measures on this machine what the design promises.
    Bench(bench::Options),
    /// Checks the licences of all dependencies.
    Licences,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let root = root();
    match task {
        Task::Demo(options) => demo::run(&root, options),
        Task::Console(options) => console::run(&root, &options),
        Task::Ci => ci::run(&root),
        Task::Bench(options) => bench::run(&root, &options),
        Task::Licences => licences::run(&root),
        Task::Tidy => tidy::run(&root),
    }
}

/// Returns the top of the project.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate stands two levels below the top").to_path_buf()
}
