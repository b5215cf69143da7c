//! Asking connectors that are commands of a runner: which runner it is, and one question at a time. Nothing of it is recorded, and nothing
//! is asked twice.

use std::sync::atomic::Ordering;

use tenure_model::connector::{ConnectorOrder, ConnectorTold};
use tenure_model::id::{RunnerId, derived};
use tenure_model::placement::Placement;
use tenure_session::Decline;
use tokio::sync::oneshot;

use super::{LinkId, Order, OrderAnswer, Roster, Runner, pick};

/// Why no runner can be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoConnectorRunner {
    #[error("{0}")]
    Nobody(Decline),
    #[error(
        "of the connected runners that may start it none starts connectors: it is switched off there (runner.connectors_max is 0), or they are \
         older than this server"
    )]
    Incapable,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    #[error("the runner was not reached")]
    NotSent,
    #[error("the connection to the runner was lost")]
    Lost,
}

impl Roster {
    /// Chooses the runner that keeps a connector: always the same one as long as the same runners are there.
    pub fn pick_for_connector(&self, placement: &Placement, key: &str) -> Result<LinkId, NoConnectorRunner> {
        let runners = self.runners();
        let mut able: Vec<_> = runners.iter().filter(|(_, runner)| runner.line.is_some()).collect();
        able.retain(|(_, runner)| runner.hello.sandbox.is_none());
        let some = |able: &[_], why| if able.is_empty() { Err(NoConnectorRunner::Nobody(why)) } else { Ok(()) };
        some(&able, Decline::NoRunner)?;
        pick::keep_placed(&mut able, placement).map_err(NoConnectorRunner::Nobody)?;
        able.retain(|(_, runner)| runner.hello.connectors);
        if able.is_empty() {
            return Err(NoConnectorRunner::Incapable);
        }
        able.retain(|(_, runner)| !runner.hello.draining);
        some(&able, Decline::Draining)?;
        // Each connector has an order of all runners of its own, so that many of them go to many runners.
        let place = |(id, _): &&(&RunnerId, &Runner)| derived(&[key, &id.to_string()]);
        let link = able.iter().min_by_key(place).and_then(|(_, runner)| Some(runner.line.as_ref()?.link));
        link.ok_or(NoConnectorRunner::Nobody(Decline::NoRunner))
    }

    /// Tells whether a link still stands and its runner goes on working.
    pub fn is_at_work(&self, link: LinkId) -> bool {
        let runners = self.runners();
        let runner = runners.get(&link.runner).filter(|runner| !runner.hello.draining);
        runner.and_then(|runner| runner.line.as_ref()).is_some_and(|line| line.link == link)
    }

    /// Asks a connector over a link, and waits for as long as the caller likes. A connector that is slow says nothing of its runner.
    pub async fn ask_connector(&self, link: LinkId, order: ConnectorOrder) -> Result<ConnectorTold, NotAnswered> {
        let reference = format!("connector-{}", self.0.next_ask.fetch_add(1, Ordering::Relaxed));
        let (waiting, answer) = oneshot::channel();
        let _waiting = {
            let mut runners = self.runners();
            let line = runners.get_mut(&link.runner).and_then(|runner| runner.line.as_mut());
            let line = line.filter(|line| line.link == link).ok_or(NotAnswered::NotSent)?;
            let order = Order::Connector { reference: reference.clone(), order: Box::new(order) };
            line.orders.try_send(order).map_err(|_| NotAnswered::NotSent)?;
            line.answers.insert(reference.clone(), waiting);
            Waiting { roster: self, link, reference }
        };
        match answer.await {
            Ok(OrderAnswer::Connector(told)) => Ok(told),
            Ok(OrderAnswer::Declined(why)) => Ok(ConnectorTold::NotSent { why: format!("is not asked: {why}") }),
            Ok(OrderAnswer::Accepted | OrderAnswer::Done | OrderAnswer::Told(_)) | Err(_) => Err(NotAnswered::Lost),
        }
    }
}

/// A question that somebody waits for: forgotten with whoever asked.
struct Waiting<'r> {
    roster: &'r Roster,
    link: LinkId,
    reference: String,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut runners = self.roster.runners();
        let line = runners.get_mut(&self.link.runner).and_then(|runner| runner.line.as_mut());
        if let Some(line) = line.filter(|line| line.link == self.link) {
            line.answers.remove(&self.reference);
        }
    }
}
