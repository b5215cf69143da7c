//! One open turn as far as it was shown, and what is new when more of it arrives.

use std::collections::BTreeMap;

use serde_json::Value;
use tenure_model::chat::{AgentStatus, FinishReason, Part, TextKind, ToolCall, ToolStatus};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::view::{Message, TurnPhase, TurnView};

use super::{Gap, Shown};

/// A turn that is still open, with all of its parts that were shown.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenTurn {
    pub turn: TurnId,
    pub thread: ThreadId,
    pub phase: TurnPhase,
    pub agent: Option<String>,
    pub status: AgentStatus,
    /// What it waits for, or what the agent says that it does.
    pub detail: Option<String>,
    pub parts: BTreeMap<u32, Part>,
}

impl OpenTurn {
    /// Returns a turn of which nothing was shown.
    pub fn new(turn: TurnId, thread: ThreadId) -> Self {
        Self {
            turn,
            thread,
            phase: TurnPhase::Offering,
            agent: None,
            status: AgentStatus::Idle,
            detail: None,
            parts: BTreeMap::new(),
        }
    }

    /// Adds streamed text; what was shown before is left out.
    pub fn text(&mut self, part: u32, kind: TextKind, offset: u64, text: &str) -> Result<Vec<Shown>, Gap> {
        let held = self.parts.entry(part).or_insert_with(|| empty(kind));
        let have = text_of(held, kind).ok_or(Gap)?;
        let overlap = (have.len() as u64).checked_sub(offset).ok_or(Gap)?;
        if overlap >= text.len() as u64 {
            return Ok(vec![]);
        }
        // An overlap that ends inside a character means that the two histories are not the same.
        let fresh = usize::try_from(overlap).ok().and_then(|overlap| text.get(overlap..)).ok_or(Gap)?;
        have.push_str(fresh);
        Ok(vec![self.said(part, kind, fresh, false)])
    }

    /// Takes a tool call as it stands now.
    pub fn tool(&mut self, part: u32, call: ToolCall) -> Vec<Shown> {
        let output = match self.parts.get(&part) {
            Some(Part::ToolCall { call: held, .. }) if *held == call => return vec![],
            Some(Part::ToolCall { output, .. }) => output.clone(),
            _ => String::new(),
        };
        self.parts.insert(part, Part::ToolCall { call: call.clone(), output });
        vec![Shown::Tool { thread: self.thread, turn: self.turn, part, call }]
    }

    /// Takes a whole picture of the turn; only what is new in it is returned.
    pub fn picture(&mut self, picture: TurnView) -> Vec<Shown> {
        self.phase = picture.phase;
        self.agent = picture.agent;
        self.status = picture.status;
        self.detail = picture.waiting;
        picture.parts.into_iter().flat_map(|(at, part)| self.part(at, part)).collect()
    }

    /// Takes the finished message that replaces everything that was streamed, and closes the turn.
    pub fn finish(mut self, message: &Message, error: Option<String>) -> (FinishReason, Vec<Shown>) {
        let mut shown = Vec::new();
        let mut told = error;
        for (at, part) in (0..).zip(&message.parts) {
            if let Part::Error { message } = part {
                told.get_or_insert_with(|| message.clone());
            }
            shown.extend(self.part(at, part.clone()));
        }
        let reason = message.finish.unwrap_or(FinishReason::EndTurn);
        let (thread, turn, usage) = (self.thread, self.turn, message.usage.clone());
        shown.push(Shown::Ended { thread, turn, reason, error: told, usage });
        (reason, shown)
    }

    /// Takes one part as it stands now; only what is new in it is returned.
    pub(super) fn part(&mut self, at: u32, part: Part) -> Vec<Shown> {
        match part {
            Part::Text { text } => self.whole(at, TextKind::Text, &text).into_iter().collect(),
            Part::Reasoning { text } => self.whole(at, TextKind::Reasoning, &text).into_iter().collect(),
            Part::ToolCall { call, output } => self.whole_call(at, call, &output),
            // Both are told by the end of the turn.
            Part::Error { .. } | Part::Finish { .. } => vec![],
        }
    }

    /// Shows a call's output before its end, in the order in which it happened.
    fn whole_call(&mut self, at: u32, call: ToolCall, output: &str) -> Vec<Shown> {
        let known = matches!(self.parts.get(&at), Some(Part::ToolCall { call, .. }) if !call.call.is_empty());
        let mut shown = Vec::new();
        if !known && !output.is_empty() {
            let begun = ToolCall { status: ToolStatus::Running, result: None, error: None, ..call.clone() };
            shown.extend(self.tool(at, begun));
        }
        shown.extend(self.whole(at, TextKind::Output, output));
        shown.extend(self.tool(at, call));
        shown
    }

    /// Makes the text of a part `text`; returns what is new in it.
    fn whole(&mut self, at: u32, kind: TextKind, text: &str) -> Option<Shown> {
        let held = self.parts.entry(at).or_insert_with(|| empty(kind));
        let Some(have) = text_of(held, kind) else {
            *held = empty(kind);
            return self.whole(at, kind, text);
        };
        if have == text {
            return None;
        }
        let fresh = text.strip_prefix(have.as_str()).map(str::to_owned);
        text.clone_into(have);
        Some(match fresh {
            Some(fresh) => self.said(at, kind, &fresh, false),
            None => self.said(at, kind, text, true),
        })
    }

    fn said(&self, part: u32, kind: TextKind, text: &str, anew: bool) -> Shown {
        Shown::Text { thread: self.thread, turn: self.turn, part, kind, text: text.to_owned(), anew }
    }
}

/// Tells whether a call will not move on.
pub fn is_over(status: ToolStatus) -> bool {
    matches!(status, ToolStatus::Completed | ToolStatus::Error | ToolStatus::Interrupted)
}

fn empty(kind: TextKind) -> Part {
    match kind {
        TextKind::Text => Part::Text { text: String::new() },
        TextKind::Reasoning => Part::Reasoning { text: String::new() },
        // Output may come before its call is described; the description takes this place.
        TextKind::Output => Part::ToolCall {
            call: ToolCall {
                call: String::new(),
                tool: String::new(),
                title: None,
                status: ToolStatus::Pending,
                arguments: Value::Null,
                result: None,
                error: None,
            },
            output: String::new(),
        },
    }
}

fn text_of(part: &mut Part, kind: TextKind) -> Option<&mut String> {
    match (part, kind) {
        (Part::Text { text }, TextKind::Text) | (Part::Reasoning { text }, TextKind::Reasoning) => Some(text),
        (Part::ToolCall { output, .. }, TextKind::Output) => Some(output),
        _ => None,
    }
}
