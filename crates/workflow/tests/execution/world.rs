//! One run, and everything that it has asked for.

mod invariants;

use serde_json::{Value, json};
use tenure_model::chat::FinishReason;
use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::TurnId;
use tenure_model::step::{RunEnd, StepOutcome, StepRef};
use tenure_model::testkit::START;
use tenure_model::time::{Span, Timestamp};
use tenure_workflow::execution::command::{Decision as Verdict, GateNews, TurnNews};
use tenure_workflow::execution::running::Doing;
use tenure_workflow::execution::{Action, Called, Command, Effect, Event, Reply, Start, StepError};
use tenure_workflow::{Execution, StepPath};

use crate::support::{ID, ann, outcome, root, want};
use crate::trail::line;

/// A run and its surroundings.
pub struct World {
    pub state: Execution,
    pub now: Timestamp,
    /// What the run waits for from outside, the oldest first.
    asks: Vec<Effect>,
    pub events: Vec<(Event, Timestamp)>,
    pub effects: Vec<Effect>,
    /// Every command that was taken.
    history: Vec<(Command, Timestamp)>,
    seq: u64,
    clicks: u64,
}

impl World {
    pub fn new(start: Start) -> Self {
        let mut world = Self {
            state: Execution::default(),
            now: START,
            asks: vec![],
            events: vec![],
            effects: vec![],
            history: vec![],
            seq: 0,
            clicks: 0,
        };
        world.send(Command::Start(Box::new(start)));
        world
    }

    fn ctx(&self) -> Ctx {
        Ctx { id: ID.0, now: self.now, seq: self.seq + 1, entropy: u128::from(self.seq) }
    }

    pub fn send(&mut self, command: Command) {
        if let Ok(decision) = self.state.decide(command.clone(), &self.ctx()) {
            self.take(decision);
            self.history.push((command, self.now));
        }
    }

    fn take(&mut self, decision: Decision<Execution>) {
        let over = self.state.ended.is_some();
        self.seq += 1;
        for event in decision.events {
            assert!(!over || matches!(event, Event::RequestAnswered { .. }), "{event:?} after the end");
            self.state.apply(&event, self.now);
            self.events.push((event, self.now));
        }
        for effect in decision.effects {
            let asks = matches!(
                effect,
                Effect::AskSlot { .. }
                    | Effect::Call { .. }
                    | Effect::Notify { .. }
                    | Effect::Do { .. }
                    | Effect::StartChild { .. }
                    | Effect::Undo { .. }
                    | Effect::CancelChild { .. }
            );
            if asks {
                self.asks.push(effect.clone());
            }
            self.effects.push(effect);
        }
    }

    /// Answers something that the run waits for; the answer depends on nothing but the step and how often it has failed.
    pub fn answer(&mut self, choice: usize) {
        let people: Vec<Action> = self.people();
        let all = self.asks.len() + people.len();
        if all == 0 {
            return;
        }
        let choice = choice % all;
        if let Some(action) = choice.checked_sub(self.asks.len()).map(|place| people[place].clone()) {
            self.clicks += 1;
            return self.send(want(if self.clicks.is_multiple_of(2) { ann() } else { root() }, action));
        }
        match self.asks.remove(choice) {
            Effect::AskSlot { .. } => self.send(Command::Gate(GateNews::Granted)),
            Effect::Call { step, arguments, .. } if self.needs_leave(&step) => self.let_go(step, arguments),
            Effect::Call { step, .. } | Effect::Notify { step, .. } => {
                let result = self.result(&step);
                self.send(Command::Returned { step, result });
            }
            Effect::Do { step, turn, .. } => {
                let ended = self.turn_end(&step);
                self.end_turn(step, turn, ended);
            }
            Effect::Undo { turn, .. } => self.undo(turn),
            Effect::StartChild { child, step, .. } => {
                let (end, error) = match self.result(&step) {
                    Ok(_) => (RunEnd::Completed, None),
                    Err(error) => (RunEnd::Failed, Some(error)),
                };
                self.send(Command::ChildEnded { step, child, end, outputs: json!({ "x": 1 }), error });
            }
            Effect::CancelChild { child, step } => {
                self.send(Command::ChildEnded {
                    step,
                    child,
                    end: RunEnd::Cancelled,
                    outputs: Value::Null,
                    error: None,
                });
            }
            other => unreachable!("{other:?} is not answered"),
        }
    }

