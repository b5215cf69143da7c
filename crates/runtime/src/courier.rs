//! The courier: carries out effects, at least once, in order per sender and target, and strikes them out.
//!
//! ```text
//!   durable record ──▶ [effect][effect] per sender and target ──▶ perform ──▶ strike
//!   after a start: the outbox rows, the same way
//! ```
//! **Owns** the order and the retries. **Does not own** what an effect means: that is the performer's.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tenure_journal::EffectId;
use tenure_model::Span;

use crate::core::Core;

/// The first pause between two attempts; it doubles up to the last.
const PAUSE_FIRST: Span = Span::ms(200);
const PAUSE_LAST: Span = Span::secs(10);

/// What became of one attempt.
pub(crate) enum Attempt {
    /// Carried out, refused for good, or not wanted any more.
    Settled,
    /// Not possible now.
    Again(String),
}

pub(crate) type Attempting = Pin<Box<dyn Future<Output = Attempt> + Send>>;

/// Says how the effects of one kind of entity are carried out.
pub(crate) trait Performer: Send + Sync + 'static {
    type Effect: Send + Sync + 'static;
    /// Effects of one sender with the same lane are carried out one after the other.
    type Lane: Clone + Eq + Hash + Send + Sync + 'static;

    fn lane(&self, effect: &Self::Effect) -> Self::Lane;
    /// Carries the effect out, or finds that nobody wants it any more.
    fn attempt(self: Arc<Self>, id: EffectId, effect: Arc<Self::Effect>) -> Attempting;
    /// Is told once the courier has given an effect up.
    fn gave_up(self: Arc<Self>, id: EffectId, effect: Arc<Self::Effect>, why: String) -> Attempting;
}

type Waiting<P> = VecDeque<(EffectId, Arc<<P as Performer>::Effect>)>;
type LaneKey<P> = (tenure_model::EntityKey, <P as Performer>::Lane);

/// The courier for the effects of one kind of entity.
pub(crate) struct Courier<P: Performer> {
    core: Arc<Core>,
    performer: Arc<P>,
    lanes: Mutex<HashMap<LaneKey<P>, Waiting<P>>>,
    tasks: tokio::sync::mpsc::UnboundedSender<Attempting>,
    attempts_max: u32,
}

impl<P: Performer> Courier<P> {
    /// Returns a courier whose tasks are run by whoever drains the other end of `tasks`.
    pub fn new(
        core: Arc<Core>,
        performer: Arc<P>,
        tasks: tokio::sync::mpsc::UnboundedSender<Attempting>,
        attempts_max: u32,
    ) -> Arc<Self> {
        Arc::new(Self { core, performer, lanes: Mutex::default(), tasks, attempts_max })
    }

    /// Takes an effect that is durable in the outbox.
    pub fn take(self: &Arc<Self>, id: EffectId, effect: P::Effect) {
        let key = (id.key, self.performer.lane(&effect));
        let mut lanes = self.lanes.lock().expect("handing over does not panic");
        if let Some(waiting) = lanes.get_mut(&key) {
            return waiting.push_back((id, Arc::new(effect)));
        }
        lanes.insert(key.clone(), VecDeque::from([(id, Arc::new(effect))]));
        drop(lanes);
        let courier = self.clone();
        let round = async move {
            courier.run(key).await;
            Attempt::Settled
        };
        // The receiver ends with the server; what was not carried out is found in the outbox.
        let _ = self.tasks.send(Box::pin(round));
    }

    /// Returns how many effects of an entity wait.
    pub fn waiting(&self, key: tenure_model::EntityKey) -> usize {
        let lanes = self.lanes.lock().expect("handing over does not panic");
        lanes.iter().filter(|((sender, _), _)| *sender == key).map(|(_, waiting)| waiting.len()).sum()
    }

    /// Returns how many effects wait in all.
    pub fn count(&self) -> usize {
        self.lanes.lock().expect("handing over does not panic").values().map(VecDeque::len).sum()
    }

    async fn run(self: Arc<Self>, key: LaneKey<P>) {
        while let Some((id, effect)) = self.head(&key) {
            self.deliver(id, effect).await;
            self.core.writer.strike(id);
            let mut lanes = self.lanes.lock().expect("handing over does not panic");
            let Some(waiting) = lanes.get_mut(&key) else { return };
            waiting.pop_front();
            if waiting.is_empty() {
                lanes.remove(&key);
                return;
            }
        }
    }

    fn head(&self, key: &LaneKey<P>) -> Option<(EffectId, Arc<P::Effect>)> {
        let lanes = self.lanes.lock().expect("handing over does not panic");
        lanes.get(key)?.front().map(|(id, effect)| (*id, effect.clone()))
    }

    async fn deliver(&self, id: EffectId, effect: Arc<P::Effect>) {
        let mut pause = PAUSE_FIRST;
        let mut failures = 0;
        loop {
            let why = match self.performer.clone().attempt(id, effect.clone()).await {
                Attempt::Settled => return,
                Attempt::Again(why) => why,
            };
            failures += 1;
            if failures >= self.attempts_max {
                tracing::warn!(effect = %id, why, "gave effect {id} up after {failures} attempts: {why}");
                if let Attempt::Settled = self.performer.clone().gave_up(id, effect.clone(), why).await {
                    return;
                }
            }
            self.core.clock.sleep(pause).await;
            pause = Span((pause.0 * 2).min(PAUSE_LAST.0));
        }
    }
}
