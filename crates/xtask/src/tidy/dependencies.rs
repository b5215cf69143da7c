//! Every crate from outside is justified by a sentence next to it in the root manifest.

use super::Problem;
use super::tree::Tree;

const RULE: &str = "dependencies";

pub fn check(tree: &Tree) -> Vec<Problem> {
    tree.get("Cargo.toml").map(|file| unjustified(&file.text)).unwrap_or_default()
}

/// A sentence holds for the entries right below it, up to an empty line.
fn unjustified(manifest: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut inside = false;
    let mut justified = false;
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim() == "[workspace.dependencies]";
        }
        match line.trim() {
            "" => justified = false,
            comment if comment.starts_with('#') => justified = true,
            entry if inside && !justified && is_external(entry) => {
                let name = entry.split([' ', '=', '.']).next().unwrap_or_default();
                let message = format!("nothing says why {name} is needed");
                problems.push(Problem::new("Cargo.toml", index + 1, RULE, message, "add a comment line above it"));
            }
            _ => {}
        }
    }
    problems
}

/// Tells whether a line opens an entry of a crate that is not ours.
fn is_external(line: &str) -> bool {
    line.contains('=') && !line.contains("path =") && line.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_reason_is_found() {
        let manifest = "[workspace]\nresolver = \"3\"\n[workspace.dependencies]\nours = { path = \"a\" }\n\n\
                        # Because.\na = \"1\"\nb = \"1\"\n\nc = \"1\"\n[profile.dev]\ndebug = false\n";
        let problems = unjustified(manifest);
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].line, problems[0].message.as_str()), (10, "nothing says why c is needed"));
    }
}
