//! The queue: how prompts stand in it, and which ones go next. Nothing leaves it unseen.

use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{PromptId, ThreadId, TurnId};
use tenure_model::time::Timestamp;

use crate::draft::Draft;
use crate::event::Event;
use crate::life;
use crate::message::{QueuedPrompt, UserMessage};
use crate::state::Session;

/// What stands between prompts that were joined into one.
const JOINT: &str = "\n---\n";

/// Puts a prompt where its mode says: a steering one before the others of its thread, any other at the end.
pub(crate) fn insert(queue: &mut Vec<QueuedPrompt>, prompt: QueuedPrompt) {
    let behind = |queued: &QueuedPrompt| queued.thread == prompt.thread && queued.mode != PromptMode::Steer;
    let place = match prompt.mode {
        PromptMode::Steer => queue.iter().position(behind).unwrap_or(queue.len()),
        PromptMode::Followup | PromptMode::Collect => queue.len(),
    };
    queue.insert(place, prompt);
}

/// Takes a prompt out.
pub(crate) fn take(queue: &mut Vec<QueuedPrompt>, prompt: PromptId) -> Option<QueuedPrompt> {
    let place = queue.iter().position(|queued| queued.id == prompt)?;
    Some(queue.remove(place))
}

/// Moves a prompt before another one, or to the end.
pub(crate) fn shift(queue: &mut Vec<QueuedPrompt>, prompt: PromptId, before: Option<PromptId>) {
    if before == Some(prompt) {
        return;
    }
    let Some(moved) = take(queue, prompt) else { return };
    let place = before.and_then(|before| queue.iter().position(|queued| queued.id == before));
    queue.insert(place.unwrap_or(queue.len()), moved);
}

impl Session {
    /// Lists the prompts that wait in a thread, in order.
    pub fn waiting(&self, thread: ThreadId) -> impl Iterator<Item = &QueuedPrompt> {
        self.queue.iter().filter(move |queued| queued.thread == thread)
    }

    /// Returns when the next prompts of a thread may go, provided that the thread is free by then.
    pub(crate) fn batch_due(&self, thread: ThreadId) -> Option<Timestamp> {
        let batch = self.batch(thread);
        let newest = batch.iter().map(|queued| queued.queued_at).max()?;
        match batch[0].mode {
            PromptMode::Collect => Some(newest + self.limits.collect_window_ms),
            PromptMode::Followup | PromptMode::Steer => Some(newest),
        }
    }

    /// Lists the prompts that will go together as the thread's next turn: those at its head that were made to be joined
    /// and ask for the same, as far as they fit into one prompt.
    fn batch(&self, thread: ThreadId) -> Vec<&QueuedPrompt> {
        let mut waiting = self.waiting(thread);
        let Some(head) = waiting.next() else { return vec![] };
        let mut bytes = size(&head.text, &head.attachments);
        let mut batch = vec![head];
        if head.mode == PromptMode::Followup || head.step.is_some() {
            return batch;
        }
        let alike = |queued: &&QueuedPrompt| {
            queued.mode == head.mode
                && queued.agent == head.agent
                && queued.model == head.model
                && queued.retry_of.is_none()
                && queued.step.is_none()
        };
        for queued in waiting.take_while(alike) {
            bytes += JOINT.len() as u64 + size(&queued.text, &queued.attachments);
            if bytes > self.limits.prompt_bytes_max {
                break;
            }
            batch.push(queued);
        }
        batch
    }

    fn is_free(&self, thread: ThreadId) -> bool {
        self.open_turn_of(thread).is_none() && self.terminated_at.is_none()
    }

    /// Lists the free threads in which something waits, with the time at which it may go.
    pub(crate) fn due_threads(&self) -> Vec<(Timestamp, ThreadId)> {
        let mut threads: Vec<ThreadId> = self.queue.iter().map(|queued| queued.thread).collect();
        threads.sort();
        threads.dedup();
        let free = threads.into_iter().filter(|thread| self.is_free(*thread));
        free.filter_map(|thread| Some((self.batch_due(thread)?, thread))).collect()
    }
}

/// Returns what a prompt counts towards its limit.
pub(crate) fn size(text: &str, attachments: &[Attachment]) -> u64 {
    let attached: usize = attachments.iter().map(|file| file.name.len() + file.mime.len() + file.data.len()).sum();
    (text.len() + attached) as u64
}

/// Opens the thread's next turn, when the thread is free and its next prompts need not wait for more.
pub(crate) fn dispatch(draft: &mut Draft, thread: ThreadId) {
    let session = draft.session();
    let due = session.batch_due(thread).is_some_and(|due| due <= draft.ctx.now);
    if !due || !session.is_free(thread) {
        return;
    }
    let batch = session.batch(thread);
    let (retry_of, asked) = (batch[0].retry_of, batch[0].step.as_ref().map(|step| step.turn));
    let message = joined(session, &batch);
    let turn = asked.unwrap_or_else(|| draft.fresh());
    open(draft, turn, thread, message, retry_of);
}

/// Opens a turn and offers it to the runners.
pub(crate) fn open(draft: &mut Draft, turn: TurnId, thread: ThreadId, message: UserMessage, retry_of: Option<TurnId>) {
    draft.emit(Event::TurnOpened { turn, thread, generation: life::FIRST_GENERATION, message, retry_of });
    life::offer(draft, turn);
}

fn joined(session: &Session, batch: &[&QueuedPrompt]) -> UserMessage {
    let head = batch[0];
    let about = session.about.as_ref();
    let mut authors = vec![];
    for queued in batch {
        if !authors.contains(&queued.by) {
            authors.push(queued.by.clone());
        }
    }
    UserMessage {
        prompts: batch.iter().map(|queued| queued.id).collect(),
        authors,
        text: batch.iter().map(|queued| queued.text.as_str()).collect::<Vec<_>>().join(JOINT),
        attachments: batch.iter().flat_map(|queued| queued.attachments.clone()).collect(),
        mode: head.mode,
        agent: head.agent.clone().or_else(|| about?.agent.clone()),
        model: head.model.clone().or_else(|| about?.model.clone()),
        step: head.step.as_ref().map(|step| step.asked.clone()),
    }
}
