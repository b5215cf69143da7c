//! The numbered frames of one work that the server has not acknowledged, and how far they have been sent.

use std::collections::VecDeque;

use tenure_model::link::TurnFrame;

/// Frames `first..next`; those below `sent` went out on this connection.
#[derive(Default)]
pub struct FrameLog {
    first: u64,
    sent: u64,
    frames: VecDeque<Logged>,
    bytes: u64,
    /// Nothing below this number is repeated for a repeated acknowledgement: it went out again already.
    repeated_below: u64,
    /// Whether the acknowledgement moved since [`FrameLog::nudge`] was last called.
    moved: bool,
    /// Whether frames were on their way at that call.
    waiting: bool,
}

struct Logged {
    frame: TurnFrame,
    bytes: u64,
}

impl FrameLog {
    /// Returns a log whose next frame has the number `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, sent: first, ..Self::default() }
    }

    /// Adds a frame of `bytes` serialized bytes.
    pub fn push(&mut self, frame: TurnFrame, bytes: u64) {
        self.frames.push_back(Logged { frame, bytes });
        self.bytes += bytes;
    }

    /// Returns the number of the oldest frame that is kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number that the next frame will have.
    pub fn next(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns the serialized size of all frames that are kept.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next frames to send, in order: at least one when there is one, and otherwise at most `bytes_max`.
    pub fn take(&mut self, bytes_max: u64) -> Option<(u64, Vec<TurnFrame>)> {
        let start = usize::try_from(self.sent - self.first).expect("the log fits in memory");
        let mut room = bytes_max;
        let mut batch = Vec::new();
        for logged in self.frames.range(start..) {
            if !batch.is_empty() && logged.bytes > room {
                break;
            }
            room = room.saturating_sub(logged.bytes);
            batch.push(logged.frame.clone());
        }
        if batch.is_empty() {
            return None;
        }
        let first = self.sent;
        self.sent += batch.len() as u64;
        Some((first, batch))
    }

    /// Everything below `next` is durable at the server. The same `next` twice asks for the rest again.
    pub fn ack(&mut self, next: u64) {
        if next > self.first {
            self.forget_below(next);
            self.moved = true;
        } else if next == self.first && self.sent > self.first && self.first >= self.repeated_below {
            self.repeated_below = self.sent + 1;
            self.sent = self.first;
        }
    }

    /// Begins anew on a fresh connection, with the frames from `next` on.
    pub fn resume(&mut self, next: u64) {
        self.forget_below(next);
        self.sent = self.first;
        self.repeated_below = 0;
    }

    /// Sends the rest again when frames were on their way at the last call and none was acknowledged since; true when
    /// it does.
    pub fn nudge(&mut self) -> bool {
        let on_their_way = self.sent > self.first;
        let stuck = self.waiting && on_their_way && !self.moved;
        self.waiting = on_their_way;
        self.moved = false;
        if stuck {
            self.sent = self.first;
        }
        stuck
    }

    fn forget_below(&mut self, next: u64) {
        while self.first < next {
            let Some(logged) = self.frames.pop_front() else { break };
            self.bytes -= logged.bytes;
            self.first += 1;
        }
        self.sent = self.sent.max(self.first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(count: u64) -> FrameLog {
        let mut log = FrameLog::default();
        for number in 0..count {
            log.push(TurnFrame::Title { title: number.to_string() }, 10);
        }
        log
    }

    fn titles(frames: &[TurnFrame]) -> Vec<&str> {
        frames.iter().map(|frame| if let TurnFrame::Title { title } = frame { title } else { "" }).collect()
    }

    #[test]
    fn frames_go_out_once_in_batches() {
        let mut log = log_of(5);
        assert_eq!(log.take(25).map(|(first, frames)| (first, frames.len())), Some((0, 2)));
        assert_eq!(log.take(5).map(|(first, frames)| (first, frames.len())), Some((2, 1)));
        assert_eq!(log.take(100).map(|(first, frames)| (first, frames.len())), Some((3, 2)));
        assert_eq!(log.take(100), None);
    }

    #[test]
    fn an_acknowledgement_forgets_and_a_repeated_one_asks_again() {
        let mut log = log_of(5);
        log.take(100);
        log.ack(2);
        assert_eq!((log.first(), log.bytes(), log.take(100)), (2, 30, None));
        log.ack(2);
        let (first, frames) = log.take(100).unwrap();
        assert_eq!((first, titles(&frames)), (2, vec!["2", "3", "4"]));
        // The echo of the repeated frames must not start another round.
        log.ack(2);
        assert_eq!(log.take(100), None);
        log.ack(5);
        log.ack(5);
        assert!(log.is_empty() && log.take(100).is_none());
    }

    #[test]
    fn a_silent_server_is_told_again() {
        let mut log = log_of(3);
        assert!(!log.nudge(), "nothing was sent yet");
        log.take(100);
        assert!(!log.nudge(), "they have only just gone out");
        log.ack(1);
        assert!(!log.nudge(), "it moved");
        assert!(log.nudge());
        assert_eq!(log.take(100).map(|(first, _)| first), Some(1));
    }

    #[test]
    fn a_fresh_connection_resumes_where_the_server_is() {
        let mut log = log_of(4);
        log.take(100);
        log.resume(3);
        assert_eq!(log.take(100).map(|(first, frames)| (first, frames.len())), Some((3, 1)));
        log.resume(9);
        assert!(log.is_empty());
        assert_eq!(log.next(), 4);
    }
}
