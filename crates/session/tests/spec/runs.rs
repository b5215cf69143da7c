//! Runs come to a session and leave it.

use tenure_model::chat::FinishReason;
use tenure_model::id::{ExecutionId, TurnId, UserId};
use tenure_model::step::{RunEnd, StepWork};
use tenure_model::testkit::given;
use tenure_model::view::{Purpose, SessionStatus};
use tenure_session::effect::CancelCause;
use tenure_session::run::NewRun;
use tenure_session::{Action, Command, Limits, Reply, Session, StepCommand};
use uuid::Uuid;

use crate::running::*;
use crate::support::*;

#[test]
fn a_run_opens_a_session_of_its_own() {
    let then = given::<Session>(ID, []).when(opens(Limits::default()));
    assert_eq!(said(&then), ["created", "run_attached"]);
    let view = then.and().state.view(ID).expect("there is a session");
    assert_eq!((view.purpose, view.title.as_str()), (Purpose::Workflow, "Release check of main"));
    assert_eq!(view.threads[0].id, THREAD);
    assert_eq!((view.runs.len(), view.runs[0].execution, view.runs[0].ended), (1, RUN, None));
}

#[test]
fn a_run_does_not_take_over_a_session_that_is_something_else() {
    session().when(opens(Limits::default())).refused("exists already");
}

#[test]
fn only_a_run_of_the_owner_is_attached_to_a_chat() {
    let given = attached();
    assert_eq!(given.state.view(ID).expect("a view").runs[0].workflow, "release-check");
    let owner = UserId(Uuid::from_u128(77));
    session().when(Command::Step(StepCommand::Attach { owner, run: new_run() })).refused("the session's owner");
    tenure_model::testkit::given::<Session>(ID, []).when(attaches()).refused("no such session");
    session().when(want(Action::Terminate)).and().when(attaches()).refused("is terminated");
}

#[test]
fn runs_that_are_over_give_way_and_live_ones_have_a_limit() {
    let nth = |number: u128| ExecutionId(Uuid::from_u128(number));
    let attach = |number| {
        Command::Step(StepCommand::Attach { owner: ann().user, run: NewRun { execution: nth(number), ..new_run() } })
    };
    let given = session_with(Limits { runs_max: 2, ..Limits::default() });
    let given = given.when(attach(1)).and().when(attach(2)).and().when(attach(3)).refused("runs_max is 2");
    let close = Command::Step(StepCommand::Close { execution: nth(1), end: RunEnd::Failed });
    let given = given.when(close).and().when(attach(3)).and();
    assert_eq!(given.state.runs.keys().copied().collect::<Vec<_>>(), [nth(2), nth(3)]);
}

#[test]
fn a_step_needs_its_run() {
    session().when(does(prompt_of_step(1, "x"))).refused("is not attached");
    attached().when(closes()).and().when(does(prompt_of_step(1, "x"))).refused("is over");
    given::<Session>(ID, []).when(does(prompt_of_step(1, "x"))).refused("no such session");
}

#[test]
fn a_steps_work_has_its_limits() {
    let given = workflow_with(Limits { prompt_bytes_max: 8, turns_max: 1, queue_max: 1, ..Limits::default() });
    let given = given.when(does(prompt_of_step(1, "  "))).refused("the step's work is empty");
    let given = given.when(does(prompt_of_step(1, "far too long"))).refused("prompt_bytes_max is 8");
    let short = |number| {
        let mut task = shell_of_step(number);
        task.work = StepWork::Shell { command: "ls".into(), env: Default::default(), cwd: None };
        task
    };
    let given = given.when(does(short(1))).and().when(does(short(2))).refused("turns_max is 1");
    let given = given.when(does(prompt_of_step(3, "a"))).and().when(does(prompt_of_step(4, "b"))).and();
    given.when(does(prompt_of_step(5, "c"))).refused("queue_max is 1");
}

#[test]
fn a_run_that_is_over_leaves_nothing_behind_and_its_own_session_ends() {
    let given = workflow().when(does(prompt_of_step(1, "one"))).and().when(does(prompt_of_step(2, "two"))).and();
    let given = given.when(does(shell_of_step(3))).and().when(accepted(turn(3))).and();
    let then = given.when(closes());
    assert_eq!(said(&then), ["step_dropped", "turn_finished", "turn_cancelling", "run_ended", "terminated"]);
    assert_eq!(asked(&then), ["tell_step", "recall", "tell_step", "cancel"]);
    let given = then.and();
    assert_eq!(given.state.status(), SessionStatus::Terminated);
    let given = given.when(frames(turn(3), 0, [ends(FinishReason::Canceled)])).and();
    assert!(given.state.turns.is_empty());
    given.when(opens(Limits::default())).silent();
}

#[test]
fn a_chat_goes_on_when_its_run_is_over() {
    let given = attached().when(closes()).and();
    assert_eq!(given.state.status(), SessionStatus::Idle);
    assert_eq!(given.state.view(ID).expect("a view").runs[0].ended, Some(RunEnd::Completed));
    given.when(want(text("hello"))).and();
}

#[test]
fn a_terminated_session_tells_runs_what_will_never_be() {
    let given = workflow().when(does(prompt_of_step(1, "one"))).and().when(does(prompt_of_step(2, "two"))).and();
    let then = given.when(want(Action::Terminate));
    assert_eq!(said(&then), ["terminated", "step_dropped", "turn_finished"]);
    assert_eq!(asked(&then), ["tell_step", "recall", "tell_step"]);
    let given = then.and();
    given.when(does(prompt_of_step(3, "three"))).refused("is terminated");
}

#[test]
fn a_work_that_was_never_asked_for_is_not_there_to_be_ended() {
    let undo = |turn| Command::Step(StepCommand::Undo { turn, cause: CancelCause::Undone });
    let unheard = TurnId(Uuid::from_u128(0x0dd));
    for given in [attached(), given::<Session>(ID, [])] {
        let then = given.when(undo(unheard));
        assert_eq!(then.decision().reply, Reply::Aborted { turn: None });
        then.silent();
    }
}
