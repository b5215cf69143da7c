//! What the limits of a session may be set to.

use tenure_model::limit::{BYTES_MAX, BadLimit, Bound, COUNT_MAX, LONGEST, SHORTEST, check};
use tenure_model::time::Span;

use crate::limits::Limits;

impl Limits {
    /// Checks every limit, and the pairs of them that must fit each other.
    pub fn check(&self) -> Result<(), BadLimit> {
        check(self.bounds())?;
        if self.question_timeout_ms > self.question_timeout_max_ms {
            let most = self.question_timeout_max_ms.0;
            let rule = format!("set it to at most question_timeout_max_ms, which is {most}, or raise that");
            return Err(BadLimit { limit: "question_timeout_ms", value: self.question_timeout_ms.0, rule });
        }
        Ok(())
    }

    /// Lists every limit with the least and the most that it can be.
    fn bounds(&self) -> [Bound; 31] {
        [
            ("prompt_bytes_max", self.prompt_bytes_max, 1, BYTES_MAX),
            ("attachments_max", self.attachments_max, 0, COUNT_MAX),
            ("queue_max", self.queue_max, 1, COUNT_MAX),
            ("threads_max", self.threads_max, 1, COUNT_MAX),
            ("turn_text_bytes_max", self.turn_text_bytes_max, 1_024, BYTES_MAX),
            ("turn_parts_max", self.turn_parts_max, 1, COUNT_MAX),
            ("turn_timeout_ms", self.turn_timeout_ms.0, SHORTEST, LONGEST),
            ("title_bytes_max", self.title_bytes_max, 1, BYTES_MAX),
            ("participants_max", self.participants_max, 0, COUNT_MAX),
            ("questions_max", self.questions_max, 0, COUNT_MAX),
            ("note_bytes_max", self.note_bytes_max, 100, BYTES_MAX),
            ("options_max", self.options_max, 0, COUNT_MAX),
            ("question_timeout_ms", self.question_timeout_ms.0, SHORTEST, LONGEST),
            ("question_timeout_max_ms", self.question_timeout_max_ms.0, SHORTEST, LONGEST),
            ("models_max", self.models_max, 0, COUNT_MAX),
            ("requests_kept_max", self.requests_kept_max, 1, COUNT_MAX),
            ("request_kept_ms", self.request_kept_ms.0, SHORTEST, LONGEST),
            ("requests_kept_bytes_max", self.requests_kept_bytes_max, 1_024, BYTES_MAX),
            ("collect_window_ms", self.collect_window_ms.0, 0, LONGEST),
            ("lease_ms", self.lease_ms.0, Span::secs(1).0, LONGEST),
            ("lease_margin_ms", self.lease_margin_ms.0, 0, LONGEST),
            ("offer_timeout_ms", self.offer_timeout_ms.0, SHORTEST, LONGEST),
            ("cancel_deadline_ms", self.cancel_deadline_ms.0, SHORTEST, LONGEST),
            ("runs_max", self.runs_max, 1, COUNT_MAX),
            ("turns_max", self.turns_max, 1, COUNT_MAX),
            ("step_threads_idle_max", self.step_threads_idle_max, 0, COUNT_MAX),
            ("steps_kept_max", self.steps_kept_max, 1, COUNT_MAX),
            ("outcome_text_bytes_max", self.outcome_text_bytes_max, 1_024, BYTES_MAX),
            ("result_bytes_max", self.result_bytes_max, 1_024, BYTES_MAX),
            ("files_max", self.files_max, 0, 10_000),
            ("checkpoints_max", self.checkpoints_max, 0, 10_000),
        ]
    }
}
