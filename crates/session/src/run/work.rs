//! Doing the work of a step: where it goes, and the threads that are opened for it.

use tenure_model::chat::PromptMode;
use tenure_model::id::{ExecutionId, ThreadId, TurnId};
use tenure_model::step::StepWork;

use super::command::{StepTask, StepThread};
use super::state::{QueuedStep, StepJob, StepTurn};
use crate::command::Author;
use crate::draft::Draft;
use crate::event::Event;
use crate::frames::shortened;
use crate::limits::Limits;
use crate::message::{QueuedPrompt, UserMessage};
use crate::refusal::Refusal;
use crate::state::{Session, Thread};
use crate::{prompt, queue};

/// Takes a step's work on. One that was taken on before is left alone, wherever it stands by now.
pub(crate) fn start(draft: &mut Draft, task: StepTask) -> Result<(), Refusal> {
    let session = draft.session();
    if session.knows(task.turn) {
        return Ok(());
    }
    session.about.as_ref().ok_or(Refusal::Unknown)?;
    let execution = task.step.execution;
    session.live_run(execution).ok_or(Refusal::RunUnknown(execution))?;
    if session.terminated_at.is_some() {
        return Err(Refusal::Terminated);
    }
    check(&session.limits, &task)?;
    let StepTask { turn, thread, step, work, timeout_ms, by } = task;
    let thread = open_thread(draft, execution, thread, &by)?;
    match work {
        StepWork::Prompt { text, persona, agent, models, interrupt } => {
            let mode = if interrupt { PromptMode::Steer } else { PromptMode::Followup };
            let model = models.first().cloned();
            let job = StepJob::Prompt { persona, models };
            let step = Some(QueuedStep { turn, asked: StepTurn { step, timeout_ms, job } });
            let (id, queued_at) = (draft.fresh(), draft.ctx.now);
            let (attachments, retry_of) = (vec![], None);
            let prompt =
                QueuedPrompt { id, thread, by, text, attachments, mode, agent, model, queued_at, retry_of, step };
            prompt::enqueue(draft, prompt).map(|_prompted| ())
        }
        StepWork::Shell { command, env, cwd } => {
            let asked = StepTurn { step, timeout_ms, job: StepJob::Shell { env, cwd } };
            at_once(draft, turn, thread, message(by, command, asked))
        }
        StepWork::Tool { tool, arguments } => {
            let asked = StepTurn { step, timeout_ms, job: StepJob::Tool { arguments } };
            at_once(draft, turn, thread, message(by, tool, asked))
        }
    }
}

/// Opens the turn of a command or a tool, which waits for no other.
fn at_once(draft: &mut Draft, turn: TurnId, thread: ThreadId, message: UserMessage) -> Result<(), Refusal> {
    let session = draft.session();
    let max = session.limits.turns_max;
    if session.turns.len() as u64 >= max {
        return Err(Refusal::Full { what: "the session's list of open turns", limit: "turns_max", max });
    }
    queue::open(draft, turn, thread, message, None);
    Ok(())
}

fn message(by: Author, text: String, asked: StepTurn) -> UserMessage {
    UserMessage {
        prompts: vec![],
        authors: vec![by],
        text,
        attachments: vec![],
        mode: PromptMode::Followup,
        agent: None,
        model: None,
        restore: None,
        step: Some(asked),
    }
}

fn check(limits: &Limits, task: &StepTask) -> Result<(), Refusal> {
    let (size, max) = (task.step.path.len() as u64, limits.note_bytes_max);
    if size > max {
        return Err(Refusal::TooLarge { what: "the step's path", size, limit: "note_bytes_max", max });
    }
    let (text, more) = match &task.work {
        StepWork::Prompt { text, persona, agent, models, .. } => {
            agent.iter().chain(models).try_for_each(|name| prompt::check_name(limits, name))?;
            (text, persona.as_ref().map_or(0, |persona| persona.name.len() + persona.instructions.len()))
        }
        StepWork::Shell { command, env, cwd } => {
            let variables: usize = env.iter().map(|(name, value)| name.len() + value.len()).sum();
            (command, variables + cwd.as_ref().map_or(0, String::len))
        }
        StepWork::Tool { tool, arguments } => (tool, arguments.to_string().len()),
    };
    if text.trim().is_empty() {
        return Err(Refusal::Empty { what: "the step's work" });
    }
    let (size, max) = ((text.len() + more) as u64, limits.prompt_bytes_max);
    if size > max {
        return Err(Refusal::TooLarge { what: "the step's work", size, limit: "prompt_bytes_max", max });
    }
    Ok(())
}

fn open_thread(
    draft: &mut Draft,
    execution: ExecutionId,
    StepThread { id: thread, title, single_use }: StepThread,
    by: &Author,
) -> Result<ThreadId, Refusal> {
    if draft.session().threads.contains_key(&thread) {
        return Ok(thread);
    }
    let title = title.map(|title| shortened(title, draft.session().limits.title_bytes_max));
    if single_use {
        make_room(draft);
    }
    let session = draft.session();
    let max = session.limits.threads_max;
    if session.threads.len() as u64 >= max {
        return Err(Refusal::Full { what: "the session's list of threads", limit: "threads_max", max });
    }
    let step_of = single_use.then_some(execution);
    draft.emit(Event::ThreadOpened { thread, title, by: by.clone(), step_of, draws: vec![] });
    Ok(thread)
}

/// Closes the single-use thread that has rested longest when there are enough of them. One is kept after its turn because
/// a repair round may go on in it.
fn make_room(draft: &mut Draft) {
    let session = draft.session();
    let idle = session.idle_step_threads();
    if (idle.len() as u64) < session.limits.step_threads_idle_max {
        return;
    }
    let rests_since = |thread: &&(ThreadId, &Thread)| thread.1.last.as_ref().map_or(thread.1.opened_at, |last| last.at);
    if let Some((thread, _)) = idle.iter().min_by_key(rests_since) {
        let thread = *thread;
        draft.emit(Event::ThreadClosed { thread });
    }
}

/// Closes the single-use threads of a run that is over.
pub(super) fn close_idle_threads(draft: &mut Draft, execution: ExecutionId) {
    let idle = draft.session().idle_step_threads();
    let of_run: Vec<ThreadId> =
        idle.into_iter().filter(|(_, thread)| thread.step_of == Some(execution)).map(|(id, _)| id).collect();
    of_run.into_iter().for_each(|thread| draft.emit(Event::ThreadClosed { thread }));
}

impl Session {
    /// Tells whether the turn of a step's work waits, is open or is over.
    pub(super) fn knows(&self, turn: TurnId) -> bool {
        let waits = |queued: &QueuedPrompt| queued.step.as_ref().is_some_and(|step| step.turn == turn);
        self.turns.contains_key(&turn) || self.steps_over.get(turn).is_some() || self.queue.iter().any(waits)
    }

    fn idle_step_threads(&self) -> Vec<(ThreadId, &Thread)> {
        let busy = |thread: &ThreadId| {
            self.turns.values().any(|turn| turn.thread == *thread) || self.waiting(*thread).next().is_some()
        };
        let single_use = self.threads.iter().filter(|(_, thread)| thread.step_of.is_some());
        single_use.filter(|(id, _)| !busy(id)).map(|(id, thread)| (*id, thread)).collect()
    }
}
