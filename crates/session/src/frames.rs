//! What a runner says of a turn: frames are judged one by one, and taken all or none.
//!
//! Text becomes deltas, consecutive text of one part a single one; everything else becomes an event. Frames that were
//! taken before are skipped, so a runner may repeat whatever was not acknowledged.

use std::collections::BTreeSet;

use serde_json::Value;
use tenure_model::chat::{FinishReason, TextKind};
use tenure_model::entity::{Ctx, Decision, Delta};
use tenure_model::id::{QuestionId, RunnerId, TurnId, WorkId};
use tenure_model::link::TurnFrame;
use tenure_model::view::Purpose;
use tenure_model::workspace::GitState;

use crate::draft::Draft;
use crate::effect::{CancelCause, Effect};
use crate::event::{Event, Expiry};
use crate::life::{self, Ending};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::report::held_by;
use crate::run;
use crate::shape::Shapes;
use crate::state::Session;
use crate::stream::TextDelta;
use crate::turn::{Phase, Turn};

/// Consecutive frames of one work, as a runner sent them.
pub(crate) struct Batch {
    pub work: WorkId,
    pub generation: u32,
    pub runner: RunnerId,
    pub first: u64,
    pub frames: Vec<TurnFrame>,
}

/// Takes frames up. Text alone is decided without copying the session: this is the busiest road.
pub(crate) fn take(session: &Session, ctx: &Ctx, batch: Batch) -> Result<Decision<Session>, Refusal> {
    let turn = match session.open_work(batch.work, batch.generation) {
        Err(Refusal::TurnClosed) => return repeated_after_close(session, &batch),
        other => other?,
    };
    held_by(turn, batch.runner)?;
    let Some(known) = turn.next_frame.checked_sub(batch.first) else {
        return Err(Refusal::FramesGap { expected: turn.next_frame });
    };
    let mut intake = Intake::new(session, ctx, batch.work.into(), turn);
    for frame in batch.frames.into_iter().skip(usize::try_from(known).unwrap_or(usize::MAX)) {
        intake.frame(frame)?;
    }
    Ok(intake.decided())
}

/// A closed turn still acknowledges what it took, so that a runner that missed the answer can forget the turn. A runner
/// that brings nothing but asks where it stands may still run the turn, and must hear that it is closed.
fn repeated_after_close(session: &Session, batch: &Batch) -> Result<Decision<Session>, Refusal> {
    let turn = TurnId::from(batch.work);
    let last = session.threads.values().filter_map(|thread| thread.last.as_ref()).find(|last| last.turn == turn);
    let of_step = session.steps_over.get(turn).map(|over| (over.generation, over.next_frame));
    let restored = session.restored.filter(|over| over.turn == turn).map(|over| (over.generation, over.next_frame));
    let known = last.map(|last| (last.generation, last.next_frame)).or(of_step).or(restored);
    let (_, next) = known.filter(|(generation, _)| *generation == batch.generation).ok_or(Refusal::TurnClosed)?;
    let all_known = batch.first.saturating_add(batch.frames.len() as u64) <= next;
    if all_known && !batch.frames.is_empty() {
        Ok(Decision::nothing(Reply::Frames { next }))
    } else {
        Err(Refusal::TurnClosed)
    }
}

/// Frames on their way into a turn.
struct Intake<'a> {
    session: &'a Session,
    ctx: &'a Ctx,
    id: TurnId,
    turn: &'a Turn,
    /// The number of the next frame.
    number: u64,
    shapes: Shapes<'a>,
    /// Text that may still grow, with the number of its last frame.
    run: Option<(TextDelta, u64)>,
    events: Vec<Event>,
    effects: Vec<Effect>,
    deltas: Vec<Delta>,
    finish: Option<Finish>,
    asked_in_vain: bool,
}

struct Finish {
    reason: FinishReason,
    error: Option<String>,
    result: Option<Value>,
    frame: u64,
}

impl<'a> Intake<'a> {
    fn new(session: &'a Session, ctx: &'a Ctx, id: TurnId, turn: &'a Turn) -> Self {
        Self {
            session,
            ctx,
            id,
            turn,
            number: turn.next_frame,
            shapes: Shapes::new(turn, &session.limits),
            run: None,
            events: vec![],
            effects: vec![],
            deltas: vec![],
            finish: None,
            asked_in_vain: false,
        }
    }

