//! The courier as the runtime has it: at least once, in order per sender and target, struck out when carried out.

mod orders;

use std::collections::{BTreeMap, VecDeque};

use tenure_model::id::{BootId, RunnerId, SessionId, WorkId};
use tenure_model::{Entity, Span, Timestamp};
use tenure_session::{Command, Decline, Effect, Report};

use crate::host::Asker;
use crate::net::ConnId;
use crate::say::{Answer, Say};
use crate::scene::{Event, Scene, ServerStep};
use crate::server::Server;

/// How often somebody who waits asks whether it is still wanted.
const RECHECK: Span = Span::secs(5);
const PAUSE_FIRST: Span = Span::ms(200);
const PAUSE_LAST: Span = Span::secs(10);
const FAILURES_MAX: u32 = 20;
const NEVER: Timestamp = Timestamp(u64::MAX);

/// The place of an effect in its session's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectId {
    pub session: SessionId,
    pub seq: u64,
    pub n: u32,
}

/// Effects of one sender in one lane are carried out one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Offer(WorkId),
    Recall(WorkId),
    CheckLease(WorkId),
    Runner(RunnerId, WorkId),
}

/// The effects that are under way in one server process.
#[derive(Default)]
pub struct Courier {
    lanes: BTreeMap<(SessionId, Lane), VecDeque<EffectId>>,
    deliveries: BTreeMap<EffectId, Delivery>,
}

struct Delivery {
    effect: Effect,
    stage: Stage,
    /// When it is looked at again.
    due: Timestamp,
    failures: u32,
    pause: Span,
    /// The runners that said no to an offer, and what the session was told last.
    passed_over: Vec<RunnerId>,
    told: Option<Decline>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Is looked at when it is due.
    Due,
    /// A runner was told and has not answered.
    Ordered { runner: RunnerId, conn: ConnId, boot: BootId },
    /// The session was told and has not answered.
    Reporting { then: Then },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Settle,
    /// The runner that accepted is told when the session does not want it.
    Dismiss {
        runner: RunnerId,
    },
    GoOn,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered {
    Accepted,
    Declined,
    Done,
    NotConnected,
    NoAnswer,
}

fn lane(effect: &Effect) -> Lane {
    let work = effect.work().unwrap_or_default();
    match effect {
        Effect::Offer { .. } => Lane::Offer(work),
        Effect::Recall { .. } => Lane::Recall(work),
        Effect::CheckLease { .. } => Lane::CheckLease(work),
        Effect::Start { runner, .. } | Effect::Cancel { runner, .. } | Effect::Answer { runner, .. } => {
            Lane::Runner(*runner, work)
        }
        Effect::StepBegan { .. } | Effect::StepHeld { .. } | Effect::TellStep { .. } => {
            panic!("no run has asked for anything: {effect:?}")
        }
        Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => panic!("no session has a sandbox: {effect:?}"),
        Effect::Spend { .. } => panic!("nobody has a budget: {effect:?}"),
    }
}

impl Server {
    /// Takes an effect that is durable in the outbox.
    pub fn take_effect(&mut self, id: EffectId, effect: Effect, scene: &mut Scene) {
        let key = (id.session, lane(&effect));
        let fresh = Delivery {
            effect,
            stage: Stage::Due,
            due: NEVER,
            failures: 0,
            pause: PAUSE_FIRST,
            passed_over: vec![],
            told: None,
        };
        self.courier.deliveries.insert(id, fresh);
        let waiting = self.courier.lanes.entry(key).or_default();
        waiting.push_back(id);
        if waiting.len() == 1 {
            self.look_after(id, Span(scene.chance.between(0, 5)), scene);
        }
    }

    fn look_after(&mut self, id: EffectId, span: Span, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.get_mut(&id) else {
            return;
        };
        delivery.stage = Stage::Due;
        delivery.due = scene.now + span;
        scene.after(span, Event::Server { start: self.start, what: ServerStep::Deliver { effect: id } });
    }

