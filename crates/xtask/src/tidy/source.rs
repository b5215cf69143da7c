//! One Rust file as the rules see it: code without comments and text, and which lines are tests.

/// One line of a file.
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// As it was written.
    pub raw: String,
    /// The same with comments and the contents of text literals blanked.
    pub code: String,
    /// Inside `#[cfg(test)]`, or in a file that only tests use.
    pub test: bool,
}

/// Splits a file into lines; `test_file` marks all of them as tests.
pub fn lines(text: &str, test_file: bool) -> Vec<Line> {
    let code = blank(text);
    let mut lines: Vec<Line> = text
        .lines()
        .zip(code.lines())
        .enumerate()
        .map(|(index, (raw, code))| Line { number: index + 1, raw: raw.into(), code: code.into(), test: test_file })
        .collect();
    mark_test_modules(&mut lines);
    lines
}

/// Returns the modules in files of their own that stand below `#[cfg(test)]`.
pub fn test_module_files(text: &str) -> Vec<String> {
    let code = blank(text);
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == "#[cfg(test)]")
        .filter_map(|pair| pair[1].strip_suffix(';')?.rsplit_once("mod "))
        .map(|(_, name)| name.trim().to_owned())
        .collect()
}

/// Marks everything from `#[cfg(test)]` to the brace that closes the item below it.
fn mark_test_modules(lines: &mut [Line]) {
    let mut index = 0;
    while index < lines.len() {
        if lines[index].code.trim() != "#[cfg(test)]" {
            index += 1;
            continue;
        }
        let mut depth = 0i32;
        let mut opened = false;
        while index < lines.len() {
            let line = &mut lines[index];
            line.test = true;
            depth += line.code.matches('{').count() as i32 - line.code.matches('}').count() as i32;
            opened |= line.code.contains('{');
            let ends_without_body = !opened && line.code.trim_end().ends_with(';');
            index += 1;
            if ends_without_body || (opened && depth <= 0) {
                break;
            }
        }
    }
}

/// Replaces comments and the contents of text literals by spaces; line breaks stay where they are.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

/// Returns the end of the comment or literal that starts at `at`, or `at` when none does.
fn skip(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => position(chars, at, |c| c == '\n'),
        '/' if next == Some('*') => block_comment(chars, at),
        '"' => quoted(chars, at),
        'r' if !is_word(chars, at) => raw_text(chars, at),
        '\'' => char_literal(chars, at),
        _ => at,
    }
}

fn position(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    let from = from.min(chars.len());
    chars[from..].iter().position(|&c| wanted(c)).map_or(chars.len(), |n| from + n)
}

/// Tells whether the character before `at` continues a word, so that this one does not start it.
fn is_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') && chars[at - 1] != 'b'
}

fn block_comment(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut index = at;
    while index < chars.len() {
        match (chars[index], chars.get(index + 1)) {
            ('/', Some('*')) => (depth, index) = (depth + 1, index + 2),
            ('*', Some('/')) => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            return index;
        }
    }
    chars.len()
}

fn quoted(chars: &[char], at: usize) -> usize {
    let mut index = at + 1;
    while index < chars.len() {
        match chars[index] {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    chars.len()
}

fn raw_text(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let mut index = open + 1;
    while index < chars.len() {
        if chars[index] == '"' && chars[index + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes {
            return index + 1 + hashes;
        }
        index += 1;
    }
    chars.len()
}

/// Tells `'"'` and `'\n'` from a lifetime.
fn char_literal(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => position(chars, at + 3, |c| c == '\'').saturating_add(1).min(chars.len()),
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_comments_are_blanked_and_code_stays() {
        let code =
            blank("let a = \"x.unwrap()\"; // b.unwrap()\nlet c = r#\"d \" e\"#; f('\"', 'g', &'static h) /* i\n */ j");
        assert!(!code.contains("unwrap"), "{code}");
        assert!(!code.contains("d \"") && code.contains("let c ="), "{code}");
        assert!(code.contains("&'static h)") && code.ends_with(" j"), "{code}");
        assert_eq!(code.lines().count(), 3);
    }

    #[test]
    fn a_test_module_ends_with_its_brace() {
        let lines = lines("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n", false);
        let tests: Vec<bool> = lines.iter().map(|line| line.test).collect();
        assert_eq!(tests, [false, true, true, true, true, false]);
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_is_found() {
        let text = "#[cfg(test)]\nmod tests;\nmod other;\n";
        assert_eq!(test_module_files(text), ["tests"]);
        assert!(!lines(text, false)[2].test);
    }
}