    fn frame(&mut self, said: TurnFrame) -> Result<(), Refusal> {
        if self.finish.is_some() {
            return Err(Refusal::AfterFinalize);
        }
        if matches!(self.turn.phase, Phase::Accepted { .. }) && self.number == self.turn.next_frame {
            self.events.push(Event::TurnStarted { turn: self.id });
            self.effects.extend(run::began(self.id, self.turn));
        }
        let (turn, frame) = (self.id, self.number);
        match said {
            TurnFrame::TextDelta { part, kind, offset, text } => self.text(part, kind, offset, text)?,
            TurnFrame::MessageCreate { agent, model, agent_session } => {
                self.check_created()?;
                self.note("the agent's name", &agent)?;
                self.note("the model's name", model.as_deref().unwrap_or_default())?;
                self.note("the agent's session id", agent_session.as_deref().unwrap_or_default())?;
                self.record(Event::MessageCreated { turn, frame, agent, model, agent_session });
            }
            TurnFrame::ToolUpdate { part, call } => {
                self.shapes.update(part, &call)?;
                self.record(Event::ToolUpdated { turn, frame, part, call });
            }
            TurnFrame::Question { text, .. } if self.nobody_answers() => {
                let text = shortened(text, self.session.limits.note_bytes_max);
                self.record(Event::QuestionRefused { turn, frame, text });
                self.asked_in_vain = true;
            }
            TurnFrame::Question { question, text, options, timeout_ms } => {
                self.check_question(question, &text, &options)?;
                let limits = &self.session.limits;
                let wait = timeout_ms.unwrap_or(limits.question_timeout_ms).min(limits.question_timeout_max_ms);
                let (thread, deadline) = (self.turn.thread, self.ctx.now + wait);
                self.record(Event::QuestionAsked { turn, thread, frame, question, text, options, deadline });
                if self.turn.is_cancelling() {
                    self.record(Event::QuestionExpired { turn, question, why: Expiry::TurnOver });
                }
            }
            TurnFrame::AgentStatus { status, detail } => {
                self.note("the status", detail.as_deref().unwrap_or_default())?;
                self.record(Event::AgentStatusChanged { turn, frame, status, detail });
            }
            TurnFrame::Models { models, current } => {
                self.check_count("the list of models", models.len(), "models_max", self.session.limits.models_max)?;
                models.iter().chain(&current).try_for_each(|model| self.note("the model's name", model))?;
                self.record(Event::ModelsListed { turn, frame, models, current });
            }
            TurnFrame::ModelSwitched { from, to, reason } => {
                from.iter().chain([&to]).try_for_each(|model| self.note("the model's name", model))?;
                self.note("the reason", &reason)?;
                self.record(Event::ModelSwitched { turn, frame, from, to, reason });
            }
            TurnFrame::Usage { usage } => self.record(Event::UsageReported { turn, frame, usage }),
            TurnFrame::GitState { git } => self.record(Event::GitStateChanged { turn, frame, git: self.fitting(git) }),
            TurnFrame::FilesChanged { changed } => {
                let changed = changed.shortened(count(self.session.limits.files_max));
                self.record(Event::FilesChanged { turn, frame, changed });
            }
            TurnFrame::Checkpoint {} => self.record(Event::CheckpointMade { turn, frame }),
            TurnFrame::Title { title } => {
                let title = shortened(title, self.session.limits.title_bytes_max);
                self.record(Event::TitleProposed { turn, frame, title });
            }
            // An error text that is too long is cut: a final frame that is refused would leave the turn open.
            TurnFrame::Finalize { reason, error, result } => {
                let error = error.map(|error| shortened(error, self.session.limits.note_bytes_max));
                self.finish = Some(self.weighed(Finish { reason, error, result, frame }));
            }
        }
        self.number += 1;
        Ok(())
    }

    fn text(&mut self, part: u32, kind: TextKind, offset: u64, text: String) -> Result<(), Refusal> {
        self.shapes.grow(part, kind, offset, text.len() as u64)?;
        match &mut self.run {
            Some((run, number)) if run.part == part && run.kind == kind => {
                run.text.push_str(&text);
                *number = self.number;
            }
            _ => {
                self.end_run();
                self.run = Some((TextDelta { part, kind, offset, text }, self.number));
            }
        }
        Ok(())
    }

    /// A step of a workflow's own session asks in vain: nobody watches it all the time.
    fn nobody_answers(&self) -> bool {
        let purpose = self.session.about.as_ref().map(|about| about.purpose);
        purpose == Some(Purpose::Workflow) && self.turn.step().is_some()
    }

    /// A result that is too large is left out, and the end says so.
    fn weighed(&self, finish: Finish) -> Finish {
        let (size, max) =
            (finish.result.as_ref().map_or(0, |result| result.to_string().len()), self.session.limits.result_bytes_max);
        if size as u64 <= max {
            return finish;
        }
        let error = Some(format!("the result is too large: {size}, the limit result_bytes_max is {max}"));
        Finish { reason: FinishReason::Error, error, result: None, ..finish }
    }

