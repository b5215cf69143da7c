//! The words in which the specs of workflow runs are written.

use std::collections::BTreeMap;

use tenure_model::id::{ExecutionId, ThreadId, TurnId};
use tenure_model::step::{RepoContext, RunEnd, StepRef, StepWork};
use tenure_model::testkit::{Given, given};
use tenure_session::run::{NewRun, StepTask, StepThread};
use tenure_session::{Command, Limits, Session, StepCommand};
use uuid::Uuid;

use crate::support::*;

pub const RUN: ExecutionId = ExecutionId(Uuid::from_u128(0xe0ec));
/// The thread that the prompts of the run share.
pub const RUN_THREAD: ThreadId = ThreadId(Uuid::from_u128(0x7002));

pub fn turn(number: u128) -> TurnId {
    TurnId(Uuid::from_u128(0x1000 + number))
}

pub fn step(number: u128) -> StepRef {
    StepRef { execution: RUN, path: format!("check:i{number}"), attempt: 1, round: 0 }
}

pub fn new_run() -> NewRun {
    NewRun {
        execution: RUN,
        workflow: "release-check".into(),
        title: "Release check of main".into(),
        repo: Some(RepoContext { url: "https://example.org/app.git".into(), branch: None, reference: None }),
        draws: vec![],
    }
}

pub fn opens(limits: Limits) -> Command {
    Command::Step(StepCommand::Open {
        owner: ann().user,
        owner_name: "ann".into(),
        run: new_run(),
        thread: THREAD,
        agent: Some("scripted".into()),
        model: None,
        limits: Box::new(limits),
        runner: Default::default(),
    })
}

pub fn attaches() -> Command {
    Command::Step(StepCommand::Attach { owner: ann().user, run: new_run() })
}

pub fn closes() -> Command {
    Command::Step(StepCommand::Close { execution: RUN, end: RunEnd::Completed })
}

pub fn does(task: StepTask) -> Command {
    Command::Step(StepCommand::Do(task))
}

/// The run's own session.
pub fn workflow() -> Given<Session> {
    workflow_with(Limits::default())
}

pub fn workflow_with(limits: Limits) -> Given<Session> {
    given::<Session>(ID, []).when(opens(limits)).and()
}

/// Ann's chat session with the run attached.
pub fn attached() -> Given<Session> {
    session().when(attaches()).and()
}

/// The same with a turn of Ann's that runs.
pub fn attached_running() -> (Given<Session>, TurnId) {
    let (given, turn) = running();
    (given.when(attaches()).and(), turn)
}

pub fn prompt_of_step(number: u128, text: &str) -> StepTask {
    let (persona, agent, models, interrupt) = (None, None, vec![], false);
    StepTask {
        turn: turn(number),
        thread: StepThread { id: RUN_THREAD, title: Some("Steps".into()), single_use: false },
        step: step(number),
        work: StepWork::Prompt { text: text.into(), persona, agent, models, interrupt },
        timeout_ms: None,
        by: ann().author(),
    }
}

/// A command in the session's first thread.
pub fn shell_of_step(number: u128) -> StepTask {
    let env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
    StepTask {
        thread: StepThread { id: THREAD, title: None, single_use: false },
        work: StepWork::Shell { command: "cargo test".into(), env, cwd: Some("crates".into()) },
        ..prompt_of_step(number, "")
    }
}
