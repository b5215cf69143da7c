//! What must hold whenever something happens. Each invariant judges every fact against what was true before it.

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::view::Role;
use tenure_session::effect::CancelCause;
use tenure_session::{Event, TextDelta};

use crate::journal::Commit;
use crate::picture::text_of;
use crate::say::{Answer, Item};
use crate::truth::{Fact, Fate, Truth, Violation, texts};

pub type Verdict = Result<(), String>;
type Invariant = (&'static str, fn(&Truth, &Fact<'_>) -> Verdict);

macro_rules! named {
    ($($invariant:ident),+ $(,)?) => {
        [$((stringify!($invariant), $invariant)),+]
    };
}

const INVARIANTS: [Invariant; 14] = named![
    every_turn_ends_once,
    a_thread_has_one_open_turn,
    text_grows_without_a_hole,
    the_final_text_is_what_the_agent_said,
    only_lost_turns_are_interrupted,
    no_turn_runs_out_of_time,
    no_prompt_has_two_fates,
    no_wish_is_carried_out_twice,
    no_work_begins_twice,
    acknowledged_frames_are_durable,
    nobody_is_shown_what_is_not_durable,
    nobody_misses_a_word,
    a_repeat_decides_to_nothing,
    a_request_has_one_answer,
];

/// Returns the first invariant that a fact breaks.
pub fn judge(truth: &Truth, fact: &Fact<'_>) -> Option<Violation> {
    INVARIANTS.iter().find_map(|(invariant, holds)| {
        let detail = holds(truth, fact).err()?;
        Some(Violation { invariant, detail })
    })
}

