//! Which names the console's files have: such as bundlers give, and none that a file system reads as a way.

/// Tells whether this is the name of a file, and neither hidden nor a path.
pub fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-~@+".contains(c);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["index.html", "index-DiwrgTda.js.br", "inter-latin_400.woff2", "a..b"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["", ".", "..", ".git", "a/b", "a\\b", "%2e%2e", "a\0", "a b", "ä.js", "a:b"] {
            assert!(!is_name(other), "{other:?}");
        }
    }
}
