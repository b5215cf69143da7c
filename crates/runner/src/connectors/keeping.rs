//! The programs that are kept: one for each connector of each owner, no more than there are places, none for longer than it is used.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tenure_model::connector::ConnectorProgram;
use tenure_model::id::{RunnerId, SessionId, UserId};
use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, interval, timeout};
use tracing::warn;

use super::running::Running;
use super::{ConnectorSettings, seat};
use crate::runner::Runner;
use crate::shell::Groups;

/// Questions under way at once, whoever they are for.
const ASKED_MAX: usize = 64;
/// How long is waited for the place of a program that is being ended.
const PLACE_WITHIN: Duration = Duration::from_secs(5);
/// The pause between looks for programs that idle, and the shortest one.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const LOOK_EVERY_MIN: Duration = Duration::from_millis(50);

type Name = (UserId, String);

/// The connectors of one runner.
pub struct Connectors {
    pub settings: ConnectorSettings,
    /// What marks their processes, and finds them after a crash.
    marks: Groups,
    numbers: AtomicU64,
    places: Arc<Semaphore>,
    asked: Semaphore,
    kept: Mutex<BTreeMap<Name, Kept>>,
}

struct Kept {
    program: ConnectorProgram,
    slot: Slot,
    used_at: Instant,
}

/// Held while the program is started, so that it is started once.
type Slot = Arc<Turn<Option<Arc<Running>>>>;

impl Kept {
    /// Tells whether it runs and is asked nothing now.
    fn idles(&self) -> bool {
        self.slot.try_lock().is_ok_and(|held| held.as_ref().is_some_and(|running| Arc::strong_count(running) == 1))
    }

    /// Tells whether it is asked something, or is started for that.
    fn is_used(&self) -> bool {
        self.slot.try_lock().map_or(true, |held| held.as_ref().is_some_and(|running| Arc::strong_count(running) > 1))
    }

    fn let_go(&self) {
        if let Ok(mut held) = self.slot.try_lock()
            && held.as_ref().is_some_and(|running| running.is_over())
        {
            *held = None;
        }
    }
}

impl Connectors {
    pub fn new(settings: ConnectorSettings, runner: RunnerId) -> Self {
        let marks = Groups::marked(format!("connectors.{runner}"));
        let places = Arc::new(Semaphore::new(settings.programs_max));
        let (numbers, asked, kept) = (AtomicU64::new(0), Semaphore::new(ASKED_MAX), Mutex::default());
        Self { settings, marks, numbers, places, asked, kept }
    }

    /// Tells whether any is started here.
    pub fn are_kept(&self) -> bool {
        self.settings.programs_max > 0
    }

    /// Tells whether a folder is that of a connector that is kept.
    pub fn uses(&self, folder: SessionId) -> bool {
        self.kept().keys().any(|(owner, connector)| seat(*owner, connector) == folder)
    }

    /// Takes a place among the questions under way.
    pub fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.asked.try_acquire().ok()
    }

    /// Returns the running program of a connector; one that does not run, or is another one now, is started.
    pub async fn running(
        &self,
        name: Name,
        program: &ConnectorProgram,
        start: impl AsyncFnOnce(OwnedSemaphorePermit, Arc<Groups>) -> Result<Running, String>,
    ) -> Result<Arc<Running>, String> {
        if !self.are_kept() {
            return Err("cannot be started: its runner starts none (runner.connectors_max is 0)".to_owned());
        }
        let slot = self.slot(&name, program);
        let mut held = slot.lock().await;
        if let Some(running) = held.as_ref().filter(|running| !running.is_over()) {
            return Ok(Arc::clone(running));
        }
        *held = None;
        let place = self.place().await?;
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let running = Arc::new(start(place, Arc::new(self.marks.below(&number.to_string()))).await?);
        *held = Some(Arc::clone(&running));
        Ok(running)
    }

    fn slot(&self, name: &Name, program: &ConnectorProgram) -> Slot {
        let (mut kept, now) = (self.kept(), Instant::now());
        if let Some(known) = kept.get_mut(name).filter(|known| known.program == *program) {
            known.used_at = now;
            return Arc::clone(&known.slot);
        }
        let slot = Slot::default();
        // Whoever calls the one before keeps it until the answer has come.
        kept.insert(name.clone(), Kept { program: program.clone(), slot: Arc::clone(&slot), used_at: now });
        slot
    }

    /// Takes a place for one more program, if need be that of the one that nobody has used for longest.
    async fn place(&self) -> Result<OwnedSemaphorePermit, String> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let max = self.settings.programs_max;
        let full = || {
            format!(
                "cannot be started: its runner keeps {max} programs of connectors, the limit runner.connectors_max, and all are in use"
            )
        };
        if !self.end_one() {
            return Err(full());
        }
        let place = timeout(PLACE_WITHIN, Arc::clone(&self.places).acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or_else(full)
    }

    /// Forgets the idle program that was used longest ago; its end is on its way then.
    fn end_one(&self) -> bool {
        let mut kept = self.kept();
        let idle = kept.iter().filter(|(_, kept)| kept.idles());
        let Some(oldest) = idle.min_by_key(|(_, kept)| kept.used_at).map(|(name, _)| name.clone()) else {
            return false;
        };
        kept.remove(&oldest).is_some()
    }

    /// Forgets what nobody has used for long, and lets go of what has ended.
    fn forget_idle(&self) {
        let (idle, now) = (self.settings.idle, Instant::now());
        self.kept().retain(|_, kept| {
            kept.let_go();
            if kept.is_used() {
                kept.used_at = now;
            }
            now < kept.used_at + idle
        });
    }

    /// Ends programs that idle, for as long as the runner runs.
    pub async fn tidy(runner: Weak<Runner>, idle: Duration) {
        let mut look = interval(idle.clamp(LOOK_EVERY_MIN, LOOK_EVERY));
        loop {
            look.tick().await;
            let Some(runner) = runner.upgrade() else { return };
            runner.connectors.forget_idle();
        }
    }

    /// Ends all of them, and what an earlier start has left.
    pub async fn end_all(&self) {
        self.kept().clear();
        if !self.marks.end_all(Duration::ZERO).await {
            warn!("a process of a connector could not be killed");
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<Name, Kept>> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}
