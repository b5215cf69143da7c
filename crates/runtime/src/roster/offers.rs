//! Carrying out what a session asks of runners: offers that wait for a free place, starts, cancels, answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tenure_journal::EffectId;
use tenure_model::Span;
use tenure_model::id::{BootId, ExecutionId, RunnerId, SessionId, TurnId, WorkId};
use tenure_model::link::{AgentInfo, WorkKind, WorkOffer};
use tenure_model::step::StepRef;
use tenure_session::{Command, Decline, Effect, Report};
use tenure_workflow::execution::{self, command::TurnNews};
use tokio::sync::Notify;

use super::{Order, OrderAnswer, OrderError, Roster};
use crate::courier::{Attempt, Attempting, Performer};
use crate::directory::AskError;
use crate::runs;

/// How often somebody who waits asks whether it is still wanted.
const RECHECK: Span = Span::secs(5);

/// The offers that wait for a runner, oldest first.
#[derive(Default)]
pub(crate) struct Waiters(Mutex<WaitingOffers>);

#[derive(Default)]
struct WaitingOffers {
    next: u64,
    by_age: BTreeMap<u64, (WorkId, Arc<Notify>)>,
}

impl Waiters {
    fn enter(&self, work: WorkId) -> (u64, Arc<Notify>) {
        let mut waiting = self.0.lock().expect("waiting does not panic");
        waiting.next += 1;
        let (age, bell) = (waiting.next, Arc::new(Notify::new()));
        waiting.by_age.insert(age, (work, bell.clone()));
        (age, bell)
    }

    fn leave(&self, age: u64) {
        self.0.lock().expect("waiting does not panic").by_age.remove(&age);
        self.ring();
    }

    /// Lets the oldest waiters look again: something has become free.
    pub fn ring(&self) {
        let waiting = self.0.lock().expect("waiting does not panic");
        waiting.by_age.values().take(8).for_each(|(_, bell)| bell.notify_one());
    }

    fn ring_work(&self, work: WorkId) {
        let waiting = self.0.lock().expect("waiting does not panic");
        waiting.by_age.values().filter(|(waiter, _)| *waiter == work).for_each(|(_, bell)| bell.notify_one());
    }
}

/// Where an effect stands in line: offers and starts of different works do not wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LaneOf {
    Offer(WorkId),
    Runner(RunnerId, WorkId),
    /// Must not wait for anything.
    Aside(EffectKind, WorkId),
    /// News for a run, in order.
    Execution(ExecutionId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EffectKind {
    Recall,
    CheckLease,
}

impl Performer for Roster {
    type Effect = Effect;
    type Lane = LaneOf;

    fn lane(&self, effect: &Effect) -> LaneOf {
        let work = effect.work();
        match effect {
            Effect::Offer { .. } => LaneOf::Offer(work),
            Effect::Recall { .. } => LaneOf::Aside(EffectKind::Recall, work),
            Effect::CheckLease { .. } => LaneOf::Aside(EffectKind::CheckLease, work),
            Effect::Start { runner, .. } | Effect::Cancel { runner, .. } | Effect::Answer { runner, .. } => {
                LaneOf::Runner(*runner, work)
            }
            Effect::StepBegan { step, .. } | Effect::TellStep { step, .. } => LaneOf::Execution(step.execution),
        }
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move { self.carry_out(id, &effect).await })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Effect>, why: String) -> Attempting {
        let report = Report::EffectFailed { effect_id: id.to_string(), effect: (*effect).clone(), why };
        Box::pin(async move { self.report(SessionId(id.key.id), report).await })
    }
}

