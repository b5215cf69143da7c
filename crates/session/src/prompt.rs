//! Prompting, and what people can do with a prompt that waits.

use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{PromptId, ThreadId, TurnId};
use tenure_model::view::{Purpose, Role};

use crate::command::{Author, By};
use crate::draft::Draft;
use crate::effect::CancelCause;
use crate::event::Event;
use crate::limits::Limits;
use crate::message::QueuedPrompt;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::state::Session;
use crate::{life, question, queue};

/// A prompt as it is sent.
pub(crate) struct New {
    pub thread: Option<ThreadId>,
    pub text: String,
    pub attachments: Vec<Attachment>,
    pub mode: Option<PromptMode>,
    pub agent: Option<String>,
    pub model: Option<String>,
}

/// Takes a prompt: it answers an open question, opens a turn, or waits.
pub(crate) fn prompt(draft: &mut Draft, by: &By, new: New) -> Result<Reply, Refusal> {
    let session = draft.session();
    let thread = session.thread(new.thread)?;
    if session.threads.get(&thread).is_some_and(|thread| thread.step_of.is_some()) {
        return Err(Refusal::ThreadOfStep(thread));
    }
    new.agent.iter().chain(&new.model).try_for_each(|name| check_name(&session.limits, name))?;
    let mode = applied_mode(session, thread, new.mode);
    if mode == PromptMode::Steer
        && new.attachments.is_empty()
        && let Some((turn, question)) = session.open_question_of(thread)
    {
        check_text(session, &new.text, &[])?;
        return Ok(question::accept(draft, by, turn, question, new.text, None));
    }
    let prompt = QueuedPrompt {
        id: draft.fresh(),
        thread,
        by: by.author(),
        text: new.text,
        attachments: new.attachments,
        mode,
        agent: new.agent,
        model: new.model,
        queued_at: draft.ctx.now,
        retry_of: None,
        step: None,
    };
    enqueue(draft, prompt)
}

/// In an orchestrator session a prompt for a busy thread does not wait for its turn: it steers.
fn applied_mode(session: &Session, thread: ThreadId, asked: Option<PromptMode>) -> PromptMode {
    let mode = asked.unwrap_or(session.mode());
    let orchestrates = session.about.as_ref().is_some_and(|about| about.purpose == Purpose::Orchestrator);
    let busy = session.open_turn_of(thread).is_some();
    if orchestrates && busy && mode == PromptMode::Followup { PromptMode::Steer } else { mode }
}

/// Takes a prompt up: it opens a turn or waits.
pub(crate) fn enqueue(draft: &mut Draft, prompt: QueuedPrompt) -> Result<Reply, Refusal> {
    let session = draft.session();
    check_text(session, &prompt.text, &prompt.attachments)?;
    let open = session.open_turn_of(prompt.thread);
    let max = session.limits.queue_max;
    let waits = open.is_some() || session.waiting(prompt.thread).next().is_some() || prompt.mode == PromptMode::Collect;
    if waits && session.queue.len() as u64 >= max {
        return Err(Refusal::Full { what: "the session's queue", limit: "queue_max", max });
    }
    let (id, thread, mode, by) = (prompt.id, prompt.thread, prompt.mode, prompt.by.clone());
    draft.emit(Event::PromptQueued { prompt });
    go(draft, by, thread, mode, open);
    Ok(prompted(draft.session(), id, thread, mode, open))
}

/// Sets a thread going after its queue has changed: a steering prompt ends the open turn.
fn go(draft: &mut Draft, by: Author, thread: ThreadId, mode: PromptMode, open: Option<TurnId>) {
    if let (PromptMode::Steer, Some(turn)) = (mode, open) {
        life::cancel(draft, turn, CancelCause::Steered, Some(by));
    }
    queue::dispatch(draft, thread);
}

fn prompted(session: &Session, prompt: PromptId, thread: ThreadId, mode: PromptMode, open: Option<TurnId>) -> Reply {
    let taken = session.turns.iter().find(|(_, turn)| turn.message.prompts.contains(&prompt)).map(|(id, _)| *id);
    let place = session.waiting(thread).position(|queued| queued.id == prompt).map(|place| place as u32);
    let ends = open.filter(|_| mode == PromptMode::Steer);
    Reply::Prompted { prompt, thread, turn: taken, mode, place, ends }
}

/// Replaces the text of a waiting prompt.
pub(crate) fn edit(draft: &mut Draft, by: &By, role: Role, prompt: PromptId, text: String) -> Result<Reply, Refusal> {
    let queued = own(draft.session(), by, role, prompt)?;
    check_text(draft.session(), &text, &queued.attachments)?;
    if queued.text != text {
        draft.emit(Event::PromptEdited { prompt, text, by: by.author() });
    }
    Ok(Reply::Done)
}

/// Moves a waiting prompt within its thread.
pub(crate) fn shift(draft: &mut Draft, by: &By, prompt: PromptId, before: Option<PromptId>) -> Result<Reply, Refusal> {
    let session = draft.session();
    let thread = session.queued(prompt)?.thread;
    if let Some(before) = before
        && session.queued(before)?.thread != thread
    {
        return Err(Refusal::OtherThread(before));
    }
    let order = |queue: &[QueuedPrompt]| -> Vec<PromptId> {
        queue.iter().filter(|queued| queued.thread == thread).map(|queued| queued.id).collect()
    };
    let mut moved = session.queue.clone();
    queue::shift(&mut moved, prompt, before);
    if order(&moved) != order(&session.queue) {
        draft.emit(Event::PromptMoved { prompt, before, by: by.author() });
        queue::dispatch(draft, thread);
    }
    Ok(Reply::Done)
}

