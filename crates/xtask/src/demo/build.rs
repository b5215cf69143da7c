//! Builds the binary `tenure`, and says what it is doing and how far it is: the first build takes minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::command;

const PACKAGE: &str = "tenure-app";
const BINARY: &str = "tenure";
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Returns the path of the fresh binary.
pub fn tenure(root: &Path) -> Result<PathBuf> {
    let total = expected_artifacts(root)?;
    println!("building tenure ({total} parts; a first build takes minutes, a later one seconds)");
    let mut child = Command::new("cargo")
        .args(["build", "--package", PACKAGE, "--quiet", "--message-format=json-render-diagnostics"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo build")?;
    let stdout = child.stdout.take().expect("the output is piped");
    let mut progress = Progress::new(total);
    let mut binary = None;
    for line in BufReader::new(stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        let name = message["target"]["name"].as_str().unwrap_or_default();
        progress.built(name);
        if name == BINARY {
            binary = message["executable"].as_str().map(PathBuf::from);
        }
    }
    if !child.wait().context("failed to wait for cargo build")?.success() {
        bail!("the build failed; cargo says why above");
    }
    progress.finish();
    binary.context("cargo named no binary `tenure`")
}

/// Tells how far the build is: a bar on a terminal, a line every few seconds elsewhere.
struct Progress {
    total: usize,
    built: usize,
    began: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new(total: usize) -> Progress {
        let style =
            ProgressStyle::with_template("  {bar:40} {pos} of {len}  {wide_msg}").expect("the template is valid");
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(total as u64).with_style(style));
        Progress { total, built: 0, began: Instant::now(), told: Instant::now(), bar }
    }

    fn built(&mut self, name: &str) {
        self.built += 1;
        // A crate that is needed in two shapes counts twice; the end may lie a little further than was expected.
        self.total = self.total.max(self.built);
        match &self.bar {
            Some(bar) => {
                bar.set_length(self.total as u64);
                bar.set_position(self.built as u64);
                bar.set_message(name.to_owned());
            }
            None if self.told.elapsed() >= PLAIN_EVERY => {
                self.told = Instant::now();
                println!("  built {} of {} ({name})", self.built, self.total);
            }
            None => {}
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        println!("  built in {:.1} s", self.began.elapsed().as_secs_f64());
    }
}

/// Counts what cargo will report: a library or binary for every package that the binary needs, and its build script.
fn expected_artifacts(root: &Path) -> Result<usize> {
    let host = command::output(Command::new("rustc").args(["--print", "host-tuple"]).current_dir(root))?;
    let metadata = command::output(
        Command::new("cargo")
            .args(["metadata", "--format-version", "1", "--filter-platform", host.trim()])
            .current_dir(root),
    )?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    count(&metadata).with_context(|| format!("cargo metadata does not know {PACKAGE}"))
}

fn count(metadata: &Value) -> Option<usize> {
    let packages = metadata["packages"].as_array()?;
    let targets: BTreeMap<&str, &Value> =
        packages.iter().filter_map(|p| Some((p["id"].as_str()?, &p["targets"]))).collect();
    let nodes = metadata["resolve"]["nodes"].as_array()?;
    let nodes: BTreeMap<&str, &Value> = nodes.iter().filter_map(|node| Some((node["id"].as_str()?, node))).collect();
    let mut waiting = vec![packages.iter().find(|package| package["name"] == PACKAGE)?["id"].as_str()?];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(needed(nodes.get(id)?));
        }
    }
    let built = |target: &&Value| target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(is_built));
    Some(seen.iter().filter_map(|id| targets.get(id)?.as_array()).flatten().filter(built).count())
}

/// Returns what a package needs outside its tests.
fn needed(node: &Value) -> impl Iterator<Item = &str> {
    let outside_tests = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
    };
    node["deps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(outside_tests)
        .filter_map(|dependency| dependency["pkg"].as_str())
}

fn is_built(kind: &Value) -> bool {
    kind.as_str().is_some_and(|kind| matches!(kind, "lib" | "rlib" | "proc-macro" | "custom-build" | "bin" | "cdylib"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_binary_needs_is_counted() {
        let metadata = json!({
            "packages": [
                {"id": "app", "name": PACKAGE, "targets": [{"kind": ["bin"]}, {"kind": ["test"]}]},
                {"id": "a", "name": "a", "targets": [{"kind": ["lib"]}, {"kind": ["custom-build"]}, {"kind": ["example"]}]},
                {"id": "kit", "name": "kit", "targets": [{"kind": ["lib"]}]},
            ],
            "resolve": {"nodes": [
                {"id": "app", "deps": [
                    {"pkg": "a", "dep_kinds": [{"kind": null}]},
                    {"pkg": "kit", "dep_kinds": [{"kind": "dev"}]},
                ]},
                {"id": "a", "deps": []},
            ]},
        });
        assert_eq!(count(&metadata), Some(3));
    }
}
