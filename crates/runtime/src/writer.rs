//! The writer: one thread that makes the commits of every entity durable, many at a time, in their order.
//!
//! **Owns** the only path by which anything is written. **Does not own** what is written, nor who is told: it answers
//! lanes, and lanes tell.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use tenure_journal::{Commit, EffectId, Epoch, Position, Store, StoreError};
use tenure_model::EntityKey;
use tokio::sync::oneshot;

use crate::lane::{Ack, Lane, NotDurable};

/// The most commits in one group: what one flush answers.
const GROUP_MAX: usize = 400;
/// How long a failed store is left alone before it is tried again.
const REVIVE_AFTER: Duration = Duration::from_millis(500);
/// How long nothing must come before the writer tidies up.
const QUIET_AFTER: Duration = Duration::from_millis(250);

enum Job {
    Commit {
        commit: Box<Commit>,
        lane: Arc<Lane>,
        ticket: u64,
    },
    /// Answered once everything before it is settled; raises the epoch of the entity.
    Barrier {
        key: EntityKey,
        passed: oneshot::Sender<Epoch>,
    },
    /// An effect was carried out; its row goes with the next group.
    Strike(EffectId),
    /// Something that is done bit by bit, between groups and when nothing else is to be written.
    AtLeisure(Chore),
    Stop,
}

/// Something about an entity that is done bit by bit.
struct Chore {
    key: EntityKey,
    step: Box<Step>,
}

/// Does a bit; true while there is more.
type Step = dyn FnMut(&Store) -> Result<bool, StoreError> + Send;

/// The way to the writer's thread.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    figures: Arc<Figures>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

/// What the writer has done so far.
#[derive(Debug, Default)]
pub struct Figures {
    pub queued: AtomicUsize,
    pub commits: AtomicU64,
    pub flushes: AtomicU64,
    pub last_flush_us: AtomicU64,
    pub flush_us_sum: AtomicU64,
    pub refused: AtomicU64,
    failing: AtomicBool,
    last_error: Mutex<Option<String>>,
}

impl Figures {
    /// Returns why nothing can be written at the moment.
    pub fn failure(&self) -> Option<String> {
        self.failing.load(Ordering::Acquire).then(|| {
            let error = self.last_error.lock().expect("noting an error does not panic");
            error.clone().unwrap_or_else(|| "the store failed".into())
        })
    }

    fn fail(&self, error: &str) {
        *self.last_error.lock().expect("noting an error does not panic") = Some(error.to_owned());
        if !self.failing.swap(true, Ordering::AcqRel) {
            tracing::error!(error, "the store failed to write; nothing is acknowledged until it works again: {error}");
        }
    }

    fn recover(&self) {
        if self.failing.swap(false, Ordering::AcqRel) {
            tracing::info!("the store works again");
        }
    }
}

