//! Which crate may depend on which: arrows may skip a level and never climb.

use toml::{Table, Value};

use super::Problem;
use super::tree::Tree;

const RULE: &str = "arrows";

/// Each folder of `crates/` and the crates of ours that it may name outside its tests; `tests` and `xtask` are free.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("session", &["model"]),
    ("workflow", &["model"]),
    ("account", &["model"]),
    ("journal", &["model", "migrations"]),
    ("llm", &["model"]),
    ("protocol", &["model"]),
    ("console", &[]),
    ("runtime", &["model", "session", "workflow", "account", "journal"]),
    ("server", &["model", "session", "workflow", "account", "journal", "runtime", "protocol", "llm", "console"]),
    ("runner", &["model", "protocol", "llm"]),
    (
        "app",
        &[
            "model",
            "session",
            "workflow",
            "account",
            "journal",
            "migrations",
            "runtime",
            "server",
            "runner",
            "protocol",
            "console",
        ],
    ),
];

/// Crates that never see each other, not even in tests: they meet as effects in `runtime`.
const STRANGERS: &[&str] = &["session", "workflow", "account"];

/// Crates that must not be able to reach a clock, a disk, a socket or randomness.
pub const PURE: &[&str] = &["model", "session", "workflow", "account"];

/// Names that a pure crate's manifest never holds; a name stands for its whole family (`tokio-util`).
const IMPURE: &[&str] = &[
    "actix",
    "tokio",
    "async-std",
    "futures",
    "sled",
    "chrono",
    "time",
    "jiff",
    "rand",
    "fastrand",
    "getrandom",
    "rustix",
    "nix",
    "libc",
    "reqwest",
];

/// What a pure crate knows all the same: calendars and zones, without their clocks (`tidy/pure.rs` looks for those).
const EXCEPT: &[(&str, &str)] = &[("workflow", "chrono"), ("account", "chrono")];

pub fn check(tree: &Tree) -> Vec<Problem> {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(|file| manifest(&file.path, &file.text)).collect()
}

fn manifest(path: &str, text: &str) -> Vec<Problem> {
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            let message = format!("does not parse: {}", error.message());
            return vec![Problem::new(path, 0, RULE, message, "mend the TOML")];
        }
    };
    let Some(folder) = path.strip_prefix("crates/").and_then(|rest| rest.strip_suffix("/Cargo.toml")) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (section, name) in dependencies(&table) {
        let line = line_of(text, &name);
        if let Some(message) = refusal(folder, &section, &name) {
            let fix = "remove the dependency; what is needed from it belongs to a crate further up (crates/README.md)";
            problems.push(Problem::new(path, line, RULE, message, fix));
        }
    }
    if folder != "xtask" && !MAY_NAME.iter().any(|(known, _)| *known == folder) {
        let message = format!("nothing says what crates/{folder} may depend on");
        problems.push(Problem::new(path, 0, RULE, message, "add it to MAY_NAME in crates/xtask/src/tidy/arrows.rs"));
    }
    problems
}

/// Returns why a crate must not have a dependency, if so.
fn refusal(folder: &str, section: &str, name: &str) -> Option<String> {
    let known = EXCEPT.iter().any(|(excepted, family)| folder == *excepted && is_of(name, family));
    if PURE.contains(&folder) && !known && IMPURE.iter().any(|family| is_of(name, family)) {
        return Some(format!("{folder} is pure and must not know {name}"));
    }
    let ours = name.strip_prefix("tenure-")?;
    if STRANGERS.contains(&folder) && STRANGERS.contains(&ours) {
        return Some(format!("{folder} and {ours} must not see each other"));
    }
    let (_, may) = MAY_NAME.iter().find(|(known, _)| *known == folder)?;
    let only_tests = section.ends_with("dev-dependencies");
    (!only_tests && !may.contains(&ours)).then(|| format!("{folder} must not depend on {ours}"))
}

fn is_of(name: &str, family: &str) -> bool {
    name == family || name.strip_prefix(family).is_some_and(|rest| rest.starts_with(['-', '_']))
}

/// Returns (section, package) of every dependency, those of single platforms included.
fn dependencies(manifest: &Table) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, value) in manifest {
        let Value::Table(table) = value else { continue };
        if key.ends_with("dependencies") {
            found.extend(table.iter().map(|(name, entry)| (key.clone(), package(name, entry))));
        } else if key == "target" {
            found.extend(table.values().filter_map(Value::as_table).flat_map(dependencies));
        }
    }
    found
}

/// Returns the package behind an entry: `alias = { package = "real" }` is `real`.
fn package(name: &str, entry: &Value) -> String {
    entry.get("package").and_then(Value::as_str).unwrap_or(name).to_owned()
}

fn line_of(text: &str, name: &str) -> usize {
    text.lines().position(|line| line.starts_with(name) || line.contains(&format!("\"{name}\""))).map_or(0, |n| n + 1)
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&tree(&[(path, text)])).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_pure_crate_names_no_clock_runtime_or_randomness() {
        for name in ["actix", "actix-rt", "tokio", "tokio-util", "sled", "chrono", "rand", "getrandom"] {
            let text = format!("[dependencies]\n{name} = \"1\"\n");
            assert_eq!(
                messages("crates/session/Cargo.toml", &text),
                [format!("session is pure and must not know {name}")]
            );
        }
        let renamed = "[target.'cfg(unix)'.dev-dependencies]\nclock = { package = \"chrono\", version = \"1\" }\n";
        assert_eq!(messages("crates/model/Cargo.toml", renamed), ["model is pure and must not know chrono"]);
        assert!(messages("crates/model/Cargo.toml", "[dependencies]\nthiserror = \"2\"\n").is_empty());
    }

    #[test]
    fn the_three_entities_are_strangers_even_in_tests() {
        let text = "[dev-dependencies]\ntenure-account = { workspace = true }\n";
        assert_eq!(messages("crates/session/Cargo.toml", text), ["session and account must not see each other"]);
    }

    #[test]
    fn arrows_never_climb() {
        let text = "[dependencies]\ntenure-runtime = { workspace = true }\n";
        assert_eq!(messages("crates/journal/Cargo.toml", text), ["journal must not depend on runtime"]);
        assert!(messages("crates/server/Cargo.toml", text).is_empty());
        let tests_only = "[dev-dependencies]\ntenure-session = { workspace = true }\n";
        assert!(messages("crates/journal/Cargo.toml", tests_only).is_empty());
    }

    #[test]
    fn wire_shapes_are_for_server_runner_and_app() {
        let text = "[dependencies]\ntenure-protocol = { workspace = true }\n";
        assert_eq!(messages("crates/runtime/Cargo.toml", text), ["runtime must not depend on protocol"]);
        for folder in ["server", "runner", "app", "xtask"] {
            assert!(messages(&format!("crates/{folder}/Cargo.toml"), text).is_empty());
        }
    }

    #[test]
    fn a_new_crate_must_be_placed_first() {
        assert_eq!(messages("crates/extra/Cargo.toml", ""), ["nothing says what crates/extra may depend on"]);
    }

    #[test]
    fn the_problem_names_its_line() {
        let text = "[package]\nname = \"x\"\n[dependencies]\nsled = \"0.34\"\n";
        let problems = check(&tree(&[("crates/account/Cargo.toml", text)]));
        assert_eq!((problems[0].path.as_str(), problems[0].line), ("crates/account/Cargo.toml", 4));
    }
}
