//! What holds for TypeScript: files that end before the reader tires, nothing unfinished, and no story that sleeps.

use super::Problem;
use super::source::Line;
use super::tree::{File, Tree};
use super::words::{contains_word, is_allowed};

const LINES_MAX: usize = 400;
/// Suites list cases; they may run longer.
const TEST_LINES_MAX: usize = 600;
/// Ways to wait for the clock instead of for what is expected. A timer that ends what takes too long is none.
const SLEEPS: &[&str] = &["sleep(", "waitForTimeout(", "await setTimeout(", "setTimeout(resolve"];
/// Joined from halves, so that this file does not hold the words itself.
const MARKERS: &[&str] = &[concat!("FIX", "ME"), concat!("XX", "X")];

pub fn check(tree: &Tree) -> Vec<Problem> {
    let scripts = tree.files.iter().filter(|file| file.path.ends_with(".ts") || file.path.ends_with(".tsx"));
    scripts.flat_map(|file| size(file).into_iter().chain(words(file))).collect()
}

/// Tells whether a file only exists for tests.
fn is_test(path: &str) -> bool {
    path.contains("/stories/") || [".test.", ".spec.", ".story."].iter().any(|mark| path.contains(mark))
}

fn size(file: &File) -> Option<Problem> {
    let lines = file.text.lines().count();
    let max = if is_test(&file.path) { TEST_LINES_MAX } else { LINES_MAX };
    let fix = "find the second idea in it and give that a file of its own";
    (lines > max).then(|| Problem::new(&file.path, 0, "size", format!("{lines} lines; {max} are the most"), fix))
}

fn words(file: &File) -> Vec<Problem> {
    let test = is_test(&file.path);
    let line = |(index, raw): (usize, &str)| Line { number: index + 1, raw: raw.into(), code: raw.into(), test };
    let lines: Vec<Line> = file.text.lines().enumerate().map(line).collect();
    let mut problems = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let is_comment = ["//", "*", "/*"].iter().any(|mark| line.raw.trim_start().starts_with(mark));
        let mut refuse = |rule: &'static str, words: &[&str], fix: &str| {
            let Some(word) = words.iter().find(|word| contains_word(&line.raw, word)) else { return };
            if !is_allowed(&lines, index, rule) {
                problems.push(Problem::new(&file.path, line.number, rule, format!("`{word}`"), fix));
            }
        };
        refuse("marker", MARKERS, "do it now, or open an issue");
        if test && !is_comment {
            refuse("sleep", SLEEPS, "wait for what is expected to be seen, with a bound");
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        check(&tree(&[(path, text)])).into_iter().map(|problem| (problem.rule, problem.line)).collect()
    }

    #[test]
    fn a_file_has_400_lines_and_a_suite_600() {
        for (path, max) in [("web/src/a.ts", 400), ("web/src/a.tsx", 400), ("web/stories/a.ts", 600)] {
            assert!(rules(path, &"\n".repeat(max)).is_empty(), "{path}");
            assert_eq!(rules(path, &"\n".repeat(max + 1)), [("size", 0)], "{path}");
        }
        assert!(rules("web/src/a.css", &"\n".repeat(1_000)).is_empty());
    }

    #[test]
    fn stories_and_unit_tests_do_not_sleep() {
        for path in ["web/stories/chat.ts", "web/src/feed.test.ts", "web/src/a.spec.tsx"] {
            for line in [
                "await page.waitForTimeout(100)",
                "await sleep(5)",
                "await setTimeout(5)",
                "new Promise((resolve) => setTimeout(resolve, 5))",
            ] {
                assert_eq!(rules(path, line), [("sleep", 1)], "{path} {line}");
            }
            assert!(rules(path, "  // waitForTimeout(1) would be a guess").is_empty());
            assert!(rules(path, "// tidy: allow(sleep) because it tests a timer\nawait sleep(1)").is_empty());
            assert!(rules(path, "const late = setTimeout(() => child.kill(), 15_000)").is_empty());
        }
        assert!(rules("web/src/feed.ts", "setTimeout(again, pause)").is_empty());
    }

    #[test]
    fn nothing_is_left_for_later() {
        let text = format!("const a = 1; // {}: later", concat!("FIX", "ME"));
        assert_eq!(rules("web/src/a.ts", &text), [("marker", 1)]);
    }
}
