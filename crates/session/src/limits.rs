//! Every limit of a session, by name. They are set when the session is created and are part of its state; what they may be
//! set to stands in [`crate::bounds`].

use serde::{Deserialize, Serialize};
use tenure_model::time::Span;

use crate::state::Session;
use crate::turn::Turn;

/// How large, how many and how long in one session. A limit that is reached refuses more and harms nothing that is there.
/// Sessions that exist keep the limits that they were created with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Limits {
    /// Text and attachments of one prompt, in bytes.
    pub prompt_bytes_max: u64,
    /// Attachments of one prompt.
    pub attachments_max: u64,
    /// Prompts that wait in one session.
    pub queue_max: u64,
    /// Threads of one session.
    pub threads_max: u64,
    /// Text and tool calls of one turn, in bytes.
    pub turn_text_bytes_max: u64,
    /// Texts, tool calls and other parts of one turn.
    pub turn_parts_max: u64,
    /// The wall time of one turn, in milliseconds.
    pub turn_timeout_ms: Span,
    /// The title of a session or a thread, in bytes.
    pub title_bytes_max: u64,
    /// People who take part in one session, besides its owner.
    pub participants_max: u64,
    /// Questions of one turn, open or answered.
    pub questions_max: u64,
    /// One short text: a question, an option, a status, the name of an agent or a model, in bytes.
    pub note_bytes_max: u64,
    /// Answers that one question offers.
    pub options_max: u64,
    /// How long a question waits when it does not say so itself, in milliseconds.
    pub question_timeout_ms: Span,
    /// The longest that a question may wait, in milliseconds.
    pub question_timeout_max_ms: Span,
    /// Models that an agent may list.
    pub models_max: u64,
    /// Request ids that are remembered.
    pub requests_kept_max: u64,
    /// How long a request id is remembered, in milliseconds.
    pub request_kept_ms: Span,
    /// The kept answers together, in bytes; the oldest are forgotten first.
    pub requests_kept_bytes_max: u64,
    /// How long a `collect` prompt waits for more of its kind, in milliseconds.
    pub collect_window_ms: Span,
    /// How long a runner may be silent before its work counts as lost, in milliseconds.
    pub lease_ms: Span,
    /// What is added to a lease's end before anything is concluded from it, in milliseconds.
    pub lease_margin_ms: Span,
    /// After how long an offer or a start that nobody confirmed is repeated, in milliseconds; doubled each time.
    pub offer_timeout_ms: Span,
    /// After how long a cancellation that nobody confirmed is repeated, in milliseconds; doubled each time.
    pub cancel_deadline_ms: Span,
    /// Workflow runs that are attached at once.
    pub runs_max: u64,
    /// Open turns of one session beyond which no command or tool of a run is taken on.
    pub turns_max: u64,
    /// Threads for single steps that are kept open while nothing happens in them; the oldest is closed for a new one.
    pub step_threads_idle_max: u64,
    /// Works of steps that are remembered after their end, so that a repeat is known.
    pub steps_kept_max: u64,
    /// What an agent said, as it is told to the run; the transcript has all of it.
    pub outcome_text_bytes_max: u64,
    /// The structured result of a run's command or tool.
    pub result_bytes_max: u64,
    /// Changed files of the workspace that are listed; the others are counted.
    pub files_max: u64,
    /// Checkpoints of the workspace that can be restored; the oldest is forgotten first. A runner may keep fewer.
    pub checkpoints_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            prompt_bytes_max: 256 * 1024,
            attachments_max: 20,
            queue_max: 100,
            threads_max: 1_000,
            turn_text_bytes_max: 8 * 1024 * 1024,
            turn_parts_max: 5_000,
            turn_timeout_ms: Span::hours(2),
            title_bytes_max: 200,
            participants_max: 100,
            questions_max: 100,
            note_bytes_max: 16 * 1024,
            options_max: 20,
            question_timeout_ms: Span::mins(5),
            question_timeout_max_ms: Span::hours(24),
            models_max: 200,
            requests_kept_max: 1_000,
            request_kept_ms: Span::hours(24),
            requests_kept_bytes_max: 4 * 1024 * 1024,
            collect_window_ms: Span::secs(3),
            lease_ms: Span::mins(10),
            lease_margin_ms: Span::secs(30),
            offer_timeout_ms: Span::secs(30),
            cancel_deadline_ms: Span::secs(30),
            runs_max: 100,
            turns_max: 200,
            step_threads_idle_max: 100,
            steps_kept_max: 1_000,
            outcome_text_bytes_max: 256 * 1024,
            result_bytes_max: 1024 * 1024,
            files_max: 200,
            checkpoints_max: 50,
        }
    }
}

/// A limit that is at least four fifths full: the time to warn somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pressure {
    pub limit: &'static str,
    pub used: u64,
    pub max: u64,
}

impl Session {
    /// Lists the limits that are at least four fifths full.
    pub fn pressure(&self) -> Vec<Pressure> {
        let limits = &self.limits;
        let fullest = |of: fn(&Turn) -> u64| self.turns.values().map(of).max().unwrap_or(0);
        let used = [
            ("queue_max", self.queue.len() as u64, limits.queue_max),
            ("threads_max", self.threads.len() as u64, limits.threads_max),
            ("turns_max", self.turns.len() as u64, limits.turns_max),
            ("participants_max", self.participants.len() as u64, limits.participants_max),
            ("turn_text_bytes_max", fullest(|turn| turn.bytes), limits.turn_text_bytes_max),
            ("turn_parts_max", fullest(|turn| turn.parts.len() as u64), limits.turn_parts_max),
            ("questions_max", fullest(|turn| turn.questions.len() as u64), limits.questions_max),
        ];
        let tight =
            used.into_iter().filter(|(_, used, max)| *used > 0 && used.saturating_mul(5) >= max.saturating_mul(4));
        tight.map(|(limit, used, max)| Pressure { limit, used, max }).collect()
    }
}
