//! What events change in an open turn.

use std::collections::BTreeMap;

use tenure_model::chat::{Part, ToolCall, Usage};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::time::Timestamp;

use crate::event::{Event, Expiry};
use crate::message::UserMessage;
use crate::turn::{Asked, HeldUp, Hold, Outcome, Phase, Question, Status, Turn};

impl Turn {
    pub(super) fn opened(
        thread: ThreadId,
        generation: u32,
        message: UserMessage,
        retry_of: Option<TurnId>,
        at: Timestamp,
    ) -> Self {
        Self {
            thread,
            generation,
            message,
            retry_of,
            opened_at: at,
            phase: Phase::Offering,
            held_up: None,
            asked: Asked::first(at),
            next_frame: 0,
            parts: BTreeMap::new(),
            bytes: 0,
            usage: Usage::default(),
            created: None,
            status: None,
            questions: BTreeMap::new(),
            asked_in_vain: None,
        }
    }

    pub(super) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::TurnHeldUp { why, budget, .. } => {
                self.held_up = Some(HeldUp { why: why.clone(), budget: *budget, since: at });
            }
            Event::TurnAskedAgain { .. } => self.asked = self.asked.again(at),
            Event::TurnAccepted { generation, runner, boot, agent, lease_until, timeout_at, left, .. } => {
                self.generation = *generation;
                self.held_up = None;
                self.asked = Asked::first(at);
                let hold = Hold {
                    runner: *runner,
                    boot: *boot,
                    agent: agent.clone(),
                    accepted_at: at,
                    lease_until: *lease_until,
                    check_until: None,
                    timeout_at: *timeout_at,
                    left: *left,
                };
                self.phase = Phase::Accepted { hold };
            }
            Event::TurnStarted { .. } => {
                self.held_up = None;
                if let Phase::Accepted { hold } = &self.phase {
                    self.phase = Phase::Running { hold: hold.clone() };
                }
            }
            Event::LeaseChecked { until, .. } => self.with_hold(|hold| hold.check_until = Some(*until)),
            Event::LeaseRenewed { lease_until, .. } => self.with_hold(|hold| {
                hold.lease_until = *lease_until;
                hold.check_until = None;
            }),
            Event::TurnCancelling { cause, by, lease_until, .. } => {
                self.asked = Asked::first(at);
                if let Some(hold) = self.phase.hold().cloned() {
                    let hold = Hold { lease_until: *lease_until, check_until: None, ..hold };
                    self.phase = Phase::Cancelling { hold, since: at, cause: *cause, by: by.clone() };
                }
            }
            Event::ToolUpdated { part, call, .. } => self.update_tool(*part, call),
            Event::QuestionAsked { question, text, options, deadline, .. } => {
                let asked = Question {
                    text: text.clone(),
                    options: options.clone(),
                    asked_at: at,
                    deadline: *deadline,
                    outcome: Outcome::Open,
                };
                self.questions.insert(*question, asked);
            }
            Event::QuestionRefused { text, .. } => {
                self.asked_in_vain.get_or_insert_with(|| text.clone());
            }
            Event::QuestionExpired { question, why: Expiry::Deadline | Expiry::TurnOver, .. } => {
                if let Some(asked) = self.questions.get_mut(question) {
                    asked.outcome = Outcome::Expired;
                }
            }
            Event::AgentStatusChanged { status, detail, .. } => {
                self.status = Some(Status { status: *status, detail: detail.clone(), since: at });
            }
            Event::UsageReported { usage, .. } => self.usage.add(usage),
            _ => {}
        }
    }

    fn with_hold(&mut self, change: impl FnOnce(&mut Hold)) {
        if let Some(hold) = self.phase.hold_mut() {
            change(hold);
        }
    }

    fn update_tool(&mut self, part: u32, call: &ToolCall) {
        let there = self.parts.remove(&part);
        let (before, output) = match there {
            Some(Part::ToolCall { call, output }) => (call_size(&call), output),
            _ => (0, String::new()),
        };
        self.bytes = self.bytes + call_size(call) - before;
        self.parts.insert(part, Part::ToolCall { call: call.clone(), output });
    }
}

/// Returns what a tool call counts towards the size of its turn.
pub(crate) fn call_size(call: &ToolCall) -> u64 {
    serde_json::to_string(call).map_or(0, |text| text.len() as u64)
}
