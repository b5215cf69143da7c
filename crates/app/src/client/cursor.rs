//! How far the stream of a session or a run was taken, so that a reconnect leaves no gap and repeats nothing.
//!
//! Of the frames of one commit only the last carries the commit's position, so a line that breaks between them gets all of
//! them again. Those that were taken already are recognized by their very text.

use tenure_protocol::client::ClientEvent;
use tenure_protocol::execution::ExecutionEvent;

/// What comes over a stream.
pub trait Frame {
    /// Returns the cursor that the frame carries.
    fn position(&mut self) -> Option<u64>;
    /// Tells whether it replaces everything that came before.
    fn is_picture(&self) -> bool;
    /// Tells whether all that was missed has come.
    fn is_live(&self) -> bool;
}

impl Frame for ClientEvent {
    fn position(&mut self) -> Option<u64> {
        self.position_mut().map(|position| *position)
    }

    fn is_picture(&self) -> bool {
        matches!(self, ClientEvent::Init { .. } | ClientEvent::Resync { .. })
    }

    fn is_live(&self) -> bool {
        matches!(self, ClientEvent::Live { .. })
    }
}

impl Frame for ExecutionEvent {
    fn position(&mut self) -> Option<u64> {
        self.position_mut().map(|position| *position)
    }

    fn is_picture(&self) -> bool {
        matches!(self, ExecutionEvent::Init { .. })
    }

    fn is_live(&self) -> bool {
        matches!(self, ExecutionEvent::Live { .. })
    }
}

/// The place of a client in the stream.
#[derive(Default)]
pub struct Cursor {
    /// Everything up to here was taken.
    after: Option<u64>,
    /// The frames taken since `after` was reached, which a reconnect may bring again.
    taken: Vec<String>,
    /// Those of them that are to be left out now.
    again: Vec<String>,
}

impl Cursor {
    /// Returns what to send as `after`; nothing asks for a whole picture.
    pub fn after(&self) -> Option<u64> {
        self.after
    }

    /// Forgets everything, so that the next join brings a whole picture.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Notes that the line broke.
    pub fn broken(&mut self) {
        self.again.clone_from(&self.taken);
    }

    /// Takes note of a frame; tells whether it is a new one.
    pub fn take(&mut self, event: &mut impl Frame, raw: &str) -> bool {
        let Some(position) = event.position() else {
            return true;
        };
        if event.is_picture() {
            self.forget();
        }
        if Some(position) > self.after {
            self.after = Some(position);
            self.taken.clear();
            self.again.clear();
        }
        if event.is_live() {
            return true;
        }
        if let Some(at) = self.again.iter().position(|known| known == raw) {
            self.again.swap_remove(at);
            return false;
        }
        self.taken.push(raw.to_owned());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(position: u64, title: &str) -> (ClientEvent, String) {
        let event = ClientEvent::Title { position, title: title.to_owned() };
        let raw = serde_json::to_string(&event).unwrap();
        (event, raw)
    }

    fn take(cursor: &mut Cursor, (event, raw): &(ClientEvent, String)) -> bool {
        cursor.take(&mut event.clone(), raw)
    }

    #[test]
    fn a_commit_that_broke_off_comes_again_and_repeats_nothing() {
        let mut cursor = Cursor::default();
        assert!(take(&mut cursor, &title(4, "the last of commit 4")));
        assert!(take(&mut cursor, &title(4, "the first of commit 5")));
        assert_eq!(cursor.after(), Some(4));
        cursor.broken();
        assert!(!take(&mut cursor, &title(4, "the first of commit 5")));
        assert!(take(&mut cursor, &title(4, "the second of commit 5")));
        cursor.broken();
        assert!(!take(&mut cursor, &title(4, "the first of commit 5")));
        assert!(!take(&mut cursor, &title(4, "the second of commit 5")));
        assert!(take(&mut cursor, &title(5, "the last of commit 5")));
        assert_eq!(cursor.after(), Some(5));
    }

    #[test]
    fn positions_of_other_sessions_are_skipped() {
        let mut cursor = Cursor::default();
        assert!(take(&mut cursor, &title(3, "the last of commit 3")));
        assert!(take(&mut cursor, &title(8, "the first of commit 9")));
        cursor.broken();
        assert_eq!(cursor.after(), Some(8));
        assert!(!take(&mut cursor, &title(8, "the first of commit 9")));
        assert!(take(&mut cursor, &title(9, "the last of commit 9")));
    }

    #[test]
    fn two_equal_frames_are_two() {
        let mut cursor = Cursor::default();
        assert!(take(&mut cursor, &title(1, "a")));
        assert!(take(&mut cursor, &title(1, "a")));
        cursor.broken();
        assert!(!take(&mut cursor, &title(1, "a")));
        assert!(!take(&mut cursor, &title(1, "a")));
        assert!(take(&mut cursor, &title(1, "a")));
    }

    #[test]
    fn a_picture_of_another_history_starts_anew() {
        let mut cursor = Cursor::default();
        assert!(take(&mut cursor, &title(9, "a")));
        cursor.forget();
        assert_eq!(cursor.after(), None);
        assert!(take(&mut cursor, &title(2, "b")));
        assert_eq!(cursor.after(), Some(2));
    }
}
