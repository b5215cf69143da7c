//! Carrying out what a session asks of runners: offers that wait for a free place, starts, cancels, answers.

use std::sync::Arc;

use tenure_journal::EffectId;
use tenure_model::Span;
use tenure_model::budget::Left;
use tenure_model::id::{BootId, ExecutionId, RunnerId, SessionId, TurnId, WorkId};
use tenure_model::link::WorkOffer;
use tenure_model::step::StepRef;
use tenure_session::{Command, Decline, Effect, Refusal, Report};
use tenure_workflow::execution::{self, command::TurnNews};
use tokio::sync::Notify;

use super::{Order, OrderAnswer, OrderError, Roster};
use crate::courier::{Attempt, Attempting, Performer};
use crate::directory::AskError;
use crate::runs;

/// How often somebody who waits asks whether it is still wanted.
pub(super) const RECHECK: Span = Span::secs(5);
/// The pause after every runner has declined a work.
const ASK_ALL_AGAIN: Span = Span::secs(1);

/// Where an effect stands in line: offers and starts of different works do not wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LaneOf {
    Offer(WorkId),
    Runner(RunnerId, WorkId),
    /// Must not wait for anything.
    Aside(EffectKind, WorkId),
    /// News for a run, in order.
    Execution(ExecutionId),
    /// One thing at a time for the session's sandbox.
    Sandbox,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EffectKind {
    Recall,
    CheckLease,
    Spend,
}

impl Performer for Roster {
    type Effect = Effect;
    type Lane = LaneOf;

    fn lane(&self, effect: &Effect) -> LaneOf {
        let work = effect.work().unwrap_or_default();
        match effect {
            Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => LaneOf::Sandbox,
            Effect::Offer { .. } => LaneOf::Offer(work),
            Effect::Recall { .. } => LaneOf::Aside(EffectKind::Recall, work),
            Effect::CheckLease { .. } => LaneOf::Aside(EffectKind::CheckLease, work),
            Effect::Start { runner, .. } | Effect::Cancel { runner, .. } | Effect::Answer { runner, .. } => {
                LaneOf::Runner(*runner, work)
            }
            Effect::Spend { .. } => LaneOf::Aside(EffectKind::Spend, work),
            Effect::StepBegan { step, .. } | Effect::StepHeld { step, .. } | Effect::TellStep { step, .. } => {
                LaneOf::Execution(step.execution)
            }
        }
    }

    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Effect>) -> Attempting {
        Box::pin(async move { self.carry_out(id, &effect).await })
    }

    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Effect>, why: String) -> Attempting {
        // What a step came to, and what a work has used, is said nowhere else; an operator sees what keeps it back.
        if matches!(*effect, Effect::TellStep { .. } | Effect::Spend { .. } | Effect::Recall { .. }) {
            return Box::pin(std::future::ready(Attempt::Again(why)));
        }
        let report = Report::EffectFailed { effect_id: id.to_string(), effect: (*effect).clone(), why };
        Box::pin(async move { self.report(SessionId(id.key.id), report).await })
    }
}

