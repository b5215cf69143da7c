//! Every work that the runner holds, by its id: taking on, starting once, acknowledging, forgetting.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use tenure_model::id::{SessionId, WorkId};
use tenure_model::link::{HeldWork, TurnFrame, WorkOffer, WorkPhase, WorkSpec};
use tenure_protocol::runner::{RunnerMessage, WorkVerdict};
use tokio::sync::Notify;
use tracing::{info, warn};

use super::spool::{Header, Spool};
use super::work::{Stop, Work};
use crate::secrets::Masker;

/// How many finished works are remembered, so that a late repetition of their `start` starts nothing.
const FINISHED_MAX: usize = 1_000;

/// The works of one runner.
pub struct Works {
    spool: PathBuf,
    bytes_max: u64,
    masker: Arc<Masker>,
    capacity: usize,
    news: Arc<Notify>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    held: BTreeMap<WorkId, Arc<Work>>,
    finished: VecDeque<(WorkId, u32)>,
    /// The work whose frames were taken last.
    last: Option<WorkId>,
    closed: bool,
}

/// What became of a `start`.
pub enum Begin {
    /// The work begins now; an older generation of it must have ended first.
    Fresh { work: Arc<Work>, after: Option<Arc<Work>> },
    /// It was started before, or is over.
    Known,
}

impl Works {
    /// Opens the works in `spool`; those of an earlier start of the runner come back as ended.
    pub fn open(spool: PathBuf, bytes_max: u64, capacity: u32) -> io::Result<Self> {
        let news = Arc::new(Notify::new());
        let mut inner = Inner::default();
        for recovered in Spool::recover(&spool)? {
            let work = Work::recovered(recovered, bytes_max, Arc::clone(&news));
            info!(work.id = %work.id, "found the work {} of an earlier start; it is told as interrupted", work.id);
            inner.held.insert(work.id, Arc::new(work));
        }
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let masker = Arc::default();
        Ok(Self { spool, bytes_max, masker, capacity, news, inner: Mutex::new(inner) })
    }

    /// Masks secrets in everything that new works tell.
    pub fn masked_by(self, masker: Arc<Masker>) -> Self {
        Self { masker, ..self }
    }

    /// Reserves room for an offered work, or says why not. The same offer twice is accepted twice.
    pub fn accept(&self, offer: &WorkOffer) -> Result<(), String> {
        let mut inner = self.lock();
        if inner.closed {
            return Err("the runner is stopping".to_owned());
        }
        if inner.held.get(&offer.work).is_some_and(|work| work.generation == offer.generation) {
            return Ok(());
        }
        let busy = inner.held.values().filter(|work| work.held().phase != WorkPhase::Ended).count();
        if busy >= self.capacity {
            return Err(format!("the runner does {busy} of at most {} works", self.capacity));
        }
        if inner.held.contains_key(&offer.work) {
            // An older generation is still here; its successor is made by `start`, after it has ended.
            return Ok(());
        }
        inner.held.insert(offer.work, Arc::new(self.fresh(offer.session, offer.work, offer.generation)));
        Ok(())
    }

    /// Starts a work once. Its spool file exists before this returns, so a restart knows that it was started.
    pub fn begin(&self, spec: &WorkSpec) -> Begin {
        let mut inner = self.lock();
        let known = inner.held.get(&spec.work).cloned();
        let newest = known.as_ref().map_or(0, |work| work.generation);
        let finished = inner.finished.iter().any(|(id, generation)| *id == spec.work && *generation >= spec.generation);
        if inner.closed || finished || (known.is_some() && newest > spec.generation) {
            return Begin::Known;
        }
        let (work, after) = match known {
            Some(work) if work.generation == spec.generation => {
                if work.held().phase != WorkPhase::Accepted {
                    return Begin::Known;
                }
                (work, None)
            }
            older => {
                if let Some(older) = &older {
                    older.stop(Stop::Dropped);
                }
                (Arc::new(self.fresh(spec.session, spec.work, spec.generation)), older)
            }
        };
        work.begin(Spool::create(&self.spool, header(spec.session, spec.work, spec.generation)));
        inner.held.insert(spec.work, Arc::clone(&work));
        Begin::Fresh { work, after }
    }

    /// Ends a work for the server. One that was not started ends here and now.
    pub fn cancel(&self, work: WorkId, generation: u32, why: Stop) {
        let (reason, error) = why.finish();
        {
            // Held all along, so that no `start` comes between the look and the end.
            let inner = self.lock();
            let found = inner.held.get(&work).filter(|work| work.generation == generation);
            let Some(work) = found else { return };
            work.stop(why);
            if work.held().phase == WorkPhase::Accepted {
                work.finish(reason, error);
            }
        }
        self.forget_told();
    }

