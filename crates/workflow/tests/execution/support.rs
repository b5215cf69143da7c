//! The few words in which the specs are written: a run, what it is told, and its trail.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tenure_model::chat::{FinishReason, Usage};
use tenure_model::entity::Entity;
use tenure_model::id::{ExecutionId, TurnId, UserId};
use tenure_model::request::RequestId;
use tenure_model::step::{StepOutcome, StepRef};
use tenure_model::testkit::{Given, given};
use tenure_model::time::Span;
use tenure_workflow::execution::command::{GateNews, Trigger, TriggerKind, TurnNews};
use tenure_workflow::execution::running::Doing;
use tenure_workflow::execution::{Action, Command, Effect, Event, Limits, Start, StepError};
use tenure_workflow::people::{Author, By};
use tenure_workflow::{Definition, Execution, StepPath, read};
use uuid::Uuid;

use crate::trail::line;

pub const ID: ExecutionId = ExecutionId(Uuid::from_u128(0xe8ec));

fn person(number: u128, name: &str) -> By {
    By { user: UserId(Uuid::from_u128(number)), name: name.into(), admin: false, agent: false }
}

/// The run's owner, who started it.
pub fn ann() -> By {
    person(1, "ann")
}

/// Somebody else.
pub fn bob() -> By {
    person(2, "bob")
}

/// An administrator.
pub fn root() -> By {
    By { admin: true, ..person(3, "root") }
}

/// An agent with the owner's credential.
pub fn robot() -> By {
    By { agent: true, ..ann() }
}

pub fn definition(steps: &str) -> Arc<Definition> {
    let text = if steps.contains("steps:") && !steps.trim_start().starts_with('-') {
        format!("name: Spec\n{steps}")
    } else {
        format!("name: Spec\nsteps:\n{steps}")
    };
    match read::text(&text) {
        Ok(definition) => Arc::new(definition),
        Err(mistakes) => panic!("the spec's definition is wrong: {mistakes:#?}\n{text}"),
    }
}

pub fn start_of(definition: Arc<Definition>) -> Start {
    let Author { user, name } = ann().author();
    Start {
        owner: user,
        owner_name: name,
        by: ann().author(),
        workflow: None,
        hash: definition.hash(),
        definition,
        inputs: Map::new(),
        trigger: Trigger { kind: TriggerKind::Manual, name: None, fired: None },
        session: None,
        repo: None,
        personas: Default::default(),
        parent: None,
        above: vec![],
        retrying: None,
        test: false,
        limits: Limits::default(),
    }
}

/// A run, and everything that it has decided and asked for.
#[derive(Clone, Debug)]
pub struct Run {
    pub given: Given<Execution>,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
}

impl Run {
    /// A run that was started and got its slot.
    #[track_caller]
    pub fn of(steps: &str) -> Run {
        Run::with(start_of(definition(steps)))
    }

    #[track_caller]
    pub fn with_inputs(steps: &str, inputs: Value) -> Run {
        let Value::Object(inputs) = inputs else { panic!("inputs are an object") };
        Run::with(Start { inputs, ..start_of(definition(steps)) })
    }

    #[track_caller]
    pub fn with(start: Start) -> Run {
        Run::asking(start).send(Command::Gate(GateNews::Granted))
    }

    /// A run that was started and waits for its slot.
    #[track_caller]
    pub fn asking(start: Start) -> Run {
        let run = Run { given: given(ID, []), events: vec![], effects: vec![] };
        run.send(Command::Start(Box::new(start)))
    }

    #[track_caller]
    pub fn send(mut self, command: Command) -> Run {
        let then = self.given.when(command);
        self.events.extend(then.decision().events.clone());
        self.effects.extend(then.decision().effects.clone());
        self.given = then.and();
        self
    }

    /// Expects that a command changes nothing.
    #[track_caller]
    pub fn ignores(mut self, command: Command) -> Run {
        self.given = self.given.when(command).silent();
        self
    }

    #[track_caller]
    pub fn refuses(mut self, command: Command, why: &str) -> Run {
        self.given = self.given.when(command).refused(why);
        self
    }

    #[track_caller]
    pub fn wants(self, by: By, action: Action) -> Run {
        let command = want(by, action);
        self.send(command)
    }

    /// Lets time pass until something is due, and wakes the run.
    #[track_caller]
    pub fn until_due(mut self) -> Run {
        let due = self.given.state.wake_at().expect("something is due sometime");
        let span = due.since(self.given.now);
        self.given = self.given.after(span);
        self.wake()
    }

    pub fn after(mut self, span: Span) -> Run {
        self.given = self.given.after(span);
        self
    }

    #[track_caller]
    pub fn wake(mut self) -> Run {
        let then = self.given.wake();
        self.events.extend(then.decision().events.clone());
        self.effects.extend(then.decision().effects.clone());
        self.given = then.and();
        self
    }

