//! An agent: what it says and does for one turn, drawn in advance and therefore known.

use std::collections::VecDeque;

use tenure_model::chat::{AgentStatus, FinishReason, TextKind, ToolCall, ToolStatus, Usage};
use tenure_model::id::QuestionId;
use tenure_model::link::TurnFrame;

use crate::chance::Chance;

/// Texts of several lengths in bytes, some of more than one byte a letter.
const WORDS: [&str; 8] = ["a ", "naïve ", "日本 ", "ok.\n", "🦀", "the test fails ", "\"quoted\\\" ", "–\u{0}–"];
const STEPS_MAX: u64 = 14;

/// One agent at one turn.
#[derive(Clone, Debug)]
pub struct Agent {
    steps: VecDeque<TurnFrame>,
    /// The question that it waits on.
    pub asked: Option<QuestionId>,
}

/// A part of the message in the making.
enum Shape {
    Text(TextKind, u64),
    Tool(String, u64),
}

impl Agent {
    /// Draws what the agent will say.
    pub fn new(chance: &mut Chance) -> Self {
        let mut steps = VecDeque::new();
        let mut parts: Vec<Shape> = vec![];
        let mut calls = 0;
        if chance.percent(90) {
            let agent_session = chance.percent(50).then(|| "conversation".to_owned());
            steps.push_back(TurnFrame::MessageCreate { agent: "agent".into(), model: None, agent_session });
        }
        for _ in 0..chance.between(0, STEPS_MAX) {
            match chance.between(0, 13) {
                0 => calls = open_call(&mut parts, &mut steps, calls),
                1 => close_call(chance, &parts, &mut steps),
                2 => {
                    let (question, text) = (chance.id(), "which?".to_owned());
                    steps.push_back(TurnFrame::Question { question, text, options: vec![], timeout_ms: None });
                }
                3 => {
                    let usage = Usage { model: None, input_tokens: 3, output_tokens: 5 };
                    steps.push_back(TurnFrame::Usage { usage });
                }
                4 => steps.push_back(TurnFrame::AgentStatus { status: AgentStatus::Streaming, detail: None }),
                5 => steps.push_back(TurnFrame::Title { title: "a better title".into() }),
                _ => speak(chance, &mut parts, &mut steps),
            }
        }
        let (reason, error) = match chance.percent(88) {
            true => (FinishReason::EndTurn, None),
            false => (FinishReason::Error, Some("the model is away".to_owned())),
        };
        steps.push_back(TurnFrame::Finalize { reason, error, result: None });
        Self { steps, asked: None }
    }

    /// Says the next thing; nothing while it waits for an answer.
    pub fn next_frame(&mut self) -> Option<TurnFrame> {
        if self.asked.is_some() {
            return None;
        }
        let frame = self.steps.pop_front();
        if let Some(TurnFrame::Question { question, .. }) = &frame {
            self.asked = Some(*question);
        }
        frame
    }

    /// Hears an answer; a late or repeated one changes nothing. Tells whether the agent goes on.
    pub fn hear(&mut self, question: QuestionId) -> bool {
        let waits = self.asked == Some(question);
        if waits {
            self.asked = None;
        }
        waits
    }
}

fn open_call(parts: &mut Vec<Shape>, steps: &mut VecDeque<TurnFrame>, calls: u32) -> u32 {
    let call = format!("call {calls}");
    steps.push_back(tool(parts.len(), &call, ToolStatus::Running));
    parts.push(Shape::Tool(call, 0));
    calls + 1
}

fn close_call(chance: &mut Chance, parts: &[Shape], steps: &mut VecDeque<TurnFrame>) {
    let calls = parts.iter().enumerate().filter_map(|(part, shape)| match shape {
        Shape::Tool(call, _) => Some((part, call)),
        Shape::Text(..) => None,
    });
    if let Some((part, call)) = chance.pick(calls) {
        steps.push_back(tool(part, call, ToolStatus::Completed));
    }
}

fn tool(part: usize, call: &str, status: ToolStatus) -> TurnFrame {
    let (call, tool) = (call.to_owned(), "shell".to_owned());
    let (title, arguments) = (None, serde_json::Value::Null);
    let call = ToolCall { call, tool, title, status, arguments, result: None, error: None };
    TurnFrame::ToolUpdate { part: part as u32, call }
}

/// Adds to the last part, to an earlier one, or begins a new one.
fn speak(chance: &mut Chance, parts: &mut Vec<Shape>, steps: &mut VecDeque<TurnFrame>) {
    let begins = parts.is_empty() || chance.percent(20);
    if begins {
        let kind = if chance.percent(70) { TextKind::Text } else { TextKind::Reasoning };
        parts.push(Shape::Text(kind, 0));
    }
    let last = parts.len() - 1;
    let place = if begins || chance.percent(70) { last } else { chance.between(0, last as u64) as usize };
    for _ in 0..chance.between(1, 4) {
        let text = (*chance.pick(&WORDS).expect("there are words")).to_owned();
        let (kind, length) = match &mut parts[place] {
            Shape::Text(kind, length) => (*kind, length),
            Shape::Tool(_, length) => (TextKind::Output, length),
        };
        let offset = *length;
        *length += text.len() as u64;
        steps.push_back(TurnFrame::TextDelta { part: place as u32, kind, offset, text });
    }
}
