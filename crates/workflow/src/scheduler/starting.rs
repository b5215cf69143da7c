//! How a firing becomes something that is asked for: by the trigger's overlap policy, once.

use serde_json::{Map, Value, json};
use tenure_model::id::{FiringId, TriggerId};

use super::draft::Draft;
use super::effect::Effect;
use super::event::Event;
use super::firing::{Cause, Firing, Verdict, execution_of};
use super::limits::{INPUTS_BYTES_MAX, QUEUE_MAX};
use super::refusal::Refusal;
use super::state::{Phase, Scheduler, Trigger};
use crate::template::Scope;
use crate::trigger::{On, Overlap, TRIGGER, Target};

/// Fires what a schedule has planned, or what a backfill asks for.
pub(super) fn fire_planned(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, cause: Cause) {
    let firing = firing(draft, id, trigger, cause, trigger.definition.inputs.clone(), None);
    fire(draft, id, trigger, firing, &Value::Null);
}

/// Returns a firing with what it tells its run of itself.
pub(super) fn firing(
    draft: &Draft<'_>,
    id: TriggerId,
    trigger: &Trigger,
    cause: Cause,
    inputs: Map<String, Value>,
    payload: Option<u64>,
) -> Firing {
    let definition = &trigger.definition;
    let at = cause.planned().unwrap_or(draft.now());
    let mut about = json!({ "id": id, "name": definition.name, "type": definition.on.kind(), "timestamp": at });
    if let On::Schedule(plan) = &definition.on {
        about["cron"] = json!(plan.cron);
        about["timezone"] = json!(plan.timezone);
        about["shown"] = json!(plan.timezone.civil(at).to_string());
    }
    if let Cause::Delivery { event: Some(event), .. } = &cause {
        about["event"] = json!(event);
    }
    let mut firing = Firing {
        id: cause.firing(id),
        trigger: id,
        cause,
        inputs,
        offered: Default::default(),
        payload,
        prompt: None,
        test: false,
    };
    firing.offered.0.insert(TRIGGER.to_owned(), about);
    firing
}

/// Decides what becomes of a firing. One that is under way already is left as it is.
pub(super) fn fire(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, mut firing: Firing, payload: &Value) {
    let standing = draft.standing(id, trigger);
    let known = standing.fresh.contains(&firing.id) || standing.waiting.contains(&firing.id);
    if known || draft.scheduler.asked.contains_key(&firing.id) {
        return;
    }
    if let Target::Orchestrator(prompt) = trigger.definition.target() {
        match prompted(trigger, prompt, &firing, payload) {
            Ok(text) => firing.prompt = Some(text),
            Err(why) => return fail(draft, id, trigger, firing, "prompt_failed", why),
        }
        return start(draft, id, trigger, firing);
    }
    let running = draft.standing(id, trigger).running.clone();
    let is_backfill = matches!(firing.cause, Cause::Backfill { .. });
    match (trigger.definition.overlap(), running.last()) {
        (Overlap::Allow, _) | (_, None) => start(draft, id, trigger, firing),
        _ if is_backfill => start(draft, id, trigger, firing),
        (Overlap::Skip, Some(running)) => {
            let verdict = Verdict::Skipped { running: *running };
            draft.emit(Event::Decided { verdict, firing: Box::new(firing) });
        }
        (Overlap::Queue, Some(_)) => queue(draft, id, trigger, firing),
        (Overlap::CancelRunning, Some(_)) => {
            replace_waiting(draft, id, trigger);
            cancel(draft, id, trigger, &running);
            queue(draft, id, trigger, firing);
        }
    }
}

fn start(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, firing: Firing) {
    let standing = draft.standing(id, trigger);
    standing.fresh.push(firing.id);
    if is_watched(trigger, &firing) && !matches!(firing.cause, Cause::Backfill { .. }) {
        standing.running.push(firing.id);
    }
    let effect = effect(trigger, &firing);
    draft.emit(Event::Decided { verdict: Verdict::Started, firing: Box::new(firing) });
    draft.ask(effect);
}

fn queue(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, firing: Firing) {
    let waiting = &mut draft.standing(id, trigger).waiting;
    if waiting.len() >= QUEUE_MAX {
        let why = format!("{QUEUE_MAX} firings wait already, which is the limit queue_max");
        return fail(draft, id, trigger, firing, "queue_full", why);
    }
    waiting.push(firing.id);
    draft.emit(Event::Decided { verdict: Verdict::Queued, firing: Box::new(firing) });
}

/// Takes all firings out of the queue, because a later one takes their place.
fn replace_waiting(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger) {
    let waiting: Vec<FiringId> = std::mem::take(&mut draft.standing(id, trigger).waiting);
    let queued_now: Vec<Firing> = draft.events.iter().filter_map(queued).cloned().collect();
    for firing in trigger.queue.iter().chain(&queued_now).filter(|firing| waiting.contains(&firing.id)) {
        draft.emit(Event::Decided { verdict: Verdict::Replaced, firing: Box::new(firing.clone()) });
    }
}