    /// Some calls take a person, the first time that they are to be made.
    fn needs_leave(&self, step: &StepRef) -> bool {
        let allowed = |event: &Event| matches!(event, Event::StepAllowed { path, attempt, .. } if path.to_string() == step.path && *attempt == step.attempt);
        luck(&step.path.parse().unwrap(), 0).is_multiple_of(3)
            && self.state.called(step) == Some(Called::Not)
            && !self.events.iter().any(|(event, _)| allowed(event))
    }

    fn let_go(&mut self, step: StepRef, arguments: Value) {
        let asks = Command::Asks { step: step.clone(), arguments, open_for: Span::hours(1) };
        let decision = self.state.decide(asks, &self.ctx()).expect("the step is under way");
        let Reply::Asks { question } = decision.reply.clone() else { panic!("{:?}", decision.reply) };
        self.take(decision);
        self.send(Command::Leave { step, approval: question.approval, result: Ok(Some(ann().author())) });
    }

    /// Lists what people can do for the run: decide approvals, send events.
    fn people(&self) -> Vec<Action> {
        let wanted = self.state.steps.iter().filter_map(|(path, step)| match &step.doing {
            Doing::Approval { asked } => {
                let decision = if luck(path, 0).is_multiple_of(4) { Verdict::Denied } else { Verdict::Approved };
                Some(Action::Decide { approval: asked.approval, hash: asked.hash.clone(), decision, reason: None })
            }
            Doing::Event { name, .. } => {
                // Each click is a request of its own, even when loops wait for one event several times at once.
                Some(Action::Event { name: name.clone(), payload: json!(self.clicks) })
            }
            _ => None,
        });
        wanted.collect()
    }

    fn lost(&self, step: &StepRef) -> u32 {
        let path: StepPath = step.path.parse().unwrap();
        self.state.steps.get(&path).map_or(0, |run| run.lost)
    }

    fn failures(&self, step: &StepRef) -> u32 {
        let path: StepPath = step.path.parse().unwrap();
        self.state.steps.get(&path).map_or(0, |run| run.failures)
    }

    fn result(&self, step: &StepRef) -> Result<Value, StepError> {
        match luck(&step.path.parse().unwrap(), self.failures(step)) % 4 {
            0 => Err(StepError::new("bad_luck", "no luck today")),
            luck => Ok(json!({ "at": step.path, "luck": luck })),
        }
    }

    fn turn_end(&self, step: &StepRef) -> StepOutcome {
        let luck = luck(&step.path.parse().unwrap(), self.failures(step));
        let result =
            Some(json!({ "exitCode": i64::from(luck.is_multiple_of(4)), "stdout": step.path, "durationMs": 1 }));
        let text =
            if step.round == 0 && luck.is_multiple_of(2) { "no".to_owned() } else { format!("{{\"n\": {luck}}}") };
        StepOutcome { result, text, ..outcome() }
    }

    fn end_turn(&mut self, step: StepRef, turn: TurnId, outcome: StepOutcome) {
        self.send(Command::Turn { step: step.clone(), turn, news: TurnNews::Began { agent: None } });
        self.send(Command::Turn { step, turn, news: TurnNews::Ended(Box::new(outcome)) });
    }

    fn undo(&mut self, turn: TurnId) {
        let place = self.asks.iter().position(|ask| matches!(ask, Effect::Do { turn: open, .. } if *open == turn));
        let Some(Effect::Do { step, turn, .. }) = place.map(|place| self.asks.remove(place)) else { return };
        let outcome = StepOutcome { finish: FinishReason::Canceled, ..outcome() };
        self.send(Command::Turn { step, turn, news: TurnNews::Ended(Box::new(outcome)) });
    }

