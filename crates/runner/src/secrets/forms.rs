//! The forms in which a secret may turn up: as it is, and as the usual encodings write it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::SECRET_BYTES_MIN;

/// What RFC 3986 says needs no encoding.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A line of a secret that is at least so long is a secret by itself: keys are printed line by line, and indented.
const LINE_BYTES_MIN: usize = 16;

/// Lists all forms of a secret, each once.
pub fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned(), in_json(secret)]);
    let url = utf8_percent_encode(secret, &RESERVED).to_string();
    forms.insert(url.replace("%20", "+"));
    forms.insert(lower_hex(&url));
    forms.insert(url);
    forms.extend(in_base64(secret.as_bytes()));
    let lines = secret.lines().map(str::trim).filter(|line| line.len() >= LINE_BYTES_MIN && !line.starts_with("-----"));
    forms.extend(lines.map(str::to_owned));
    forms.retain(|form| form.len() >= SECRET_BYTES_MIN);
    forms
}

/// Returns the secret as it stands within a text of JSON.
fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Writes the digits of `%2F` small, and nothing else.
fn lower_hex(url: &str) -> String {
    let mut pieces = url.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at(2);
        lower.extend(["%", &digits.to_lowercase(), rest]);
    }
    lower
}

/// Returns what the secret looks like within a longer base64 text, wherever in it the secret begins: the characters that
/// depend on nothing else.
fn in_base64(secret: &[u8]) -> Vec<String> {
    let engines = [STANDARD_NO_PAD, URL_SAFE_NO_PAD];
    let shifts = 0..3;
    shifts
        .flat_map(|shift| {
            let shifted = [&[0; 2][..shift], secret].concat();
            let first = (shift * 8).div_ceil(6);
            let last = shifted.len() * 8 / 6;
            engines.iter().map(move |engine| engine.encode(&shifted)[first..last].to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_any_base64_text_around_it() {
        let secret = "p>ss?~word";
        let forms = in_base64(secret.as_bytes());
        for before in ["", "a", "ab", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let text = engine.encode(format!("{before}{secret}{after}"));
                    assert!(forms.iter().any(|form| text.contains(form)), "{text} holds none of {forms:?}");
                }
            }
        }
    }

    #[test]
    fn urls_and_json_have_their_own_forms() {
        let forms = forms("a/b c\"ü-d");
        for form in ["a/b c\"ü-d", "a/b c\\\"ü-d", "a%2Fb%20c%22%C3%BC-d", "a%2fb%20c%22%c3%bc-d", "a%2Fb+c%22%C3%BC-d"]
        {
            assert!(forms.contains(form), "{form} is missing in {forms:?}");
        }
    }

    #[test]
    fn the_lines_of_a_key_are_forms_and_its_frame_is_none() {
        let forms = forms("-----BEGIN KEY-----\nAAAABBBBCCCCDDDDEEEE\nshort\n-----END KEY-----");
        assert!(forms.contains("AAAABBBBCCCCDDDDEEEE"));
        assert!(!forms.contains("-----BEGIN KEY-----") && !forms.contains("short"));
    }
}
