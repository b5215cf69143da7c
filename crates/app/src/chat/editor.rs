//! The line that a person is typing: a text, a place in it, and what was typed before. Pure.

/// How many lines are remembered.
const HISTORY_MAX: usize = 200;

/// What a key does to the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stroke {
    Insert(char),
    Backspace,
    Delete,
    Left,
    Right,
    Home,
    End,
    /// Deletes the word before the place.
    EraseWord,
    /// Deletes everything before the place.
    EraseBefore,
    /// Deletes everything behind the place.
    EraseBehind,
    Earlier,
    Later,
}

/// One line, with its history.
#[derive(Default)]
pub struct Editor {
    text: Vec<char>,
    at: usize,
    history: Vec<String>,
    /// Which line of the history is shown; the one being typed when absent.
    recalled: Option<usize>,
    draft: String,
}

impl Editor {
    /// Returns what stands there.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts `text` there, to be changed.
    pub fn set(&mut self, text: &str) {
        self.text = text.chars().collect();
        self.at = self.text.len();
        self.recalled = None;
    }

    /// Takes the line away and remembers it.
    pub fn submit(&mut self) -> String {
        let text = self.text();
        self.set("");
        if !text.trim().is_empty() && self.history.last() != Some(&text) {
            self.history.push(text.clone());
            if self.history.len() > HISTORY_MAX {
                self.history.remove(0);
            }
        }
        text
    }

    /// Does what a key asks for.
    pub fn stroke(&mut self, stroke: Stroke) {
        match stroke {
            Stroke::Insert(c) => {
                self.text.insert(self.at, c);
                self.at += 1;
            }
            Stroke::Backspace if self.at > 0 => {
                self.at -= 1;
                self.text.remove(self.at);
            }
            Stroke::Delete if self.at < self.text.len() => {
                self.text.remove(self.at);
            }
            Stroke::Left => self.at = self.at.saturating_sub(1),
            Stroke::Right => self.at = (self.at + 1).min(self.text.len()),
            Stroke::Home => self.at = 0,
            Stroke::End => self.at = self.text.len(),
            Stroke::EraseWord => self.erase_word(),
            Stroke::EraseBefore => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            Stroke::EraseBehind => self.text.truncate(self.at),
            Stroke::Earlier => self.recall(self.recalled.unwrap_or(self.history.len()).checked_sub(1)),
            Stroke::Later => {
                if let Some(shown) = self.recalled {
                    self.recall(Some(shown + 1));
                }
            }
            Stroke::Backspace | Stroke::Delete => {}
        }
    }

    /// Returns the part of the line that fits into `width` columns, and the column of the cursor in it.
    pub fn window(&self, width: usize) -> (String, usize) {
        use unicode_width::UnicodeWidthChar;
        let seen = |c: &char| if *c == '\n' { '⏎' } else { *c };
        let wide = |c: &char| seen(c).width().unwrap_or(0);
        let mut start = self.at;
        let mut column = 0;
        // One column stays free for the cursor behind the last character.
        while start > 0 && column + wide(&self.text[start - 1]) < width {
            start -= 1;
            column += wide(&self.text[start]);
        }
        let mut shown = String::new();
        let mut taken = 0;
        for c in &self.text[start..] {
            taken += wide(c);
            if taken >= width.max(1) {
                break;
            }
            shown.push(seen(c));
        }
        (shown, column)
    }

    fn erase_word(&mut self) {
        let before = &self.text[..self.at];
        let word_end = before.iter().rposition(|c| !c.is_whitespace()).map_or(0, |at| at + 1);
        let word = before[..word_end].iter().rposition(|c| c.is_whitespace()).map_or(0, |at| at + 1);
        self.text.drain(word..self.at);
        self.at = word;
    }

    fn recall(&mut self, to: Option<usize>) {
        let Some(to) = to else { return };
        if self.recalled.is_none() {
            self.draft = self.text();
        }
        let line = self.history.get(to).unwrap_or(&self.draft).clone();
        let within = to < self.history.len();
        self.set(&line);
        self.recalled = within.then_some(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        text.chars().for_each(|c| editor.stroke(Stroke::Insert(c)));
        editor
    }

    #[test]
    fn words_and_ends_are_erased() {
        let mut editor = typed("fix the  test");
        editor.stroke(Stroke::EraseWord);
        assert_eq!(editor.text(), "fix the  ");
        editor.stroke(Stroke::EraseWord);
        assert_eq!(editor.text(), "fix ");
        editor.stroke(Stroke::Home);
        editor.stroke(Stroke::Right);
        editor.stroke(Stroke::EraseBehind);
        assert_eq!(editor.text(), "f");
        editor.stroke(Stroke::EraseBefore);
        assert!(editor.is_empty());
    }

    #[test]
    fn history_comes_back_and_the_draft_is_kept() {
        let mut editor = typed("one");
        editor.submit();
        editor.set("two");
        editor.submit();
        editor.set("draft");
        editor.stroke(Stroke::Earlier);
        editor.stroke(Stroke::Earlier);
        editor.stroke(Stroke::Earlier);
        assert_eq!(editor.text(), "one");
        editor.stroke(Stroke::Later);
        editor.stroke(Stroke::Later);
        assert_eq!(editor.text(), "draft");
    }

    #[test]
    fn the_window_follows_the_cursor() {
        let mut editor = typed("abcdefgh");
        assert_eq!(editor.window(20), ("abcdefgh".to_owned(), 8));
        assert_eq!(editor.window(5), ("efgh".to_owned(), 4));
        editor.stroke(Stroke::Home);
        assert_eq!(editor.window(5), ("abcd".to_owned(), 0));
        let wide = typed("日本語");
        assert_eq!(wide.window(5), ("本語".to_owned(), 4));
    }
}
