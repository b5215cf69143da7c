//! What must hold of everything together: of the journal after each restart, and of the whole world at the end.

use tenure_model::Entity;
use tenure_model::id::TurnId;
use tenure_session::{Event, Session};

use crate::invariants::{Verdict, hold};
use crate::journal::Stored;
use crate::picture::{Picture, text_of};
use crate::scene::{Scene, short};
use crate::truth::{Fate, Violation};
use crate::world::World;

type OfJournal = (&'static str, fn(&Scene) -> Verdict);
type OfWorld = (&'static str, fn(&World) -> Verdict);

macro_rules! named {
    ($($invariant:ident),+ $(,)?) => {
        [$((stringify!($invariant), $invariant)),+]
    };
}

const OF_JOURNAL: [OfJournal; 5] = named![
    seqs_have_no_hole,
    positions_have_no_hole,
    every_acknowledged_command_is_in_the_journal,
    nobody_has_seen_what_is_gone,
    a_snapshot_is_its_history,
];

const AT_THE_END: [OfWorld; 3] = named![everything_is_settled, no_prompt_is_lost, every_view_equals_the_journal];

/// Returns the first invariant that the journal breaks.
pub fn of_the_journal(scene: &Scene) -> Option<Violation> {
    OF_JOURNAL.iter().find_map(|(invariant, holds)| {
        let detail = holds(scene).err()?;
        Some(Violation { invariant, detail })
    })
}

/// Returns the first invariant that the world breaks in the end.
pub fn at_the_end(world: &World) -> Option<Violation> {
    let of_world = || {
        AT_THE_END.iter().find_map(|(invariant, holds)| {
            let detail = holds(world).err()?;
            Some(Violation { invariant, detail })
        })
    };
    of_the_journal(&world.scene).or_else(of_world)
}

fn each_session(scene: &Scene, mut judge: impl FnMut(String, &Stored) -> Verdict) -> Verdict {
    scene.journal.sessions.iter().try_for_each(|(id, stored)| judge(format!("session {}", short(id)), stored))
}

fn seqs_have_no_hole(scene: &Scene) -> Verdict {
    each_session(scene, |session, stored| {
        let wrong = (1..).zip(stored.records()).find(|(seq, record)| record.seq != *seq);
        hold(wrong.is_none(), || format!("{session} has {wrong:?}"))
    })
}

fn positions_have_no_hole(scene: &Scene) -> Verdict {
    let (stored, known) = (scene.journal.position, scene.truth.position);
    hold(stored == known, || format!("the journal is at position {stored}, there were {known} commits"))
}

fn every_acknowledged_command_is_in_the_journal(scene: &Scene) -> Verdict {
    let sessions = scene.journal.sessions.values();
    let events = sessions.flat_map(Stored::records).flat_map(|record| &record.events);
    let mut missing = scene.truth.answers.clone();
    for event in events {
        if let Event::RequestAnswered { user, request, reply, .. } = event {
            let key = (*user, request.to_string());
            if missing.get(&key) == Some(reply) {
                missing.remove(&key);
            }
        }
    }
    hold(missing.is_empty(), || format!("not in the journal: {missing:?}"))
}

fn nobody_has_seen_what_is_gone(scene: &Scene) -> Verdict {
    for (session, stored) in &scene.journal.sessions {
        let open = scene.journal.load(*session).state;
        let finished = |wanted: TurnId| {
            let mut events = stored.records().flat_map(|record| &record.events);
            events.find_map(|event| match event {
                Event::TurnFinished { turn, parts, .. } if *turn == wanted => Some(parts),
                _ => None,
            })
        };
        for (turn, seen) in &scene.truth.seen {
            let Some(known) = scene.truth.turns.get(turn).filter(|known| known.session == *session) else {
                continue;
            };
            for (part, length) in seen.iter().filter(|(_, length)| **length > 0) {
                let content = match finished(*turn) {
                    Some(parts) => parts.get(*part as usize),
                    None => open.turns.get(turn).and_then(|turn| turn.parts.get(part)),
                };
                let text = content.map(text_of).unwrap_or_default();
                let was = known.text.get(part).and_then(|text| text.get(..*length));
                hold(was.is_some_and(|was| text.starts_with(was)), || {
                    format!("{length} bytes of part {part} of {turn} were seen, {was:?}; there is {text:?}")
                })?;
            }
        }
    }
    Ok(())
}

fn a_snapshot_is_its_history(scene: &Scene) -> Verdict {
    for (session, stored) in &scene.journal.sessions {
        let replayed = stored.folded(Session::default(), stored.records());
        let loaded = scene.journal.load(*session).state;
        hold(loaded == replayed, || format!("{session} loads as {loaded:?}, its records say {replayed:?}"))?;
    }
    Ok(())
}

/// Nothing runs, waits, is owed or is believed for ever.
pub fn everything_is_settled(world: &World) -> Verdict {
    let scene = &world.scene;
    let server = world.server.as_ref().ok_or("the server is down")?;
    if let Some(person) = world.people.iter().find(|person| !person.open.is_empty()) {
        return Err(format!("{} waits for an answer", scene.cast[person.place].by.name));
    }
    if let Some((turn, _)) = scene.truth.turns.iter().find(|(_, turn)| turn.open) {
        return Err(format!("{turn} is open for ever"));
    }
    for runner in &world.runners {
        let works = runner.process.as_ref().map(|process| process.works.keys().collect::<Vec<_>>());
        hold(works.as_ref().is_some_and(Vec::is_empty), || format!("runner {} holds {works:?}", runner.place))?;
    }
    hold(scene.journal.outbox.is_empty(), || format!("effects wait: {:?}", scene.journal.outbox))?;
    hold(server.is_idle(), || "the server does something for ever".into())?;
    for session in scene.journal.sessions.keys() {
        let state = scene.journal.load(*session).state;
        let rests = state.terminated_at.is_some() || state.queue.is_empty();
        hold(rests, || format!("session {} has a queue and does nothing", short(session)))?;
        hold(state.wake_at().is_none(), || format!("session {} wants to be woken", short(session)))?;
    }
    Ok(())
}

/// Tells whether everybody was told all the news.
pub fn everybody_is_up_to_date(world: &World) -> bool {
    world.people.iter().all(|person| {
        let stored = world.scene.journal.sessions.get(&world.scene.cast[person.place].session);
        person.conn.is_some() && person.cursor >= stored.map(|stored| stored.position)
    })
}

fn no_prompt_is_lost(world: &World) -> Verdict {
    for (prompt, known) in &world.scene.truth.prompts {
        let state = world.scene.journal.load(known.session).state;
        let waiting = state.queue.iter().find(|queued| queued.id == *prompt);
        let found = match known.fate {
            Fate::Waits => waiting.is_some_and(|queued| queued.text == known.text),
            Fate::Taken | Fate::Withdrawn | Fate::Answered => waiting.is_none(),
        };
        hold(found, || format!("{prompt} is {:?}, the queue says {waiting:?}", known.fate))?;
    }
    Ok(())
}

fn every_view_equals_the_journal(world: &World) -> Verdict {
    let scene = &world.scene;
    for person in &world.people {
        let character = &scene.cast[person.place];
        let state = scene.journal.load(character.session).state;
        let truth = Picture::of(&state, character.session, &scene.journal, u64::MAX);
        let same = person.picture == truth;
        hold(same, || format!("{} sees {:?}, the journal says {truth:?}", character.by.name, person.picture))?;
    }
    Ok(())
}