/// Gives a waiting prompt back.
pub(crate) fn withdraw(draft: &mut Draft, by: &By, role: Role, prompt: PromptId) -> Result<Reply, Refusal> {
    let QueuedPrompt { thread, text, attachments, .. } = own(draft.session(), by, role, prompt)?.clone();
    draft.emit(Event::PromptWithdrawn { prompt, by: by.author() });
    queue::dispatch(draft, thread);
    Ok(Reply::Withdrawn { prompt, text, attachments })
}

/// Makes a waiting prompt steer, or answer the question that its thread waits on.
pub(crate) fn promote(draft: &mut Draft, by: &By, prompt: PromptId) -> Result<Reply, Refusal> {
    let session = draft.session();
    let queued = session.persons(prompt)?;
    let thread = queued.thread;
    if queued.attachments.is_empty()
        && let Some((turn, question)) = session.open_question_of(thread)
    {
        let text = queued.text.clone();
        return Ok(question::accept(draft, by, turn, question, text, Some(prompt)));
    }
    let open = session.open_turn_of(thread);
    if queued.mode != PromptMode::Steer {
        draft.emit(Event::PromptPromoted { prompt, by: by.author() });
    }
    go(draft, by.author(), thread, PromptMode::Steer, open);
    Ok(prompted(draft.session(), prompt, thread, PromptMode::Steer, open))
}

/// Prompts the text of a turn again that was interrupted or has failed.
pub(crate) fn retry(draft: &mut Draft, by: &By, turn: TurnId) -> Result<Reply, Refusal> {
    let of_turn = |(id, thread): (&ThreadId, &'_ crate::state::Thread)| {
        thread.last.as_ref().filter(|last| last.turn == turn).map(|last| (*id, last.message.clone(), last.retried))
    };
    let found = draft.session().threads.iter().find_map(of_turn);
    let Some((thread, Some(message), retried)) = found else {
        return Err(Refusal::NotRetryable(turn));
    };
    if retried {
        return Err(Refusal::RetriedAlready(turn));
    }
    let again = QueuedPrompt {
        id: draft.fresh(),
        thread,
        by: by.author(),
        text: message.text,
        attachments: message.attachments,
        mode: PromptMode::Followup,
        agent: message.agent,
        model: message.model,
        queued_at: draft.ctx.now,
        retry_of: Some(turn),
        step: None,
    };
    enqueue(draft, again)
}

fn own<'s>(session: &'s Session, by: &By, role: Role, prompt: PromptId) -> Result<&'s QueuedPrompt, Refusal> {
    let queued = session.persons(prompt)?;
    if queued.by.user == by.user || role == Role::Owner { Ok(queued) } else { Err(Refusal::NotTheAuthor) }
}

fn check_text(session: &Session, text: &str, attachments: &[Attachment]) -> Result<(), Refusal> {
    let limits = &session.limits;
    if text.trim().is_empty() && attachments.is_empty() {
        return Err(Refusal::Empty { what: "the prompt" });
    }
    if attachments.len() as u64 > limits.attachments_max {
        let max = limits.attachments_max;
        return Err(Refusal::Full { what: "the list of attachments", limit: "attachments_max", max });
    }
    let (size, max) = (queue::size(text, attachments), limits.prompt_bytes_max);
    if size > max {
        return Err(Refusal::TooLarge { what: "the prompt", size, limit: "prompt_bytes_max", max });
    }
    Ok(())
}

/// Checks the name of an agent, a model or a person.
pub(crate) fn check_name(limits: &Limits, name: &str) -> Result<(), Refusal> {
    let (size, max) = (name.len() as u64, limits.note_bytes_max);
    if name.is_empty() {
        return Err(Refusal::Empty { what: "the name" });
    }
    if size > max { Err(Refusal::TooLarge { what: "the name", size, limit: "note_bytes_max", max }) } else { Ok(()) }
}

impl Session {
    fn queued(&self, prompt: PromptId) -> Result<&QueuedPrompt, Refusal> {
        self.queue.iter().find(|queued| queued.id == prompt).ok_or(Refusal::UnknownPrompt(prompt))
    }

    /// Returns a waiting prompt of a person; those of workflow runs are not for people to change.
    fn persons(&self, prompt: PromptId) -> Result<&QueuedPrompt, Refusal> {
        let queued = self.queued(prompt)?;
        let Some(step) = &queued.step else { return Ok(queued) };
        let run = self.runs.get(&step.asked.step.execution).map(|run| run.title.clone()).unwrap_or_default();
        Err(Refusal::PromptOfRun { run })
    }

    /// Returns the open turn of a thread that talks in it.
    pub fn open_turn_of(&self, thread: ThreadId) -> Option<TurnId> {
        self.turns.iter().find(|(_, turn)| turn.thread == thread && turn.is_prompt()).map(|(id, _)| *id)
    }
}