impl Writer {
    /// Starts the thread.
    pub fn start(store: Store) -> std::io::Result<Self> {
        let (jobs, inbox) = mpsc::channel();
        let figures = Arc::new(Figures::default());
        let desk =
            Desk { store, figures: figures.clone(), inbox, failed_at: None, strikes: vec![], chores: VecDeque::new() };
        let thread = std::thread::Builder::new().name("tenure-writer".into()).spawn(move || desk.run())?;
        Ok(Self { jobs, figures, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Hands a commit over; the lane hears of it under `ticket`.
    pub fn commit(&self, commit: Commit, lane: Arc<Lane>, ticket: u64) {
        self.figures.queued.fetch_add(1, Ordering::Relaxed);
        if let Err(mpsc::SendError(Job::Commit { lane, ticket, .. })) =
            self.jobs.send(Job::Commit { commit: Box::new(commit), lane, ticket })
        {
            lane.acknowledge([(ticket, Err(NotDurable("the server is stopping".into())))]);
        }
    }

    /// Waits until everything handed over before is settled, and takes a new epoch for the entity.
    pub async fn barrier(&self, key: EntityKey) -> Result<Epoch, NotDurable> {
        let (passed, pass) = oneshot::channel();
        let stopping = || NotDurable("the server is stopping".into());
        self.jobs.send(Job::Barrier { key, passed }).map_err(|_| stopping())?;
        pass.await.map_err(|_| stopping())
    }

    /// Notes that an effect was carried out.
    pub fn strike(&self, effect: EffectId) {
        // A lost strike is harmless: the effect is carried out again, and its receiver knows the repeat.
        let _ = self.jobs.send(Job::Strike(effect));
    }

    /// Has something done bit by bit when there is time for it; a chore of the same entity that has not ended is dropped.
    pub fn at_leisure(&self, key: EntityKey, step: impl FnMut(&Store) -> Result<bool, StoreError> + Send + 'static) {
        // A chore that is lost is asked for again when there is more to do.
        let _ = self.jobs.send(Job::AtLeisure(Chore { key, step: Box::new(step) }));
    }

    /// Settles what is waiting, then ends the thread.
    pub fn stop(&self) {
        let _ = self.jobs.send(Job::Stop);
        let thread = self.thread.lock().expect("stopping does not panic").take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer's thread had panicked");
        }
    }
}

/// The thread's side.
struct Desk {
    store: Store,
    figures: Arc<Figures>,
    inbox: mpsc::Receiver<Job>,
    failed_at: Option<Instant>,
    /// Effects that were carried out and are not yet struck out.
    strikes: Vec<EffectId>,
    chores: VecDeque<Chore>,
}

#[derive(Default)]
struct Group {
    commits: Vec<Commit>,
    senders: Vec<(Arc<Lane>, u64)>,
    strikes: Vec<EffectId>,
    barriers: Vec<(EntityKey, oneshot::Sender<Epoch>)>,
    chores: Vec<Chore>,
    stop: bool,
}

impl Group {
    fn add(&mut self, job: Job) {
        match job {
            Job::Commit { commit, lane, ticket } => {
                self.commits.push(*commit);
                self.senders.push((lane, ticket));
            }
            Job::Barrier { key, passed } => self.barriers.push((key, passed)),
            Job::Strike(effect) => self.strikes.push(effect),
            Job::AtLeisure(chore) => self.chores.push(chore),
            Job::Stop => self.stop = true,
        }
    }

    /// A barrier closes its group: nothing behind it may be written before it is answered.
    fn is_closed(&self) -> bool {
        self.stop || !self.barriers.is_empty() || self.commits.len() >= GROUP_MAX
    }
}

impl Desk {
    fn run(mut self) {
        while let Some(job) = self.next() {
            let mut group = Group::default();
            group.add(job);
            while !group.is_closed() {
                let Ok(job) = self.inbox.try_recv() else { break };
                group.add(job);
            }
            self.strikes.append(&mut group.strikes);
            // Strike-outs alone do not cost a flush; they ride with the next commit, or wait for a quiet moment.
            if !group.commits.is_empty() || self.strikes.len() >= GROUP_MAX {
                self.write(&mut group);
            }
            for (key, passed) in group.barriers {
                let _ = passed.send(self.store.fence(key));
            }
            for chore in group.chores {
                self.chores.retain(|known| known.key != chore.key);
                self.chores.push_back(chore);
            }
            if group.stop {
                // What is left of the chores is done in another life.
                self.chores.clear();
                return self.tidy_up();
            }
            self.do_a_bit();
        }
    }

    /// Waits for the next job. The first quiet moment after some work is used to tidy up; while the store fails, every
    /// quiet moment is used to bring it back.
    fn next(&mut self) -> Option<Job> {
        loop {
            let patience = if self.has_chores() { Duration::ZERO } else { QUIET_AFTER };
            match self.inbox.recv_timeout(patience) {
                Ok(job) => return Some(job),
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) if self.failed_at.is_some() => self.bring_back(),
                Err(mpsc::RecvTimeoutError::Timeout) if self.has_chores() => self.do_a_bit(),
                Err(mpsc::RecvTimeoutError::Timeout) => break,
            }
        }
        self.tidy_up();
        self.inbox.recv().ok()
    }

    fn has_chores(&self) -> bool {
        self.failed_at.is_none() && !self.chores.is_empty()
    }

    fn bring_back(&mut self) {
        match self.store.revive() {
            Ok(()) => {
                self.failed_at = None;
                self.figures.recover();
            }
            Err(error) => drop(self.failed(&error.to_string())),
        }
    }

    /// Strikes out what was carried out, and sweeps what nothing names any more.
    fn tidy_up(&mut self) {
        if self.failed_at.is_some() {
            return;
        }
        let mut tidied = || {
            if !self.strikes.is_empty() {
                self.store.commit(&[], &self.strikes)?;
                self.strikes.clear();
            }
            while self.store.sweep()? > 0 {}
            Ok::<_, StoreError>(())
        };
        if let Err(error) = tidied() {
            self.failed(&error.to_string());
        }
    }

    /// Does one step of the first chore.
    fn do_a_bit(&mut self) {
        if self.failed_at.is_some() {
            return;
        }
        let Some(mut chore) = self.chores.pop_front() else { return };
        match (chore.step)(&self.store) {
            Ok(true) => self.chores.push_back(chore),
            Ok(false) => {}
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::warn!(entity = %chore.key, "nothing of {} is tidied up: {error}", chore.key);
            }
            Err(StoreError::Engine(error)) => {
                self.chores.push_front(chore);
                self.failed(&error.to_string());
            }
        }
    }