fn queued(event: &Event) -> Option<&Firing> {
    match event {
        Event::Decided { verdict: Verdict::Queued, firing } => Some(firing),
        _ => None,
    }
}

fn cancel(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, running: &[FiringId]) {
    for firing in running {
        let before = draft.scheduler.asked.get(firing).map(|asked| &asked.phase);
        let again =
            draft.events.iter().any(|event| matches!(event, Event::Cancelling { firing: one, .. } if one == firing));
        if matches!(before, Some(Phase::Cancelling)) || again {
            continue;
        }
        let why = format!("the trigger \"{}\" has fired again", trigger.definition.name);
        draft.emit(Event::Cancelling { trigger: id, firing: *firing });
        draft.ask(Effect::CancelRun { firing: *firing, execution: execution_of(*firing), why });
    }
}

/// Says that a firing could not start, and to the owner too when it is the first one in a row.
pub(super) fn fail(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, firing: Firing, code: &str, why: String) {
    let verdict = Verdict::Failed { code: code.to_owned(), why: why.clone() };
    notify(draft, id, trigger, firing.id, &why);
    draft.emit(Event::Decided { verdict, firing: Box::new(firing) });
}

pub(super) fn notify(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, firing: FiringId, why: &str) {
    let said = draft.effects.iter().any(
        |effect| matches!(effect, Effect::NotifyFailure { name, .. } if *name == *trigger.definition.name.as_str()),
    );
    let wanted = trigger.definition.failure_notify == crate::trigger::FailureNotify::Orchestrator;
    if wanted && trigger.failing.is_none() && !said && draft.scheduler.triggers.contains_key(&id) {
        let name = trigger.definition.name.to_string();
        draft.ask(Effect::NotifyFailure { firing, name, why: why.to_owned() });
    }
}

/// Tells whether the end of a firing's run is awaited.
pub(super) fn is_watched(trigger: &Trigger, firing: &Firing) -> bool {
    let overlaps = trigger.definition.overlap() == Overlap::Allow;
    firing.prompt.is_none() && (!overlaps || matches!(firing.cause, Cause::Backfill { .. }))
}

/// Returns what a firing asks for; the same every time.
pub(super) fn effect(trigger: &Trigger, firing: &Firing) -> Effect {
    let name = trigger.definition.name.to_string();
    match (&firing.prompt, &trigger.definition.workflow) {
        (Some(content), _) => {
            Effect::Prompt { firing: firing.id, trigger: firing.trigger, name, content: content.clone() }
        }
        (None, workflow) => Effect::StartRun {
            firing: Box::new(firing.clone()),
            execution: execution_of(firing.id),
            workflow: workflow.clone().unwrap_or_default(),
            kind: trigger.definition.on.kind(),
            name,
            watched: is_watched(trigger, firing),
        },
    }
}

/// Asks for the first firing that waits, when nothing of the trigger is under way any more.
pub(super) fn start_next(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, ended: FiringId) {
    let others = trigger.running.iter().any(|running| *running != ended);
    let Some(next) = trigger.queue.front().filter(|_| !others && trigger.running.contains(&ended)) else { return };
    draft.emit(Event::Dequeued { trigger: id, firing: next.id });
    let effect = effect(trigger, next);
    draft.ask(effect);
}

/// Renders what the orchestrator is asked, dated in the trigger's zone.
fn prompted(
    trigger: &Trigger,
    prompt: &crate::template::Template,
    firing: &Firing,
    payload: &Value,
) -> Result<String, String> {
    let inputs = Value::Object(firing.inputs.clone());
    let about = firing.offered.0.get(TRIGGER).cloned().unwrap_or_default();
    let scope = Scope::new().with("inputs", &inputs).with("payload", payload).with("trigger", &about);
    let text = prompt.text(scope).map_err(|error| error.to_string())?;
    Ok(match (&trigger.definition.on, firing.cause.planned()) {
        (On::Schedule(plan), Some(planned)) => {
            format!("[Today is {}]\n\n{text}", plan.timezone.civil(planned).date_words())
        }
        _ => text,
    })
}

pub(super) fn check_size(inputs: &Map<String, Value>) -> Result<(), Refusal> {
    let size = inputs.values().map(crate::template::size).sum();
    let (what, limit, max) = ("the firing's input", "inputs_bytes_max", INPUTS_BYTES_MAX);
    if size > max { Err(Refusal::TooLarge { what, size, limit, max }) } else { Ok(()) }
}

impl Scheduler {
    /// Returns the firing that nobody has answered yet.
    pub(super) fn unanswered(&self, firing: FiringId) -> Option<&Firing> {
        match &self.asked.get(&firing)?.phase {
            Phase::Asked { firing, .. } => Some(firing),
            Phase::Running | Phase::Cancelling => None,
        }
    }
}