    pub fn state(&self) -> &Execution {
        &self.given.state
    }

    /// Names the attempt of a step that is under way.
    #[track_caller]
    pub fn step_ref(&self, path: &str) -> StepRef {
        let step = &self.state().steps.get(&at(path)).unwrap_or_else(|| panic!("{path} is not under way"));
        let round = if let Doing::Turn { round, .. } = step.doing { round } else { 0 };
        StepRef { execution: ID, path: path.into(), attempt: step.attempt, round }
    }

    #[track_caller]
    pub fn turn(&self, path: &str) -> TurnId {
        match self.state().steps.get(&at(path)).map(|step| &step.doing) {
            Some(Doing::Turn { turn, .. }) => *turn,
            other => panic!("{path} has no turn: {other:?}"),
        }
    }

    /// Has the tool of a step return.
    #[track_caller]
    pub fn returns(self, path: &str, output: Value) -> Run {
        let command = Command::Returned { step: self.step_ref(path), result: Ok(output) };
        self.send(command)
    }

    /// Has the tool of a step fail.
    #[track_caller]
    pub fn errs(self, path: &str, code: &str) -> Run {
        let error = StepError::new(code, format!("{code} happened"));
        let command = Command::Returned { step: self.step_ref(path), result: Err(error) };
        self.send(command)
    }

    #[track_caller]
    pub fn begins(self, path: &str) -> Run {
        let news = TurnNews::Began { agent: Some("scripted".into()) };
        let command = Command::Turn { step: self.step_ref(path), turn: self.turn(path), news };
        self.send(command)
    }

    pub fn ended(&self, path: &str, outcome: StepOutcome) -> Command {
        Command::Turn { step: self.step_ref(path), turn: self.turn(path), news: TurnNews::Ended(Box::new(outcome)) }
    }

    /// Has the turn of a step end.
    #[track_caller]
    pub fn ends(self, path: &str, outcome: StepOutcome) -> Run {
        let command = self.ended(path, outcome);
        self.send(command)
    }

    /// Tells what happened, a line per event; bookkeeping is left out.
    pub fn trail(&self) -> Vec<String> {
        self.events.iter().filter_map(line).collect()
    }

    /// Expects exactly this trail.
    #[track_caller]
    pub fn went(self, trail: &[&str]) -> Run {
        assert_eq!(self.trail(), trail);
        self
    }

    /// Expects this trail since the last look, and begins a new one.
    #[track_caller]
    pub fn then(mut self, trail: &[&str]) -> Run {
        assert_eq!(self.trail(), trail);
        self.events.clear();
        self.effects.clear();
        self
    }

    /// Returns what a step at the top has given, as later steps read it.
    #[track_caller]
    pub fn output(&self, name: &str) -> Value {
        let outputs = &self.state().root.layer.outputs;
        outputs.get(name).unwrap_or_else(|| panic!("there is no output {name}: {outputs:?}")).as_ref().clone()
    }

    pub fn variable(&self, name: &str) -> Value {
        self.state().root.layer.variables.get(name).map(|value| value.as_ref().clone()).unwrap_or_default()
    }

    /// Returns the arguments of the last call of a tool.
    #[track_caller]
    pub fn arguments(&self) -> Value {
        let calls = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Call { arguments, .. } => Some(arguments.clone()),
            _ => None,
        });
        calls.expect("a tool was called")
    }
}

/// A command under a request id that no other of the spec has.
pub fn want(by: By, action: Action) -> Command {
    let text = format!("{by:?}{action:?}");
    let hash = text.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    Command::Client { by, request: Some(RequestId::parse(format!("{hash:x}")).unwrap()), action }
}

pub fn at(path: &str) -> StepPath {
    path.parse().unwrap()
}

/// What a turn has come to, when all went well.
pub fn outcome() -> StepOutcome {
    StepOutcome {
        finish: FinishReason::EndTurn,
        started: true,
        text: String::new(),
        text_cut: false,
        result: None,
        usage: Usage::default(),
        agent: Some("scripted".into()),
        model: None,
        error: None,
        duration_ms: Span::ms(40),
    }
}

pub fn exit(code: i64) -> StepOutcome {
    let result = Some(json!({ "exitCode": code, "stdout": "out\n", "stderr": "" }));
    StepOutcome { result, ..outcome() }
}

pub fn said(text: &str) -> StepOutcome {
    let usage = Usage { model: None, input_tokens: 10, output_tokens: 5 };
    StepOutcome { text: text.into(), usage, ..outcome() }
}

pub fn finished(finish: FinishReason, started: bool) -> StepOutcome {
    StepOutcome { finish, started, ..outcome() }
}
