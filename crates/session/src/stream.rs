//! Streamed text: how it is written into a delta, and how an open turn takes it up.

use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};
use tenure_model::chat::{Part, TextKind};
use tenure_model::entity::Delta;
use tenure_model::id::TurnId;

use crate::turn::Turn;

/// More text of one part of a turn: the body of a session's deltas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDelta {
    pub part: u32,
    pub kind: TextKind,
    /// Where the text goes in its part, in bytes.
    pub offset: u64,
    pub text: String,
}

impl TextDelta {
    /// Writes the text down under the number of the last frame that is in it.
    pub fn write(&self, turn: TurnId, number: u64) -> Delta {
        let body = serde_json::to_string(self).expect("a text delta is plain data");
        Delta { stream: turn.into(), number, body }
    }

    /// Reads back what [`TextDelta::write`] wrote.
    pub fn read(delta: &Delta) -> Option<Self> {
        serde_json::from_str(&delta.body).ok()
    }
}

impl Turn {
    /// Takes up more text. What is there already is not added again.
    pub(crate) fn absorb(&mut self, delta: TextDelta, number: u64) {
        self.next_frame = self.next_frame.max(number + 1);
        let Some(text) = self.text_mut(delta.part, delta.kind) else {
            return;
        };
        let Some(known) = (text.len() as u64).checked_sub(delta.offset) else {
            return;
        };
        let Some(more) = usize::try_from(known).ok().and_then(|known| delta.text.get(known..)) else {
            return;
        };
        text.push_str(more);
        self.bytes += more.len() as u64;
    }

    fn text_mut(&mut self, part: u32, kind: TextKind) -> Option<&mut String> {
        let there = match (self.parts.entry(part), kind) {
            (Entry::Occupied(there), _) => there.into_mut(),
            (Entry::Vacant(free), TextKind::Text) => free.insert(Part::Text { text: String::new() }),
            (Entry::Vacant(free), TextKind::Reasoning) => free.insert(Part::Reasoning { text: String::new() }),
            (Entry::Vacant(_), TextKind::Output) => return None,
        };
        match (there, kind) {
            (Part::Text { text }, TextKind::Text) => Some(text),
            (Part::Reasoning { text }, TextKind::Reasoning) => Some(text),
            (Part::ToolCall { output, .. }, TextKind::Output) => Some(output),
            _ => None,
        }
    }
}
