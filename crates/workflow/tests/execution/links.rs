//! Links that decide an approval: who makes them, that they decide once, and what is wrong with the others.

use tenure_model::id::{ApprovalId, LinkId};
use tenure_model::request::RequestId;
use tenure_model::time::{Span, Timestamp};
use tenure_workflow::execution::command::{Decision, Start};
use tenure_workflow::execution::link::{Standing, id_of};
use tenure_workflow::execution::{Action, Command, Event, Limits};

use crate::support::*;

const GATE: &str = "  - {id: gate, type: approval, prompt: Go?, timeout: 1h}\n  - {id: push, type: tool, tool: t}";
const INVALID: &str = "the link is not known, was used or has expired";

fn approval(run: &Run) -> ApprovalId {
    run.state().open_approvals().next().expect("an approval is open").1.approval
}

fn make(run: &Run, token_hash: &str, life: Option<Span>) -> Action {
    Action::Link { approval: approval(run), token_hash: token_hash.into(), life }
}

fn revoke(run: &Run, link: LinkId) -> Action {
    Action::RevokeLink { approval: approval(run), link }
}

/// How the links of an approval stand, in the order in which they were made.
fn standings(run: &Run, approval: ApprovalId) -> Vec<Standing> {
    let links = run.state().links(&ann(), approval, run.given.now).expect("ann may see them");
    links.into_iter().map(|(_, standing)| standing).collect()
}

fn by_link(approval: ApprovalId, token_hash: &str, decision: Decision) -> Command {
    Command::Link { approval, token_hash: token_hash.into(), decision, reason: None }
}

/// A run with a link of this hash, made by its owner.
fn linked(token_hash: &str) -> (Run, ApprovalId) {
    let run = Run::of(GATE);
    let (approval, link) = (approval(&run), make(&run, token_hash, None));
    (run.wants(ann(), link), approval)
}

fn untils(run: &Run) -> Vec<Timestamp> {
    let until = |event: &Event| match event {
        Event::ApprovalLinked { until, .. } => Some(*until),
        _ => None,
    };
    run.events.iter().filter_map(until).collect()
}

#[test]
fn a_link_decides_in_the_name_of_whoever_made_it() {
    let (run, approval) = linked("h1");
    let run = run.then(&["gate started", "slot freed", "gate linked by ann"]);
    let run = run.send(by_link(approval, "h1", Decision::Approved));
    assert_eq!(run.output("gate")["decidedBy"], "ann, by a link");
    run.went(&["gate Approved by ann, by a link", "gate completed", "push started", "slot taken"]);
}

#[test]
fn a_link_decides_once_and_any_decision_spends_it() {
    let (run, approval) = linked("h1");
    let run = run.send(by_link(approval, "h1", Decision::Approved));
    let run = run.ignores(by_link(approval, "h1", Decision::Approved));
    let run = run.refuses(by_link(approval, "h1", Decision::Denied), "ann, by a link approved this at");
    run.refuses(by_link(approval, "other", Decision::Approved), INVALID);
    let (run, approval) = linked("h1");
    let hash = run.state().open_approvals().next().unwrap().1.hash.clone();
    let run = run.wants(root(), Action::Decide { approval, hash, decision: Decision::Denied, reason: None });
    run.refuses(by_link(approval, "h1", Decision::Denied), "root denied this at");
}

#[test]
fn links_that_are_wrong_expired_or_of_another_approval_are_refused_alike() {
    let (run, approval) = linked("h1");
    let run = run.refuses(by_link(approval, "h2", Decision::Approved), INVALID);
    let other = ApprovalId(uuid::Uuid::from_u128(4));
    let run = run.refuses(by_link(other, "h1", Decision::Approved), INVALID);
    let soon = make(&run, "soon", Some(Span::mins(10)));
    let run = run.wants(ann(), soon).after(Span::mins(10));
    let run = run.refuses(by_link(approval, "soon", Decision::Approved), INVALID);
    // The longer one is good until the deadline, and no longer.
    assert!(run.state().linked(approval, "h1", run.given.now).is_some());
    let run = run.after(Span::mins(50)).wake();
    run.refuses(by_link(approval, "h1", Decision::Approved), INVALID);
}

#[test]
fn a_link_ends_with_the_deadline_at_the_latest() {
    let (run, _) = linked("h1");
    let start = run.given.now;
    let lives = [Some(Span::mins(5)), Some(Span::hours(9))];
    let run = lives.iter().fold(run, |run, life| {
        let link = make(&run, &format!("{life:?}"), *life);
        run.wants(ann(), link)
    });
    assert_eq!(untils(&run), [start + Span::hours(1), start + Span::mins(5), start + Span::hours(1)]);
}

