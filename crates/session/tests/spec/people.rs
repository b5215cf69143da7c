//! Who may do what. The session itself checks it, for every command.

use tenure_model::view::Role;
use tenure_session::{Action, Refusal};

use crate::support::*;

fn share(role: Role) -> Action {
    Action::Share { user: bob().user, name: "bob".into(), role }
}

fn client_actions() -> Vec<Action> {
    let (given, turn) = running();
    let given = given.when(want(text("later"))).and();
    let prompt = given.state.queue[0].id;
    vec![
        text("hello"),
        Action::EditPrompt { prompt, text: "other".into() },
        Action::MovePrompt { prompt, before: None },
        Action::WithdrawPrompt { prompt },
        Action::PromotePrompt { prompt },
        Action::Abort { thread: None, turn: Some(turn) },
        Action::Answer { question: question(1), answer: "yes".into() },
        Action::OpenThread { title: None },
        Action::RenameThread { thread: THREAD, title: "t".into() },
        Action::SetTitle { title: "t".into() },
        Action::SetMode { mode: tenure_model::chat::PromptMode::Steer },
        Action::Retry { turn },
    ]
}

#[test]
fn to_a_stranger_there_is_no_such_session() {
    for action in client_actions().into_iter().chain([share(Role::Viewer), Action::Terminate]) {
        session().when(by(bob(), "x", action)).refused("there is no such session");
    }
}

#[test]
fn a_viewer_only_looks_on() {
    let given = session().when(want(share(Role::Viewer))).and();
    for action in client_actions().into_iter().chain([share(Role::Owner), Action::Terminate]) {
        let then = given.clone().when(by(bob(), "x", action.clone()));
        assert!(matches!(then.result, Err(Refusal::Forbidden { yours: Role::Viewer, .. })), "{action:?}");
    }
}

#[test]
fn a_collaborator_prompts_but_does_not_share_or_terminate() {
    let given = session().when(want(share(Role::Collaborator))).and();
    given.clone().when(by(bob(), "p", text("hello"))).and();
    for action in [share(Role::Owner), Action::Terminate, Action::Unshare { user: ann().user }] {
        given.clone().when(by(bob(), "x", action)).refused("needs the role owner, yours is collaborator");
    }
}

#[test]
fn a_revoked_role_is_gone_at_once() {
    let given = session().when(want(share(Role::Collaborator))).and();
    let given = given.when(want(Action::Unshare { user: bob().user })).and();
    given.when(by(bob(), "p", text("hello"))).refused("there is no such session");
}

#[test]
fn anybody_may_leave() {
    let given = session().when(want(share(Role::Viewer))).and();
    let given = given.when(by(bob(), "bye", Action::Unshare { user: bob().user })).and();
    assert!(given.state.participants.is_empty());
}

#[test]
fn the_owner_stays_the_owner() {
    let to_ann = Action::Share { user: ann().user, name: "ann".into(), role: Role::Viewer };
    session().when(want(to_ann)).refused("owner cannot be removed");
    session().when(by(root(), "u", Action::Unshare { user: ann().user })).refused("owner cannot be removed");
}

#[test]
fn an_administrator_counts_as_owner() {
    let then = session().when(by(root(), "t", Action::Terminate));
    assert_eq!(said(&then), ["terminated"]);
}

#[test]
fn a_prompt_is_edited_and_withdrawn_by_its_author_or_an_owner() {
    let (given, _) = running();
    let given = given.when(want(share(Role::Collaborator))).and();
    let then = given.when(want(text("by ann")));
    let ann_s = prompt_of(&then);
    let then = then.and().when(by(bob(), "q", text("by bob")));
    let bob_s = prompt_of(&then);
    let given = then.and();
    let edit = |prompt| Action::EditPrompt { prompt, text: "edited".into() };
    given.clone().when(by(bob(), "e", edit(ann_s))).refused("only the author");
    given.clone().when(by(bob(), "w", Action::WithdrawPrompt { prompt: ann_s })).refused("only the author");
    given.clone().when(by(bob(), "e", edit(bob_s))).and();
    given.when(want(edit(bob_s))).and();
}
