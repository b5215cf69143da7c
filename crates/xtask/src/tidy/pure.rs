//! What the pure crates must not write: anything that would make two runs differ.

use super::Problem;
use super::arrows::PURE;
use super::tree::Tree;
use super::words::{contains_word, is_allowed};

const RULE: &str = "pure";

/// Words that do not stand in a pure crate, each with what to write instead.
const BANNED: &[(&str, &str)] = &[
    ("SystemTime", "take `ctx.now`"),
    ("Instant", "take `ctx.now`"),
    ("Utc::now", "take `ctx.now`"),
    ("Local", "take `ctx.now`, and the zone that somebody chose"),
    ("HashMap", "use BTreeMap, whose order is the same in every run"),
    ("HashSet", "use BTreeSet, whose order is the same in every run"),
    ("RandomState", "draw from `ctx.entropy`"),
    ("new_v4", "derive ids from `ctx.entropy`"),
    ("now_v7", "derive ids from `ctx.now` and `ctx.entropy`"),
];

pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.rust().filter(|file| file.crate_folder().is_some_and(|folder| PURE.contains(&folder))) {
        let lines = tree.lines(file);
        for (index, line) in lines.iter().enumerate() {
            for (word, fix) in BANNED.iter().filter(|(word, _)| contains_word(&line.code, word)) {
                if !is_allowed(&lines, index, RULE) {
                    let message = format!("{word} in a pure crate");
                    problems.push(Problem::new(&file.path, line.number, RULE, message, *fix));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn clocks_and_unordered_collections_are_found() {
        for (word, _) in BANNED {
            let text = format!("//! A.\nfn a() {{ {word}::new(); }}\n");
            let problems = check(&tree(&[("crates/workflow/src/a.rs", &text)]));
            assert_eq!(problems.len(), 1, "{word}");
            assert_eq!(problems[0].line, 2);
        }
    }

    #[test]
    fn words_in_comments_and_other_crates_are_fine() {
        let text = "//! No HashMap here.\nstruct Instantly;\n";
        assert!(check(&tree(&[("crates/model/src/a.rs", text)])).is_empty());
        assert!(check(&tree(&[("crates/runtime/src/a.rs", "use std::time::Instant;")])).is_empty());
    }
}
