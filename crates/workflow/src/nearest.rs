//! The nearest of some names, for "did you mean".

/// Returns the name that is fewest changes away, when that is near enough to be meant.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let far = (folded.chars().count() / 3).max(1);
    let ranked = names.into_iter().map(|name| (distance(&folded, &fold(name)), name));
    ranked.filter(|(changes, _)| *changes <= far).min_by_key(|(changes, _)| *changes).map(|(_, name)| name)
}

/// Case and separators do not count: `outputVariable` is near `output_variable`.
fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).take(64).collect()
}

/// Counts the changes (a letter added, left out, replaced, or two swapped) that make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut older = vec![0; b.len() + 1];
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut new = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = old[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            new[j] = replaced.min(old[j] + 1).min(new[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                new[j] = new[j].min(older[j - 2] + 1);
            }
        }
        older = std::mem::replace(&mut old, new);
    }
    old[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_what_was_meant_and_strangers_find_nothing() {
        let names = ["output", "timeout", "continue_on_error", "agent_prompt"];
        for (word, meant) in [
            ("ouput", Some("output")),
            ("tiemout", Some("timeout")),
            ("continueOnError", Some("continue_on_error")),
            ("agent-promt", Some("agent_prompt")),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), meant, "{word:?}");
        }
    }
}