impl Roster {
    async fn carry_out(&self, id: EffectId, effect: &Effect) -> Attempt {
        let session = SessionId(id.key.id);
        let reference = id.to_string();
        match effect {
            Effect::Offer { offer } => self.place(session, reference, offer, effect).await,
            Effect::Recall { work, .. } => {
                self.0.core.waiters.ring_work(*work);
                Attempt::Settled
            }
            Effect::Start { runner, boot: _, spec } => {
                let order = Order::Start { reference, spec: spec.clone() };
                match self.insist(session, *runner, order, effect).await {
                    Some(Attempt::Settled) => {
                        let (work, generation) = (spec.work, spec.generation);
                        self.report(session, Report::StartConfirmed { work, generation, runner: *runner }).await
                    }
                    Some(again) => again,
                    None => Attempt::Settled,
                }
            }
            Effect::Cancel { runner, work, generation, reason } => {
                let (work, generation, reason) = (*work, *generation, reason.finish());
                let order = Order::Cancel { reference, work, generation, reason };
                self.insist(session, *runner, order, effect).await.unwrap_or(Attempt::Settled)
            }
            Effect::Answer { runner, work, generation, question, answer } => {
                let (work, generation, question, answer) = (*work, *generation, *question, answer.clone());
                let order = Order::Answer { reference, work, generation, question, answer };
                self.insist(session, *runner, order, effect).await.unwrap_or(Attempt::Settled)
            }
            Effect::CheckLease { runner, work, generation } => {
                self.check_lease(session, *runner, *work, *generation).await
            }
            Effect::StepBegan { step, turn, agent, .. } => {
                let news = TurnNews::Began { agent: Some(agent.clone()) };
                self.tell_run(step, *turn, news).await
            }
            Effect::TellStep { step, turn, outcome } => {
                self.tell_run(step, *turn, TurnNews::Ended(outcome.clone())).await
            }
        }
    }

    async fn tell_run(&self, step: &StepRef, turn: TurnId, news: TurnNews) -> Attempt {
        let told = execution::Command::Turn { step: step.clone(), turn, news };
        runs::tell(&self.0.executions, step.execution, told).await
    }

    /// Gives an order to one runner, waiting for it to come back when it is away. None when it is not wanted any more.
    async fn insist(&self, session: SessionId, runner: RunnerId, order: Order, effect: &Effect) -> Option<Attempt> {
        loop {
            let joined = self.0.joined.notified();
            if !self.0.sessions.wants(session, effect).await {
                return None;
            }
            match self.order(runner, order.clone()).await {
                Ok(_) => return Some(Attempt::Settled),
                Err(OrderError::NoAnswer) => return Some(Attempt::Again("the runner does not answer".into())),
                Err(OrderError::NotConnected) => {
                    tokio::select! {
                        () = joined => {}
                        () = self.0.core.clock.sleep(RECHECK) => {}
                    }
                }
            }
        }
    }

    /// Finds a runner for a work, for as long as the work is wanted, and tells the session who took it.
    async fn place(&self, session: SessionId, reference: String, offer: &WorkOffer, effect: &Effect) -> Attempt {
        let (age, bell) = self.0.core.waiters.enter(offer.work);
        let attempt = self.place_waiting(session, &reference, offer, effect, &bell).await;
        self.0.core.waiters.leave(age);
        attempt
    }

    async fn place_waiting(
        &self,
        session: SessionId,
        reference: &str,
        offer: &WorkOffer,
        effect: &Effect,
        bell: &Notify,
    ) -> Attempt {
        let mut told = None;
        let mut passed_over = vec![];
        loop {
            if !self.0.sessions.wants(session, effect).await {
                return Attempt::Settled;
            }
            let why = match self.pick(offer, &passed_over) {
                Ok((runner, boot, agent)) => match self.offer_to(runner, reference, offer).await {
                    Ok(()) => {
                        let attempt = self.accepted(session, offer, runner, boot, agent).await;
                        self.unreserve(runner);
                        return attempt;
                    }
                    Err(why) => {
                        self.unreserve(runner);
                        passed_over.push(runner);
                        Decline::Other { why }
                    }
                },
                Err(why) if passed_over.is_empty() => why,
                Err(_) => {
                    // Everybody said no: after a pause everybody is asked again.
                    passed_over.clear();
                    self.0.core.clock.sleep(Span::secs(1)).await;
                    continue;
                }
            };
            if told.as_ref() != Some(&why) {
                told = Some(why.clone());
                let (work, generation) = (offer.work, offer.generation);
                if let Attempt::Again(why) =
                    self.report(session, Report::Declined { work, generation, reason: why }).await
                {
                    return Attempt::Again(why);
                }
            }
            if passed_over.is_empty() {
                tokio::select! {
                    () = bell.notified() => {}
                    () = self.0.core.clock.sleep(RECHECK) => {}
                }
            }
        }
    }

