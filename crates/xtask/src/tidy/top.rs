//! What stands at the top level: little, so that a newcomer sees all of it at once.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::Tree;

const RULE: &str = "top";
const ALLOWED: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "deploy",
    "examples",
    "migrations",
    "tests",
];

pub fn check(tree: &Tree) -> Vec<Problem> {
    let names: BTreeSet<&str> = tree.files.iter().map(|file| file.path.split('/').next().unwrap_or_default()).collect();
    names
        .into_iter()
        .filter(|name| !name.starts_with('.') && !ALLOWED.contains(name))
        .map(|name| {
            let fix = "move it below one of the folders, or make a tool's file a dotfile";
            Problem::new(name, 0, RULE, "does not belong at the top level".into(), fix)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn only_what_is_listed_stands_at_the_top() {
        let problems = check(&tree(&[
            ("Cargo.toml", ""),
            (".ci/run", ""),
            ("notes.md", ""),
            ("scripts/a", ""),
            ("scripts/b", ""),
        ]));
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["notes.md", "scripts"]);
    }
}