    /// Loses the runner of a turn that it had not begun.
    pub fn lose(&mut self, choice: usize) {
        let can_lose = |ask: &Effect| match ask {
            // One more loss would be a failure, which the run without faults has not.
            Effect::Do { step, .. } => self.lost(step) < self.state.limits().lost_max,
            _ => false,
        };
        let turns: Vec<usize> = (0..self.asks.len()).filter(|place| can_lose(&self.asks[*place])).collect();
        let Some(place) = turns.get(choice % turns.len().max(1)) else { return };
        let Effect::Do { step, turn, .. } = self.asks.remove(*place) else { return };
        let outcome = StepOutcome { finish: FinishReason::Interrupted, started: false, ..outcome() };
        self.send(Command::Turn { step, turn, news: TurnNews::Ended(Box::new(outcome)) });
    }

    /// Sends an earlier command once more.
    pub fn repeat(&mut self, choice: usize) {
        let (command, at) = self.history[choice % self.history.len()].clone();
        if self.now.since(at) >= self.state.limits().request_kept_ms {
            return;
        }
        if let Ok(decision) = self.state.decide(command.clone(), &self.ctx()) {
            assert!(decision.is_silent(), "{command:?} was taken twice: {:#?}\n{}", decision.events, self.transcript());
        }
    }

    /// Loses everything in memory: the run comes back from its journal, or from its snapshot.
    pub fn crash(&mut self, from_snapshot: bool) {
        let replayed = self.replayed();
        assert_eq!(replayed, self.state, "{}", self.transcript());
        let text = serde_json::to_string(&self.state).unwrap();
        let read: Execution = serde_json::from_str(&text).unwrap();
        assert_eq!(read, self.state);
        self.state = if from_snapshot { read } else { replayed };
    }

    fn replayed(&self) -> Execution {
        let mut state = Execution::default();
        for (event, at) in &self.events {
            let text = serde_json::to_string(event).unwrap();
            let read: Event = serde_json::from_str(&text).unwrap();
            assert_eq!(read, *event);
            state.apply(&read, *at);
        }
        state
    }

    /// Lets time come to the next thing that is due, when nothing else is waited for.
    pub fn tick(&mut self) {
        let Some(due) = self.state.wake_at() else { return };
        let busy = !self.asks.is_empty() || !self.people().is_empty();
        if due > self.now && busy {
            return;
        }
        self.now = self.now.max(due);
        let decision = self.state.wake(&self.ctx());
        self.take(decision);
    }

    /// Answers and waits until the run is over.
    pub fn finish(&mut self) {
        for _ in 0..20_000 {
            if self.state.ended.is_some() {
                return;
            }
            self.tick();
            self.answer(0);
            self.something_will_happen();
        }
        panic!("the run does not end\n{}", self.transcript());
    }

    /// Everything that was asked before must still be answered, harmlessly, when the run is over.
    pub fn answer_late(&mut self) {
        while !self.asks.is_empty() {
            self.answer(0);
        }
    }

    pub fn transcript(&self) -> String {
        self.events.iter().filter_map(|(event, _)| line(event)).collect::<Vec<_>>().join("\n")
    }

    /// Returns what the run has come to, without times and without who clicked.
    pub fn came_to(&self) -> Value {
        let ended = self.state.ended.as_ref().expect("the run is over");
        let mut outputs = json!(self.state.root.layer.outputs);
        timeless(&mut outputs);
        json!({ "end": ended.end, "error": ended.error, "outputs": outputs })
    }
}

fn timeless(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(timeless),
        Value::Object(map) => {
            for name in ["until", "decidedAt", "decidedBy", "payload", "durationMs"] {
                map.remove(name);
            }
            map.values_mut().for_each(timeless);
        }
        _ => {}
    }
}

/// Draws a number from a place in the run, the same one each time.
fn luck(path: &StepPath, failures: u32) -> u64 {
    let text = format!("{path}#{failures}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        >> 20
}
