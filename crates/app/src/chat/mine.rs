//! The prompts that this client said, and what became of each: what a script waits for.

use tenure_model::chat::FinishReason;
use tenure_model::id::{PromptId, TurnId};
use tenure_protocol::client::{ClientEvent, Reply};

use super::view::ClientView;

/// One prompt of ours.
struct Mine {
    request_id: String,
    prompt: Option<PromptId>,
    turn: Option<TurnId>,
    finish: Option<FinishReason>,
}

/// All of them.
#[derive(Default)]
pub struct MyPrompts {
    said: Vec<Mine>,
}

impl MyPrompts {
    /// Notes that a prompt was said.
    pub fn said(&mut self, request_id: String) {
        self.said.push(Mine { request_id, prompt: None, turn: None, finish: None });
    }

    /// Tells whether this request was one of ours.
    pub fn holds(&self, request_id: &str) -> bool {
        self.said.iter().any(|mine| mine.request_id == request_id)
    }

    /// Follows what happened to them; the view has seen the event already.
    pub fn follow(&mut self, event: &ClientEvent, view: &ClientView) {
        for mine in self.said.iter_mut().filter(|mine| mine.finish.is_none()) {
            match event {
                ClientEvent::Reply { request_id: Some(id), reply: Reply::Prompted { prompt, turn, .. }, .. }
                    if *id == mine.request_id =>
                {
                    mine.prompt = Some(*prompt);
                    mine.turn = *turn;
                }
                // It answered a question of the running turn: there is no turn of its own to wait for.
                ClientEvent::Reply { request_id: Some(id), reply: Reply::Answered { .. }, .. }
                    if *id == mine.request_id =>
                {
                    mine.finish = Some(FinishReason::EndTurn);
                }
                // Somebody took it back: it never becomes a turn.
                ClientEvent::QueueWithdrawn { prompt, .. } if Some(*prompt) == mine.prompt => {
                    mine.finish = Some(FinishReason::Canceled);
                }
                _ => {}
            }
            mine.turn = mine.turn.or_else(|| mine.prompt.and_then(|prompt| view.turn_of(prompt)));
            mine.finish = mine.finish.or_else(|| mine.turn.and_then(|turn| view.finish_of(turn)));
        }
    }

    /// Returns how they ended, once all have: the first end that was not the agent's own, else its own.
    pub fn finish(&self) -> Option<FinishReason> {
        let ends: Option<Vec<_>> = self.said.iter().map(|mine| mine.finish).collect();
        let bad = ends?.into_iter().find(|end| *end != FinishReason::EndTurn);
        Some(bad.unwrap_or(FinishReason::EndTurn))
    }
}
