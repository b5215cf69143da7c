//! Calls that need a person: asked about once, decided once, carried out once; grants and their ends.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};
use tenure_account::policy::command::{Asks, By, Calling, Command, Decision, Reply};
use tenure_account::policy::{Bound, Caller, Calls, Effect, Event, Made, Mode, NewGrant, Policy, Risk, Within};
use tenure_model::Entity;
use tenure_model::id::{ApprovalId, ExecutionId, GrantId, SessionId, ThreadId, UserId};
use tenure_model::step::StepRef;
use tenure_model::testkit::{Given, Then, given};
use tenure_model::time::Span;
use uuid::Uuid;

const ANN: UserId = UserId(Uuid::from_u128(0xa22));
const SESSION: SessionId = SessionId(Uuid::from_u128(0x5e55));
const THREAD: ThreadId = ThreadId(Uuid::from_u128(0x7b2));
const WAITS: Span = Span::secs(50);
const OPEN: Span = Span::hours(24);

fn ann() -> By {
    By { user: ANN, name: "ann".into(), admin: false, agent: false }
}

fn policy() -> Given<Policy> {
    given(ANN, [])
}

fn made(workflow: &str) -> Made {
    let fields = [("workflow_id".to_owned(), json!(workflow)), ("force".to_owned(), json!(true))];
    let arguments: Map<String, Value> = fields.into_iter().collect();
    Made {
        tool: "delete_workflow".into(),
        service: "tenure".into(),
        risk: Risk::Medium,
        arguments,
        hash: format!("hash of {workflow}"),
        caller: Caller { session: Some(SESSION), thread: Some(THREAD), ..Caller::default() },
    }
}

/// A call of its own each time.
fn calling(made: Made) -> Calling {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let id = Uuid::from_u128(CALLS.fetch_add(1, Ordering::Relaxed).into());
    Calling { id, made, organization: None, reads: false, waits: WAITS, asks: Some(Asks { open_for: OPEN, id: None }) }
}

fn calls(made: Made) -> Command {
    Command::Call(Box::new(calling(made)))
}

fn decides(approval: ApprovalId, workflow: &str, approved: bool) -> Command {
    let decision = Decision { hash: format!("hash of {workflow}"), approved, reason: None, grant: None };
    Command::Decide { by: ann(), approval, decision }
}

fn grant(bound: Bound, lasts: Span, uses: Option<u32>) -> NewGrant {
    NewGrant { tool: "delete_workflow".into(), bound, within: Within::Owner, lasts, uses, reason: None }
}

fn asked(then: &Then<Policy>) -> ApprovalId {
    match &then.decision().reply {
        Reply::Waits { approval, .. } => *approval,
        other => panic!("a call that needs a person was answered with {other:?}"),
    }
}

/// A policy in which a call for `nightly` waits.
fn waiting() -> (Given<Policy>, ApprovalId) {
    let then = policy().when(calls(made("nightly")));
    let approval = asked(&then);
    (then.and(), approval)
}

fn allowed(then: &Then<Policy>) -> Option<ApprovalId> {
    match &then.decision().reply {
        Reply::Allowed { approval, .. } => *approval,
        other => panic!("expected leave, got {other:?}"),
    }
}

#[test]
fn a_call_waits_for_a_person_and_is_carried_out_once() {
    let (policy, approval) = waiting();
    let again = policy.when(calls(made("nightly")));
    assert_eq!(asked(&again), approval, "the same call is asked about once");
    let policy = again.and();
    assert_eq!(policy.state.summaries(ANN.0).len(), 1, "it stands in the list of approvals");
    let policy = policy.when(decides(approval, "nightly", true)).and();
    assert!(policy.state.summaries(ANN.0).is_empty());
    let first = policy.when(calls(made("nightly")));
    assert_eq!(allowed(&first), Some(approval));
    let policy = first.silent();
    let repeat = policy.when(calls(made("nightly")));
    assert_eq!(allowed(&repeat), Some(approval), "until it is over it may come again, under the same id");
    let used = repeat.silent().when(Command::Done { approval });
    assert_eq!(used.decision().reply, Reply::Done);
    let policy = used.and();
    let late = policy.when(Command::Done { approval });
    assert_eq!(late.decision().reply, Reply::Spent, "whoever comes second does not go on");
    let policy = late.silent();
    let next = policy.when(calls(made("nightly")));
    assert_ne!(asked(&next), approval, "another call needs another decision");
}

