//! The rows that lists show of a session: itself and its open questions, for everybody who takes part.

use std::collections::BTreeMap;

use serde_json::json;
use tenure_model::id::{SessionId, UserId};
use tenure_model::view::SessionStatus;
use tenure_model::{Row, SummaryKey};

use crate::sandbox;
use crate::state::Session;
use crate::turn::Question;

/// Returns the rows by key.
pub(crate) fn rows(session: &Session, id: SessionId) -> BTreeMap<SummaryKey, Row> {
    let Some(about) = &session.about else {
        return BTreeMap::new();
    };
    let everybody: Vec<UserId> = session.participants.keys().copied().chain([about.owner]).collect();
    let questions: Vec<_> = session
        .turns
        .iter()
        .flat_map(|(turn, open)| {
            open.open_questions().into_iter().map(move |(q, asked)| (*turn, open.thread, q, asked))
        })
        .collect();
    let mut rows = BTreeMap::new();
    if let Some(row) = sandbox::row(session, id) {
        for owner in [about.owner, sandbox::all_sandboxes()] {
            let (list, rank) = ("sandbox".to_owned(), about.created_at);
            rows.insert(SummaryKey { owner, list, rank, id: id.into() }, Row::of(&row));
        }
    }
    let row = Row::of(&json!({
        "id": id,
        "title": session.title(),
        "status": session.status(),
        "purpose": about.purpose,
        "owner": about.owner,
        "agent": about.agent,
        "created_at": about.created_at,
        "updated_at": session.updated_at,
        "threads": session.threads.len(),
        "queued": session.queue.len(),
        "questions": questions.len(),
    }));
    for user in everybody {
        let key = |list: &str, rank, id| SummaryKey { owner: user, list: list.into(), rank, id };
        rows.insert(key("session", about.created_at, id.into()), row.clone());
        for (turn, thread, question, asked) in &questions {
            let row = Row::of(&json!({
                "id": question,
                "session": id,
                "thread": thread,
                "turn": turn,
                "text": asked.text,
                "options": asked.options,
                "asked_at": asked.asked_at,
                "expires_at": asked.deadline,
            }));
            rows.insert(key("question", asked.asked_at, (*question).into()), row);
        }
    }
    rows
}

impl Session {
    /// Returns what the session is doing.
    pub fn status(&self) -> SessionStatus {
        let asks = self.turns.values().any(|turn| turn.questions.values().any(Question::is_open));
        if self.terminated_at.is_some() {
            SessionStatus::Terminated
        } else if asks {
            SessionStatus::Waiting
        } else if !self.turns.is_empty() {
            SessionStatus::Working
        } else {
            SessionStatus::Idle
        }
    }

    /// Returns the title that people see.
    pub fn title(&self) -> &str {
        self.about.as_ref().and_then(|about| about.title.as_deref()).unwrap_or("New session")
    }
}
