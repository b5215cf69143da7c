//! Why is it stuck? A pure function of the state and the time, which also says what happens next by itself.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::time::{Span, Timestamp};

use crate::state::Session;
use crate::turn::{Phase, Turn};
use crate::wake;

/// A timer that is late by more than this did not fire.
const LATE: Span = Span::secs(60);

/// One thing that a session waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub cause: Cause,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnId>,
    /// What is the matter, in a sentence.
    pub what: String,
    /// What happens next, when, and what a person can do.
    pub what_next: String,
}

/// Why something does not get on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No runner has taken the turn.
    WaitsForRunner,
    /// The runner has not confirmed that it began.
    StartUnconfirmed,
    /// Something could not be delivered.
    HeldUp,
    /// The agent waits for people.
    WaitsForAnswer,
    /// The runner has not confirmed that nothing runs any more.
    CancelUnconfirmed,
    /// The lease has run out and the roster was asked.
    LeaseInDoubt,
    /// Prompts wait for more of their kind.
    Collecting,
    /// Prompts wait in a session that is over.
    LeftOver,
    /// A deadline has passed and nobody acted on it.
    TimerLate,
}

/// Lists what the session waits for; nothing means that nothing is stuck.
pub fn diagnose(session: &Session, now: Timestamp) -> Vec<Finding> {
    let mut findings: Vec<Finding> = session.turns.iter().flat_map(|(id, turn)| of_turn(session, *id, turn)).collect();
    findings.extend(of_queue(session, now));
    let late = wake::wake_at(session).filter(|due| now.since(*due) > LATE);
    findings.extend(late.map(|due| Finding {
        cause: Cause::TimerLate,
        since: due,
        thread: None,
        turn: None,
        what: format!("something was due {} ago and did not happen", now.since(due)),
        what_next: "nothing by itself; wake the session".into(),
    }));
    findings
}

fn of_turn(session: &Session, id: TurnId, turn: &Turn) -> Vec<Finding> {
    let limits = &session.limits;
    let finding = |cause, since, what: String, what_next: String| Finding {
        cause,
        since,
        thread: Some(turn.thread),
        turn: Some(id),
        what,
        what_next,
    };
    let mut findings = vec![];
    match &turn.phase {
        Phase::Offering => {
            let why = turn.held_up.as_ref().map_or("no runner has taken it on yet", |held_up| &held_up.why);
            let next =
                format!("it is offered again at {}; or abort it", turn.asked.due(limits.offer_timeout_ms).in_utc());
            findings.push(finding(Cause::WaitsForRunner, turn.opened_at, why.into(), next));
        }
        Phase::Accepted { hold } => {
            let what = format!("runner {} has not confirmed that it began", hold.runner);
            let next = format!("it is told again at {}", turn.asked.due(limits.offer_timeout_ms).in_utc());
            findings.push(finding(Cause::StartUnconfirmed, hold.accepted_at, what, next));
        }
        Phase::Running { .. } => {}
        Phase::Cancelling { hold, since, .. } => {
            let what = format!("runner {} has not confirmed that nothing runs any more", hold.runner);
            let over = hold.check_until.unwrap_or(hold.lease_until + limits.lease_margin_ms).in_utc();
            let next = format!("it closes when the runner does, or when its lease has ended, at {over} unless renewed");
            findings.push(finding(Cause::CancelUnconfirmed, *since, what, next));
        }
    }
    if let (Some(held_up), false) = (&turn.held_up, turn.phase == Phase::Offering) {
        let next = "it goes on when the runner is heard again, or closes when its lease has ended".into();
        findings.push(finding(Cause::HeldUp, held_up.since, held_up.why.clone(), next));
    }
    if let Some((hold, until)) = turn.phase.hold().and_then(|hold| Some((hold, hold.check_until?))) {
        let what = format!("the lease of runner {} has run out as far as is known", hold.runner);
        let next = format!("the turn closes as interrupted at {} unless the runner is heard", until.in_utc());
        findings.push(finding(Cause::LeaseInDoubt, hold.lease_until, what, next));
    }
    for (_, question) in turn.open_questions() {
        let what = format!("the agent asks: {}", question.text);
        let next = format!("it counts as unanswered at {}; or answer it", question.deadline.in_utc());
        findings.push(finding(Cause::WaitsForAnswer, question.asked_at, what, next));
    }
    findings
}

fn of_queue(session: &Session, now: Timestamp) -> Vec<Finding> {
    if let (Some(since), false) = (session.terminated_at, session.queue.is_empty()) {
        return vec![Finding {
            cause: Cause::LeftOver,
            since,
            thread: None,
            turn: None,
            what: format!("{} prompts were waiting when the session was terminated", session.queue.len()),
            what_next: "nothing by itself; their authors can withdraw them to get their text back".into(),
        }];
    }
    let collecting = session.due_threads().into_iter().filter(|(due, _)| *due > now);
    let finding = |(due, thread): (Timestamp, ThreadId)| Finding {
        cause: Cause::Collecting,
        since: session.waiting(thread).map(|queued| queued.queued_at).min().unwrap_or(now),
        thread: Some(thread),
        turn: None,
        what: "collected prompts wait for more of their kind".into(),
        what_next: format!("they become one prompt at {}", due.in_utc()),
    };
    collecting.map(finding).collect()
}
