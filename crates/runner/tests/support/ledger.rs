//! What the server has of one work: every frame once, in order, as a store would keep it.

use std::collections::BTreeMap;

use serde_json::Value;
use tenure_model::chat::{FinishReason, TextKind, ToolCall};
use tenure_model::link::TurnFrame;

#[derive(Default)]
pub struct Ledger {
    pub frames: Vec<TurnFrame>,
}

impl Ledger {
    /// Returns the number of the next frame that is missing.
    pub fn next(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Enters frames; a repeated one must be the same as before, and none may be missing.
    pub fn enter(&mut self, first: u64, frames: Vec<TurnFrame>) {
        for (number, frame) in (first..).zip(frames) {
            let place = usize::try_from(number).unwrap();
            match self.frames.get(place) {
                Some(known) => assert_eq!(*known, frame, "frame {number} changed"),
                None => {
                    assert_eq!(place, self.frames.len(), "frame {number} came before those before it");
                    self.frames.push(frame);
                }
            }
        }
    }

    /// Forgets everything from `next` on, as a server does that was killed before it was durable.
    pub fn forget_from(&mut self, next: usize) {
        self.frames.truncate(next);
    }

    pub fn end(&self) -> Option<(FinishReason, Option<String>)> {
        match self.frames.last()? {
            TurnFrame::Finalize { reason, error, .. } => Some((*reason, error.clone())),
            _ => None,
        }
    }

    /// Returns what the step's command or tool came to.
    pub fn result(&self) -> Option<&Value> {
        match self.frames.last()? {
            TurnFrame::Finalize { result, .. } => result.as_ref(),
            _ => None,
        }
    }

    /// Returns the answer, put together by offset.
    pub fn text(&self) -> String {
        self.of_kind(TextKind::Text)
    }

    pub fn reasoning(&self) -> String {
        self.of_kind(TextKind::Reasoning)
    }

    /// Returns the live output of all calls.
    pub fn output(&self) -> String {
        self.of_kind(TextKind::Output)
    }

    /// Returns every call as it was last told, in the order of their parts.
    pub fn calls(&self) -> Vec<ToolCall> {
        let mut calls = BTreeMap::new();
        for frame in &self.frames {
            if let TurnFrame::ToolUpdate { part, call } = frame {
                calls.insert(*part, call.clone());
            }
        }
        calls.into_values().collect()
    }

    fn of_kind(&self, wanted: TextKind) -> String {
        let mut parts: BTreeMap<u32, String> = BTreeMap::new();
        for frame in &self.frames {
            if let TurnFrame::TextDelta { part, kind, offset, text } = frame
                && *kind == wanted
            {
                let so_far = parts.entry(*part).or_default();
                assert_eq!(*offset, so_far.len() as u64, "part {part} has a gap or an overlap");
                so_far.push_str(text);
            }
        }
        parts.into_values().collect()
    }
}
