//! One session with its journal and its runners, and the invariants that hold in it.

use std::collections::{BTreeMap, BTreeSet};

use tenure_model::chat::Part;
use tenure_model::entity::{Ctx, Decision, Delta, Entity};
use tenure_model::id::{PromptId, QuestionId, ThreadId, TurnId};
use tenure_model::record::{Record, fold};
use tenure_model::testkit::START;
use tenure_model::view::Purpose;
use tenure_model::{Span, Timestamp};
use tenure_session::{Action, Command, Event, Limits, Refusal, Reply, Session};
use uuid::Uuid;

use tenure_session::run::StepTask;

use crate::running::attaches;
use crate::speech::Speech;
use crate::support::*;

/// A wake that leaves something due more often than this does not get on.
const WAKES_MAX: usize = 500;

/// Everything around one session.
pub struct World {
    pub session: Session,
    now: Timestamp,
    count: usize,
    pub records: Vec<Record<Session>>,
    /// The delta rows of open streams.
    rows: BTreeMap<(Uuid, u64), Delta>,
    speeches: BTreeMap<TurnId, Speech>,
    /// What the run has asked for.
    pub tasks: Vec<StepTask>,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            session: Session::default(),
            now: START,
            count: 0,
            records: vec![],
            rows: BTreeMap::new(),
            speeches: BTreeMap::new(),
            tasks: vec![],
        };
        let limits = Limits { queue_max: 8, threads_max: 3, ..Limits::default() };
        let event = created(Purpose::Interactive, limits);
        world.commit(Decision { events: vec![event], ..Decision::nothing(Reply::Done) });
        world.send_command(attaches()).expect("the run is the owner's");
        world
    }

    /// Numbers the things that are made up.
    pub fn count(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    pub fn thread(&self, choice: u8) -> Option<ThreadId> {
        choose(self.session.threads.keys().copied(), choice)
    }

    pub fn prompt(&self, choice: u8) -> Option<PromptId> {
        choose(self.session.queue.iter().map(|queued| queued.id), choice)
    }

    pub fn turn(&self, choice: u8) -> Option<TurnId> {
        choose(self.session.turns.keys().copied(), choice)
    }

    pub fn spoken_turn(&self, choice: u8) -> Option<TurnId> {
        choose(self.speeches.keys().copied(), choice)
    }

    pub fn last_turn(&self, choice: u8) -> Option<TurnId> {
        choose(self.session.threads.values().filter_map(|thread| thread.last.as_ref()).map(|last| last.turn), choice)
    }

    pub fn question(&self, choice: u8) -> Option<QuestionId> {
        choose(self.session.turns.values().flat_map(|turn| turn.questions.keys().copied()), choice)
    }

    /// What the runner of an open turn has said, if a runner has the turn.
    pub fn speech(&mut self, turn: TurnId) -> Option<&mut Speech> {
        self.session.turns.get(&turn)?.phase.hold()?;
        Some(self.speeches.entry(turn).or_default())
    }

    /// A person wants something; what is refused must be refused for a reason that people can have.
    pub fn person(&mut self, action: Action) {
        let request = format!("r{}", self.count());
        let command = by(ann(), &request, action);
        let Ok(first) = self.send_command(command.clone()) else {
            return;
        };
        let again = self.send_command(command).expect("a repeat is answered");
        assert_eq!(first, again, "a repeat gets the same answer");
    }

    pub fn about_turn(&mut self, choice: u8, command: impl FnOnce(TurnId, Timestamp) -> Command) {
        let Some(turn) = self.turn(choice) else { return };
        let command = command(turn, self.now);
        let _either_is_fine = self.send_command(command);
    }

    /// Sends all frames that were not acknowledged, and `back` that were.
    pub fn send(&mut self, turn: TurnId, back: usize) {
        let Some(speech) = self.speeches.get(&turn) else { return };
        let first = speech.acknowledged.saturating_sub(back);
        let command = frames(turn, first as u64, speech.frames[first..].iter().cloned());
        match self.send_command(command) {
            Ok(Reply::Frames { next }) => {
                let speech = self.speeches.get_mut(&turn).expect("it was there");
                assert_eq!(next as usize, speech.frames.len(), "everything was taken");
                speech.acknowledged = next as usize;
            }
            Ok(other) => panic!("frames were answered with {other:?}"),
            Err(refusal) => assert!(
                matches!(refusal, Refusal::TurnClosed | Refusal::UnknownWork),
                "honest frames were refused because {refusal}"
            ),
        }
    }

    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// Wakes the session until nothing is due.
    pub fn wake(&mut self) {
        for _ in 0..WAKES_MAX {
            if self.session.wake_at().is_none_or(|due| due > self.now) {
                return;
            }
            let decision = self.session.wake(&self.ctx());
            assert!(!decision.is_silent(), "a wake that does nothing must not stay due");
            self.commit(decision);
        }
        panic!("something stays due for ever");
    }

    /// The server dies and comes back: the state is folded from what is on disk.
    pub fn crash(&mut self) {
        self.session = self.replayed();
    }

    /// Lets time run on while no runner says a word, until only offers are left.
    pub fn run_down(&mut self) {
        for _ in 0..WAKES_MAX {
            if self.session.turns.values().all(|turn| turn.phase.hold().is_none()) {
                return;
            }
            let due = self.session.wake_at().expect("a turn that a runner has always has a deadline");
            self.now = self.now.max(due);
            self.wake();
            self.check_invariants();
        }
        panic!("a turn runs for ever: {:#?}", self.session.turns);
    }

    pub fn check_invariants(&self) {
        self.every_turn_closes_once();
        self.no_prompt_is_lost();
        self.a_thread_has_one_open_turn();
        self.what_waits_has_a_deadline();
        self.what_runners_hold_is_claimed();
        self.every_step_is_told_its_end_once();
        assert_eq!(self.replayed(), self.session, "state_equals_replay_from_records_then_deltas");
    }

    fn every_turn_closes_once(&self) {
        let mut open = BTreeSet::new();
        for event in self.events() {
            match event {
                Event::TurnOpened { turn, .. } => assert!(open.insert(*turn), "opened twice"),
                Event::TurnFinished { turn, parts, .. } => {
                    assert!(open.remove(turn), "closed twice or never opened");
                    assert!(matches!(parts.last(), Some(Part::Finish { .. })), "ends with finish");
                }
                _ => {}
            }
        }
        assert!(open.into_iter().eq(self.session.turns.keys().copied()));
        assert!(self.rows.keys().all(|(stream, _)| self.session.turns.contains_key(&TurnId(*stream))));
    }

    fn no_prompt_is_lost(&self) {
        let mut waiting = BTreeSet::new();
        for event in self.events() {
            let gone: Vec<PromptId> = match event {
                Event::PromptQueued { prompt } => {
                    assert!(waiting.insert(prompt.id));
                    continue;
                }
                Event::TurnOpened { message, .. } => message.prompts.clone(),
                Event::PromptWithdrawn { prompt, .. } | Event::StepDropped { prompt, .. } => vec![*prompt],
                Event::QuestionAnswered { prompt, .. } => prompt.iter().copied().collect(),
                _ => continue,
            };
            assert!(gone.iter().all(|prompt| waiting.remove(prompt)), "a prompt leaves the queue once");
        }
        assert_eq!(waiting, self.session.queue.iter().map(|queued| queued.id).collect());
    }

    fn a_thread_has_one_open_turn(&self) {
        let prompts = self.session.turns.values().filter(|turn| turn.is_prompt());
        let threads: BTreeSet<_> = prompts.clone().map(|turn| turn.thread).collect();
        assert_eq!(threads.len(), prompts.count());
    }

    fn what_waits_has_a_deadline(&self) {
        let free = |thread: &ThreadId| self.session.open_turn_of(*thread).is_none();
        let waits =
            self.session.threads.keys().any(|thread| free(thread) && self.session.waiting(*thread).next().is_some());
        let live = self.session.terminated_at.is_none();
        if !self.session.turns.is_empty() || (waits && live) {
            assert!(self.session.wake_at().is_some());
        }
    }

    fn what_runners_hold_is_claimed(&self) {
        let held = self.session.turns.values().filter(|turn| turn.phase.hold().is_some()).count();
        assert_eq!(self.session.claims().len(), held);
    }

    fn text_equals_what_was_sent(&self, turn: TurnId, parts: &[Part], next_frame: u64) {
        let Some(speech) = self.speeches.get(&turn) else { return };
        assert!(next_frame as usize >= speech.acknowledged, "what was acknowledged is there");
        let expected = speech.assembled(next_frame as usize);
        let said = parts.iter().filter(|part| !matches!(part, Part::Error { .. } | Part::Finish { .. }));
        assert!(said.eq(expected.iter()), "text_equals_what_was_sent: {parts:#?} is not {expected:#?}");
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.records.iter().flat_map(|record| &record.events)
    }

    fn replayed(&self) -> Session {
        let mut state = fold(Session::default(), &self.records);
        self.rows.values().for_each(|delta| state.absorb(delta));
        state
    }

    fn ctx(&self) -> Ctx {
        let seq = self.records.len() as u64 + 1;
        Ctx { id: ID.into(), now: self.now, seq, entropy: u128::from(seq) }
    }

    pub fn send_command(&mut self, command: Command) -> Result<Reply, Refusal> {
        let before = self.session.clone();
        let decision = match self.session.decide(command, &self.ctx()) {
            Ok(decision) => decision,
            Err(refusal) => {
                assert_eq!(before, self.session);
                return Err(refusal);
            }
        };
        let reply = decision.reply.clone();
        self.commit(decision);
        Ok(reply)
    }

    fn commit(&mut self, decision: Decision<Session>) {
        let Decision { events, effects, deltas, closes, .. } = decision;
        for event in &events {
            if let Event::TurnFinished { turn, parts, next_frame, .. } = event {
                self.text_equals_what_was_sent(*turn, parts, *next_frame);
            }
            self.session.apply(event, self.now);
        }
        for delta in deltas {
            self.session.absorb(&delta);
            assert!(self.rows.insert((delta.stream, delta.number), delta).is_none(), "a row is written once");
        }
        self.rows.retain(|(stream, _), _| !closes.contains(stream));
        if !events.is_empty() || !effects.is_empty() {
            self.records.push(Record { seq: self.records.len() as u64 + 1, at: self.now, events, effects });
        }
    }
}

fn choose<T>(among: impl IntoIterator<Item = T>, choice: u8) -> Option<T> {
    let mut among: Vec<T> = among.into_iter().collect();
    if among.is_empty() {
        return None;
    }
    let place = usize::from(choice) % among.len();
    Some(among.swap_remove(place))
}
