//! What the session makes of the news about its sandbox, and of what people wish of it.

use super::ask::{SandboxNews, SandboxWish};
use super::event::SandboxEvent;
use super::settle::{fail, start, stop};
use super::state::{Phase, Sandbox, StartCause, StopCause};
use super::table::{Change, Place};
use crate::command::By;
use crate::draft::Draft;
use crate::effect::CancelCause;
use crate::event::Event;
use crate::life;
use crate::refusal::Refusal;
use crate::reply::Reply;

/// Takes news of one generation up. Apart from a hello, news of an earlier one change nothing.
pub(crate) fn report(draft: &mut Draft, generation: u32, news: SandboxNews) -> Result<(), Refusal> {
    let sandbox = draft.session().sandbox.as_ref().ok_or(Refusal::NoSandbox)?;
    if generation > sandbox.generation || (generation < sandbox.generation && matches!(news, SandboxNews::Up { .. })) {
        return Err(Refusal::StaleGeneration { given: generation, current: sandbox.generation });
    }
    if generation < sandbox.generation {
        return Ok(());
    }
    match news {
        SandboxNews::Up { runner, boot } => {
            sandbox.place().after(Change::ComeUp).ok_or(Refusal::SandboxUnwanted)?;
            if !sandbox.is_up() {
                draft.emit(Event::Sandbox { generation, what: SandboxEvent::Up { runner, boot } });
            }
        }
        SandboxNews::Away => leave(draft),
        SandboxNews::Started { handle } => {
            let open = matches!(sandbox.place(), Place::Starting | Place::Running);
            let waits = matches!(sandbox.phase, Phase::Starting { waits: Some(_), .. });
            if open && (waits || sandbox.handle != handle) {
                draft.emit(Event::Sandbox { generation, what: SandboxEvent::Launched { handle } });
            }
        }
        SandboxNews::Queued { why } => queue(draft, why),
        SandboxNews::StartFailed { why } => {
            if sandbox.place() == Place::Starting {
                fail(draft, why);
            }
        }
        SandboxNews::Stopped { ended } => {
            if let Phase::Hibernating { cause, wanted, .. } = sandbox.phase
                && (ended || cause != StopCause::Ended)
            {
                draft.emit(Event::Sandbox {
                    generation,
                    what: SandboxEvent::Stopped { ended: cause == StopCause::Ended },
                });
                if wanted && draft.session().terminated_at.is_none() {
                    start(draft, StartCause::Woken);
                }
            }
        }
        SandboxNews::StopFailed { why } => {
            if matches!(&sandbox.phase, Phase::Hibernating { trouble, .. } if trouble.as_ref() != Some(&why)) {
                draft.emit(Event::Sandbox { generation, what: SandboxEvent::StopFailed { why } });
            }
        }
    }
    Ok(())
}

/// Notes that the sandbox's runner is not there, and waits for it.
pub(crate) fn leave(draft: &mut Draft) {
    let Some(sandbox) = draft.session().sandbox.as_ref().filter(|sandbox| sandbox.is_up()) else { return };
    let (generation, until) = (sandbox.generation, draft.ctx.now + sandbox.policy.grace_ms);
    draft.emit(Event::Sandbox { generation, what: SandboxEvent::Away { until } });
}

fn queue(draft: &mut Draft, why: String) {
    let Some(Sandbox { phase: Phase::Starting { waits, .. }, policy, generation, .. }) = &draft.session().sandbox
    else {
        return;
    };
    if waits.as_ref() != Some(&why) {
        let (generation, until) = (*generation, draft.ctx.now + policy.start_timeout_ms);
        draft.emit(Event::Sandbox { generation, what: SandboxEvent::Queued { why, until } });
    }
}

/// Does what somebody wishes.
pub(crate) fn wish(draft: &mut Draft, by: &By, wish: SandboxWish) -> Result<Reply, Refusal> {
    let sandbox = draft.session().sandbox.as_ref().ok_or(Refusal::NoSandbox)?;
    match wish {
        SandboxWish::Wake => wake(draft),
        SandboxWish::Hibernate if !draft.session().turns.is_empty() => return Err(Refusal::SandboxBusy),
        SandboxWish::Hibernate => put_to_sleep(draft),
        SandboxWish::Stop => {
            let running = matches!(sandbox.place(), Place::Starting | Place::Running);
            let open: Vec<_> = draft.session().turns.keys().copied().filter(|_| running).collect();
            for turn in open {
                life::cancel(draft, turn, CancelCause::Aborted, Some(by.author()));
            }
            put_to_sleep(draft);
        }
    }
    Ok(Reply::Done)
}

fn wake(draft: &mut Draft) {
    let Some(sandbox) = &draft.session().sandbox else { return };
    match &sandbox.phase {
        Phase::None | Phase::Failed { .. } => start(draft, StartCause::First),
        Phase::Hibernated { .. } => start(draft, StartCause::Woken),
        Phase::Hibernating { wanted: false, .. } => {
            let generation = sandbox.generation;
            draft.emit(Event::Sandbox { generation, what: SandboxEvent::Wanted });
        }
        Phase::Starting { .. } | Phase::Running { .. } | Phase::Hibernating { .. } => {}
    }
}

fn put_to_sleep(draft: &mut Draft) {
    let awake = |sandbox: &Sandbox| matches!(sandbox.place(), Place::Starting | Place::Running);
    if draft.session().sandbox.as_ref().is_some_and(awake) {
        stop(draft, StopCause::Asked);
    }
}
