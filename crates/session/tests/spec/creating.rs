//! Creating a session.

use tenure_model::chat::PromptMode;
use tenure_model::testkit::given;
use tenure_model::view::Purpose;
use tenure_session::{Action, Event, Limits, Reply, Session};

use crate::support::*;

fn create() -> Action {
    Action::Create {
        owner: ann().user,
        owner_name: "ann".into(),
        title: None,
        agent: Some("scripted".into()),
        model: None,
        purpose: Purpose::Interactive,
        mode: PromptMode::Followup,
        limits: Limits::default(),
        repo: None,
        runner: Default::default(),
    }
}

#[test]
fn the_owner_creates_a_session_with_one_thread() {
    let nothing = given::<Session>(ID, []);
    let thread = nothing.ctx().fresh(0);
    let then = nothing.when(want(create()));
    assert_eq!(then.decision().reply, Reply::Created { session: ID, thread });
    assert_eq!(said(&then), ["created"]);
    assert!(then.and().state.threads.contains_key(&thread));
}

#[test]
fn an_administrator_creates_for_somebody_and_a_stranger_does_not() {
    given::<Session>(ID, []).when(by(bob(), "c", create())).refused("its owner or an administrator");
    given::<Session>(ID, []).when(by(root(), "c", create())).and();
}

#[test]
fn creating_it_again_without_a_request_id_finds_what_is_there() {
    let again = tenure_session::Command::Client { by: ann(), request: None, action: create() };
    session().when(again).silent();
}

#[test]
fn creating_something_else_at_the_same_place_is_refused() {
    let mut other = create();
    if let Action::Create { agent, .. } = &mut other {
        *agent = Some("another".into());
    }
    session().when(want(other)).refused("exists already");
}

#[test]
fn before_it_is_created_nobody_finds_it() {
    given::<Session>(ID, []).when(want(text("hello"))).refused("there is no such session");
    given::<Session>(ID, []).when(by(root(), "t", Action::Terminate)).refused("there is no such session");
}

#[test]
fn the_first_prompt_names_a_session_without_a_title_until_a_person_or_the_agent_does() {
    let named = session().when(want(text("\n Fix the build\nplease"))).and();
    assert_eq!(named.state.title(), "Fix the build");
    let (named, turn) = take_on(named);
    let title = |title: &str| tenure_model::link::TurnFrame::Title { title: title.into() };
    let named = named.when(frames(turn, 0, [title("Build repair")])).and();
    assert_eq!(named.state.title(), "Build repair");
    let named = named.when(want(Action::SetTitle { title: "Mine".into() })).and();
    let named = named.when(frames(turn, 1, [title("Theirs")])).and();
    assert_eq!(named.state.title(), "Mine");
}

#[test]
fn limits_are_those_of_creation() {
    let limits = Limits { queue_max: 3, ..Limits::default() };
    assert_eq!(given::<Session>(ID, [created(Purpose::Interactive, limits.clone())]).state.limits, limits);
    let old: Event = serde_json::from_value(serde_json::json!({
        "type": "created", "owner": ann().user, "owner_name": "ann", "title": null, "agent": null, "model": null,
        "purpose": "interactive", "mode": "followup", "thread": THREAD,
    }))
    .unwrap();
    assert_eq!(given::<Session>(ID, [old]).state.limits, Limits::default());
}
