//! Frames on their way into sessions: in order per work, many works at once, what waits merged into one command.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tenure_model::Span;
use tenure_model::id::{SessionId, WorkId};
use tenure_model::link::TurnFrame;
use tenure_protocol::Problem;
use tenure_protocol::runner::ServerMessage;
use tenure_runtime::{FramesRefused, LinkId};

use super::super::gate::Permit;
use crate::desk::Desk;

/// The most frames in one command.
const MERGED_MAX: usize = 2_000;
/// How long frames wait before they are tried again when the store cannot take them.
const RETRY_FIRST: Span = Span::ms(200);
const RETRY_MAX: Span = Span::secs(5);

/// Consecutive frames of one work.
pub struct Batch {
    pub session: SessionId,
    pub first: u64,
    pub frames: Vec<TurnFrame>,
    /// Held until the frames are durable: that is what stops a flood.
    pub permits: Vec<Permit>,
}

impl Batch {
    fn end(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    fn takes(&self, next: &Batch) -> bool {
        self.session == next.session && self.end() == next.first && self.frames.len() + next.frames.len() <= MERGED_MAX
    }
}

type Key = (WorkId, u32);

/// The works of one link whose frames are on their way.
pub struct Pipeline {
    desk: Arc<Desk>,
    link: LinkId,
    /// What waits, by work. A work that is named here has frames under way.
    waiting: HashMap<Key, Vec<Batch>>,
    under_way: FuturesUnordered<LocalBoxFuture<'static, (Key, Result<u64, FramesRefused>)>>,
}

impl Pipeline {
    pub fn new(desk: Arc<Desk>, link: LinkId) -> Self {
        Self { desk, link, waiting: HashMap::new(), under_way: FuturesUnordered::new() }
    }

    /// Takes frames in.
    pub fn take(&mut self, key: Key, batch: Batch) {
        let Some(waiting) = self.waiting.get_mut(&key) else {
            self.waiting.insert(key, vec![]);
            return self.send(key, batch);
        };
        match waiting.last_mut() {
            Some(last) if last.takes(&batch) => {
                last.frames.extend(batch.frames);
                last.permits.extend(batch.permits);
            }
            _ => waiting.push(batch),
        }
    }

    /// Waits for the next answer and returns what the runner is to hear. Never ends while nothing is under way.
    pub async fn answer(&mut self) -> ServerMessage {
        let Some((key, result)) = self.under_way.next().await else {
            return std::future::pending().await;
        };
        let (work, generation) = key;
        let message = match result {
            Ok(next) => ServerMessage::Ack { work, generation, next },
            Err(refused) => self.refused(key, refused),
        };
        self.go_on(key);
        message
    }

    fn refused(&mut self, key: Key, refused: FramesRefused) -> ServerMessage {
        let (work, generation) = key;
        self.desk.figures.refused(refused.code);
        // What waits follows the refused frames, so it would be refused as well; the runner sends it again if wanted.
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.clear();
        }
        let mut problem = Problem::new(409, refused.code, refused.detail);
        problem.retry = refused.retry;
        match refused.next {
            _ if refused.drop => ServerMessage::Drop { work, generation, problem },
            Some(next) => ServerMessage::Ack { work, generation, next },
            None => ServerMessage::Problem { problem },
        }
    }

    fn go_on(&mut self, key: Key) {
        match self.waiting.get_mut(&key) {
            Some(waiting) if !waiting.is_empty() => {
                let next = waiting.remove(0);
                self.send(key, next);
            }
            _ => {
                self.waiting.remove(&key);
            }
        }
    }

    fn send(&mut self, key: Key, batch: Batch) {
        let (desk, link) = (self.desk.clone(), self.link);
        let sent = async move {
            let (work, generation) = key;
            let Batch { session, first, frames, permits } = batch;
            let _held_until_durable = permits;
            desk.figures.frames(frames.len());
            let mut pause = RETRY_FIRST;
            loop {
                let sent = desk.runtime.roster.frames(link, session, work, generation, first, frames.clone()).await;
                match sent {
                    // The frames stay here, where they are bounded, until they can be written or the link ends.
                    Err(refused) if refused.retry => actix_web::rt::time::sleep(pause.duration()).await,
                    settled => return (key, settled),
                }
                pause = Span(pause.0 * 2).min(RETRY_MAX);
            }
        };
        self.under_way.push(sent.boxed_local());
    }
}
