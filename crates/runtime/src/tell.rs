//! Telling: what happens once a commit is durable, in the order of commits.

use actix::Addr;
use std::sync::Arc;
use tenure_journal::{EffectId, Position, SummaryChange};
use tenure_model::{Claim, Delta, Entity, EntityKey, Timestamp};
use uuid::Uuid;

use crate::directory::{Answer, Shared};
use crate::feed::Committed;
use crate::host::Host;
use crate::message::Reply;
use crate::stirs::Stir;

/// What is told once a commit is durable, in this order.
pub(crate) struct Told<E: Entity> {
    pub key: EntityKey,
    pub shared: Arc<Shared<E>>,
    pub me: Addr<Host<E>>,
    pub reply: E::Reply,
    pub seq: Option<u64>,
    /// The entity's last record up to this commit.
    pub last_seq: u64,
    pub at: Timestamp,
    pub events: Vec<E::Event>,
    pub deltas: Vec<Delta>,
    pub effects: Vec<E::Effect>,
    pub summaries: Vec<SummaryChange>,
    /// When the entity wants to be woken, when that has changed.
    pub alarm: Option<Option<Timestamp>>,
    pub claims: Option<Vec<Claim>>,
    pub mirror: Option<E>,
    pub shown_with: Option<Uuid>,
}

impl<E: Entity> Told<E> {
    /// Tells everybody, the asker last: whoever hears of the answer finds the rest told.
    pub fn tell(self, position: Position, reply: Reply<E>) {
        let core = &self.shared.core;
        if let Some(state) = self.mirror {
            self.shared.mirror(|| state);
        }
        if let Some(claims) = &self.claims {
            core.claims.set(self.key, claims);
            core.waiters.ring();
            core.runners_changed.send_replace(());
        }
        if let Some(alarm) = self.alarm {
            core.alarms.set(self.key, alarm);
        }
        core.stirs.tell(self.key, || Stir {
            // It may have been thrown away after this commit; its next life is told later.
            awake: self.me.connected(),
            seq: Some(self.last_seq),
            position: Some(position),
            at: self.at,
        });
        let (seq, at, events, deltas) = (self.seq, self.at, self.events, self.deltas);
        let id = self.key.id;
        self.shared.feed.publish(id, self.shown_with, || Committed {
            id,
            position,
            seq,
            at,
            events,
            deltas,
            encoded: Default::default(),
        });
        if !self.summaries.is_empty() {
            core.lists.publish(position, &self.summaries);
        }
        if let Some(seq) = self.seq {
            for (n, effect) in (0..).zip(self.effects) {
                self.shared.hand_over(EffectId { key: self.key, seq, n }, effect);
            }
        }
        reply.send(Ok(Answer { reply: self.reply, position }));
    }
}