    /// Returns the work when the runner holds it at this generation.
    pub fn get(&self, work: WorkId, generation: u32) -> Option<Arc<Work>> {
        self.lock().held.get(&work).filter(|work| work.generation == generation).cloned()
    }

    /// Lists what the runner holds.
    pub fn held(&self) -> Vec<HeldWork> {
        self.all().iter().map(|work| work.held()).collect()
    }

    /// Notes how far the server has made the frames of a work durable.
    pub fn ack(&self, work: WorkId, generation: u32, next: u64) {
        let Some(work) = self.get(work, generation) else { return };
        {
            let mut state = work.lock();
            state.log.ack(next);
            let first = state.log.first();
            if state.log.is_empty()
                && let Some(spool) = state.spool.as_mut()
                && let Err(error) = spool.compact(first)
            {
                warn!(work.id = %work.id, %error, "failed to give the space of a spool file back");
            }
        }
        self.forget_told();
        self.news.notify_one();
    }

    /// Begins a fresh connection: every work goes on from where the server is, or is dropped.
    pub fn resume(&self, verdicts: &[WorkVerdict]) {
        for work in self.all() {
            let first = work.lock().log.first();
            work.lock().log.resume(first);
        }
        for verdict in verdicts {
            match verdict {
                WorkVerdict::Keep { work, generation, next } => {
                    if let Some(work) = self.get(*work, *generation) {
                        work.lock().log.resume(*next);
                    }
                }
                WorkVerdict::Drop { work, generation, reason } => {
                    info!(work.id = %work, "the server drops the work {work}: {reason}");
                    self.cancel(*work, *generation, Stop::Dropped);
                }
            }
        }
        self.forget_told();
        self.news.notify_one();
    }

    /// Takes the next message with frames, of at most about `bytes_max` bytes, or nothing when all are sent.
    pub fn take(&self, bytes_max: u64) -> Option<RunnerMessage> {
        let mut inner = self.lock();
        // Each work in its turn: one that says much must not keep the others waiting.
        let (before, after): (Vec<_>, Vec<_>) =
            inner.held.values().cloned().partition(|work| Some(work.id) <= inner.last);
        for work in after.into_iter().chain(before) {
            if work.stopped() == Some(Stop::Dropped) {
                continue;
            }
            let taken: Option<(u64, Vec<TurnFrame>)> = work.lock().log.take(bytes_max);
            if let Some((first, frames)) = taken {
                inner.last = Some(work.id);
                let (session, generation) = (work.session, work.generation);
                return Some(RunnerMessage::Frames { session, work: work.id, generation, first, frames });
            }
        }
        None
    }

    /// Has whoever waits for news look again.
    pub fn call_news(&self) {
        self.news.notify_one();
    }

    /// Waits until there may be frames to take.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Has the frames sent again of which the server has acknowledged nothing since the last call.
    pub fn nudge(&self) {
        for work in self.all() {
            if work.lock().log.nudge() {
                warn!(work.id = %work.id, "no frame of the work {} was acknowledged; sending the rest again", work.id);
                self.news.notify_one();
            }
        }
    }

    /// Ends every work that has not ended, for the same reason.
    pub fn stop_all(&self, why: &Stop) {
        for work in self.all() {
            if work.held().phase != WorkPhase::Ended {
                self.cancel(work.id, work.generation, why.clone());
            }
        }
    }

    /// Takes nothing on any more.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Waits until no work runs.
    pub async fn all_ended(&self) {
        for work in self.all() {
            work.end().await;
        }
    }

    /// Says whether the server knows the end of every work.
    pub fn all_told(&self) -> bool {
        self.lock().held.is_empty()
    }

    /// Drops what is over and acknowledged, and its file.
    pub fn forget_told(&self) {
        let mut inner = self.lock();
        let told: Vec<Arc<Work>> = inner.held.values().filter(|work| work.is_told()).cloned().collect();
        for work in told {
            inner.held.remove(&work.id);
            // What was dropped before it began may be offered again in the same generation: its acceptance was lost.
            if work.has_begun() || work.stopped() != Some(Stop::Dropped) {
                remember(&mut inner.finished, (work.id, work.generation));
            }
            if let Some(spool) = work.lock().spool.take() {
                spool.remove();
            }
        }
    }

    fn fresh(&self, session: SessionId, work: WorkId, generation: u32) -> Work {
        let work = Work::accepted(header(session, work, generation), self.bytes_max, Arc::clone(&self.news));
        work.masked_by(Arc::clone(&self.masker))
    }

    fn all(&self) -> Vec<Arc<Work>> {
        self.lock().held.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }
}

fn header(session: SessionId, work: WorkId, generation: u32) -> Header {
    Header { session, work, generation, first: 0 }
}

fn remember(finished: &mut VecDeque<(WorkId, u32)>, work: (WorkId, u32)) {
    if finished.len() == FINISHED_MAX {
        finished.pop_front();
    }
    finished.push_back(work);
}
