//! The map in `crates/README.md` is true: every path that it names is there.

use super::Problem;
use super::tree::Tree;

const RULE: &str = "map";
const MAP: &str = "crates/README.md";

pub fn check(tree: &Tree) -> Vec<Problem> {
    let Some(file) = tree.get(MAP) else {
        return vec![Problem::new(MAP, 0, RULE, "is missing".into(), "write the map of the crates")];
    };
    let mut problems = Vec::new();
    let mut fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for path in line.split('`').skip(1).step_by(2).filter(|quoted| looks_like_a_path(tree, quoted)) {
            if !exists(tree, path) {
                let message = format!("names {path}, which is not there");
                problems.push(Problem::new(MAP, index + 1, RULE, message, "name the file that holds it now"));
            }
        }
    }
    problems
}

/// A word that ends like a file or a folder, or starts with a folder of ours; not a route, a command or a media type.
fn looks_like_a_path(tree: &Tree, quoted: &str) -> bool {
    let plain = quoted.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let ends_like_one = [".rs", ".toml", ".md", ".yaml", ".json", "/"].iter().any(|end| quoted.ends_with(end));
    let starts_like_one = quoted.split_once('/').is_some_and(|(folder, _)| is_there(tree, folder));
    plain && !quoted.starts_with('/') && (ends_like_one || starts_like_one)
}

/// Paths may leave out `crates/`, `src/` and `.rs`: `runtime/host` is `crates/runtime/src/host.rs`.
fn exists(tree: &Tree, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let inside = path.split_once('/').map(|(folder, rest)| format!("{folder}/src/{rest}"));
    [Some(path.to_owned()), inside]
        .iter()
        .flatten()
        .any(|path| is_there(tree, path) || is_there(tree, &format!("{path}.rs")))
}

fn is_there(tree: &Tree, path: &str) -> bool {
    !path.is_empty() && (tree.has(path) || tree.has(&format!("crates/{path}")))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    fn missing(map: &str) -> Vec<String> {
        let files = [(MAP, map), ("crates/runtime/src/host.rs", ""), ("Cargo.toml", "")];
        check(&tree(&files)).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_path_that_is_gone_is_found() {
        assert_eq!(missing("see `runtime/gone.rs`"), ["names runtime/gone.rs, which is not there"]);
        assert_eq!(missing("see `runtime/gone`"), ["names runtime/gone, which is not there"]);
        assert_eq!(missing("see `gone.rs`"), ["names gone.rs, which is not there"]);
    }

    #[test]
    fn paths_may_be_short() {
        assert!(
            missing("`runtime/host.rs` `runtime/src/host.rs` `runtime/host` `crates/runtime/` `runtime/` `Cargo.toml`")
                .is_empty()
        );
    }

    #[test]
    fn what_is_no_path_is_left_alone() {
        assert!(
            missing(
                "`/api/sessions` `cargo xtask ci` `Session::decide` `text/plain` `text/*` `a → b`\n```\n`x/y.rs`\n```"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_missing_map_is_a_problem() {
        assert_eq!(check(&tree(&[]))[0].message, "is missing");
    }
}