#[test]
fn only_who_may_decide_makes_links() {
    let run = Run::of(GATE);
    let link = make(&run, "h1", None);
    let run = run.refuses(want(bob(), link.clone()), "only ann may decide");
    let run = run.refuses(want(robot(), link.clone()), "an agent does not decide");
    let (approval, run) = (approval(&run), run.wants(root(), link.clone()));
    let run = run.send(by_link(approval, "h1", Decision::Approved));
    run.refuses(want(ann(), link), "root, by a link approved this at");
}

#[test]
fn links_of_an_approval_are_limited_until_they_expire() {
    let limits = Limits { links_max: 1, ..Limits::default() };
    let run = Run::with(Start { limits, ..start_of(definition(GATE)) });
    let first = make(&run, "h1", Some(Span::mins(1)));
    let second = make(&run, "h2", None);
    let run = run.wants(ann(), first).refuses(want(ann(), second.clone()), "the limit links_max is 1");
    let run = run.after(Span::mins(1)).wants(ann(), second);
    assert_eq!(run.state().open_approvals().next().unwrap().1.links.len(), 1, "the expired one is forgotten");
}

#[test]
fn a_revoked_link_decides_nothing_and_makes_room() {
    let limits = Limits { links_max: 1, ..Limits::default() };
    let run = Run::with(Start { limits, ..start_of(definition(GATE)) });
    let (approval, first) = (approval(&run), make(&run, "h1", None));
    let run = run.wants(ann(), first);
    let gone = revoke(&run, id_of("h1"));
    let run = run.refuses(want(bob(), gone.clone()), "only ann may decide");
    let run = run.refuses(want(robot(), gone.clone()), "an agent does not decide");
    let run = run.wants(ann(), gone.clone());
    assert_eq!(run.trail().last().unwrap(), "gate link revoked by ann");
    assert_eq!(standings(&run, approval), [Standing::Revoked]);
    let run = run.ignores(Command::Client { by: ann(), request: None, action: gone });
    let run = run.refuses(by_link(approval, "h1", Decision::Approved), INVALID);
    let unknown = revoke(&run, id_of("h2"));
    let run = run.refuses(want(ann(), unknown), "the approval has no link");
    let second = make(&run, "h2", None);
    let run = run.wants(ann(), second);
    assert_eq!(standings(&run, approval), [Standing::Open]);
    let approve = by_link(approval, "h2", Decision::Approved);
    let run =
        run.send(approve).refuses(want(ann(), Action::RevokeLink { approval, link: id_of("h2") }), "approved this");
    assert_eq!(standings(&run, approval), [Standing::Used]);
}

#[test]
fn a_list_says_how_each_link_stands() {
    let (run, approval) = linked("h1");
    let run = ["h2", "h3"].into_iter().fold(run, |run, hash| {
        let link = make(&run, hash, Some(Span::mins(if hash == "h2" { 1 } else { 30 })));
        run.wants(ann(), link)
    });
    let run = run.after(Span::mins(1));
    assert_eq!(standings(&run, approval), [Standing::Open, Standing::Expired, Standing::Open]);
    assert!(run.state().links(&bob(), approval, run.given.now).is_err(), "it is none of bob's");
    let run = run.send(by_link(approval, "h3", Decision::Approved));
    assert_eq!(standings(&run, approval), [Standing::Spent, Standing::Used]);
    assert!(run.state().links(&bob(), approval, run.given.now).is_err());
}

#[test]
fn a_link_that_is_asked_for_again_is_the_same_link() {
    let run = Run::of(GATE);
    let request = |run: &Run, hash: &str| {
        let request = Some(RequestId::parse("r1").unwrap());
        Command::Client { by: ann(), request, action: make(run, hash, Some(Span::mins(5))) }
    };
    let (same, other) = (request(&run, "h1"), request(&run, "h2"));
    let run = run.send(same.clone()).after(Span::mins(1)).ignores(same);
    run.refuses(other, "the request id was used before");
}

#[test]
fn a_link_without_its_run_or_of_an_ended_one_decides_nothing() {
    let (run, approval) = linked("h1");
    let run = run.wants(ann(), Action::Cancel { reason: None });
    run.refuses(by_link(approval, "h1", Decision::Approved), INVALID);
    let nothing = Run { given: tenure_model::testkit::given(ID, []), events: vec![], effects: vec![] };
    nothing.refuses(by_link(approval, "h1", Decision::Approved), INVALID);
}
