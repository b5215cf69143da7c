//! What became of what was asked for: answers, ends, and silence.

use tenure_model::id::FiringId;

use super::command::{Answer, Reply};
use super::draft::Draft;
use super::effect::Effect;
use super::event::Event;
use super::firing::execution_of;
use super::limits::ASKS_MAX;
use super::starting::{self, effect, is_watched, start_next};
use super::state::{Asked, Phase};

/// Takes an answer; one that nobody waits for changes nothing.
pub(super) fn answer(draft: &mut Draft<'_>, firing: FiringId, answer: Answer) -> Reply {
    let Some(asked) = draft.scheduler.asked.get(&firing) else { return Reply::Ignored };
    let unanswered = draft.scheduler.unanswered(firing);
    match (answer, unanswered) {
        (Answer::Started { execution }, Some(_)) => started(draft, asked, firing, execution),
        (Answer::Prompted { session, thread }, Some(_)) => {
            draft.emit(Event::Prompted { trigger: asked.trigger, firing, session, thread });
        }
        (Answer::Refused { code, why }, Some(_)) => failed(draft, asked, firing, code, why),
        // A run that nobody knows any more is over.
        (Answer::Refused { .. }, None) => ended(draft, asked, firing, None),
        (Answer::Ended { end }, unanswered) => {
            if unanswered.is_some() {
                started(draft, asked, firing, execution_of(firing));
            }
            ended(draft, asked, firing, Some(end));
        }
        (Answer::Started { .. } | Answer::Prompted { .. }, None) | (Answer::Running, _) => return Reply::Ignored,
    }
    Reply::Done
}

/// Takes it that something could not even be asked for.
pub(super) fn effect_failed(draft: &mut Draft<'_>, effect: &Effect, why: String) -> Reply {
    match effect {
        Effect::StartRun { .. } | Effect::Prompt { .. } => {
            let refused = Answer::Refused { code: "not_delivered".to_owned(), why };
            match draft.scheduler.unanswered(effect.firing()) {
                Some(_) => answer(draft, effect.firing(), refused),
                None => Reply::Ignored,
            }
        }
        // Runs are asked again when their time has come, and a notice that cannot be given is given up.
        Effect::CancelRun { .. } | Effect::AskRun { .. } | Effect::NotifyFailure { .. } => Reply::Ignored,
    }
}

/// Asks again what nobody has answered in time, and gives up in the end.
pub(super) fn overdue(draft: &mut Draft<'_>, firing: FiringId) {
    let Some(asked) = draft.scheduler.asked.get(&firing) else { return };
    let Some(trigger) = draft.scheduler.triggers.get(&asked.trigger) else { return };
    match &asked.phase {
        Phase::Asked { asks, .. } if *asks >= ASKS_MAX => {
            let why = format!("nobody has answered, though it was asked for {asks} times");
            failed(draft, asked, firing, "no_answer".to_owned(), why);
        }
        Phase::Asked { firing: whole, .. } => {
            draft.emit(Event::AskedAgain { trigger: asked.trigger, firing });
            let effect = effect(trigger, whole);
            draft.ask(effect);
        }
        Phase::Running | Phase::Cancelling => {
            draft.emit(Event::AskedAgain { trigger: asked.trigger, firing });
            draft.ask(Effect::AskRun { firing, execution: execution_of(firing) });
        }
    }
}

fn started(draft: &mut Draft<'_>, asked: &Asked, firing: FiringId, execution: tenure_model::id::ExecutionId) {
    let (id, scheduler) = (asked.trigger, draft.scheduler);
    let watched = match (scheduler.triggers.get(&id), scheduler.unanswered(firing)) {
        (Some(trigger), Some(whole)) => is_watched(trigger, whole),
        _ => false,
    };
    draft.emit(Event::Started { trigger: id, firing, execution, watched });
    if let Some(trigger) = scheduler.triggers.get(&id).filter(|_| !watched) {
        start_next(draft, id, trigger, firing);
    }
}

fn failed(draft: &mut Draft<'_>, asked: &Asked, firing: FiringId, code: String, why: String) {
    let id = asked.trigger;
    if let Some(trigger) = draft.scheduler.triggers.get(&id) {
        starting::notify(draft, id, trigger, firing, &why);
        draft.emit(Event::Failed { trigger: id, firing, code, why });
        start_next(draft, id, trigger, firing);
    }
}

fn ended(draft: &mut Draft<'_>, asked: &Asked, firing: FiringId, end: Option<tenure_model::step::RunEnd>) {
    let id = asked.trigger;
    draft.emit(Event::Ended { trigger: id, firing, end });
    if let Some(trigger) = draft.scheduler.triggers.get(&id) {
        start_next(draft, id, trigger, firing);
    }
}