    /// Looks at an effect: carries it out, or finds that nobody wants it any more.
    pub fn deliver(&mut self, id: EffectId, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.get_mut(&id) else {
            return;
        };
        if delivery.stage != Stage::Due || delivery.due > scene.now {
            return;
        }
        delivery.due = NEVER;
        let effect = delivery.effect.clone();
        let asks_first = !matches!(effect, Effect::Recall { .. } | Effect::CheckLease { .. });
        if asks_first && !self.host(id.session, scene).state.wants(&effect) {
            return self.settle(id, scene);
        }
        match effect {
            Effect::Offer { offer, .. } => match self.roster.pick(&self.courier.deliveries[&id].passed_over) {
                Ok(runner) => self.order(id, runner, Say::Offer { effect: id, offer }, scene),
                Err(why) => self.nobody_takes_it(id, why, scene),
            },
            Effect::Recall { .. } => {
                self.ring(scene);
                self.settle(id, scene);
            }
            Effect::Start { runner, spec, .. } => self.order(id, runner, Say::Start { effect: id, spec }, scene),
            Effect::Cancel { runner, work, generation, reason } => {
                self.order(id, runner, Say::Cancel { effect: id, work, generation, reason }, scene);
            }
            Effect::Answer { runner, work, generation, question, answer } => {
                self.order(id, runner, Say::Answer { effect: id, work, generation, question, answer }, scene);
            }
            Effect::CheckLease { runner, work, generation } => self.check_lease(id, runner, work, generation, scene),
            Effect::StepBegan { .. } | Effect::StepHeld { .. } | Effect::TellStep { .. } => {
                panic!("no run has asked for anything: {effect:?}")
            }
            Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => panic!("no session has a sandbox: {effect:?}"),
            Effect::Spend { .. } => panic!("nobody has a budget: {effect:?}"),
        }
    }

    fn check_lease(&mut self, id: EffectId, runner: RunnerId, work: WorkId, generation: u32, scene: &mut Scene) {
        let (lease, margin) = (scene.plan.limits.lease_ms, scene.plan.limits.lease_margin_ms);
        let seen = self.roster.seen(runner, work, generation).max(self.started_at);
        if scene.now < seen + lease {
            self.report(id, Report::Alive { work, generation, runner, seen }, Then::Settle, scene);
        } else if scene.now >= seen + lease + margin {
            self.report(id, Report::Lost { work, generation, runner }, Then::Settle, scene);
        } else {
            self.look_after(id, (seen + lease + margin).since(scene.now), scene);
        }
    }

    fn report(&mut self, id: EffectId, report: Report, then: Then, scene: &mut Scene) {
        self.delivery(id).stage = Stage::Reporting { then };
        self.ask(id.session, Command::Runner(report), Asker::Effect(id), scene);
    }

    /// Takes the session's answer to a report.
    pub fn reported(&mut self, id: EffectId, answer: Answer, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.get_mut(&id) else {
            return;
        };
        let Stage::Reporting { then } = delivery.stage else {
            return;
        };
        match (answer, then) {
            (Answer::Unavailable, _) => self.again(id, scene),
            (_, Then::GoOn) => self.wait_on(id, scene),
            (Answer::Refused(why), Then::Dismiss { runner }) => {
                if let Effect::Offer { offer, .. } = &delivery.effect {
                    let (work, generation) = (offer.work, offer.generation);
                    self.roster.tell(runner, Say::Drop { work, generation, why }, scene);
                }
                self.settle(id, scene);
            }
            _ => self.settle(id, scene),
        }
    }

    fn again(&mut self, id: EffectId, scene: &mut Scene) {
        let delivery = self.delivery(id);
        delivery.failures += 1;
        (delivery.passed_over, delivery.told) = (vec![], None);
        if delivery.failures >= FAILURES_MAX {
            let (effect_id, effect) = (format!("{id:?}"), delivery.effect.clone());
            let report = Report::EffectFailed { effect_id, effect, why: "it failed too often".into() };
            return self.report(id, report, Then::Settle, scene);
        }
        let pause = delivery.pause;
        delivery.pause = Span((pause.0 * 2).min(PAUSE_LAST.0));
        self.look_after(id, pause, scene);
    }

    fn settle(&mut self, id: EffectId, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.remove(&id) else {
            return;
        };
        self.strike(id, scene);
        let key = (id.session, lane(&delivery.effect));
        let Some(waiting) = self.courier.lanes.get_mut(&key) else {
            return;
        };
        waiting.pop_front();
        match waiting.front().copied() {
            Some(next) => self.look_after(next, Span::ZERO, scene),
            None => {
                self.courier.lanes.remove(&key);
            }
        }
    }

    /// Has everything that waits for a runner looked at again: a place is free, or a runner is here.
    pub fn ring(&mut self, scene: &mut Scene) {
        let waits = |(_, delivery): &(&EffectId, &Delivery)| delivery.stage == Stage::Due && delivery.due > scene.now;
        let heads = self.courier.lanes.values().filter_map(|lane| lane.front());
        let due = heads.filter_map(|id| Some((id, self.courier.deliveries.get(id)?))).filter(waits);
        let aside = |delivery: &Delivery| matches!(delivery.effect, Effect::CheckLease { .. }) || delivery.failures > 0;
        let ids: Vec<_> = due.filter(|(_, delivery)| !aside(delivery)).map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.look_after(id, Span::ZERO, scene));
    }

    fn delivery(&mut self, id: EffectId) -> &mut Delivery {
        self.courier.deliveries.get_mut(&id).expect("an effect is looked at while it is under way")
    }
}

impl Courier {
    /// Tells whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.deliveries.is_empty()
    }
}
