//! What runners tell of works, brought to the sessions: frames, held works, forgotten works, leases.

use tenure_model::id::{BootId, RunnerId, SessionId, WorkId};
use tenure_model::link::{HeldWork, TurnFrame};
use tenure_model::{Claim, Kind};
use tenure_session::{Command, Refusal, Reply, Report};

use super::{FramesRefused, LinkId, Roster, RosterRefusal, RunnerHello, Verdict, names};
use crate::courier::Attempt;
use crate::directory::AskError;

impl Roster {
    /// Compares what a runner holds with what the sessions believe. Works that it does not hold any more are reported to
    /// their sessions; works that nobody wants are dropped.
    pub(super) async fn compare(&self, hello: &RunnerHello) -> Result<Vec<Verdict>, RosterRefusal> {
        for (session, claim) in self.claims_on(hello.runner) {
            if !names(&hello.held, claim.work, claim.generation) {
                self.forgotten(session, claim, hello.boot).await;
            }
        }
        let mut verdicts = vec![];
        for held in &hello.held {
            let HeldWork { session, work, generation, .. } = *held;
            let (runner, first, frames) = (hello.runner, 0, vec![]);
            let report = Report::Frames { work, generation, runner, first, frames };
            verdicts.push(match self.0.sessions.ask(session, Command::Runner(report)).await {
                Ok(answer) => Verdict::Keep { work, generation, next: next_of(&answer.reply) },
                Err(AskError::Refused(refusal)) => Verdict::Drop { work, generation, reason: refusal.to_string() },
                Err(other) => return Err(RosterRefusal::Unavailable(other.to_string())),
            });
        }
        Ok(verdicts)
    }

    fn claims_on(&self, runner: RunnerId) -> Vec<(SessionId, Claim)> {
        let claims = self.0.core.claims.of_runner(runner);
        claims
            .into_iter()
            .filter(|(key, _)| key.kind == Kind::Session)
            .map(|(key, claim)| (SessionId(key.id), claim))
            .collect()
    }

    async fn forgotten(&self, session: SessionId, claim: Claim, boot: BootId) {
        let Claim { work, generation, runner, .. } = claim;
        let report = Report::Forgotten { work, generation, runner, boot };
        if let Err(error) = self.0.sessions.ask(session, Command::Runner(report)).await {
            tracing::warn!(session.id = %session, work.id = %work, "failed to report a forgotten work: {error}");
        }
    }

    /// Reports the works that sessions claim of a runner and that its heartbeat does not name.
    pub(super) fn report_missing(&self, link: LinkId, works: Vec<HeldWork>) {
        let missing: Vec<_> = self
            .claims_on(link.runner)
            .into_iter()
            .filter(|(_, claim)| !names(&works, claim.work, claim.generation))
            .collect();
        if missing.is_empty() {
            return;
        }
        let roster = self.clone();
        let boot = self.runners().get(&link.runner).map(|runner| runner.hello.boot).unwrap_or_default();
        tokio::spawn(async move {
            for (session, claim) in missing {
                roster.forgotten(session, claim, boot).await;
            }
        });
    }

    /// Brings frames to their session. Answers once they are durable, with the number of the next frame that is wanted.
    pub async fn frames(
        &self,
        link: LinkId,
        session: SessionId,
        work: WorkId,
        generation: u32,
        first: u64,
        frames: Vec<TurnFrame>,
    ) -> Result<u64, FramesRefused> {
        let runner = link.runner;
        if !self.runners().get(&runner).and_then(|runner| runner.line.as_ref()).is_some_and(|line| line.link == link) {
            return Err(refused(RosterRefusal::Replaced.to_string(), "link_replaced"));
        }
        let report = Report::Frames { work, generation, runner, first, frames };
        let refusal = match self.0.sessions.ask(session, Command::Runner(report)).await {
            Ok(answer) => return Ok(next_of(&answer.reply)),
            Err(AskError::Refused(refusal)) => refusal,
            Err(AskError::Unavailable(why)) => {
                return Err(FramesRefused { retry: true, ..refused(why, "unavailable") });
            }
            Err(AskError::Damaged(why)) => {
                return Err(FramesRefused { drop: true, ..refused(why, "session_damaged") });
            }
        };
        if let Refusal::FramesGap { expected } = refusal {
            let gap = refused(refusal.to_string(), refusal.code());
            return Err(FramesRefused { next: Some(expected), ..gap });
        }
        self.close_when_broken(session, work, generation, runner, &refusal).await;
        Err(FramesRefused { drop: true, ..refused(refusal.to_string(), refusal.code()) })
    }

    /// A runner that talks nonsense about its own work cannot finish it: the turn closes with what was said so far.
    async fn close_when_broken(
        &self,
        session: SessionId,
        work: WorkId,
        generation: u32,
        runner: RunnerId,
        refusal: &Refusal,
    ) {
        let not_its_own = matches!(
            refusal,
            Refusal::Unknown
                | Refusal::UnknownWork
                | Refusal::TurnClosed
                | Refusal::StaleGeneration { .. }
                | Refusal::Taken
        );
        if not_its_own {
            return;
        }
        tracing::warn!(session.id = %session, work.id = %work, runner.id = %runner, "a runner's frames make no sense: {refusal}");
        let report = Report::Lost { work, generation, runner };
        if let Err(error) = self.0.sessions.ask(session, Command::Runner(report)).await {
            tracing::debug!(work.id = %work, "the work was closed otherwise: {error}");
        }
    }

    /// Answers a session's question whether a runner still renews the lease of a work.
    pub(super) async fn check_lease(
        &self,
        session: SessionId,
        runner: RunnerId,
        work: WorkId,
        generation: u32,
    ) -> Attempt {
        let (lease, margin) = (self.0.lease, self.0.lease_margin);
        let clock = &self.0.core.clock;
        let report = loop {
            let seen = self.seen(runner, work, generation);
            let now = clock.now();
            if now < seen + lease {
                break Report::Alive { work, generation, runner, seen };
            }
            let lost_at = seen + lease + margin;
            if now >= lost_at {
                break Report::Lost { work, generation, runner };
            }
            clock.sleep_until(lost_at).await;
        };
        self.report(session, report).await
    }

    /// Reports something of a work; a refusal means that the session knows better.
    pub(super) async fn report(&self, session: SessionId, report: Report) -> Attempt {
        match self.0.sessions.ask(session, Command::Runner(report)).await {
            Ok(_) | Err(AskError::Refused(_)) => Attempt::Settled,
            Err(other) => Attempt::Again(other.to_string()),
        }
    }
}

fn next_of(reply: &Reply) -> u64 {
    match reply {
        Reply::Frames { next } => *next,
        _ => 0,
    }
}

fn refused(detail: String, code: &'static str) -> FramesRefused {
    FramesRefused { drop: false, next: None, code, detail, retry: false }
}