#[test]
fn a_decision_is_about_what_was_shown_and_nothing_else() {
    let (policy, approval) = waiting();
    let policy = policy.when(decides(approval, "other", true)).refused("take the hash of the approval as it is shown");
    let other = policy.when(decides(ApprovalId(Uuid::from_u128(9)), "nightly", true));
    let policy = other.refused("there is no approval");
    let policy = policy.when(decides(approval, "nightly", true)).and();
    let elsewhere = policy.when(calls(made("weekly")));
    assert_ne!(asked(&elsewhere), approval, "other arguments are another call");
    let mut stranger = made("nightly");
    stranger.caller.session = Some(SessionId(Uuid::from_u128(7)));
    asked(&elsewhere.and().when(calls(stranger)));
}

#[test]
fn agents_and_strangers_decide_nothing() {
    let (policy, approval) = waiting();
    let by = |by: By| {
        let decision = Decision { hash: "hash of nightly".into(), approved: true, reason: None, grant: None };
        Command::Decide { by, approval, decision }
    };
    let policy = policy.when(by(By { agent: true, ..ann() })).refused("agents decide nothing");
    let bob = By { user: UserId(Uuid::from_u128(0xb0b)), name: "bob".into(), ..ann() };
    let policy = policy.when(by(bob.clone())).refused("somebody else's");
    let what = "risk:medium".parse().unwrap();
    let rule =
        Command::SetRule { by: By { agent: true, ..ann() }, within: Within::Owner, what, mode: Some(Mode::Allow) };
    let policy = policy.when(rule).refused("agents decide nothing");
    policy.when(by(By { admin: true, ..bob })).and();
}

#[test]
fn a_late_click_is_told_who_has_decided_what() {
    let (policy, approval) = waiting();
    let policy = policy.when(decides(approval, "nightly", false)).and();
    let late = policy.when(decides(approval, "nightly", true));
    let Reply::Decided { settled } = &late.decision().reply else { panic!("decided") };
    assert_eq!((settled.approved, settled.by.as_ref().map(|by| by.name.as_str())), (false, Some("ann")));
    late.silent();
}

#[test]
fn a_call_that_must_not_be_sent_twice_is_told_so_once() {
    let send = || Command::Send { call: Uuid::from_u128(9) };
    let first = policy().when(send());
    assert_eq!(first.decision().reply, Reply::Done);
    let again = first.and().when(send());
    assert_eq!(again.decision().reply, Reply::Spent);
    let other = again.silent().when(Command::Send { call: Uuid::from_u128(10) });
    assert_eq!(other.decision().reply, Reply::Done);
}

#[test]
fn what_was_denied_is_not_asked_again_at_once() {
    let (policy, approval) = waiting();
    let policy = policy.when(decides(approval, "nightly", false)).and();
    let again = policy.when(calls(made("nightly")));
    assert!(matches!(&again.decision().reply, Reply::DeniedBy { settled } if settled.approval == approval));
    let later = again.silent().after(Span::mins(10));
    asked(&later.when(calls(made("nightly"))));
}

#[test]
fn what_nobody_decides_is_denied_at_its_deadline() {
    let (policy, approval) = waiting();
    let then = policy.after(OPEN).wake();
    assert!(matches!(&then.decision().events[..], [Event::Decided { approved: false, by: None, .. }]));
    assert!(matches!(&then.decision().effects[..], [Effect::Tell { text, .. }] if text.contains("Nobody has decided")));
    let policy = then.and();
    assert_eq!(policy.state.wake_at(), None);
    assert!(!policy.state.settled(approval).unwrap().approved);
    asked(&policy.when(calls(made("nightly"))));
}

#[test]
fn the_session_is_told_of_an_approval_only_when_nobody_waits_for_it() {
    let (policy, approval) = waiting();
    let decided = policy.after(Span::secs(20)).when(decides(approval, "nightly", true));
    assert!(decided.decision().effects.is_empty(), "whoever called still waits");
    let policy = decided.and();
    let carried_out = policy.when(Command::Done { approval }).and();
    assert_eq!(carried_out.state.wake_at(), None);

    let (policy, approval) = waiting();
    let policy = policy.after(Span::hours(2)).when(decides(approval, "nightly", true)).and();
    let due = policy.state.wake_at().unwrap();
    let told = policy.after(Span::secs(15)).wake();
    assert!(matches!(
        &told.decision().effects[..],
        [Effect::Tell { session, thread, text, .. }]
            if (*session, *thread) == (SESSION, THREAD) && text.contains("ann has approved it")
    ));
    let policy = told.and();
    assert!(policy.state.wake_at().unwrap() > due, "it is told once");
    assert_eq!(allowed(&policy.when(calls(made("nightly")))), Some(approval), "and then it is carried out");
}

#[test]
fn an_approval_that_nobody_uses_ends() {
    let (policy, approval) = waiting();
    let policy = policy.when(decides(approval, "nightly", true)).and().after(Span::secs(65)).wake().and();
    let then = policy.after(Span::hours(24)).wake();
    let policy = then.then([Event::Closed { approval, done: false }]).and();
    asked(&policy.when(calls(made("nightly"))));
}

