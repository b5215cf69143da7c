//! Where the next word goes: numbers the parts of one message and counts the bytes in each.

use std::collections::BTreeMap;

use tenure_model::chat::{TextKind, ToolCall, ToolStatus};
use tenure_model::link::TurnFrame;

/// The shape of the message so far.
#[derive(Default)]
pub struct Transcript {
    parts: u32,
    open: Option<OpenText>,
    tools: BTreeMap<String, Tool>,
}

struct OpenText {
    part: u32,
    kind: TextKind,
    offset: u64,
}

struct Tool {
    part: u32,
    call: ToolCall,
    printed: u64,
}

impl Transcript {
    /// Places more text or reasoning: at the end of the last part when that is of its kind, else in a new one.
    pub fn text(&mut self, kind: TextKind, text: &str) -> TurnFrame {
        if self.open.as_ref().is_none_or(|open| open.kind != kind) {
            self.open = Some(OpenText { part: self.next_part(), kind, offset: 0 });
        }
        let open = self.open.as_mut().expect("it was opened above");
        let offset = open.offset;
        open.offset += text.len() as u64;
        TurnFrame::TextDelta { part: open.part, kind, offset, text: text.to_owned() }
    }

    /// Places a tool call: where it already stands, or at a new part.
    pub fn tool(&mut self, call: ToolCall) -> TurnFrame {
        if let Some(known) = self.tools.get_mut(&call.call) {
            known.call = call.clone();
            return TurnFrame::ToolUpdate { part: known.part, call };
        }
        self.open = None;
        let part = self.next_part();
        self.tools.insert(call.call.clone(), Tool { part, call: call.clone(), printed: 0 });
        TurnFrame::ToolUpdate { part, call }
    }

    /// Returns the call as it was last told.
    pub fn known(&self, call: &str) -> Option<&ToolCall> {
        self.tools.get(call).map(|tool| &tool.call)
    }

    /// Places live output of a call; nothing when the call was never told.
    pub fn output(&mut self, call: &str, text: &str) -> Option<TurnFrame> {
        let tool = self.tools.get_mut(call)?;
        let offset = tool.printed;
        tool.printed += text.len() as u64;
        Some(TurnFrame::TextDelta { part: tool.part, kind: TextKind::Output, offset, text: text.to_owned() })
    }

    /// Closes every call that is still open, so that no turn leaves an orphan behind.
    pub fn close_tools(&mut self) -> Vec<TurnFrame> {
        let mut open: Vec<&mut Tool> = self
            .tools
            .values_mut()
            .filter(|tool| matches!(tool.call.status, ToolStatus::Pending | ToolStatus::Running))
            .collect();
        open.sort_by_key(|tool| tool.part);
        open.into_iter()
            .map(|tool| {
                tool.call.status = ToolStatus::Interrupted;
                tool.call.error = Some("the turn ended before this call did".to_owned());
                TurnFrame::ToolUpdate { part: tool.part, call: tool.call.clone() }
            })
            .collect()
    }

    /// Counts a frame of an earlier start of the runner, so that what is added later fits.
    pub fn replay(&mut self, frame: &TurnFrame) {
        match frame {
            TurnFrame::TextDelta { part, .. } => self.parts = self.parts.max(part + 1),
            TurnFrame::ToolUpdate { part, call } => {
                self.parts = self.parts.max(part + 1);
                self.tools.insert(call.call.clone(), Tool { part: *part, call: call.clone(), printed: 0 });
            }
            _ => {}
        }
    }

    fn next_part(&mut self) -> u32 {
        self.parts += 1;
        self.parts - 1
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn call(status: ToolStatus) -> ToolCall {
        ToolCall {
            call: "c1".into(),
            tool: "shell".into(),
            title: None,
            status,
            arguments: Value::Null,
            result: None,
            error: None,
        }
    }

    fn place(frame: &TurnFrame) -> (u32, u64) {
        match frame {
            TurnFrame::TextDelta { part, offset, .. } => (*part, *offset),
            TurnFrame::ToolUpdate { part, .. } => (*part, 0),
            other => panic!("{other:?} has no place"),
        }
    }

    #[test]
    fn text_grows_until_something_else_comes() {
        let mut transcript = Transcript::default();
        assert_eq!(place(&transcript.text(TextKind::Text, "añb")), (0, 0));
        assert_eq!(place(&transcript.text(TextKind::Text, "c")), (0, 4));
        assert_eq!(place(&transcript.text(TextKind::Reasoning, "hm")), (1, 0));
        assert_eq!(place(&transcript.tool(call(ToolStatus::Running))), (2, 0));
        assert_eq!(place(&transcript.output("c1", "xy").unwrap()), (2, 0));
        assert_eq!(place(&transcript.text(TextKind::Text, "d")), (3, 0));
        assert_eq!(place(&transcript.output("c1", "z").unwrap()), (2, 2));
        assert_eq!(place(&transcript.tool(call(ToolStatus::Completed))), (2, 0));
        assert_eq!(place(&transcript.text(TextKind::Text, "e")), (3, 1));
    }

    #[test]
    fn open_calls_are_closed_once() {
        let mut transcript = Transcript::default();
        transcript.tool(call(ToolStatus::Running));
        assert_eq!(transcript.close_tools().len(), 1);
        assert!(transcript.close_tools().is_empty());
        assert!(transcript.output("unknown", "x").is_none());
    }
}
