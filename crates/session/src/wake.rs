//! Time: every deadline of a session is a function of its state; here they are listed and acted on.

use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{QuestionId, ThreadId, TurnId};
use tenure_model::time::Timestamp;

use crate::draft::Draft;
use crate::effect::{CancelCause, Effect};
use crate::event::{Event, Expiry};
use crate::reply::Reply;
use crate::sandbox::{self, SandboxDue};
use crate::state::Session;
use crate::turn::{Phase, Turn};
use crate::{life, queue};

/// One wake does at most so many things; the rest stays due.
const DUE_MAX: usize = 100;

/// Something whose time will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// An unanswered question expires.
    Question(TurnId, QuestionId),
    /// A turn has taken too long.
    Timeout(TurnId),
    /// The time that its budgets have left for a turn is over.
    Budget(TurnId),
    /// The roster did not answer about a lease: nobody can run the turn any more.
    LeaseOver(TurnId),
    /// A lease has run out as far as is known here.
    Lease(TurnId),
    /// An offer, a start or a cancellation was not confirmed.
    AskAgain(TurnId),
    /// Prompts have waited long enough for more of their kind.
    Batch(ThreadId),
    Sandbox(SandboxDue),
}

/// Returns when the session next wants to be woken.
pub(crate) fn wake_at(session: &Session) -> Option<Timestamp> {
    deadlines(session).into_iter().map(|(at, _)| at).min()
}

/// Acts on what is due.
pub(crate) fn wake(session: &Session, ctx: &Ctx) -> Decision<Session> {
    let mut due = deadlines(session);
    due.retain(|(at, _)| *at <= ctx.now);
    due.sort();
    let mut draft = Draft::new(session, ctx);
    for (_, what) in due.into_iter().take(DUE_MAX) {
        // What came before may have settled this one.
        if deadlines(draft.session()).iter().any(|(at, still)| *still == what && *at <= ctx.now) {
            act(&mut draft, what);
        }
    }
    draft.decided(Reply::Done)
}

fn act(draft: &mut Draft, what: Due) {
    match what {
        Due::Question(turn, question) => {
            draft.emit(Event::QuestionExpired { turn, question, why: Expiry::Deadline });
            let Some(open) = draft.session().turns.get(&turn) else {
                return;
            };
            let Some(hold) = open.phase.hold() else { return };
            let (runner, work, generation) = (hold.runner, turn.into(), open.generation);
            draft.ask(Effect::Answer { runner, work, generation, question, answer: None });
        }
        Due::Timeout(turn) => life::cancel(draft, turn, CancelCause::TimedOut, None),
        Due::Budget(turn) => life::cancel(draft, turn, CancelCause::OverBudget, None),
        Due::LeaseOver(turn) => {
            let why = "the runner's lease has ended without a word from it";
            life::close(draft, turn, life::Ending::interrupted(why));
        }
        Due::Lease(turn) => {
            let until = draft.ctx.now + draft.session().limits.lease_margin_ms;
            draft.emit(Event::LeaseChecked { turn, until });
            check_lease(draft, turn);
        }
        Due::AskAgain(turn) => ask_again(draft, turn),
        Due::Batch(thread) => queue::dispatch(draft, thread),
        Due::Sandbox(due) => sandbox::act(draft, due),
    }
}

fn ask_again(draft: &mut Draft, id: TurnId) {
    draft.emit(Event::TurnAskedAgain { turn: id });
    let Some(turn) = draft.session().turns.get(&id) else {
        return;
    };
    let generation = turn.generation;
    match &turn.phase {
        Phase::Offering => life::offer(draft, id),
        Phase::Accepted { .. } => life::start(draft, id),
        Phase::Running { .. } => {}
        Phase::Cancelling { hold, cause, .. } => {
            let (runner, reason) = (hold.runner, *cause);
            draft.ask(Effect::Cancel { runner, work: id.into(), generation, reason });
            check_lease(draft, id);
        }
    }
}

fn check_lease(draft: &mut Draft, id: TurnId) {
    let Some(turn) = draft.session().turns.get(&id) else {
        return;
    };
    let Some(hold) = turn.phase.hold() else { return };
    let (runner, work, generation) = (hold.runner, id.into(), turn.generation);
    draft.ask(Effect::CheckLease { runner, work, generation });
}

fn deadlines(session: &Session) -> Vec<(Timestamp, Due)> {
    let of_turns = session.turns.iter().flat_map(|(id, turn)| turn_deadlines(session, *id, turn));
    let of_threads = session.due_threads().into_iter().map(|(at, thread)| (at, Due::Batch(thread)));
    let of_sandbox = sandbox::deadline(session).into_iter().map(|(at, due)| (at, Due::Sandbox(due)));
    of_turns.chain(of_threads).chain(of_sandbox).collect()
}

fn turn_deadlines(session: &Session, id: TurnId, turn: &Turn) -> Vec<(Timestamp, Due)> {
    let limits = &session.limits;
    let mut due: Vec<_> =
        turn.open_questions().into_iter().map(|(q, asked)| (asked.deadline, Due::Question(id, q))).collect();
    match &turn.phase {
        Phase::Offering => due.push((turn.asked.due(limits.offer_timeout_ms), Due::AskAgain(id))),
        Phase::Accepted { hold } => {
            due.push((turn.asked.due(limits.offer_timeout_ms), Due::AskAgain(id)));
            due.push((hold.timeout_at, Due::Timeout(id)));
        }
        Phase::Running { hold } => due.push((hold.timeout_at, Due::Timeout(id))),
        Phase::Cancelling { .. } => due.push((turn.asked.due(limits.cancel_deadline_ms), Due::AskAgain(id))),
    }
    due.extend(turn.budget_ends_at().map(|at| (at, Due::Budget(id))));
    if let Some(hold) = turn.phase.hold() {
        due.push(match hold.check_until {
            Some(until) => (until, Due::LeaseOver(id)),
            None => (hold.lease_until, Due::Lease(id)),
        });
    }
    due
}