impl Roster {
    async fn carry_out(&self, id: EffectId, effect: &Effect) -> Attempt {
        let session = SessionId(id.key.id);
        let reference = id.to_string();
        match effect {
            Effect::Offer { .. } => self.place(session, reference, effect).await,
            Effect::Recall { work, owner, .. } => {
                self.0.core.waiters.ring_work(*work);
                self.give_back(*owner, *work).await
            }
            Effect::Spend { work, owner, usage, time_ms, tool_calls } => {
                self.spend(*owner, *work, usage, (*time_ms, *tool_calls)).await
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
            Effect::StepHeld { step, turn, why } => {
                if !self.0.sessions.wants(session, effect).await {
                    return Attempt::Settled;
                }
                self.tell_run(step, *turn, TurnNews::Held { why: why.clone() }).await
            }
            Effect::TellStep { step, turn, outcome } => {
                self.tell_run(step, *turn, TurnNews::Ended(outcome.clone())).await
            }
            Effect::StartSandbox { sandbox, generation } => {
                self.start_sandbox(session, sandbox, *generation, effect).await
            }
            Effect::StopSandbox { generation, ends, .. } => self.stop_sandbox(session, *generation, *ends).await,
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

    /// Finds a runner for a work once its budgets allow it, for as long as it is wanted, and tells the session who took it.
    async fn place(&self, session: SessionId, reference: String, effect: &Effect) -> Attempt {
        let Effect::Offer { offer, owner, draws } = effect else { return Attempt::Settled };
        let left = match self.draw(session, (offer, *owner), draws, effect).await {
            Ok(left) => left,
            Err(attempt) => return attempt,
        };
        let (age, bell) = self.0.core.waiters.enter(*owner, offer.clone());
        let attempt = self.place_waiting(session, &reference, (offer, left), effect, &bell).await;
        self.0.core.waiters.leave(age);
        match attempt {
            // What was drawn for it is free again: nobody has it, nor will.
            None if left.is_some() => self.give_back(*owner, offer.work).await,
            attempt => attempt.unwrap_or(Attempt::Settled),
        }
    }

    /// None when the work is not wanted any more, and nobody has it.
    async fn place_waiting(
        &self,
        session: SessionId,
        reference: &str,
        (offer, left): (&WorkOffer, Option<Left>),
        effect: &Effect,
        bell: &Notify,
    ) -> Option<Attempt> {
        let mut told = None;
        let mut declined = vec![];
        loop {
            // Counted from before anybody is told why it waits: whoever reads that may move the clock.
            let recheck = self.0.core.clock.now() + RECHECK;
            if let Some(why) = self.obstacle(offer)
                && told.as_ref() != Some(&why)
            {
                told = Some(why.clone());
                if let again @ Attempt::Again(_) = self.held_up(session, offer, why).await {
                    return Some(again);
                }
            }
            // Nobody takes a place before it is their turn, whoever comes first.
            tokio::select! {
                () = bell.notified() => {}
                () = self.0.core.clock.sleep_until(recheck) => {}
            }
            if !self.0.sessions.wants(session, effect).await {
                return None;
            }
            let Ok((runner, boot, agent)) = self.pick(offer, &declined) else {
                if !std::mem::take(&mut declined).is_empty() {
                    // Everybody said no: after a pause everybody is asked again.
                    self.0.core.clock.sleep(ASK_ALL_AGAIN).await;
                    self.0.core.waiters.ring();
                }
                continue;
            };
            let asked = self.offer_to(runner, reference, offer).await;
            let Err(why) = asked else {
                let attempt = self.accepted(session, (offer, left), runner, boot, agent).await;
                self.unreserve(runner);
                match attempt {
                    Some(attempt) => return Some(attempt),
                    None => continue,
                }
            };
            self.unreserve(runner);
            declined.push(runner);
            let why = Decline::Other { why };
            if let again @ Attempt::Again(_) = self.held_up(session, offer, why.clone()).await {
                return Some(again);
            }
            told = Some(why);
            self.0.core.waiters.ring();
        }
    }

    pub(super) async fn held_up(&self, session: SessionId, offer: &WorkOffer, reason: Decline) -> Attempt {
        let (work, generation) = (offer.work, offer.generation);
        self.report(session, Report::Declined { work, generation, reason }).await
    }

    async fn offer_to(&self, runner: RunnerId, reference: &str, offer: &WorkOffer) -> Result<(), String> {
        let order = Order::Offer { reference: reference.to_owned(), offer: offer.clone() };
        let answer = self.order(runner, order).await;
        match answer {
            Ok(OrderAnswer::Accepted) => Ok(()),
            Ok(OrderAnswer::Declined(why)) => Err(why),
            Ok(OrderAnswer::Done | OrderAnswer::Told(_) | OrderAnswer::Connector(_)) => {
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

    /// Tells the session who took its work. None when that one is not to have it, and another is to be found.
    async fn accepted(
        &self,
        session: SessionId,
        (offer, left): (&WorkOffer, Option<Left>),
        runner: RunnerId,
        boot: BootId,
        agent: String,
    ) -> Option<Attempt> {
        let (work, generation) = (offer.work, offer.generation);
        let report = Report::Accepted { work, generation, runner, boot, agent, left };
        match self.0.sessions.ask(session, Command::Runner(report)).await {
            Ok(_) => Some(Attempt::Settled),
            Err(AskError::Refused(refusal)) => {
                self.tell(runner, Order::Drop { work, generation, reason: refusal.to_string() });
                (refusal != Refusal::SandboxUnwanted).then_some(Attempt::Settled)
            }
            Err(other) => Some(Attempt::Again(other.to_string())),
        }
    }
}
