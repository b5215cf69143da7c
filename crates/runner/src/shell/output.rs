//! What a command prints: decoded from bytes that come in any cuts, kept within a limit.

use super::{Attached, Overflow};

/// The most characters of a command's output that are kept and streamed.
pub const OUTPUT_CHARS_MAX: usize = 64_000;

/// Decodes UTF-8 that arrives in pieces; what is no UTF-8 becomes `U+FFFD`.
#[derive(Default)]
pub struct Utf8Stream {
    /// The beginning of a character whose rest has not come.
    pending: Vec<u8>,
}

impl Utf8Stream {
    /// Adds bytes and returns the characters that are complete.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.pending.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, rest) = self.pending.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(bad) = error.error_len() else {
                        self.pending = rest.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.pending = rest[bad..].to_vec();
                }
            }
        }
    }

    /// Ends the stream; a character that never became whole is replaced.
    pub fn finish(self) -> &'static str {
        if self.pending.is_empty() { "" } else { "\u{FFFD}" }
    }
}

/// The first part of an output, and how much more there was.
#[derive(Default)]
pub struct Captured {
    text: String,
    chars: usize,
    dropped: usize,
    last_line: String,
    /// Where all of it goes when it is too much.
    overflow: Option<Overflow>,
}

impl Captured {
    /// Returns one that writes all of an output that is too long to `overflow`.
    pub fn with(overflow: Option<Overflow>) -> Self {
        Self { overflow, ..Self::default() }
    }

    /// Adds text and returns the part of it that is within the limit.
    pub fn push<'a>(&mut self, text: &'a str) -> &'a str {
        self.note_lines(text);
        let room = OUTPUT_CHARS_MAX - self.chars;
        let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
        let (kept, rest) = text.split_at(end);
        self.text.push_str(kept);
        self.chars += kept.chars().count();
        if let Some(overflow) = self.overflow.as_mut().filter(|_| !rest.is_empty()) {
            if self.dropped == 0 {
                overflow.push(&self.text);
            }
            overflow.push(rest);
        }
        self.dropped += rest.chars().count();
        kept
    }

    /// Returns the text, with a note when some of it was cut.
    pub fn text(&self) -> String {
        match self.dropped {
            0 => self.text.clone(),
            dropped => format!("{}\n[cut here: {dropped} more characters]", self.text),
        }
    }

    /// Returns what was kept, without a note.
    pub fn kept(&self) -> &str {
        &self.text
    }

    /// Tells where all of it is, when it was too much.
    pub fn attached(&self) -> Option<Attached> {
        self.overflow.as_ref()?.attached()
    }

    /// Returns how many characters there were in all.
    pub fn chars_in_all(&self) -> usize {
        self.chars + self.dropped
    }

    /// Tells whether some of it was cut.
    pub fn is_cut(&self) -> bool {
        self.dropped > 0
    }

    /// Returns the last line that is not empty, even when it was cut from the text.
    pub fn last_line(&self) -> &str {
        self.last_line.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("")
    }

    fn note_lines(&mut self, text: &str) {
        self.last_line.push_str(text);
        let content = self.last_line.trim_end_matches(['\n', '\r']);
        if let Some(at) = content.rfind('\n') {
            self.last_line.drain(..=at);
        }
        // A line without an end must not grow with the output.
        let excess = self.last_line.len().saturating_sub(4_096);
        let excess = self.last_line.ceil_char_boundary(excess);
        self.last_line.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_survive_any_cut() {
        let text = "aä€🙂 fin";
        for size in 1..=text.len() {
            let mut stream = Utf8Stream::default();
            let mut all: String = text.as_bytes().chunks(size).map(|bytes| stream.push(bytes)).collect();
            all.push_str(stream.finish());
            assert_eq!(all, text);
        }
    }

    #[test]
    fn bad_bytes_are_replaced() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(b"a\xffb\xe2\x82"), "a\u{FFFD}b");
        assert_eq!(stream.finish(), "\u{FFFD}");
    }

    #[test]
    fn a_long_output_is_cut_with_a_note() {
        let mut captured = Captured::default();
        assert_eq!(captured.push(&"é".repeat(OUTPUT_CHARS_MAX - 1)).chars().count(), OUTPUT_CHARS_MAX - 1);
        assert_eq!(captured.push("xyz\nlast\n"), "x");
        assert_eq!(captured.push("more"), "");
        assert!(captured.text().ends_with("[cut here: 12 more characters]"));
        assert_eq!(captured.last_line(), "more");
    }

    #[test]
    fn the_last_line_is_the_last_one_with_words() {
        let mut captured = Captured::default();
        captured.push("one\ntw");
        captured.push("o\n\n");
        assert_eq!(captured.last_line(), "two");
    }
}
