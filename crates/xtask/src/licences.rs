//! `cargo xtask licences`: every crate we build on may be used the way we use it; the list stands in `.deny.toml`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use toml::Table;

/// Checks the licence of every package that Cargo.lock can bring in.
pub fn run(root: &Path) -> Result<()> {
    let allowed = allowed(root)?;
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .current_dir(root)
        .output()
        .context("failed to run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let refused: Vec<String> = packages.iter().filter_map(|package| refusal(package, &allowed)).collect();
    if !refused.is_empty() {
        bail!("licences that .deny.toml does not allow:\n  {}", refused.join("\n  "));
    }
    println!("licences: {} packages, all allowed", packages.len());
    Ok(())
}

fn allowed(root: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(root.join(".deny.toml")).context("failed to read .deny.toml")?;
    let table: Table = text.parse().context("failed to parse .deny.toml")?;
    let list = table.get("licenses").and_then(|section| section.get("allow")).and_then(toml::Value::as_array);
    let list = list.context(".deny.toml has no licenses.allow")?;
    Ok(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
}

fn refusal(package: &Value, allowed: &BTreeSet<String>) -> Option<String> {
    let name = format!("{} {}", package["name"].as_str()?, package["version"].as_str()?);
    match package["license"].as_str() {
        None => Some(format!("{name}: says no licence")),
        Some(licence) if permits(licence, allowed) => None,
        Some(licence) => Some(format!("{name}: {licence}")),
    }
}

/// Tells whether an SPDX expression can be met with allowed licences alone. The old `MIT/Apache-2.0` means OR.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { tokens: &tokens, allowed };
    let permitted = reader.any();
    permitted && reader.tokens.is_empty()
}

/// Reads `any = all (OR all)*`, `all = one (AND one)*`, `one = NAME [WITH NAME] | ( any )`.
struct Reader<'a> {
    tokens: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn any(&mut self) -> bool {
        let mut permitted = self.all();
        while self.take("OR") {
            permitted |= self.all();
        }
        permitted
    }

    fn all(&mut self) -> bool {
        let mut permitted = self.one();
        while self.take("AND") {
            permitted &= self.one();
        }
        permitted
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let permitted = self.any();
            return self.take(")") && permitted;
        }
        let Some((name, rest)) = self.tokens.split_first() else {
            return false;
        };
        self.tokens = rest;
        // An exception only ever adds rights, so the licence alone decides.
        if self.take("WITH") {
            self.tokens = self.tokens.get(1..).unwrap_or_default();
        }
        self.allowed.contains(*name)
    }

    fn take(&mut self, wanted: &str) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(expression: &str) -> bool {
        permits(expression, &["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into())
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        for expression in ["MIT", "GPL-3.0 OR MIT", "LGPL-2.1/MIT", "Apache-2.0 WITH LLVM-exception OR GPL-3.0"] {
            assert!(permitted(expression), "{expression}");
        }
    }

    #[test]
    fn every_part_of_a_combination_counts() {
        assert!(permitted("(MIT OR GPL-3.0) AND Unicode-3.0"));
        for expression in ["MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "GPL-3.0 OR AGPL-3.0"] {
            assert!(!permitted(expression), "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for expression in ["", "MIT Apache-2.0", "(MIT", "MIT AND", "OR"] {
            assert!(!permitted(expression), "{expression}");
        }
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        let package = serde_json::json!({"name": "a", "version": "1.0.0", "license": null});
        assert_eq!(refusal(&package, &BTreeSet::new()).as_deref(), Some("a 1.0.0: says no licence"));
    }
}
