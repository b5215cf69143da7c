//! `cargo xtask tidy`: what must never be in this project, checked in every file, told all at once.

mod arrows;
mod dependencies;
mod map;
mod pure;
mod script;
mod shape;
mod source;
mod top;
mod tree;
mod wire;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use tree::Tree;

/// Something that breaks a rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    pub path: String,
    /// Counted from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// The rule's name, as `tidy: allow(name) because …` takes it.
    pub rule: &'static str,
    pub message: String,
    pub fix: String,
    /// A warning is shown and fails nothing.
    pub warning: bool,
}

impl Problem {
    pub fn new(path: &str, line: usize, rule: &'static str, message: String, fix: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, rule, message, fix: fix.into(), warning: false }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { path, line, rule, message, fix, warning } = self;
        let kind = if *warning { "warning" } else { "error" };
        match line {
            0 => write!(f, "{kind} [{rule}] {path}: {message}\n    fix: {fix}"),
            _ => write!(f, "{kind} [{rule}] {path}:{line}: {message}\n    fix: {fix}"),
        }
    }
}

/// Every rule; each is one file.
const RULES: &[fn(&Tree) -> Vec<Problem>] = &[
    arrows::check,
    pure::check,
    wire::check,
    shape::check,
    words::check,
    script::check,
    map::check,
    top::check,
    dependencies::check,
];

/// Checks the project and tells all problems; fails when one is more than a warning.
pub fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut problems: Vec<Problem> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    let warnings = problems.iter().filter(|problem| problem.warning).count();
    let errors = problems.len() - warnings;
    println!("tidy: {} files, {errors} errors, {warnings} warnings", tree.files.len());
    if errors > 0 {
        bail!("the project is not tidy: {errors} errors above");
    }
    Ok(())
}