    fn write(&mut self, group: &mut Group) {
        let count = group.commits.len();
        let results = match self.try_write(group) {
            Ok(results) => {
                results.into_iter().map(|result| result.map_err(|error| NotDurable(error.to_string()))).collect()
            }
            Err(error) => vec![Err(error); count],
        };
        self.figures.queued.fetch_sub(count, Ordering::Relaxed);
        for (commit, result) in group.commits.iter().zip(&results) {
            if result.is_err() {
                // What the entity decided on top of the failed commit must not be written either.
                self.store.fence(commit.key);
                self.figures.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
        let mut by_lane: Vec<(Arc<Lane>, Vec<Ack>)> = vec![];
        for ((lane, ticket), result) in group.senders.drain(..).zip(results) {
            match by_lane.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &lane)) {
                Some((_, acks)) => acks.push((ticket, result)),
                None => by_lane.push((lane, vec![(ticket, result)])),
            }
        }
        for (lane, acks) in by_lane {
            lane.acknowledge(acks);
        }
    }

    fn try_write(&mut self, group: &Group) -> Result<Vec<Result<Position, tenure_journal::CommitError>>, NotDurable> {
        if let Some(failed_at) = self.failed_at {
            if failed_at.elapsed() < REVIVE_AFTER {
                return Err(NotDurable(self.figures.failure().unwrap_or_default()));
            }
            self.store.revive().map_err(|error| self.failed(&error.to_string()))?;
        }
        let began = Instant::now();
        let results =
            self.store.commit(&group.commits, &self.strikes).map_err(|error| self.failed(&error.to_string()))?;
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.figures.last_flush_us.store(micros, Ordering::Relaxed);
        self.figures.flush_us_sum.fetch_add(micros, Ordering::Relaxed);
        self.figures.flushes.fetch_add(1, Ordering::Relaxed);
        self.figures.commits.fetch_add(results.len() as u64, Ordering::Relaxed);
        self.strikes.clear();
        self.failed_at = None;
        self.figures.recover();
        Ok(results)
    }

    fn failed(&mut self, error: &str) -> NotDurable {
        self.failed_at = Some(Instant::now());
        self.figures.fail(error);
        NotDurable(error.to_owned())
    }
}