#[test]
fn a_decision_can_grant_more_calls_like_it() {
    let (policy, approval) = waiting();
    let fields = Bound::Fields([("workflow_id".to_owned(), json!("nightly"))].into());
    let decision = Decision {
        hash: "hash of nightly".into(),
        approved: true,
        reason: Some("it is old".into()),
        grant: Some(grant(fields, Span::hours(1), Some(2))),
    };
    let decide = Command::Decide { by: ann(), approval, decision };
    let policy = policy.when(decide).and().when(Command::Done { approval }).and();
    // The other field differs, which the grant leaves open.
    let mut other = made("nightly");
    other.arguments.insert("force".to_owned(), json!(false));
    other.hash = "another".to_owned();
    let first = policy.when(calls(other.clone()));
    assert_eq!(allowed(&first), None);
    let policy = first.and();
    asked(&policy.clone().when(calls(made("weekly"))));
    let second = policy.when(calls(other.clone()));
    allowed(&second);
    asked(&second.and().when(calls(other)));
}

#[test]
fn a_grant_ends_by_its_time_or_when_it_is_taken_back() {
    let id = GrantId(Uuid::from_u128(3));
    let granted =
        Command::Grant { by: ann(), grant: id, new: grant(Bound::Fields(Default::default()), Span::hours(1), None) };
    let policy = policy().when(granted.clone()).and();
    let policy = policy.when(granted).silent();
    allowed(&policy.clone().when(calls(made("any"))));
    asked(&policy.clone().after(Span::hours(1)).when(calls(made("any"))));
    let policy = policy.when(Command::Revoke { by: ann(), grant: id }).and();
    let then = policy.when(calls(made("any")));
    asked(&then);
    then.and().when(Command::Revoke { by: ann(), grant: id }).silent();
}

#[test]
fn a_grant_lets_nothing_through_that_a_rule_denies() {
    let id = GrantId(Uuid::from_u128(3));
    let new = grant(Bound::Fields(Default::default()), Span::hours(1), None);
    let policy = policy().when(Command::Grant { by: ann(), grant: id, new }).and();
    let what = "tool:delete_workflow".parse().unwrap();
    let rule = Command::SetRule { by: ann(), within: Within::Owner, what, mode: Some(Mode::Deny) };
    let then = policy.when(rule).and().when(calls(made("nightly")));
    assert!(matches!(then.decision().reply, Reply::Denied { .. }));
    assert!(matches!(&then.decision().events[..], [Event::Judged { mode: Mode::Deny, .. }]), "a refusal is noted");
}

#[test]
fn grants_out_of_bounds_are_refused() {
    let id = GrantId(Uuid::from_u128(3));
    let wants = |new: NewGrant| policy().when(Command::Grant { by: ann(), grant: id, new });
    let any = || Bound::Fields(Default::default());
    wants(grant(any(), Span::ZERO, None)).refused("a grant lasts from");
    wants(grant(any(), Span::hours(24 * 366), None)).refused("a grant lasts from");
    wants(grant(any(), Span::hours(1), Some(0))).refused("a grant is good for");
    let (policy, approval) = waiting();
    let with = |approved: bool, grant: NewGrant| {
        let decision = Decision { hash: "hash of nightly".into(), approved, reason: None, grant: Some(grant) };
        Command::Decide { by: ann(), approval, decision }
    };
    let policy = policy.when(with(false, grant(any(), Span::hours(1), None))).refused("comes with an approval only");
    let other = NewGrant { tool: "sync_workflow".into(), ..grant(any(), Span::hours(1), None) };
    policy.when(with(true, other)).refused("the grant is about sync_workflow");
}

#[test]
fn what_cannot_be_shown_is_not_asked_and_what_waits_is_bounded() {
    let mut large = made("nightly");
    large.arguments.insert("data".to_owned(), json!("x".repeat(50_000)));
    policy().when(calls(large)).refused("a person can be shown");
    let mut policy = policy();
    for n in 0..200 {
        policy = policy.when(calls(made(&n.to_string()))).and();
    }
    policy.when(calls(made("one more"))).refused("200 calls wait");
}

#[test]
fn reading_leaves_no_trace_and_acting_does() {
    let call = |risk: Risk, reads: bool| {
        let calling = Calling { reads, ..calling(Made { risk, ..made("nightly") }) };
        policy().when(Command::Call(Box::new(calling)))
    };
    call(Risk::Low, true).silent();
    assert!(matches!(&call(Risk::Low, false).decision().events[..], [Event::Judged { mode: Mode::Allow, .. }]));
    assert!(matches!(&call(Risk::Critical, true).decision().events[..], [Event::Judged { mode: Mode::Deny, .. }]));
}