    async fn offer_to(&self, runner: RunnerId, reference: &str, offer: &WorkOffer) -> Result<(), String> {
        let order = Order::Offer { reference: reference.to_owned(), offer: offer.clone() };
        let answer = self.order(runner, order).await;
        match answer {
            Ok(OrderAnswer::Accepted) => Ok(()),
            Ok(OrderAnswer::Declined(why)) => Err(why),
            Ok(OrderAnswer::Done | OrderAnswer::Told(_)) => {
                Err("the runner confirmed the offer instead of accepting it".into())
            }
            Err(OrderError::NotConnected) => Err("the runner left".into()),
            Err(OrderError::NoAnswer) => Err("the runner does not answer".into()),
        }
    }

    /// Gives a reserved place back: the work's claim holds it now, or nobody does.
    fn unreserve(&self, runner: RunnerId) {
        if let Some(runner) = self.runners().get_mut(&runner) {
            runner.reserved = runner.reserved.saturating_sub(1);
        }
    }

    async fn accepted(
        &self,
        session: SessionId,
        offer: &WorkOffer,
        runner: RunnerId,
        boot: BootId,
        agent: String,
    ) -> Attempt {
        let (work, generation) = (offer.work, offer.generation);
        let report = Report::Accepted { work, generation, runner, boot, agent };
        match self.0.sessions.ask(session, Command::Runner(report)).await {
            Ok(_) => Attempt::Settled,
            Err(AskError::Refused(refusal)) => {
                self.tell(runner, Order::Drop { work, generation, reason: refusal.to_string() });
                Attempt::Settled
            }
            Err(other) => Attempt::Again(other.to_string()),
        }
    }

    /// Chooses a runner that does such works, has the agent and a free place, and reserves the place: the one that has the
    /// session's workspace when it can, else the least busy one.
    fn pick(&self, offer: &WorkOffer, passed_over: &[RunnerId]) -> Result<(RunnerId, BootId, String), Decline> {
        let mut runners = self.runners();
        let connected = runners.iter_mut().filter(|(id, runner)| runner.line.is_some() && !passed_over.contains(id));
        let mut connected: Vec<_> = connected.collect();
        if connected.is_empty() {
            return Err(Decline::NoRunner);
        }
        connected.retain(|(_, runner)| runner.hello.kinds.contains(&offer.kind));
        if connected.is_empty() {
            return Err(Decline::NoKind { kind: offer.kind });
        }
        if offer.kind == WorkKind::Restore {
            connected.retain(|(id, _)| offer.holder == Some(**id));
            if connected.is_empty() {
                return Err(Decline::NoHolder);
            }
        }
        if offer.kind == WorkKind::Turn {
            connected.retain(|(_, runner)| has_agent(&runner.hello.agents, offer.agent.as_deref()));
        }
        if connected.is_empty() {
            let agent = offer.agent.clone().unwrap_or_else(|| "any".into());
            return Err(Decline::NoAgent { agent });
        }
        let free = connected.into_iter().filter_map(|(id, runner)| {
            let used = runner.reserved + self.0.core.claims.of_runner(*id).len();
            let capacity = usize::try_from(runner.hello.capacity).unwrap_or(usize::MAX);
            (used < capacity).then(|| (used * 1_000 / capacity, *id, runner))
        });
        // Where the session's files are, it goes on best.
        let least = free.min_by_key(|(load, id, _)| (offer.holder != Some(*id), *load, *id));
        let Some((_, id, runner)) = least else {
            return Err(Decline::Busy);
        };
        runner.reserved += 1;
        let agent = match offer.kind {
            WorkKind::Turn => offer.agent.clone().unwrap_or_else(|| runner.hello.agents[0].name.clone()),
            other => other.word().to_owned(),
        };
        Ok((id, runner.hello.boot, agent))
    }
}

fn has_agent(agents: &[AgentInfo], wanted: Option<&str>) -> bool {
    wanted.map_or(!agents.is_empty(), |wanted| agents.iter().any(|known| known.name == wanted))
}
