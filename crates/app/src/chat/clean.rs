//! Takes what could steer a terminal out of a text that streams in: escape sequences and control characters.

/// Filters a stream; a sequence may be split anywhere between two calls.
#[derive(Default)]
pub struct Cleaner {
    state: State,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Plain,
    /// After ESC.
    Escape,
    /// Inside ESC [ … up to a final letter.
    Control,
    /// Inside ESC ] … and its kin, up to BEL or ESC \.
    String,
    /// After an ESC inside a string.
    StringEscape,
}

impl Cleaner {
    /// Returns what of `text` is safe to print: characters, line ends and tabs.
    pub fn clean(&mut self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        for c in text.chars() {
            self.state = match (self.state, c) {
                (State::Plain, '\u{1b}') => State::Escape,
                (State::Plain, '\u{9b}') => State::Control,
                (State::Plain, '\u{90}' | '\u{9d}') => State::String,
                (State::Plain, c) => {
                    if c == '\n' || c == '\t' || !(c.is_control() || steers_direction(c)) {
                        kept.push(c);
                    }
                    State::Plain
                }
                (State::Escape, '[') => State::Control,
                (State::Escape, ']' | 'P' | 'X' | '^' | '_') => State::String,
                (State::Escape, ' '..='/') => State::Escape,
                (State::Escape, _) => State::Plain,
                (State::Control, '@'..='~') => State::Plain,
                // A line end never belongs to a sequence: it is better to lose the sequence than the line.
                (State::Control | State::String | State::StringEscape, '\n') => {
                    kept.push('\n');
                    State::Plain
                }
                (State::Control, _) => State::Control,
                (State::String, '\u{7}' | '\u{9c}') => State::Plain,
                (State::String, '\u{1b}') => State::StringEscape,
                (State::String, _) => State::String,
                (State::StringEscape, _) => State::Plain,
            };
        }
        kept
    }
}

/// Marks that turn the direction of writing can make a command look like another one.
fn steers_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_wherever_they_are_cut() {
        let text = "a\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}b\u{1b}]8;;x\u{1b}\\c\r\n\td\u{8}\u{202e}";
        let whole = Cleaner::default().clean(text);
        assert_eq!(whole, "aredbc\n\td");
        let cuts: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        for cut in cuts {
            let mut cleaner = Cleaner::default();
            let both = cleaner.clean(&text[..cut]) + &cleaner.clean(&text[cut..]);
            assert_eq!(both, whole, "cut at {cut}");
        }
    }

    #[test]
    fn an_open_sequence_ends_with_its_line() {
        assert_eq!(Cleaner::default().clean("\u{1b}[31\nnext"), "\nnext");
    }
}
