//! Why does it not get on? What a run waits for, since when, what happens next and when, and what would mend it.

use serde::{Deserialize, Serialize};
use tenure_model::time::{Span, Timestamp};

use super::error::APPROVAL_EXPIRED;
use super::event::Closing;
use super::kinds;
use super::running::{Doing, StepRun};
use super::state::{Execution, Queue, Slot};
use super::summary::Status;
use crate::definition::write_span;
use crate::path::StepPath;

/// The answer: one sentence for people, and each thing that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    pub status: Status,
    pub sentence: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Wait>,
}

/// One thing that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The step that waits; none when the run does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<StepPath>,
    /// For whom or what.
    pub what: String,
    pub since: Timestamp,
    /// When something happens by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What happens then.
    pub then: String,
    /// What a person can do before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Execution {
    /// Says why the run does not get on, as of `now`. None when there is no such run.
    pub fn why(&self, now: Timestamp) -> Option<Why> {
        self.about.as_ref()?;
        let status = self.status();
        let waits: Vec<Wait> = self.run_waits(status).into_iter().chain(self.step_waits()).collect();
        let sentence = match (&self.ended, waits.first()) {
            (Some(ended), _) => {
                let why = ended.error.as_ref().map(ToString::to_string).or_else(|| ended.reason.clone());
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                format!("The run is over: it ended {} ago as {}{why}.", ago(ended.at, now), word(status))
            }
            (None, Some(wait)) => sentence(wait, waits.len(), now),
            (None, None) => "The run goes on by itself.".to_owned(),
        };
        Some(Why { status, sentence, waits })
    }

    fn run_waits(&self, status: Status) -> Option<Wait> {
        let mut wait = Wait {
            path: None,
            what: String::new(),
            since: self.updated_at,
            until: None,
            then: String::new(),
            mend: None,
        };
        match (status, &self.slot, &self.ending) {
            (Status::Cancelling, _, Some(ending)) => {
                wait.what = "everything in it to end".into();
                wait.since = ending.since;
                wait.then = "the run is over when each of these has ended or its deadline has passed".into();
            }
            (Status::Paused | Status::Pausing, ..) => {
                let by = self.paused.as_ref().map_or("somebody", |by| by.name.as_str());
                wait.what = format!("somebody to resume it; {by} has paused it");
                wait.then = "nothing new starts before that".into();
                wait.mend = Some("resume the run".into());
            }
            (Status::Pending | Status::Queued, Slot::Asked { since, at, queue }, _) => {
                wait.what = match queue {
                    Some(Queue { ahead, why }) => format!("a free place; {why}, and {ahead} runs stood before it"),
                    None => "the gate to give it a place".into(),
                };
                wait.since = *since;
                wait.until = Some(*at + self.limits().slot_wait_ms);
                wait.then = "it starts as soon as a place is free; the gate is asked again then".into();
                wait.mend = Some("cancel runs that are not needed, or raise the limit".into());
            }
            _ => return None,
        }
        Some(wait)
    }

    /// Lists what the steps wait for, the ones that wait for people first.
    fn step_waits(&self) -> Vec<Wait> {
        let leaves = self.steps.iter().filter(|(_, step)| step.bodies().is_none());
        let mut leaves: Vec<_> = leaves.collect();
        leaves.sort_by_key(|(_, step)| step.waits_for().map_or(u8::MAX, |waits| waits as u8));
        leaves.into_iter().filter_map(|(path, step)| self.step_wait(path, step)).collect()
    }

    fn step_wait(&self, path: &StepPath, step: &StepRun) -> Option<Wait> {
        let (what, then, mend) = match &step.doing {
            _ if step.closing.is_some() => closing_words(step.closing?.0),
            Doing::Turn { .. } if step.held.is_some() => {
                let what = format!("somebody to raise a budget: {}", step.held.as_deref().unwrap_or_default());
                (what, "it goes on by itself".to_owned(), Some("raise the budget, or cancel the run"))
            }
            Doing::Turn { began: false, .. } => (
                "a runner to take it".to_owned(),
                "the step fails with `runner_unavailable`".to_owned(),
                Some("connect a runner that has room for it"),
            ),
            Doing::Turn { .. } => {
                ("its runner to finish".to_owned(), "the step is ended as too slow".to_owned(), Some("cancel the run"))
            }
            Doing::Leave { question, .. } => {
                let (owner, id) = (&self.about().start.owner_name, question.approval);
                let what = format!("{owner} to let its call of {} go on (approval {id})", self.tool_at(path));
                (what, format!("it fails with `{APPROVAL_EXPIRED}`"), Some("approve or deny it"))
            }
            Doing::Call { .. } => ("its tool to answer".to_owned(), "the step fails as too slow".to_owned(), None),
            Doing::Child { child, .. } => {
                let what = format!("the child run {child} to end");
                (what, "the child is cancelled and the step fails".to_owned(), Some("look at the child run"))
            }
            Doing::Approval { asked } => {
                let who = asked.deciders(&self.about().start.owner_name).join(", ");
                let then = format!("it is {}", kinds::approval::deadline_word(asked));
                (format!("{who} to decide \"{}\"", asked.prompt), then, Some("approve or deny it"))
            }
            Doing::Timer { .. } => ("its time to come".to_owned(), "the run goes on".to_owned(), None),
            Doing::Event { name, .. } => {
                let what = format!("the event `{name}`");
                (what, "the wait ends without it".to_owned(), Some("send the event"))
            }
            Doing::Retry { error, .. } => {
                (format!("its next try, after {error}"), format!("attempt {} starts", step.attempt + 1), None)
            }
            Doing::Unknown { error, .. } => (
                format!("somebody to say whether it was done ({})", error.message),
                "the step fails with `outcome_unknown`".to_owned(),
                Some("resolve it: retry, succeed or fail"),
            ),
            Doing::Bodies(_) | Doing::Here => return None,
        };
        let mend = mend.map(str::to_owned);
        let until = match &step.doing {
            Doing::Leave { question, .. } => Some(question.deadline),
            _ => step.due(),
        };
        Some(Wait { path: Some(path.clone()), what, since: step.since, until, then, mend })
    }
}

fn closing_words(why: Closing) -> (String, String, Option<&'static str>) {
    let what = match why {
        Closing::Cancelled => "its end, which was asked for, to be confirmed",
        Closing::TimedOut => "its end to be confirmed; it took too long",
        Closing::NoRunner => "its withdrawal to be confirmed; no runner took it",
    };
    (what.to_owned(), "it counts as ended".to_owned(), None)
}

fn sentence(wait: &Wait, count: usize, now: Timestamp) -> String {
    let who = wait.path.as_ref().map_or_else(|| "The run".to_owned(), |path| format!("The step {path}"));
    let then = match wait.until {
        Some(until) if until > now => format!("; in {} {}", rough(until.since(now)), wait.then),
        Some(_) => format!("; {}, which is due now", wait.then),
        None => format!("; {}", wait.then),
    };
    let mend = wait.mend.as_ref().map(|mend| format!(". To mend it, {mend}")).unwrap_or_default();
    let more = if count > 1 { format!(" ({} more things are waited for)", count - 1) } else { String::new() };
    format!("{who} has waited {} for {}{then}{mend}{more}.", ago(wait.since, now), wait.what)
}

fn ago(since: Timestamp, now: Timestamp) -> String {
    rough(now.since(since))
}

/// Writes a length of time as people say it: what is longer than a minute has no seconds.
fn rough(span: Span) -> String {
    let unit = if span >= Span::mins(1) { 60_000 } else { 1_000 };
    write_span(Span(span.0 / unit * unit))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
        _ => "completed",
    }
}
