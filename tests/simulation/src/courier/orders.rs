//! Orders to runners, and what follows their answers, or that none has come.

use tenure_model::Span;
use tenure_model::id::RunnerId;
use tenure_session::{Decline, Effect, Report};

use super::{EffectId, Ordered, RECHECK, Stage, Then};
use crate::net::{ConnId, Way};
use crate::say::Say;
use crate::scene::{Event, Scene, ServerStep};
use crate::server::Server;

impl Server {
    pub(super) fn order(&mut self, id: EffectId, runner: RunnerId, say: Say, scene: &mut Scene) {
        let Some((conn, boot)) = self.roster.expect_answer(runner, id) else {
            return self.ordered(id, Ordered::NotConnected, scene);
        };
        self.delivery(id).stage = Stage::Ordered { runner, conn, boot };
        scene.send(conn, Way::FromServer, say);
        let unanswered = ServerStep::OrderUnanswered { effect: id, conn };
        scene.after(scene.plan.order_timeout, Event::Server { start: self.start, what: unanswered });
    }

    /// Nobody has answered an order in time.
    pub fn order_unanswered(&mut self, id: EffectId, conn: ConnId, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.get(&id) else {
            return;
        };
        let Stage::Ordered { runner, conn: asked, .. } = delivery.stage else {
            return;
        };
        if asked != conn {
            return;
        }
        self.roster.forget_answer(runner, id);
        self.ordered(id, Ordered::NoAnswer, scene);
        if self.roster.is_deaf(runner) {
            self.hang_up(runner, scene);
        }
    }

    /// Takes what became of an order.
    pub fn ordered(&mut self, id: EffectId, outcome: Ordered, scene: &mut Scene) {
        let Some(delivery) = self.courier.deliveries.get_mut(&id) else {
            return;
        };
        let (stage, effect) = (delivery.stage, delivery.effect.clone());
        delivery.stage = Stage::Due;
        if let (Effect::Offer { offer, .. }, Stage::Ordered { runner, boot, .. }) = (&effect, stage) {
            self.roster.unreserve(runner);
            let (work, generation) = (offer.work, offer.generation);
            if outcome == Ordered::Accepted {
                let agent = "agent".to_owned();
                let report = Report::Accepted { work, generation, runner, boot, agent, left: None };
                return self.report(id, report, Then::Dismiss { runner }, scene);
            }
            self.delivery(id).passed_over.push(runner);
            let why = Decline::Other { why: format!("{outcome:?}") };
            return self.nobody_takes_it(id, why, scene);
        }
        match (outcome, effect) {
            (Ordered::NotConnected, _) => self.look_after(id, RECHECK, scene),
            (Ordered::NoAnswer, _) => self.again(id, scene),
            (_, Effect::Start { runner, spec, .. }) => {
                let (work, generation) = (spec.work, spec.generation);
                let report = Report::StartConfirmed { work, generation, runner };
                self.report(id, report, Then::Settle, scene);
            }
            _ => self.settle(id, scene),
        }
    }

    /// An offer waits: everybody was asked and said no, or nobody is there.
    pub(super) fn nobody_takes_it(&mut self, id: EffectId, why: Decline, scene: &mut Scene) {
        let delivery = self.delivery(id);
        let everybody_said_no = !delivery.passed_over.is_empty() && !matches!(why, Decline::Other { .. });
        if everybody_said_no {
            delivery.passed_over.clear();
            return self.look_after(id, Span::secs(1), scene);
        }
        if delivery.told.as_ref() == Some(&why) {
            return self.wait_on(id, scene);
        }
        delivery.told = Some(why.clone());
        let Effect::Offer { offer, .. } = &delivery.effect else {
            return;
        };
        let report = Report::Declined { work: offer.work, generation: offer.generation, reason: why };
        self.report(id, report, Then::GoOn, scene);
    }

    pub(super) fn wait_on(&mut self, id: EffectId, scene: &mut Scene) {
        let pause = if self.delivery(id).passed_over.is_empty() { RECHECK } else { Span::ZERO };
        self.look_after(id, pause, scene);
    }
}
