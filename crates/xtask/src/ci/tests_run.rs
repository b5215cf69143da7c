//! All tests: with cargo-nextest where it is installed, else with cargo itself, and their totals in one line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::steps;
use crate::command;

/// Runs the tests of the whole workspace against the binary that was built before.
pub fn run(root: &Path) -> Result<()> {
    if command::on_path("cargo-nextest") {
        let mut nextest = steps::cargo(root, &["nextest", "run", "--profile", "ci"]);
        return command::run(nextest.args(steps::EVERYTHING).env("TENURE_BINARY", steps::binary(root)));
    }
    // Building nextest takes longer than all tests do; what it adds are time limits and nicer reports.
    println!("cargo-nextest is not installed: running `cargo test`, which has no time limit per test");
    with_cargo(root)
}

fn with_cargo(root: &Path) -> Result<()> {
    let mut tests = steps::cargo(root, &["test", "--no-fail-fast"]);
    tests.args(steps::EVERYTHING).env("TENURE_BINARY", steps::binary(root)).stdout(Stdio::piped());
    let mut child = tests.spawn().context("failed to start cargo test")?;
    let stdout = child.stdout.take().expect("the output is piped");
    let mut totals = Totals::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.context("failed to read what cargo test says")?;
        totals.add(&line);
        println!("{line}");
    }
    let status = child.wait().context("failed to wait for cargo test")?;
    println!(
        "Summary: {} tests run: {} passed, {} failed",
        totals.passed + totals.failed,
        totals.passed,
        totals.failed
    );
    if !status.success() {
        bail!("{} tests failed", totals.failed);
    }
    Ok(())
}

#[derive(Default, PartialEq, Debug)]
struct Totals {
    passed: u64,
    failed: u64,
}

impl Totals {
    /// Adds a line such as `test result: ok. 27 passed; 0 failed; 0 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let words: Vec<&str> = result.split([' ', ';']).collect();
        let count = |what: &str| {
            let at = words.iter().position(|word| *word == what)?;
            words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
        };
        self.passed += count("passed").unwrap_or(0);
        self.failed += count("failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up_over_test_programs() {
        let mut totals = Totals::default();
        for line in [
            "test result: ok. 27 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a::passed ... ok",
            "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ] {
            totals.add(line);
        }
        assert_eq!(totals, Totals { passed: 30, failed: 2 });
    }
}
