//! What a runner says of a turn: frames are judged one by one, and taken all or none.
//!
//! Text becomes deltas, consecutive text of one part a single one; everything else becomes an event. Frames that were
//! taken before are skipped, so a runner may repeat whatever was not acknowledged.

use tenure_model::chat::{FinishReason, TextKind};
use tenure_model::entity::{Ctx, Decision, Delta};
use tenure_model::id::{RunnerId, TurnId, WorkId};
use tenure_model::link::TurnFrame;

use crate::draft::Draft;
use crate::event::{Event, Expiry};
use crate::life;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::report::held_by;
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
        return Err(Refusal::FramesGap {
            expected: turn.next_frame,
        });
    };
    let mut intake = Intake::new(session, ctx, batch.work.into(), turn);
    for frame in batch
        .frames
        .into_iter()
        .skip(usize::try_from(known).unwrap_or(usize::MAX))
    {
        intake.frame(frame)?;
    }
    Ok(intake.decided())
}

/// A closed turn still acknowledges what it took, so that a runner that missed the answer can forget the turn.
fn repeated_after_close(session: &Session, batch: &Batch) -> Result<Decision<Session>, Refusal> {
    let closed = session.threads.values().filter_map(|thread| thread.last.as_ref());
    let mut of_work = closed.filter(|last| last.turn == batch.work.into() && last.generation == batch.generation);
    let next = of_work.next().ok_or(Refusal::TurnClosed)?.next_frame;
    let all_known = batch.first.saturating_add(batch.frames.len() as u64) <= next;
    if all_known {
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
    deltas: Vec<Delta>,
    finish: Option<Finish>,
}

struct Finish {
    reason: FinishReason,
    error: Option<String>,
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
            deltas: vec![],
            finish: None,
        }
    }

    fn frame(&mut self, frame: TurnFrame) -> Result<(), Refusal> {
        if self.finish.is_some() {
            return Err(Refusal::AfterFinalize);
        }
        if matches!(self.turn.phase, Phase::Accepted { .. }) && self.number == self.turn.next_frame {
            self.events.push(Event::TurnStarted { turn: self.id });
        }
        match frame {
            TurnFrame::TextDelta {
                part,
                kind,
                offset,
                text,
            } => self.text(part, kind, offset, text)?,
            TurnFrame::Finalize { reason, error } => {
                let error = error.map(|error| self.shortened(error, self.session.limits.note_bytes_max));
                self.finish = Some(Finish {
                    reason,
                    error,
                    frame: self.number,
                });
            }
            other => {
                let event = self.event(other)?;
                self.end_run();
                self.events.push(event);
                self.void_when_cancelling();
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
                self.run = Some((
                    TextDelta {
                        part,
                        kind,
                        offset,
                        text,
                    },
                    self.number,
                ));
            }
        }
        Ok(())
    }

    fn event(&mut self, frame: TurnFrame) -> Result<Event, Refusal> {
        let (turn, frame_number, limits) = (self.id, self.number, &self.session.limits);
        Ok(match frame {
            TurnFrame::MessageCreate {
                agent,
                model,
                agent_session,
            } => {
                let created = |event: &Event| matches!(event, Event::MessageCreated { .. });
                if self.turn.created.is_some() || self.events.iter().any(created) {
                    return Err(Refusal::CreatedTwice);
                }
                self.note("the agent's name", &agent)?;
                self.note("the model's name", model.as_deref().unwrap_or_default())?;
                self.note("the agent's session id", agent_session.as_deref().unwrap_or_default())?;
                Event::MessageCreated {
                    turn,
                    frame: frame_number,
                    agent,
                    model,
                    agent_session,
                }
            }
            TurnFrame::ToolUpdate { part, call } => {
                self.shapes.update(part, &call)?;
                Event::ToolUpdated {
                    turn,
                    frame: frame_number,
                    part,
                    call,
                }
            }
            TurnFrame::Question {
                question,
                text,
                options,
                timeout_ms,
            } => {
                self.check_question(&text, &options)?;
                let asked_here =
                    |event: &Event| matches!(event, Event::QuestionAsked { question: q, .. } if *q == question);
                if self.session.find_question(question).is_some() || self.events.iter().any(asked_here) {
                    return Err(Refusal::QuestionRepeated);
                }
                let wait = timeout_ms
                    .unwrap_or(limits.question_timeout_ms)
                    .min(limits.question_timeout_max_ms);
                let (thread, deadline) = (self.turn.thread, self.ctx.now + wait);
                Event::QuestionAsked {
                    turn,
                    thread,
                    frame: frame_number,
                    question,
                    text,
                    options,
                    deadline,
                }
            }
            TurnFrame::AgentStatus { status, detail } => {
                self.note("the status", detail.as_deref().unwrap_or_default())?;
                Event::AgentStatusChanged {
                    turn,
                    frame: frame_number,
                    status,
                    detail,
                }
            }
            TurnFrame::Models { models, current } => {
                if models.len() as u64 > limits.models_max {
                    return Err(Refusal::Full {
                        what: "the list of models",
                        limit: "models_max",
                        max: limits.models_max,
                    });
                }
                models
                    .iter()
                    .chain(&current)
                    .try_for_each(|model| self.note("the model's name", model))?;
                Event::ModelsListed {
                    turn,
                    frame: frame_number,
                    models,
                    current,
                }
            }
            TurnFrame::Usage { usage } => Event::UsageReported {
                turn,
                frame: frame_number,
                usage,
            },
            TurnFrame::Title { title } => {
                let title = self.shortened(title, limits.title_bytes_max);
                Event::TitleProposed {
                    turn,
                    frame: frame_number,
                    title,
                }
            }
            TurnFrame::TextDelta { .. } | TurnFrame::Finalize { .. } => unreachable!("taken by the caller"),
        })
    }

    fn check_question(&self, text: &str, options: &[String]) -> Result<(), Refusal> {
        let limits = &self.session.limits;
        self.note("the question", text)?;
        options.iter().try_for_each(|option| self.note("an option", option))?;
        if options.len() as u64 > limits.options_max {
            return Err(Refusal::Full {
                what: "the list of options",
                limit: "options_max",
                max: limits.options_max,
            });
        }
        let new = self
            .events
            .iter()
            .filter(|event| matches!(event, Event::QuestionAsked { .. }))
            .count();
        if (self.turn.questions.len() + new) as u64 >= limits.questions_max {
            return Err(Refusal::Full {
                what: "the turn's questions",
                limit: "questions_max",
                max: limits.questions_max,
            });
        }
        Ok(())
    }

    fn void_when_cancelling(&mut self) {
        let Some(Event::QuestionAsked { question, .. }) = self.events.last() else {
            return;
        };
        if self.turn.is_cancelling() {
            let voided = Event::QuestionExpired {
                turn: self.id,
                question: *question,
                why: Expiry::TurnOver,
            };
            self.events.push(voided);
        }
    }

    fn note(&self, what: &'static str, text: &str) -> Result<(), Refusal> {
        let (size, max) = (text.len() as u64, self.session.limits.note_bytes_max);
        if size > max {
            Err(Refusal::TooLarge {
                what,
                size,
                limit: "note_bytes_max",
                max,
            })
        } else {
            Ok(())
        }
    }

    fn shortened(&self, mut text: String, bytes_max: u64) -> String {
        text.truncate(text.floor_char_boundary(usize::try_from(bytes_max).unwrap_or(usize::MAX)));
        text
    }

    fn end_run(&mut self) {
        if let Some((run, number)) = self.run.take() {
            self.deltas.push(run.write(self.id, number));
        }
    }

    fn decided(mut self) -> Decision<Session> {
        self.end_run();
        let reply = Reply::Frames { next: self.number };
        let Some(Finish { reason, error, frame }) = self.finish else {
            return Decision {
                events: self.events,
                deltas: self.deltas,
                ..Decision::nothing(reply)
            };
        };
        // The finished message holds the text of this batch, so its deltas are not written.
        let mut draft = Draft::new(self.session, self.ctx);
        self.events.into_iter().for_each(|event| draft.emit(event));
        self.deltas.iter().for_each(|delta| draft.absorb(delta));
        life::close(&mut draft, self.id, reason, error, Some(frame));
        draft.decided(reply)
    }
}
