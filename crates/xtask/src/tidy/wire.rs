//! Only `server/src/link/` knows the websocket library.

use super::Problem;
use super::tree::Tree;
use super::words::{contains_word, is_allowed};

const RULE: &str = "wire";
const HOME: &str = "crates/server/src/link/";

pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.rust().filter(|file| !file.path.starts_with(HOME)) {
        let lines = tree.lines(file);
        for (index, line) in lines.iter().enumerate() {
            let code = line.code.as_str();
            let named = contains_word(code, "actix_web_actors")
                || code.contains("actix::ws")
                || code.contains("actix_http::ws");
            if named && !is_allowed(&lines, index, RULE) {
                let message = "the websocket library outside the link".to_owned();
                problems.push(Problem::new(&file.path, line.number, RULE, message, format!("move it below {HOME}")));
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
    fn the_websocket_library_stays_in_the_link() {
        let text = "//! A.\nuse actix_web_actors::ws;\n";
        let problems = check(&tree(&[("crates/server/src/api/a.rs", text), ("crates/server/src/link/b.rs", text)]));
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].path.as_str(), problems[0].line), ("crates/server/src/api/a.rs", 2));
    }
}
