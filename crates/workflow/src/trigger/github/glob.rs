//! Patterns of branches and paths: `*` within one part, `**` across parts, `?` for one character.

/// Tells whether a text fits a pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Row by row: whether the pattern up to here fits the text up to there. No pattern takes longer than their product.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let wide = pattern[at] == '*' && pattern.get(at + 1) == Some(&'*');
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match pattern[at] {
                '*' => fits[end] || (end > 0 && next[end - 1] && (wide || text[end - 1] != '/')),
                '?' => end > 0 && fits[end - 1] && text[end - 1] != '/',
                plain => end > 0 && fits[end - 1] && text[end - 1] == plain,
            };
        }
        at += if wide { 2 } else { 1 };
        // `docs/**/x` is also `docs/x`.
        if wide && pattern.get(at) == Some(&'/') && (at == 2 || pattern[at - 3] == '/') {
            for end in 0..=text.len() {
                next[end] = fits[end] || (end > 0 && next[end] && text[end - 1] == '/');
            }
            at += 1;
        }
        fits = next;
    }
    fits[text.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn one_star_stays_within_a_part_and_two_do_not() {
        for (pattern, text) in [
            ("main", "main"),
            ("*", "main"),
            ("release/*", "release/1.2"),
            ("**", "a/b/c"),
            ("feature/**", "feature/a/b"),
            ("docs/**/*.md", "docs/a/b/c.md"),
            ("docs/**/*.md", "docs/c.md"),
            ("**/x", "x"),
            ("v?", "v1"),
            ("a**b", "a/x/b"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} fits {text}");
        }
        for (pattern, text) in [
            ("main", "maine"),
            ("*", "a/b"),
            ("release/*", "release/1/2"),
            ("release/*", "release"),
            ("v?", "v"),
            ("*.md", "docs/a.md"),
            ("docs/**/*.md", "docsx/c.md"),
            ("", "x"),
        ] {
            assert!(!matches(pattern, text), "{pattern} does not fit {text}");
        }
        let long = "a".repeat(2_000);
        assert!(!matches(&"*a".repeat(200), &format!("{long}b")), "it ends soon");
    }
}
