//! Carrying out what sessions ask for their sandboxes, and clearing up what nobody asks for any more.

use tenure_model::Span;
use tenure_model::id::SessionId;
use tenure_model::sandbox::{SandboxRow, SandboxState};
use tenure_session::sandbox::{all_sandboxes, runner_of, table::Place};
use tenure_session::{Effect, Report, SandboxNews, Session};

use super::{Roster, SandboxSeat};
use crate::courier::Attempt;
use crate::sandbox::NotStarted;

/// How often somebody who waits for a start or a place asks whether it is still wanted.
const RECHECK: Span = Span::secs(5);
/// How often is looked for sandboxes that nobody wants, and for those whose runner is missing.
const CLEAR_UP_EVERY: Span = Span::mins(2);
/// Rows that are read at once.
const PAGE: usize = 500;

impl Roster {
    /// Starts a generation of a session's sandbox, for as long as it is wanted.
    pub(super) async fn start_sandbox(
        &self,
        session: SessionId,
        name: &str,
        generation: u32,
        effect: &Effect,
    ) -> Attempt {
        loop {
            let started = {
                let mut starting = std::pin::pin!(self.0.sandboxes.start(session, name, generation));
                loop {
                    if !self.0.sessions.wants(session, effect).await {
                        return Attempt::Settled;
                    }
                    tokio::select! {
                        started = &mut starting => break started,
                        () = self.0.core.clock.sleep(RECHECK) => {}
                    }
                }
            };
            let news = match started {
                Ok(handle) => SandboxNews::Started { handle },
                Err(NotStarted::Failed(why)) => SandboxNews::StartFailed { why },
                Err(NotStarted::NoPlace(why)) => {
                    let freed = self.0.sandboxes.freed();
                    let told = self.tell_of_sandbox(session, generation, SandboxNews::Queued { why }).await;
                    if let again @ Attempt::Again(_) = told {
                        return again;
                    }
                    tokio::select! {
                        () = freed => {}
                        () = self.0.core.clock.sleep(RECHECK) => {}
                    }
                    continue;
                }
            };
            return self.tell_of_sandbox(session, generation, news).await;
        }
    }

    /// Stops a generation; its runner gets nothing new from now on.
    pub(super) async fn stop_sandbox(&self, session: SessionId, generation: u32, ends: bool) -> Attempt {
        if self.seat(session).is_some_and(|seat| seat == generation) {
            self.drain(runner_of(session), true);
        }
        let news = match self.0.sandboxes.stop(session, generation, ends).await {
            Ok(()) => {
                if self.seat(session).is_some_and(|seat| seat <= generation) {
                    self.hang_up(runner_of(session), "its sandbox was stopped");
                }
                SandboxNews::Stopped { ended: ends }
            }
            Err(why) => SandboxNews::StopFailed { why },
        };
        self.tell_of_sandbox(session, generation, news).await
    }

    async fn tell_of_sandbox(&self, session: SessionId, generation: u32, news: SandboxNews) -> Attempt {
        self.report(session, Report::Sandbox { generation, news }).await
    }

    /// Returns the generation whose runner is connected.
    fn seat(&self, session: SessionId) -> Option<u32> {
        let runners = self.runners();
        let runner = runners.get(&runner_of(session)).filter(|runner| runner.line.is_some())?;
        runner.hello.sandbox.map(|seat| seat.generation)
    }

    /// Tells a session that the link of its sandbox is lost, unless it is there again by then.
    pub(super) fn sandbox_left(&self, seat: SandboxSeat) {
        let SandboxSeat { session, generation } = seat;
        let roster = self.clone();
        tokio::spawn(async move {
            roster.tell_of_sandbox(session, generation, SandboxNews::Away).await;
            roster.sandbox_is_up(session).await;
        });
    }

    /// Tells a session that its sandbox is there, when it is: news of its going and coming may overtake each other.
    pub async fn sandbox_is_up(&self, session: SessionId) {
        let there = {
            let runners = self.runners();
            let runner = runners.get(&runner_of(session)).filter(|runner| runner.line.is_some());
            runner.and_then(|runner| Some((runner.hello.sandbox?.generation, runner.hello.boot)))
        };
        if let Some((generation, boot)) = there {
            let runner = runner_of(session);
            self.tell_of_sandbox(session, generation, SandboxNews::Up { runner, boot }).await;
        }
    }

    /// Clears up for as long as the server lives: at once, and again every few minutes.
    pub(crate) async fn clear_up(self) {
        self.stop_unwanted().await;
        loop {
            self.0.core.clock.sleep(CLEAR_UP_EVERY).await;
            self.miss_absent().await;
            self.stop_unwanted().await;
        }
    }

    /// Stops what was started and is wanted by no session any more.
    async fn stop_unwanted(&self) {
        let found = self.0.sandboxes.started().and_then(|notes| Ok((notes, self.0.sandboxes.kept()?)));
        let (notes, kept) = match found {
            Ok(found) => found,
            Err(error) => return tracing::error!("failed to read what sandboxes there are: {error}"),
        };
        for session in kept {
            let Ok(look) = self.0.sessions.look(session).await else { continue };
            let note = notes.iter().find(|note| note.session == session);
            let over = look.state.about.is_none() || look.state.terminated_at.is_some();
            let generation = note.map(|note| note.generation);
            if generation.map_or(over, |generation| !wants(&look.state, generation)) {
                tracing::info!(session.id = %session, "the sandbox of session {session} is wanted no more");
                if let Err(why) = self.0.sandboxes.stop(session, generation.unwrap_or_default(), over).await {
                    tracing::warn!(session.id = %session, "a sandbox that nobody wants is not stopped: {why}");
                }
            }
        }
    }

    /// Tells the sessions whose sandbox should be there and is not.
    async fn miss_absent(&self) {
        let mut after = None;
        loop {
            let page = self.0.core.store.summaries(all_sandboxes().into(), "sandbox", after, PAGE);
            let page = match page {
                Ok(page) => page,
                Err(error) => return tracing::error!("failed to list the sandboxes: {error}"),
            };
            let Some(last) = page.last() else { return };
            after = Some((last.key.rank, last.key.id));
            let rows = page.iter().filter_map(|summary| summary.row.read::<SandboxRow>().ok());
            for SandboxRow { session, sandbox, .. } in rows.filter(|row| row.sandbox.state == SandboxState::Running) {
                if self.seat(session).is_none() {
                    self.tell_of_sandbox(session, sandbox.generation, SandboxNews::Away).await;
                }
            }
        }
    }
}

/// Tells whether a session wants this generation, or is ending it itself.
fn wants(session: &Session, generation: u32) -> bool {
    let own = session.sandbox.as_ref().filter(|sandbox| sandbox.generation == generation);
    own.is_some_and(|sandbox| matches!(sandbox.place(), Place::Starting | Place::Running | Place::Hibernating))
}
