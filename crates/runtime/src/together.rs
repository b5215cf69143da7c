//! What happens in a session and in the runs that work there, as one stream: a run's id ends like its session's, so both
//! have one lane, and what is told of both comes in the order of its positions.

use std::collections::VecDeque;
use std::sync::Arc;

use tenure_model::id::SessionId;
use tenure_session::Session;
use tenure_workflow::Execution;
use tokio::sync::mpsc;

use crate::feed::{LostMark, News, Room, Watch};
use crate::start::Runtime;

/// One piece of news of a session, or of a run that works there.
#[derive(Clone, Debug)]
pub enum SessionNews {
    Session(News<Session>),
    Run(News<Execution>),
}

/// One watcher of a session and of its runs. Dropping it ends the watching.
pub struct SessionSubscription {
    _session: Watch<Session>,
    _runs: Watch<Execution>,
    news: mpsc::Receiver<SessionNews>,
    /// What was taken out of the queue to look at it.
    seen: VecDeque<SessionNews>,
    lost: Arc<LostMark>,
}

impl Runtime {
    /// Watches a session, and every run that says it is shown there, through one queue of `queue_max` pieces. When the queue
    /// overflows the subscription ends, after what is in it.
    pub fn watch_session(&self, session: SessionId, queue_max: usize) -> SessionSubscription {
        let (room, news, lost) = Room::new(queue_max);
        SessionSubscription {
            _session: self.sessions.feed().watch(session, room.another(), SessionNews::Session),
            _runs: self.executions.feed().watch(session, room, SessionNews::Run),
            news,
            seen: VecDeque::new(),
            lost,
        }
    }
}

impl SessionSubscription {
    /// Waits for the next piece; none once news were lost and what came before is read.
    pub async fn next(&mut self) -> Option<SessionNews> {
        if let Some(piece) = self.seen.pop_front() {
            return Some(piece);
        }
        match self.news.try_recv() {
            Ok(piece) => Some(piece),
            // A loss needs a full queue: whoever waits at an empty one is woken by what filled it.
            Err(_) if self.lost.since().is_some() => None,
            Err(_) => self.news.recv().await,
        }
    }

    /// Looks at everything that was told so far, and leaves it where it is.
    pub fn so_far(&mut self) -> impl Iterator<Item = &SessionNews> {
        while let Ok(piece) = self.news.try_recv() {
            self.seen.push_back(piece);
        }
        self.seen.iter()
    }

    /// Returns the mark that tells others since when this watcher has been losing news.
    pub fn lost_since(&self) -> Arc<LostMark> {
        self.lost.clone()
    }
}
