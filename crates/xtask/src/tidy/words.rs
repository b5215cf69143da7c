//! Words that do not stay in the project: unfinished work, panics without a reason, sleeping tests, one machine's paths.

use super::Problem;
use super::source::Line;
use super::tree::{File, Tree};

/// How a word is looked for.
enum Where {
    /// In code.
    Code,
    /// In code that is not a test.
    Shipped,
    /// In tests.
    Tests,
    /// In code and comments.
    Anywhere,
}

struct Rule {
    name: &'static str,
    /// What is looked for, as code.
    words: &'static [&'static str],
    place: Where,
    /// A line that holds this is fine.
    unless: Option<&'static str>,
    fix: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        name: "unfinished",
        words: &["todo!", "unimplemented!", "dbg!"],
        place: Where::Code,
        unless: None,
        fix: "finish it, or refuse with a message that a user can act on",
    },
    Rule {
        name: "ignored",
        words: &["#[ignore"],
        place: Where::Code,
        // What another test starts as its child process is no test by itself.
        unless: Some("#[ignore = \"runs as "),
        fix: "let it run in CI, or delete it; the child process of a test says `runs as …`",
    },
    // Joined from halves, so that this file does not hold the words itself.
    Rule {
        name: "marker",
        words: &[concat!("FIX", "ME"), concat!("XX", "X")],
        place: Where::Anywhere,
        unless: None,
        fix: "do it now, or open an issue",
    },
    Rule {
        name: "unwrap",
        words: &[".unwrap()"],
        place: Where::Shipped,
        unless: None,
        fix: "use `?`, `let … else`, or `expect(\"why this holds\")`",
    },
    Rule {
        name: "sleep",
        words: &["sleep(", "sleep_until("],
        place: Where::Tests,
        unless: None,
        fix: "wait for the event itself, with a bound, or move the test clock by hand",
    },
];

/// Folders that exist on one machine only.
const MACHINE_FOLDERS: &[&str] = &["work", "farm", "root"];
const MACHINE: &str = "machine";

pub fn check(tree: &Tree) -> Vec<Problem> {
    let in_code = tree.rust().flat_map(|file| words(file, &tree.lines(file)));
    let in_text = tree.files.iter().filter(|file| file.path != "Cargo.lock").flat_map(machine_paths);
    in_code.chain(in_text).collect()
}

fn words(file: &File, lines: &[Line]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for rule in RULES {
            let text = match rule.place {
                Where::Code => &line.code,
                Where::Shipped if !line.test => &line.code,
                Where::Tests if line.test => &line.code,
                Where::Anywhere => &line.raw,
                Where::Shipped | Where::Tests => continue,
            };
            let Some(word) = rule.words.iter().find(|word| contains_word(text, word)) else {
                continue;
            };
            let fine = rule.unless.is_some_and(|text| line.raw.contains(text));
            if !fine && !is_allowed(lines, index, rule.name) {
                problems.push(Problem::new(&file.path, line.number, rule.name, format!("`{word}`"), rule.fix));
            }
        }
    }
    problems
}

fn machine_paths(file: &File) -> Vec<Problem> {
    let found =
        |line: &str| MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/")).find(|path| starts_in(line, path));
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let message = format!("`{}` is a path of one machine", found(line)?);
            Some(Problem::new(
                &file.path,
                index + 1,
                MACHINE,
                message,
                "use a path relative to the project or a temporary folder",
            ))
        })
        .collect()
}

/// Tells whether an absolute path stands in the line; the middle of a longer path does not count.
fn starts_in(line: &str, path: &str) -> bool {
    let continues = |c: char| c.is_alphanumeric() || "._-}*>)".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(continues))
}

/// Tells whether a word stands in a line, not as the part of a longer one.
pub fn contains_word(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let open = word.starts_with(in_word) && line[..at].ends_with(in_word);
        let close = word.ends_with(in_word) && line[at + word.len()..].starts_with(in_word);
        !open && !close
    })
}

/// Tells whether the line, or a comment right above it, says `tidy: allow(rule) because …`.
pub fn is_allowed(lines: &[Line], index: usize, rule: &str) -> bool {
    let mark = format!("tidy: allow({rule}) because ");
    let says = |line: &Line| line.raw.split_once(&mark).is_some_and(|(_, reason)| reason.trim().len() > 3);
    let above = lines[..index].iter().rev().take_while(|line| line.raw.trim_start().starts_with("//"));
    says(&lines[index]) || above.into_iter().any(says)
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn rules(path: &str, body: &str) -> Vec<(&'static str, usize)> {
        let text = format!("//! A.\n{body}\n");
        check(&tree(&[(path, &text)])).into_iter().map(|problem| (problem.rule, problem.line)).collect()
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in ["todo!()", "unimplemented!(\"later\")", "dbg!(a)"] {
            assert_eq!(rules("crates/a/src/a.rs", word), [("unfinished", 2)], "{word}");
        }
        let marker = format!("// {}: later", concat!("FIX", "ME"));
        assert_eq!(rules("crates/a/src/a.rs", &marker), [("marker", 2)]);
        assert!(rules("crates/a/src/a.rs", "let ignored = \"todo!\"; // dbg! is not ours").is_empty());
    }

    #[test]
    fn a_test_that_never_runs_is_found() {
        for line in ["#[ignore]", "#[ignore = \"slow\"]"] {
            assert_eq!(rules("crates/a/src/a.rs", line), [("ignored", 2)], "{line}");
        }
        assert!(rules("crates/a/src/a.rs", "#[ignore = \"runs as the child of the test above\"]").is_empty());
    }

    #[test]
    fn unwrap_is_for_tests() {
        assert_eq!(rules("crates/a/src/a.rs", "a.unwrap();"), [("unwrap", 2)]);
        assert!(
            rules("crates/a/src/a.rs", "a.unwrap_or(b);\n#[cfg(test)]\nmod tests { fn a() { b.unwrap(); } }")
                .is_empty()
        );
        assert!(rules("tests/src/a.rs", "a.unwrap();").is_empty());
    }

    #[test]
    fn tests_do_not_sleep_without_a_reason() {
        assert_eq!(rules("tests/src/a.rs", "std::thread::sleep(d);"), [("sleep", 2)]);
        assert_eq!(rules("tests/src/a.rs", "tokio::time::sleep(d).await;"), [("sleep", 2)]);
        assert!(rules("crates/a/src/a.rs", "std::thread::sleep(d);").is_empty());
        assert!(
            rules("tests/src/a.rs", "// tidy: allow(sleep) because the peer is a real process\nsleep(d);").is_empty()
        );
        assert_eq!(rules("tests/src/a.rs", "// tidy: allow(sleep) because \nsleep(d);"), [("sleep", 3)]);
    }

    #[test]
    fn paths_of_one_machine_are_found_in_every_file() {
        for folder in MACHINE_FOLDERS {
            let text = format!("cd /{folder}/a");
            assert_eq!(check(&tree(&[("deploy/a.yaml", &text)])).len(), 1, "{folder}");
            let longer = format!("src/{folder}/a.rs ${{HOME}}/{folder}/a");
            assert!(check(&tree(&[("deploy/a.yaml", &longer)])).is_empty(), "{folder}");
        }
    }
}
