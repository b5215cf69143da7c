//! What one runner has to say of one turn, and how much of it was acknowledged.

use tenure_model::chat::{Part, TextKind, ToolCall, ToolStatus};
use tenure_model::link::TurnFrame;

use crate::support::*;

/// The frames of a work, in order.
#[derive(Debug, Default)]
pub struct Speech {
    pub frames: Vec<TurnFrame>,
    pub acknowledged: usize,
    /// The length of every part; of a tool call, that of its output.
    parts: Vec<(Option<TextKind>, u64)>,
}

impl Speech {
    /// Adds a frame; after the final one there is nothing left to say.
    pub fn push(&mut self, frame: TurnFrame) {
        if !matches!(self.frames.last(), Some(TurnFrame::Finalize { .. })) {
            self.frames.push(frame);
        }
    }

    /// Says more of the last part when it is of this kind, else begins another.
    pub fn text(&mut self, kind: TextKind, text: &str) {
        if self.parts.last().is_none_or(|(is, _)| *is != Some(kind)) {
            self.parts.push((Some(kind), 0));
        }
        self.grow(self.parts.len() - 1, kind, text);
    }

    pub fn tool(&mut self, id: &str, status: ToolStatus) {
        self.parts.push((None, 0));
        self.push(tool(self.parts.len() as u32 - 1, id, status));
    }

    /// The last tool call prints something.
    pub fn output(&mut self, text: &str) {
        if let Some(part) = self.parts.iter().rposition(|(kind, _)| kind.is_none()) {
            self.grow(part, TextKind::Output, text);
        }
    }

    fn grow(&mut self, part: usize, kind: TextKind, text: &str) {
        let offset = self.parts[part].1;
        self.parts[part].1 += text.len() as u64;
        self.push(TurnFrame::TextDelta { part: part as u32, kind, offset, text: text.into() });
    }

    /// What the first frames make of the message, computed in the plainest way.
    pub fn assembled(&self, frames: usize) -> Vec<Part> {
        let mut parts: Vec<Part> = vec![];
        for frame in &self.frames[..frames] {
            match frame {
                TurnFrame::TextDelta { part, kind, text, .. } => {
                    let place = *part as usize;
                    if place == parts.len() {
                        parts.push(match kind {
                            TextKind::Reasoning => Part::Reasoning { text: String::new() },
                            _ => Part::Text { text: String::new() },
                        });
                    }
                    match &mut parts[place] {
                        Part::Text { text: so_far } | Part::Reasoning { text: so_far } => so_far.push_str(text),
                        Part::ToolCall { output, .. } => output.push_str(text),
                        _ => {}
                    }
                }
                TurnFrame::ToolUpdate { call, .. } => {
                    parts.push(Part::ToolCall { call: interrupted(call.clone()), output: String::new() });
                }
                _ => {}
            }
        }
        parts
    }
}

/// A tool call that nobody finished, as a closed turn shows it.
fn interrupted(mut call: ToolCall) -> ToolCall {
    if matches!(call.status, ToolStatus::Pending | ToolStatus::Running) {
        call.status = ToolStatus::Interrupted;
        call.error = Some("the turn ended before this call did".into());
    }
    call
}
