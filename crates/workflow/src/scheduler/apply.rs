//! How each event changes the state, and what is derived from it along the way.

use tenure_model::id::{FiringId, TriggerId};
use tenure_model::time::Timestamp;

use super::event::Event;
use super::firing::{Cause, Firing, Verdict};
use super::inlet::Keys;
use super::limits::{ANSWER_WAIT, BACKFILL_AT_ONCE, REQUESTS_KEPT_MAX, RUN_ASKED_AFTER};
use super::starting::is_watched;
use super::state::{Asked, Backfill, Phase, Scheduler, Trigger};
use super::summary;
use crate::requests::Answered;
use crate::trigger::On;

impl Scheduler {
    pub(super) fn fold(&mut self, event: &Event, at: Timestamp) {
        self.fold_one(event, at);
        event.touches().into_iter().for_each(|trigger| self.refresh(trigger));
    }

    fn fold_one(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Saved { trigger, .. } => self.save(*trigger, event, at),
            Event::Deleted { trigger, .. } => self.delete(*trigger),
            Event::Paused { trigger, until, plan, .. } => self.change(*trigger, |trigger| {
                (trigger.paused_until, trigger.plan) = (*until, *plan);
            }),
            Event::Rotated { trigger, generation, secret, old_until, .. } => {
                let rotate = |keys: &mut Keys| keys.rotate(*generation, secret.clone(), *old_until, at);
                match trigger {
                    None => rotate(&mut self.github),
                    Some(id) => self.change(*id, |trigger| rotate(&mut trigger.keys)),
                }
            }
            Event::Planned { trigger, plan } => self.change(*trigger, |trigger| {
                trigger.plan = *plan;
                trigger.paused_until = trigger.paused_until.filter(|until| *until > plan.decided_until);
            }),
            Event::FellBehind { since } => self.behind = *since,
            Event::Received { trigger, proof, firings, .. } => {
                let (key, kept) = (proof.key.clone(), proof.kept_ms);
                match trigger {
                    None => self.github_recent.keep(key, kept, firings.clone(), at),
                    Some(id) => self.change(*id, |trigger| trigger.recent.keep(key, kept, firings.clone(), at)),
                }
            }
            Event::Decided { verdict, firing } => self.judged(verdict, firing, at),
            Event::Dequeued { trigger, firing } => {
                let Some(kept) = self.triggers.get_mut(trigger) else { return };
                if let Some(place) = kept.queue.iter().position(|waiting| waiting.id == *firing)
                    && let Some(firing) = kept.queue.remove(place)
                {
                    self.ask(firing, at);
                }
            }
            Event::AskedAgain { firing, .. } => self.ask_again(*firing, at),
            Event::Started { firing, watched, .. } => self.started(*firing, *watched, at),
            Event::Prompted { firing, .. } => self.started(*firing, false, at),
            Event::Failed { trigger, firing, why, .. } => {
                self.over(*firing);
                self.change(*trigger, |trigger| trigger.failing = Some(why.clone()));
            }
            Event::Cancelling { firing, .. } => {
                if let Some(asked) = self.asked.get_mut(firing)
                    && matches!(asked.phase, Phase::Running)
                {
                    asked.phase = Phase::Cancelling;
                }
            }
            Event::Ended { firing, .. } => self.over(*firing),
            Event::BackfillBegan { trigger, after, until, .. } => self.change(*trigger, |trigger| {
                trigger.backfill = Some(Backfill { after: *after, until: *until });
            }),
            Event::BackfillMoved { trigger, after } => self.change(*trigger, |trigger| {
                trigger.backfill = trigger.backfill.map(|backfill| Backfill { after: *after, ..backfill });
            }),
            Event::BackfillEnded { trigger } => self.change(*trigger, |trigger| trigger.backfill = None),
            Event::RequestAnswered { user, request, fingerprint, reply } => {
                let answered = Answered { at, fingerprint: *fingerprint, reply: reply.clone() };
                self.requests.keep(*user, request.clone(), answered, REQUESTS_KEPT_MAX);
            }
            Event::Missed { .. } | Event::NotMatched { .. } => {}
        }
    }

    fn save(&mut self, id: TriggerId, event: &Event, at: Timestamp) {
        let Event::Saved { revision, record, by, definition, plan, .. } = event else { return };
        let old = self.triggers.remove(&id);
        if let Some(old) = &old {
            self.names.remove(&old.definition.name.folded());
        }
        self.names.insert(definition.name.folded(), id);
        let fresh = || Trigger {
            definition: definition.clone(),
            revision: *revision,
            record: *record,
            created_at: at,
            updated_at: at,
            by: by.clone(),
            plan: *plan,
            paused_until: None,
            last_run_at: None,
            failing: None,
            running: vec![],
            queue: Default::default(),
            backfill: None,
            keys: Keys::default(),
            recent: Default::default(),
            backfill_open: 0,
            due: None,
            row: None,
        };
        let mut trigger = old.unwrap_or_else(fresh);
        trigger.definition.clone_from(definition);
        (trigger.revision, trigger.record, trigger.updated_at, trigger.plan) = (*revision, *record, at, *plan);
        trigger.by.clone_from(by);
        if !matches!(definition.on, On::Schedule(_)) {
            trigger.backfill = None;
        }
        self.triggers.insert(id, trigger);
    }

    fn delete(&mut self, id: TriggerId) {
        let Some(trigger) = self.triggers.remove(&id) else { return };
        self.names.remove(&trigger.definition.name.folded());
        if let Some(due) = trigger.due {
            self.due.remove(&(due, id));
        }
        let asked: Vec<FiringId> =
            self.asked.iter().filter(|(_, asked)| asked.trigger == id).map(|(firing, _)| *firing).collect();
        asked.into_iter().for_each(|firing| self.over(firing));
    }

    fn judged(&mut self, verdict: &Verdict, firing: &Firing, at: Timestamp) {
        match verdict {
            Verdict::Started => self.ask(firing.clone(), at),
            Verdict::Queued => self.change(firing.trigger, |trigger| trigger.queue.push_back(firing.clone())),
            Verdict::Replaced => {
                self.change(firing.trigger, |trigger| trigger.queue.retain(|waiting| waiting.id != firing.id));
            }
            Verdict::Failed { why, .. } => {
                self.change(firing.trigger, |trigger| trigger.failing = Some(why.clone()));
            }
            Verdict::Skipped { .. } => {}
        }
    }

    fn ask(&mut self, firing: Firing, at: Timestamp) {
        let (id, key) = (firing.trigger, firing.id);
        let Some(trigger) = self.triggers.get_mut(&id) else { return };
        let backfill = matches!(firing.cause, Cause::Backfill { .. });
        if backfill {
            trigger.backfill_open += 1;
        } else if is_watched(trigger, &firing) {
            trigger.running.push(key);
        }
        if !backfill {
            let ran = firing.cause.planned().unwrap_or(at);
            trigger.last_run_at = trigger.last_run_at.max(Some(ran));
        }
        let deadline = at + ANSWER_WAIT;
        self.deadlines.insert((deadline, key));
        let phase = Phase::Asked { firing: Box::new(firing), asks: 1 };
        self.asked.insert(key, Asked { trigger: id, deadline, phase, backfill });
    }

    fn ask_again(&mut self, firing: FiringId, at: Timestamp) {
        let Some(asked) = self.asked.get_mut(&firing) else { return };
        let wait = match &mut asked.phase {
            Phase::Asked { asks, .. } => {
                *asks += 1;
                ANSWER_WAIT
            }
            Phase::Running | Phase::Cancelling => RUN_ASKED_AFTER,
        };
        self.deadlines.remove(&(asked.deadline, firing));
        asked.deadline = at + wait;
        self.deadlines.insert((asked.deadline, firing));
    }

    fn started(&mut self, firing: FiringId, watched: bool, at: Timestamp) {
        let Some(asked) = self.asked.get_mut(&firing) else { return };
        let trigger = asked.trigger;
        if watched {
            self.deadlines.remove(&(asked.deadline, firing));
            (asked.phase, asked.deadline) = (Phase::Running, at + RUN_ASKED_AFTER);
            self.deadlines.insert((asked.deadline, firing));
        } else {
            self.over(firing);
        }
        self.change(trigger, |trigger| trigger.failing = None);
    }

    /// Forgets a firing that is over.
    fn over(&mut self, firing: FiringId) {
        let Some(asked) = self.asked.remove(&firing) else { return };
        self.deadlines.remove(&(asked.deadline, firing));
        self.change(asked.trigger, |trigger| {
            trigger.running.retain(|running| *running != firing);
            if asked.backfill {
                trigger.backfill_open = trigger.backfill_open.saturating_sub(1);
            }
        });
    }

    fn change(&mut self, id: TriggerId, change: impl FnOnce(&mut Trigger)) {
        if let Some(trigger) = self.triggers.get_mut(&id) {
            change(trigger);
        }
    }

    /// Brings what is derived from a trigger up to date: when it is due, and its row.
    fn refresh(&mut self, id: TriggerId) {
        let Some(trigger) = self.triggers.get_mut(&id) else { return };
        let planned = trigger.plan.next.map(|next| next + trigger.definition.delay(id));
        let more = trigger.backfill.is_some() && trigger.backfill_open < BACKFILL_AT_ONCE;
        let due = if more { Some(Timestamp(0)) } else { planned };
        if let Some(old) = std::mem::replace(&mut trigger.due, due) {
            self.due.remove(&(old, id));
        }
        self.due.extend(due.map(|due| (due, id)));
        trigger.row = Some(summary::row(id, trigger));
    }
}