/// The call of a step, asked about under an id that the run knows.
fn of_step(attempt: u32) -> (Calling, ApprovalId) {
    let step = StepRef { execution: ExecutionId(Uuid::from_u128(0xe8ec)), path: "close".into(), attempt, round: 0 };
    let calls = Calls { step, name: "Close it".into(), workflow: "Nightly".into() };
    let caller = Caller { session: Some(SESSION), step: Some(Box::new(calls)), ..Caller::default() };
    let id = ApprovalId(Uuid::from_u128(0xa00 + u128::from(attempt)));
    let call = calling(Made { caller, ..made("nightly") });
    (Calling { asks: Some(Asks { open_for: OPEN, id: Some(id) }), waits: Span::ZERO, ..call }, id)
}

fn told_steps(then: &Then<Policy>) -> Vec<(ApprovalId, bool)> {
    let told = |effect: &Effect| match effect {
        Effect::TellStep { approval, approved, .. } => Some((*approval, *approved)),
        Effect::Tell { .. } => None,
    };
    then.decision().effects.iter().filter_map(told).collect()
}

fn waiting_step(attempt: u32) -> (Given<Policy>, Calling, ApprovalId) {
    let (call, id) = of_step(attempt);
    let then = policy().when(Command::Call(Box::new(call.clone())));
    assert_eq!(asked(&then), id);
    (then.and(), call, id)
}

#[test]
fn a_step_is_told_at_once_what_was_decided_of_its_call() {
    for approved in [true, false] {
        let (policy, _, id) = waiting_step(1);
        let rows: Vec<Value> = policy.state.summaries(ANN.0).values().map(|row| row.read().unwrap()).collect();
        assert_eq!(
            (&rows[0]["run"], &rows[0]["step"], &rows[0]["path"]),
            (&json!("Nightly"), &json!("Close it"), &json!("close"))
        );
        let decided = policy.when(decides(id, "nightly", approved));
        assert_eq!(told_steps(&decided), [(id, approved)]);
    }
    let (policy, _, id) = waiting_step(1);
    let expired = policy.after(OPEN).wake();
    assert_eq!(told_steps(&expired), [(id, false)]);
}

#[test]
fn the_call_of_a_step_is_asked_about_once_whatever_became_of_the_answer() {
    let (policy, call, id) = waiting_step(1);
    let again = policy.when(Command::Call(Box::new(call.clone())));
    assert_eq!(asked(&again), id);
    let policy = again.silent().after(OPEN).wake().and();
    let late = policy.when(Command::Call(Box::new(call.clone())));
    assert!(
        matches!(&late.decision().reply, Reply::DeniedBy { settled } if settled.by.is_none()),
        "{:?}",
        late.decision().reply
    );
    let (policy, call, id) = waiting_step(1);
    let policy = policy.when(decides(id, "nightly", true)).and().when(Command::Done { approval: id }).and();
    let spent = policy.when(Command::Call(Box::new(call)));
    assert_eq!(spent.decision().reply, Reply::Spent);
}

#[test]
fn what_a_step_may_do_no_other_step_or_agent_may() {
    let (policy, _, id) = waiting_step(1);
    let policy = policy.when(decides(id, "nightly", true)).and();
    let (next, other) = of_step(2);
    assert_eq!(asked(&policy.when(Command::Call(Box::new(next)))), other, "another attempt is another call");
    let (policy, _, id) = waiting_step(1);
    let policy = policy.when(decides(id, "nightly", false)).and();
    assert_ne!(asked(&policy.when(calls(made("nightly")))), id, "the agent of the session was not denied");
}

#[test]
fn a_question_is_taken_back_and_a_late_click_hears_so() {
    let (policy, _, id) = waiting_step(1);
    let policy = policy.when(Command::Withdraw { approval: id }).and();
    assert!(policy.state.summaries(ANN.0).is_empty() && policy.state.wake_at().is_none());
    let policy = policy.when(Command::Withdraw { approval: id }).silent();
    let late = policy.when(decides(id, "nightly", true));
    let Reply::Decided { settled } = &late.decision().reply else { panic!("decided") };
    assert!(settled.reason.as_ref().is_some_and(|reason| reason.contains("taken back")), "{settled:?}");
    assert!(told_steps(&late).is_empty());
}

#[test]
fn a_call_that_is_only_asked_about_puts_no_question() {
    let (call, _) = of_step(1);
    let call = Calling { asks: None, ..call };
    let then = policy().when(Command::Call(Box::new(call)));
    assert!(matches!(then.decision().reply, Reply::Needed { .. }));
    then.silent();
}
