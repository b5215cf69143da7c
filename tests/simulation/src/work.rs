//! One work at a runner: its numbered frames that are not acknowledged yet, and what is written of it on disk.

use std::collections::VecDeque;

use tenure_model::chat::FinishReason;
use tenure_model::id::{QuestionId, SessionId, WorkId};
use tenure_model::link::{HeldWork, TurnFrame, WorkPhase};

use crate::agent::Agent;

/// A work in the memory of a runner process. Frames below `sent` went out on this connection.
pub struct Work {
    pub session: SessionId,
    pub generation: u32,
    pub phase: WorkPhase,
    pub agent: Option<Agent>,
    /// How it is to end, once it was told to.
    pub stop: Option<FinishReason>,
    first: u64,
    sent: u64,
    frames: VecDeque<TurnFrame>,
    /// Nothing below is repeated for a repeated acknowledgement: it went out again already.
    repeated_below: u64,
    moved: bool,
    on_their_way: bool,
}

/// What a runner has written down of a work that was started.
pub struct Spool {
    session: SessionId,
    generation: u32,
    pub frames: Vec<TurnFrame>,
}

impl Spool {
    pub fn new(session: SessionId, generation: u32) -> Self {
        Self { session, generation, frames: vec![] }
    }

    /// Says of a work of an earlier life that it is over.
    pub fn end_interrupted(&mut self) {
        if !matches!(self.frames.last(), Some(TurnFrame::Finalize { .. })) {
            self.frames.push(TurnFrame::Finalize { reason: FinishReason::Interrupted, error: None, result: None });
        }
    }
}

impl Work {
    pub fn accepted(session: SessionId, generation: u32) -> Self {
        Self {
            session,
            generation,
            phase: WorkPhase::Accepted,
            agent: None,
            stop: None,
            first: 0,
            sent: 0,
            frames: VecDeque::new(),
            repeated_below: 0,
            moved: false,
            on_their_way: false,
        }
    }

    pub fn recovered(spool: &Spool) -> Self {
        let mut work = Self::accepted(spool.session, spool.generation);
        work.phase = WorkPhase::Ended;
        work.frames = spool.frames.iter().cloned().collect();
        work
    }

    pub fn held(&self, id: WorkId) -> HeldWork {
        let next_frame = self.first + self.frames.len() as u64;
        HeldWork { session: self.session, work: id, generation: self.generation, phase: self.phase, next_frame }
    }

    pub fn push(&mut self, frame: TurnFrame) {
        self.frames.push_back(frame);
    }

    /// Takes the next frames to send.
    pub fn take(&mut self, max: usize) -> Option<(u64, Vec<TurnFrame>)> {
        let first = self.sent;
        let rest = self.frames.range((self.sent - self.first) as usize..);
        let frames: Vec<_> = rest.take(max).cloned().collect();
        self.sent += frames.len() as u64;
        (!frames.is_empty()).then_some((first, frames))
    }

    pub fn has_unsent(&self) -> bool {
        self.sent < self.first + self.frames.len() as u64
    }

    /// Everything below `next` is durable at the server. The same `next` twice asks for the rest again.
    pub fn acknowledge(&mut self, next: u64) {
        if next > self.first {
            self.forget_below(next);
            self.moved = true;
        } else if next == self.first && self.sent > self.first && self.first >= self.repeated_below {
            self.repeated_below = self.sent + 1;
            self.sent = self.first;
        }
    }

    /// Begins anew on a fresh connection.
    pub fn resume(&mut self) {
        self.sent = self.first;
        self.repeated_below = 0;
    }

    /// The server wants frames from `next`.
    pub fn resume_from(&mut self, next: u64) {
        self.forget_below(next);
        self.resume();
    }

    /// Sends the rest again when nothing was acknowledged since the last call.
    pub fn nudge(&mut self) {
        let on_their_way = self.sent > self.first;
        if self.on_their_way && on_their_way && !self.moved {
            self.sent = self.first;
        }
        (self.on_their_way, self.moved) = (on_their_way, false);
    }

    /// Hands an answer to the agent; tells whether it goes on.
    pub fn hear(&mut self, question: QuestionId) -> bool {
        self.agent.as_mut().is_some_and(|agent| agent.hear(question))
    }

    /// Tells whether the work is over and all of it acknowledged.
    pub fn is_told(&self) -> bool {
        self.phase == WorkPhase::Ended && self.frames.is_empty()
    }

    fn forget_below(&mut self, next: u64) {
        while self.first < next && self.frames.pop_front().is_some() {
            self.first += 1;
        }
        self.sent = self.sent.max(self.first);
    }
}