    fn record(&mut self, event: Event) {
        self.end_run();
        self.events.push(event);
    }

    /// Cuts a name that is too long: git allows what lists cannot show.
    fn fitting(&self, git: GitState) -> GitState {
        let max = self.session.limits.note_bytes_max;
        let cut = |name: Option<String>| name.map(|name| shortened(name, max));
        GitState { branch: cut(git.branch), head: cut(git.head), ..git }
    }

    fn check_created(&self) -> Result<(), Refusal> {
        let just_now = self.events.iter().any(|event| matches!(event, Event::MessageCreated { .. }));
        if self.turn.created.is_some() || just_now { Err(Refusal::CreatedTwice) } else { Ok(()) }
    }

    fn check_question(&self, id: QuestionId, text: &str, options: &[String]) -> Result<(), Refusal> {
        let limits = &self.session.limits;
        self.note("the question", text)?;
        options.iter().try_for_each(|option| self.note("an option", option))?;
        self.check_count("the list of options", options.len(), "options_max", limits.options_max)?;
        let asked = |event: &Event| match event {
            Event::QuestionAsked { question, .. } => Some(*question),
            _ => None,
        };
        let just_now: Vec<QuestionId> = self.events.iter().filter_map(asked).collect();
        if self.session.find_question(id).is_some() || just_now.contains(&id) {
            return Err(Refusal::QuestionRepeated);
        }
        let all = self.turn.questions.len() + just_now.len() + 1;
        self.check_count("the turn's list of questions", all, "questions_max", limits.questions_max)
    }

    fn check_count(&self, what: &'static str, count: usize, limit: &'static str, max: u64) -> Result<(), Refusal> {
        if count as u64 > max { Err(Refusal::Full { what, limit, max }) } else { Ok(()) }
    }

    fn note(&self, what: &'static str, text: &str) -> Result<(), Refusal> {
        let (size, max) = (text.len() as u64, self.session.limits.note_bytes_max);
        if size > max { Err(Refusal::TooLarge { what, size, limit: "note_bytes_max", max }) } else { Ok(()) }
    }

    fn end_run(&mut self) {
        if let Some((run, number)) = self.run.take() {
            self.deltas.push(run.write(self.id, number));
        }
    }

    /// Tells whether the agent, which goes on, has made more calls of tools than its budgets have left.
    fn over_budget(&self) -> Option<CancelCause> {
        let left = self.turn.phase.hold()?.left?.tool_calls?;
        let called = |event: &Event| match event {
            Event::ToolUpdated { part, .. } => Some(*part),
            _ => None,
        };
        let new: BTreeSet<u32> = self.events.iter().filter_map(called).collect();
        let new = new.iter().filter(|part| !self.turn.parts.contains_key(part)).count() as u64;
        let goes_on = self.finish.is_none() && !self.turn.is_cancelling();
        (goes_on && self.turn.tool_calls() + new > left).then_some(CancelCause::OverBudget)
    }

    fn decided(mut self) -> Decision<Session> {
        self.end_run();
        let reply = Reply::Frames { next: self.number };
        let cause = self.asked_in_vain.then_some(CancelCause::Asked).or_else(|| self.over_budget());
        if self.finish.is_none() && cause.is_none() {
            let (events, effects, deltas) = (self.events, self.effects, self.deltas);
            return Decision { events, effects, deltas, ..Decision::nothing(reply) };
        }
        let mut draft = Draft::new(self.session, self.ctx);
        self.events.into_iter().for_each(|event| draft.emit(event));
        self.effects.into_iter().for_each(|effect| draft.ask(effect));
        cause.into_iter().for_each(|cause| life::cancel(&mut draft, self.id, cause, None));
        let Some(Finish { reason, error, result, frame }) = self.finish else {
            return Decision { deltas: self.deltas, ..draft.decided(reply) };
        };
        // The finished message holds the text of this batch, so its deltas are not written.
        self.deltas.iter().for_each(|delta| draft.absorb(delta));
        let last_frame = Some(frame);
        life::close(&mut draft, self.id, Ending { reason, error, last_frame, result });
        draft.decided(reply)
    }
}

fn count(max: u64) -> usize {
    usize::try_from(max).unwrap_or(usize::MAX)
}

/// Cuts a text to at most so many bytes.
pub(crate) fn shortened(mut text: String, bytes_max: u64) -> String {
    text.truncate(text.floor_char_boundary(usize::try_from(bytes_max).unwrap_or(usize::MAX)));
    text
}
