//! The shape of a turn's message while frames come in: which part is what, how long it is, how large all of it is.

use std::collections::BTreeMap;

use tenure_model::chat::{Part, TextKind, ToolCall};

use crate::apply::call_size;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::turn::Turn;

/// The longest id of a tool call, in bytes.
const CALL_ID_BYTES_MAX: u64 = 200;

/// What frames would make of a turn's parts, without copying their text.
pub(crate) struct Shapes<'a> {
    turn: &'a Turn,
    limits: &'a Limits,
    /// The parts that these frames touch.
    touched: BTreeMap<u32, Shape>,
    /// The number of the next new part.
    next: u32,
    bytes: u64,
}

#[derive(Clone)]
enum Shape {
    Text {
        kind: TextKind,
        bytes: u64,
    },
    Tool {
        call: String,
        /// The size of the call, once one of these frames has replaced it.
        replaced: Option<u64>,
        output_bytes: u64,
    },
    /// A part that nobody adds to.
    Closed,
}

impl<'a> Shapes<'a> {
    pub fn new(turn: &'a Turn, limits: &'a Limits) -> Self {
        Self { turn, limits, touched: BTreeMap::new(), next: turn.parts.len() as u32, bytes: turn.bytes }
    }

    /// Adds `more` bytes to a part, which is created when it is the next one.
    pub fn grow(&mut self, part: u32, kind: TextKind, offset: u64, more: u64) -> Result<(), Refusal> {
        let new = || Shape::Text { kind, bytes: 0 };
        let mut shape = match self.at(part) {
            Some(shape) => shape,
            None if kind == TextKind::Output => return Err(Refusal::UnknownPart { part, next: self.next }),
            None => self.open(part).map(|()| new())?,
        };
        let bytes = match (&mut shape, kind) {
            (Shape::Text { kind: is, bytes }, kind) if *is == kind => bytes,
            (Shape::Tool { output_bytes, .. }, TextKind::Output) => output_bytes,
            _ => return Err(Refusal::OtherPart { part }),
        };
        if *bytes != offset {
            return Err(Refusal::WrongOffset { part, given: offset, expected: *bytes });
        }
        *bytes += more;
        self.weigh(self.bytes + more)?;
        self.touched.insert(part, shape);
        Ok(())
    }

    /// Puts a tool call at a part, which is created when it is the next one.
    pub fn update(&mut self, part: u32, call: &ToolCall) -> Result<(), Refusal> {
        let size = call.call.len() as u64;
        if size > CALL_ID_BYTES_MAX {
            let max = CALL_ID_BYTES_MAX;
            return Err(Refusal::TooLarge { what: "the id of the call", size, limit: "of a call's id", max });
        }
        let (before, output_bytes) = match self.at(part) {
            Some(Shape::Tool { call: is, replaced, output_bytes }) if is == call.call => {
                (replaced.unwrap_or_else(|| self.stored_call_size(part)), output_bytes)
            }
            Some(_) => return Err(Refusal::OtherPart { part }),
            None if self.knows_call(&call.call) => return Err(Refusal::OtherPart { part }),
            None => self.open(part).map(|()| (0, 0))?,
        };
        let size = call_size(call);
        self.weigh(self.bytes + size - before)?;
        let call = call.call.clone();
        self.touched.insert(part, Shape::Tool { call, replaced: Some(size), output_bytes });
        Ok(())
    }

    fn stored_call_size(&self, part: u32) -> u64 {
        match self.turn.parts.get(&part) {
            Some(Part::ToolCall { call, .. }) => call_size(call),
            _ => 0,
        }
    }

    fn at(&self, part: u32) -> Option<Shape> {
        self.touched.get(&part).cloned().or_else(|| self.turn.parts.get(&part).map(Shape::of))
    }

    fn open(&mut self, part: u32) -> Result<(), Refusal> {
        if part != self.next {
            return Err(Refusal::UnknownPart { part, next: self.next });
        }
        let max = self.limits.turn_parts_max;
        if u64::from(part) >= max {
            return Err(Refusal::Full { what: "the turn's list of parts", limit: "turn_parts_max", max });
        }
        self.next += 1;
        Ok(())
    }

    fn weigh(&mut self, bytes: u64) -> Result<(), Refusal> {
        let max = self.limits.turn_text_bytes_max;
        if bytes > max {
            return Err(Refusal::TooLarge { what: "the turn", size: bytes, limit: "turn_text_bytes_max", max });
        }
        self.bytes = bytes;
        Ok(())
    }

    fn knows_call(&self, id: &str) -> bool {
        let stored =
            self.turn.parts.values().any(|part| matches!(part, Part::ToolCall { call, .. } if call.call == id));
        stored || self.touched.values().any(|shape| matches!(shape, Shape::Tool { call, .. } if call == id))
    }
}

impl Shape {
    fn of(part: &Part) -> Self {
        match part {
            Part::Text { text } => Shape::Text { kind: TextKind::Text, bytes: text.len() as u64 },
            Part::Reasoning { text } => Shape::Text { kind: TextKind::Reasoning, bytes: text.len() as u64 },
            Part::ToolCall { call, output } => {
                Shape::Tool { call: call.call.clone(), replaced: None, output_bytes: output.len() as u64 }
            }
            Part::Error { .. } | Part::Finish { .. } => Shape::Closed,
        }
    }
}
