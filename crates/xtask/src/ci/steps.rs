//! The steps that are one command each.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::console::{self, Web};
use crate::{command, demo};

/// All code of ours. Building, checking and testing name the same set, so that dependencies are built once.
pub const EVERYTHING: &[&str] = &["--workspace", "--all-targets", "--all-features", "--locked"];

/// Returns a cargo command at the top of the project.
pub fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(root);
    cargo
}

/// Returns the place of the binary `tenure` that the `build` step makes.
pub fn binary(root: &Path) -> PathBuf {
    command::target_folder(root).join("debug/tenure")
}

pub fn format(root: &Path) -> Result<()> {
    command::run(&mut cargo(root, &["fmt", "--all", "--check"]))
}

pub fn clippy(root: &Path) -> Result<()> {
    command::run(cargo(root, &["clippy"]).args(EVERYTHING).args(["--", "-D", "warnings"]))
}

/// Builds all tests and the binary that suites start.
pub fn build(root: &Path) -> Result<()> {
    command::run(cargo(root, &["build"]).args(EVERYTHING))?;
    ensure!(binary(root).is_file(), "the build left no binary at {}", binary(root).display());
    Ok(())
}

/// Builds the web console, and checks it.
pub fn console(root: &Path) -> Result<()> {
    console::run(root, &console::Options { check: true, ..console::Options::default() })
}

/// Plays the console's stories against the binary that was built before, which reads the console from the disk.
pub fn console_stories(root: &Path) -> Result<()> {
    Web::find(root)?.stories(&binary(root))
}

pub fn doc_tests(root: &Path) -> Result<()> {
    command::run(&mut cargo(root, &["test", "--doc", "--workspace", "--all-features", "--locked"]))
}

/// Checks that the commented example configuration says what the binary takes.
pub fn example_config(root: &Path) -> Result<()> {
    let output = Command::new(binary(root))
        .args(["init", "--print-config"])
        .current_dir(root)
        .output()
        .context("failed to run tenure init --print-config")?;
    ensure!(output.status.success(), "tenure init --print-config: {}", String::from_utf8_lossy(&output.stderr));
    let path = "deploy/config.example.toml";
    let kept = std::fs::read(root.join(path)).with_context(|| format!("failed to read {path}"))?;
    ensure!(kept == output.stdout, "{path} is out of date; write it anew: tenure init --print-config > {path}");
    Ok(())
}

pub fn demo(root: &Path) -> Result<()> {
    demo::run(root, demo_options(root, false))
}

pub fn demo_chaos(root: &Path) -> Result<()> {
    demo::run(root, demo_options(root, true))
}

fn demo_options(root: &Path, chaos: bool) -> demo::Options {
    demo::Options { chaos, exit: true, binary: Some(binary(root)), ..demo::Options::default() }
}
