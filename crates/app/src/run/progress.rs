//! How far a run has come: folds the events of its stream into what is new to tell, each thing once.
//!
//! It is pure. A picture may come at any time in place of what was missed; what was told before is not told again.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::Timestamp;
use tenure_model::id::ApprovalId;
use tenure_protocol::execution::{ApprovalView, Decided, ExecutionEvent, ExecutionRow, StepEvent, StepPhase, StepView};

/// One piece of news.
#[derive(Clone, PartialEq, Debug)]
pub enum News {
    /// The run is seen for the first time.
    Seen(Box<ExecutionRow>),
    Step(Box<StepEvent>),
    /// The run as a whole does something else now, or waits for something else.
    Status(Box<ExecutionRow>),
    /// People are asked, or are asked something else than before.
    Asked(Box<ApprovalView>),
    Decided(Decided),
    /// It is no longer asked.
    Closed(ApprovalId),
}

/// A run as far as it was told.
#[derive(Default)]
pub struct Progress {
    row: Option<ExecutionRow>,
    told: BTreeSet<Mark>,
    open: BTreeMap<ApprovalId, ApprovalView>,
}

/// Names one thing that has happened to an attempt: its phase, when, and what follows.
type Mark = (String, u32, u8, Timestamp, u8);

impl Progress {
    /// Returns the run as it was last seen.
    pub fn row(&self) -> Option<&ExecutionRow> {
        self.row.as_ref()
    }

    /// Takes one event and returns what is new.
    pub fn take(&mut self, event: ExecutionEvent) -> Vec<News> {
        match event {
            ExecutionEvent::Init { execution, steps, .. } => {
                let mut news: Vec<_> = self.see(execution.row).into_iter().collect();
                news.extend(steps.into_iter().flat_map(|step| self.picture(step)));
                news.extend(self.approvals(execution.approvals));
                news
            }
            ExecutionEvent::Step { step, .. } => self.step(*step).into_iter().collect(),
            ExecutionEvent::Updated { run, approvals, .. } => {
                let mut news = self.approvals(approvals);
                news.extend(self.see(*run));
                news
            }
            ExecutionEvent::Decided { decided, .. } => {
                self.open.remove(&decided.approval);
                vec![News::Decided(decided)]
            }
            // Both are for the connection.
            ExecutionEvent::Live { .. } | ExecutionEvent::Error { .. } => vec![],
        }
    }

    /// Tells what a folded step adds: that it began, unless that was told, and where it stands.
    fn picture(&mut self, view: StepView) -> Vec<News> {
        let began = StepEvent {
            phase: StepPhase::Started,
            at: view.started_at,
            output: None,
            error: None,
            duration_ms: None,
            then: None,
            round: None,
            ..view.last.clone()
        };
        let begun = !matches!(view.last.phase, StepPhase::Skipped | StepPhase::Reused);
        let began = begun.then(|| self.step(began)).flatten();
        began.into_iter().chain(self.step(view.last)).collect()
    }

    fn step(&mut self, step: StepEvent) -> Option<News> {
        let then = step.then.map_or(0, |then| then as u8 + 1);
        let mark = (step.path.clone(), step.attempt, step.phase as u8, step.at, then);
        self.told.insert(mark).then(|| News::Step(Box::new(step)))
    }

    fn see(&mut self, row: ExecutionRow) -> Option<News> {
        let seen = |row: &ExecutionRow| (row.status, row.waits_for.clone());
        let before = self.row.replace(row.clone());
        match before {
            None => Some(News::Seen(Box::new(row))),
            Some(before) if seen(&before) != seen(&row) => Some(News::Status(Box::new(row))),
            Some(_) => None,
        }
    }

    fn approvals(&mut self, now: Vec<ApprovalView>) -> Vec<News> {
        let gone: Vec<_> = self.open.keys().filter(|id| now.iter().all(|view| view.id != **id)).copied().collect();
        let mut news: Vec<_> = gone
            .into_iter()
            .map(|id| {
                self.open.remove(&id);
                News::Closed(id)
            })
            .collect();
        for view in now {
            if self.open.get(&view.id) != Some(&view) {
                self.open.insert(view.id, view.clone());
                news.push(News::Asked(Box::new(view)));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use tenure_model::Span;
    use tenure_protocol::execution::{AfterFailure, ExecutionStatus, ExecutionView};

    use super::*;
    use crate::run::samples::{approval, row, step};

    fn view(row: ExecutionRow, approvals: Vec<ApprovalView>) -> Box<ExecutionView> {
        let value = serde_json::json!({
            "owner": "00000000-0000-7000-8000-000000000001", "inputs": {}, "outputs": {}, "usage": {},
            "steps_started": 0, "max_steps": 10, "open": [], "approvals": approvals, "definition": {}
        });
        let mut whole = serde_json::to_value(row).unwrap();
        whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        Box::new(serde_json::from_value(whole).unwrap())
    }

    fn phases(news: &[News]) -> Vec<(String, StepPhase)> {
        let step = |news: &News| match news {
            News::Step(step) => Some((step.path.clone(), step.phase)),
            _ => None,
        };
        news.iter().filter_map(step).collect()
    }

    #[test]
    fn a_picture_tells_what_was_not_told_and_nothing_else() {
        let mut progress = Progress::default();
        let running = || row(ExecutionStatus::Running);
        let init = |steps| ExecutionEvent::Init { position: 1, execution: view(running(), vec![]), steps };
        let seen = |last: StepEvent| StepView { seq: 1, started_at: Timestamp(0), last };
        let first =
            progress.take(init(vec![seen(step("a", StepPhase::Completed)), seen(step("b", StepPhase::Started))]));
        let told = [("a", StepPhase::Started), ("a", StepPhase::Completed), ("b", StepPhase::Started)];
        assert_eq!(phases(&first), told.map(|(path, phase)| (path.to_owned(), phase)));
        assert!(matches!(first[0], News::Seen(_)));
        let again =
            progress.take(init(vec![seen(step("a", StepPhase::Completed)), seen(step("b", StepPhase::Completed))]));
        assert_eq!(phases(&again), [("b".to_owned(), StepPhase::Completed)]);
    }

    #[test]
    fn a_failure_and_the_end_of_its_catch_body_are_two() {
        let mut progress = Progress::default();
        let failed = |then| {
            let step = StepEvent { then: Some(then), duration_ms: Some(Span(1)), ..step("a", StepPhase::Failed) };
            ExecutionEvent::Step { position: 1, step: Box::new(step) }
        };
        assert_eq!(progress.take(failed(AfterFailure::Catch)).len(), 1);
        assert_eq!(progress.take(failed(AfterFailure::Fail)).len(), 1);
        assert_eq!(progress.take(failed(AfterFailure::Fail)).len(), 0);
    }

    #[test]
    fn an_approval_is_asked_once_until_it_changes_and_then_closed() {
        let mut progress = Progress::default();
        let mut updated = |approvals| {
            let run = Box::new(row(ExecutionStatus::Waiting));
            progress.take(ExecutionEvent::Updated { position: 1, run, approvals })
        };
        let asked = approval("tag it?");
        assert_eq!(updated(vec![asked.clone()])[0], News::Asked(Box::new(asked.clone())));
        assert_eq!(updated(vec![asked.clone()]), []);
        let escalated = ApprovalView { hash: "other".to_owned(), ..asked.clone() };
        assert_eq!(updated(vec![escalated.clone()]), [News::Asked(Box::new(escalated))]);
        assert_eq!(updated(vec![]), [News::Closed(asked.id)]);
    }
}
