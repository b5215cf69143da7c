//! How it stands with a connector: learned from every try, forgotten with the process.

use std::sync::Mutex;

use tenure_model::{Span, Timestamp};
use tenure_protocol::connector::{ConnectorHealth, ConnectorState};

use super::failure::{Failure, Kind};

/// How long a connector that failed is left out of lists, so that nobody waits for it again and again.
const REST: Span = Span::secs(30);

/// What was learned of a connector.
#[derive(Default)]
pub struct Health(Mutex<Learned>);

#[derive(Default)]
struct Learned {
    state: ConnectorState,
    since: Option<Timestamp>,
    failure: Option<(Failure, Timestamp)>,
    tools: Option<u64>,
    latency: Option<Span>,
}

impl Health {
    /// Notes that it has answered; `tools` is known after a greeting.
    pub fn well(&self, now: Timestamp, took: Span, tools: Option<usize>) {
        let mut learned = self.learned();
        learned.turn(ConnectorState::Up, now);
        learned.latency = Some(took);
        learned.tools = tools.map(|tools| tools as u64).or(learned.tools);
    }

    /// Notes a failure. One of a single call says nothing of the connector.
    pub fn ill(&self, now: Timestamp, failure: &Failure) {
        let mut learned = self.learned();
        if !matches!(failure.kind, Kind::Refused | Kind::Failed) {
            learned.turn(ConnectorState::Down, now);
        }
        learned.failure = Some((failure.clone(), now));
    }

    /// Notes that it was neither greeted: whatever the failure, it cannot be used.
    pub fn down(&self, now: Timestamp, failure: &Failure) {
        let mut learned = self.learned();
        learned.turn(ConnectorState::Down, now);
        learned.failure = Some((failure.clone(), now));
    }

    /// Returns why it failed a moment ago, while it is better left alone.
    pub fn resting(&self, now: Timestamp) -> Option<Failure> {
        let learned = self.learned();
        let (failure, at) = learned.failure.as_ref().filter(|_| learned.state == ConnectorState::Down)?;
        // Whether a runner is there is known without any waiting.
        (now < *at + REST && failure.kind != Kind::NoRunner).then(|| failure.clone())
    }

    pub fn shown(&self, connector: &str) -> ConnectorHealth {
        let learned = self.learned();
        let failure = learned.failure.as_ref();
        ConnectorHealth {
            state: learned.state,
            since: learned.since,
            error: failure.map(|(failure, _)| failure.words(connector)),
            error_at: failure.map(|(_, at)| *at),
            tools: learned.tools,
            latency_ms: learned.latency,
        }
    }

    fn learned(&self) -> std::sync::MutexGuard<'_, Learned> {
        self.0.lock().expect("taking notes does not panic")
    }
}

impl Learned {
    fn turn(&mut self, state: ConnectorState, now: Timestamp) {
        if self.state != state {
            (self.state, self.since) = (state, Some(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_that_failed_is_left_alone_for_a_while_and_a_refused_call_changes_nothing() {
        let health = Health::default();
        let (refused, late) = (Failure::new(Kind::Refused, "says no"), Failure::new(Kind::Unanswered, "is silent"));
        health.well(Timestamp(1_000), Span::ms(5), Some(3));
        health.ill(Timestamp(2_000), &refused);
        let shown = health.shown("tracker");
        assert_eq!((shown.state, shown.since, shown.tools), (ConnectorState::Up, Some(Timestamp(1_000)), Some(3)));
        assert!(shown.error.expect("it is kept").starts_with("the connector tracker says no"));
        assert_eq!(health.resting(Timestamp(2_000)), None);
        health.ill(Timestamp(3_000), &late);
        assert_eq!(health.resting(Timestamp(32_999)), Some(late));
        assert_eq!(health.resting(Timestamp(33_000)), None);
        health.well(Timestamp(34_000), Span::ms(5), None);
        assert_eq!(health.shown("tracker").tools, Some(3));
    }
}