/// Fails with a text.
pub fn hold(is_so: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

fn each_event(fact: &Fact<'_>, mut judge: impl FnMut(&Commit, &Event) -> Verdict) -> Verdict {
    let Fact::Committed { commit, .. } = fact else {
        return Ok(());
    };
    commit.record.iter().flat_map(|record| &record.events).try_for_each(|event| judge(commit, event))
}

fn every_turn_ends_once(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let is_open = |turn: &TurnId| truth.turns.get(turn).map(|turn| turn.open);
    each_event(fact, |_, event| match event {
        Event::TurnOpened { turn, .. } => hold(is_open(turn).is_none(), || format!("{turn} is opened again")),
        Event::TurnFinished { turn, .. } => {
            hold(is_open(turn) == Some(true), || format!("{turn} ends without being open"))
        }
        _ => Ok(()),
    })
}

fn a_thread_has_one_open_turn(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let mut ended = vec![];
    each_event(fact, |commit, event| match event {
        Event::TurnFinished { turn, .. } => {
            ended.push(*turn);
            Ok(())
        }
        Event::TurnOpened { turn, thread, .. } => {
            let of_thread = truth.turns.iter().filter(|(_, t)| t.session == commit.session && t.thread == *thread);
            let other = of_thread.filter(|(id, t)| t.open && !ended.contains(id)).map(|(id, _)| id).next();
            hold(other.is_none(), || format!("{turn} is opened beside {other:?}"))
        }
        _ => Ok(()),
    })
}

fn text_grows_without_a_hole(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let Fact::Committed { commit, .. } = fact else {
        return Ok(());
    };
    let mut added = std::collections::BTreeMap::new();
    for delta in &commit.deltas {
        let turn = TurnId(delta.stream);
        let more = TextDelta::read(delta).ok_or_else(|| format!("{delta:?} cannot be read"))?;
        let known = truth.turns.get(&turn).and_then(|turn| turn.text.get(&more.part)).map_or(0, String::len);
        let length = added.entry((turn, more.part)).or_insert(known as u64);
        hold(*length == more.offset, || {
            format!("{turn} has {length} bytes of part {}, then comes {more:?}", more.part)
        })?;
        *length += more.text.len() as u64;
    }
    each_event(fact, |_, event| {
        let Event::TurnFinished { turn, parts, .. } = event else {
            return Ok(());
        };
        let Some(known) = truth.turns.get(turn) else {
            return Ok(());
        };
        let last = texts(parts);
        known.text.iter().try_for_each(|(part, known)| {
            let kept = last.get(part).is_some_and(|text| text.starts_with(known));
            hold(kept, || format!("{turn} ends with {:?} at part {part}, where {known:?} was", last.get(part)))
        })
    })
}

fn the_final_text_is_what_the_agent_said(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    each_event(fact, |_, event| {
        let Event::TurnFinished { turn, parts, reason, .. } = event else {
            return Ok(());
        };
        let said = truth.said.get(&(*turn).into()).cloned().unwrap_or_default();
        let kept = texts(parts);
        if *reason == FinishReason::EndTurn {
            return hold(kept == said, || format!("{turn} ends with {kept:?}, its agent said {said:?}"));
        }
        kept.iter().try_for_each(|(part, text)| {
            let known = said.get(part).is_some_and(|said| said.starts_with(text));
            hold(known, || format!("{turn} ends with {text:?}, its agent said {:?}", said.get(part)))
        })
    })
}

/// A turn whose runner lives and is heard of in time ends as its agent or a person wants.
fn only_lost_turns_are_interrupted(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    each_event(fact, |_, event| match event {
        Event::TurnFinished { turn, reason: FinishReason::Interrupted, error, .. } if truth.orderly => {
            hold(truth.lost.contains(&(*turn).into()), || format!("{turn} was never lost: {error:?}"))
        }
        _ => Ok(()),
    })
}

/// Agents are quick and troubles short, compared with the time that a turn may take: what takes longer got stuck.
fn no_turn_runs_out_of_time(_: &Truth, fact: &Fact<'_>) -> Verdict {
    each_event(fact, |_, event| {
        let stuck = matches!(event, Event::TurnCancelling { cause: CancelCause::TimedOut, .. });
        hold(!stuck, || format!("{event:?}"))
    })
}

fn no_prompt_has_two_fates(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let mut queued_here = std::collections::BTreeMap::new();
    each_event(fact, |_, event| {
        let (prompts, text) = match event {
            Event::PromptQueued { prompt } => {
                queued_here.insert(prompt.id, prompt.text.clone());
                return Ok(());
            }
            Event::PromptWithdrawn { prompt, .. } | Event::QuestionAnswered { prompt: Some(prompt), .. } => {
                (vec![*prompt], None)
            }
            Event::TurnOpened { message, .. } => (message.prompts.clone(), Some(&message.text)),
            _ => return Ok(()),
        };
        let mut texts = vec![];
        for prompt in &prompts {
            if let Some(text) = queued_here.get(prompt) {
                texts.push(text.as_str());
                continue;
            }
            let known = truth.prompts.get(prompt).ok_or_else(|| format!("{prompt} was never queued"))?;
            hold(known.fate == Fate::Waits, || format!("{prompt} was {:?} before: {event:?}", known.fate))?;
            texts.push(&known.text);
        }
        let whole = text.is_none_or(|text| *text == texts.join("\n---\n"));
        hold(whole, || format!("the prompts say {texts:?}, their turn {text:?}"))
    })
}

fn no_wish_is_carried_out_twice(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    each_event(fact, |_, event| match event {
        Event::PromptQueued { prompt } if prompt.retry_of.is_none() => {
            hold(!truth.wishes.contains(&prompt.text), || format!("{:?} is queued twice", prompt.text))
        }
        _ => Ok(()),
    })
}

fn no_work_begins_twice(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let Fact::Began { work, generation } = fact else {
        return Ok(());
    };
    let before = truth.began.get(&(*work, *generation));
    hold(before.is_none(), || format!("{work} begins again in generation {generation}"))
}

fn acknowledged_frames_are_durable(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let Fact::Acknowledged { work, next } = fact else {
        return Ok(());
    };
    let durable = truth.turns.get(&(*work).into()).map_or(0, |turn| turn.next_frame);
    hold(durable >= *next, || format!("frames of {work} are acknowledged up to {next}, durable up to {durable}"))
}

fn nobody_is_shown_what_is_not_durable(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let durable = |turn: &TurnId, part: u32, offset: usize, text: &str| {
        let known = truth.turns.get(turn).and_then(|turn| turn.text.get(&part)).map_or("", String::as_str);
        let there = known.get(offset..).is_some_and(|known| known.starts_with(text));
        hold(there, || format!("{text:?} is shown at {offset} of part {part} of {turn}, durable is {known:?}"))
    };
    let position = match fact {
        Fact::Shown { position, item } => {
            if let Item::Text(delta) = item
                && let Some(more) = TextDelta::read(delta)
            {
                durable(&TurnId(delta.stream), more.part, more.offset as usize, &more.text)?;
            }
            position
        }
        Fact::ShownPicture { position, picture } => {
            for (turn, open) in &picture.turns {
                open.parts.iter().try_for_each(|(part, content)| durable(turn, *part, 0, text_of(content)))?;
            }
            position
        }
        _ => return Ok(()),
    };
    hold(*position <= truth.position, || format!("position {position} is shown, durable is {}", truth.position))
}

fn nobody_misses_a_word(_: &Truth, fact: &Fact<'_>) -> Verdict {
    match fact {
        Fact::Missed { position, item } => Err(format!("something is missing before {item:?} at position {position}")),
        _ => Ok(()),
    }
}

/// Requests that were answered, and reports of what is known, change nothing the second time.
fn a_repeat_decides_to_nothing(_: &Truth, fact: &Fact<'_>) -> Verdict {
    let Fact::Repeated { command, decision } = fact else {
        return Ok(());
    };
    match decision {
        Ok(decision) => hold(decision.is_silent(), || format!("{command:?} led to {decision:?} once more")),
        Err(refusal) => Err(format!("{command:?} was taken, and then refused because {refusal}")),
    }
}

fn a_request_has_one_answer(truth: &Truth, fact: &Fact<'_>) -> Verdict {
    let Fact::Answered { user, role, request, answer } = fact else {
        return Ok(());
    };
    let first = truth.answers.get(&(*user, (*request).to_owned()));
    match answer {
        Answer::Taken(reply) => {
            hold(*role > Role::Viewer, || format!("a viewer's {request} was taken: {reply:?}"))?;
            hold(first.is_none_or(|first| first == reply), || format!("{request}: first {first:?}, now {reply:?}"))
        }
        Answer::Refused(why) => hold(first.is_none(), || format!("{request}: first {first:?}, then refused: {why}")),
        Answer::Unavailable => Ok(()),
    }
}
