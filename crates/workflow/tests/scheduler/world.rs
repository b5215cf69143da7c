//! A scheduler in virtual time: it is woken when it wants to be, and everything that it does is noted.

use std::collections::BTreeMap;

use tenure_model::entity::{Ctx, Decision, Entity};
use tenure_model::id::{FiringId, TriggerId};
use tenure_model::testkit::Given;
use tenure_model::time::{Span, Timestamp};
use tenure_workflow::cron::Zone;
use tenure_workflow::scheduler::ledger::{self, Entry};
use tenure_workflow::scheduler::limits::WAKE_MAX;
use tenure_workflow::scheduler::{Answer, Command, Effect, Event, Firing, Reply, Scheduler, execution_of};

use crate::support::{answer, asked, nothing};

/// Up to so many triggers all rows are looked at after each decision.
const FEW: usize = 20;

pub struct World {
    pub given: Given<Scheduler>,
    pub records: Vec<(Timestamp, Vec<Event>)>,
    pub effects: Vec<Effect>,
    pub wakes: usize,
    /// Whether each run is said to have started as soon as it is asked for.
    answering: bool,
    /// How often the run of each firing was asked for.
    started: BTreeMap<FiringId, usize>,
}

impl World {
    pub fn at(now: Timestamp) -> Self {
        let given = Given { now, ..nothing() };
        Self { given, records: vec![], effects: vec![], wakes: 0, answering: false, started: BTreeMap::new() }
    }

    /// The same, where every run starts at once.
    pub fn answering(now: Timestamp) -> Self {
        Self { answering: true, ..Self::at(now) }
    }

    fn take(&mut self, decision: Decision<Scheduler>, ctx: &Ctx) -> Reply {
        let few = self.given.state.triggers.len() < FEW;
        let mut rows = if few { self.given.state.summaries(ctx.id) } else { BTreeMap::new() };
        for event in &decision.events {
            self.given.state.apply(event, ctx.now);
        }
        if let Some(touched) = self.given.state.touched(ctx.id, &decision.events).filter(|_| few) {
            rows.extend(touched.into_iter().map(|(key, row)| (key, row.expect("a trigger that is there has a row"))));
            assert_eq!(rows, self.given.state.summaries(ctx.id), "what else was touched by {:?}", decision.events);
        }
        if !decision.is_silent() {
            self.given.seq += 1;
            self.records.push((ctx.now, decision.events));
        }
        let asked = asked(&decision.effects);
        self.effects.extend(decision.effects);
        for firing in asked {
            *self.started.entry(firing.id).or_default() += 1;
            if self.answering {
                self.tell(answer(&firing, Answer::Started { execution: execution_of(firing.id) }));
            }
        }
        decision.reply
    }

    #[track_caller]
    pub fn tell(&mut self, command: Command) -> Reply {
        let ctx = self.given.ctx();
        let decision = self.given.state.decide(command, &ctx).unwrap_or_else(|refusal| panic!("{refusal}"));
        self.take(decision, &ctx)
    }

    /// Wakes it until nothing is due any more.
    pub fn settle(&mut self) {
        while self.given.state.wake_at().is_some_and(|due| due <= self.given.now) {
            let ctx = self.given.ctx();
            let decision = self.given.state.wake(&ctx);
            assert!(!decision.is_silent(), "a wake that does nothing must not stay due");
            let decided = decision.events.iter().filter(|event| matches!(event, Event::Decided { .. })).count();
            assert!(decided <= WAKE_MAX, "one wake decides at most {WAKE_MAX} things, this one {decided}");
            self.wakes += 1;
            self.take(decision, &ctx);
        }
    }

    /// Lets time pass with the server there: it wakes whenever it wants to.
    pub fn run_until(&mut self, until: Timestamp) {
        self.settle();
        while let Some(due) = self.given.state.wake_at().filter(|due| *due <= until) {
            self.given.now = self.given.now.max(due);
            self.settle();
        }
        self.given.now = self.given.now.max(until);
    }

    /// Lets time pass with the server off.
    pub fn be_off(&mut self, span: Span) {
        self.given.now = self.given.now + span;
    }

    /// Forgets what lies in memory only, as a restart does.
    pub fn restart(&mut self) {
        let written = serde_json::to_string(&self.given.state).unwrap();
        self.given.state = serde_json::from_str(&written).unwrap();
    }

    pub fn firings(&self) -> Vec<Firing> {
        asked(&self.effects)
    }

    /// The planned times that runs were asked for, as clocks in this zone show them.
    pub fn shown(&self, zone: &str) -> Vec<String> {
        let zone: Zone = zone.parse().unwrap();
        self.firings().iter().filter_map(|one| Some(zone.civil(one.cause.planned()?).to_string())).collect()
    }

    pub fn ledger(&self, trigger: TriggerId) -> Vec<Entry> {
        let records = self.records.iter().map(|(at, events)| (*at, events.as_slice()));
        ledger::entries(records).into_iter().filter(|entry| entry.trigger == trigger).collect()
    }

    pub fn history(&self, trigger: TriggerId) -> Vec<(Timestamp, &Event)> {
        let all = self.records.iter().flat_map(|(at, events)| events.iter().map(|event| (*at, event)));
        let page = ledger::history_of(trigger);
        all.filter(|(_, event)| Scheduler::pages(event).contains(&page)).collect()
    }

    #[track_caller]
    pub fn every_firing_is_asked_for_once(&self) {
        let twice: Vec<_> = self.started.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "asked for more than once: {twice:?}");
    }
}
