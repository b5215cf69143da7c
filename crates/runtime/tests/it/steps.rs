//! The works of workflow steps find the runners that do such works.

use tenure_model::id::{ExecutionId, ThreadId, TurnId};
use tenure_model::link::WorkKind;
use tenure_model::step::{StepRef, StepWork};
use tenure_session::run::{NewRun, StepTask, StepThread};
use tenure_session::{Command, StepCommand};
use uuid::Uuid;

use crate::house::{House, Puppet, SESSION, ann, within};

const RUN: ExecutionId = ExecutionId(Uuid::from_u128(0xe0));

impl House {
    async fn run_says(&self, command: StepCommand) {
        let asked = self.runtime.sessions.ask(SESSION, Command::Step(command));
        within("an answer", asked).await.expect("the session does it");
    }
}

fn command() -> StepTask {
    let (command, env, cwd) = ("cargo test".into(), Default::default(), None);
    StepTask {
        turn: TurnId(Uuid::from_u128(0x71)),
        thread: StepThread { id: ThreadId(Uuid::from_u128(0x72)), title: None, single_use: false },
        step: StepRef { execution: RUN, path: "test".into(), attempt: 1, round: 0 },
        work: StepWork::Shell { command, env, cwd },
        timeout_ms: None,
        by: ann().author(),
    }
}

#[actix_rt::test]
async fn a_command_waits_for_a_runner_that_does_commands() {
    let house = House::new().await;
    house.open().await;
    let (workflow, title) = ("release-check".to_owned(), "Release check".to_owned());
    let run = NewRun { execution: RUN, workflow, title, repo: None, draws: vec![] };
    house.run_says(StepCommand::Attach { owner: ann().user, run }).await;
    let _talks_only = Puppet::join_doing(&house, 1, vec![], vec![WorkKind::Turn]).await;
    house.run_says(StepCommand::Do(command())).await;
    house
        .until("the command to say why it waits", |session| {
            session.turns.values().any(|turn| {
                turn.held_up.as_ref().is_some_and(|held_up| held_up.why.contains("does works of the kind \"shell\""))
            })
        })
        .await;
    let mut runner = Puppet::join(&house, 2, vec![]).await;
    let spec = runner.take_work().await;
    assert_eq!(spec.shell.map(|shell| shell.command).as_deref(), Some("cargo test"));
    assert_eq!(spec.agent.as_deref(), Some("shell"));
}
