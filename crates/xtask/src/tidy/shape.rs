//! The shape of a file: it says what it is in its first line, and it ends before the reader tires.

use super::Problem;
use super::tree::{File, Tree};

const HEADER: &str = "header";
const SIZE: &str = "size";

const LINES_GOOD: usize = 300;
const LINES_MAX: usize = 400;
/// Suites list cases; they may run longer.
const TEST_LINES_MAX: usize = 600;

pub fn check(tree: &Tree) -> Vec<Problem> {
    tree.rust().flat_map(|file| [header(file), size(tree, file)]).flatten().collect()
}

fn header(file: &File) -> Option<Problem> {
    let first = file.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//!").is_some_and(|sentence| !sentence.trim().is_empty()) {
        return None;
    }
    let message = "does not open with `//!`".to_owned();
    Some(Problem::new(&file.path, 1, HEADER, message, "say in the first line, in one sentence, what the file is"))
}

fn size(tree: &Tree, file: &File) -> Option<Problem> {
    let lines = file.text.lines().count();
    let max = if tree.is_test(&file.path) { TEST_LINES_MAX } else { LINES_MAX };
    if lines <= LINES_GOOD || (lines <= max && max == TEST_LINES_MAX) {
        return None;
    }
    let message = format!("{lines} lines; {LINES_GOOD} read well, {max} are the most");
    let fix = "find the second idea in it and give that a file of its own";
    let mut problem = Problem::new(&file.path, 0, SIZE, message, fix);
    problem.warning = lines <= max;
    Some(problem)
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn sized(path: &str, lines: usize) -> Vec<Problem> {
        let text = format!("//! A.\n{}", "\n".repeat(lines - 1));
        check(&tree(&[(path, &text)]))
    }

    #[test]
    fn a_file_must_say_what_it_is() {
        for text in ["", "use std::fmt;\n", "//!\n", "// A.\n"] {
            assert_eq!(check(&tree(&[("crates/a/src/lib.rs", text)]))[0].rule, HEADER, "{text:?}");
        }
        assert!(check(&tree(&[("crates/a/src/lib.rs", "//! A.\n")])).is_empty());
    }

    #[test]
    fn a_long_file_warns_and_a_longer_one_fails() {
        assert!(sized("crates/a/src/lib.rs", 300).is_empty());
        assert!(sized("crates/a/src/lib.rs", 301)[0].warning);
        assert!(sized("crates/a/src/lib.rs", 400)[0].warning);
        assert!(!sized("crates/a/src/lib.rs", 401)[0].warning);
    }

    #[test]
    fn suites_may_be_longer() {
        assert!(sized("tests/src/story.rs", 600).is_empty());
        assert!(!sized("crates/a/tests/story.rs", 601)[0].warning);
    }
}
