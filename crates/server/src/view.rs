//! What happened to a session, in the words of chat clients.
//!
//! Most events can be told from themselves. The queue, the status, the title and the threads are told whole from a look
//! at the session, after the events that touched them.
//!
//! Of the frames of one commit only the last carries its position; the others carry the number before it, so that a
//! client that is cut off in between gets the commit again (see `tenure_protocol::client`).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use tenure_journal::Position;
use tenure_model::chat::{AgentStatus, Usage};
use tenure_model::id::{ExecutionId, ThreadId, TurnId};
use tenure_model::view::{QuestionView, RunView, SessionView, TurnPhase};
use tenure_model::{Delta, Timestamp};
use tenure_protocol::client::ClientEvent;
use tenure_runtime::Committed;
use tenure_session::{Event, Session, TextDelta};
use uuid::Uuid;

/// The parts of a session that are told whole after they were touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub queue: bool,
    pub status: bool,
    pub title: bool,
    pub threads: BTreeSet<ThreadId>,
    /// Runs that work here from now on.
    pub runs: BTreeSet<ExecutionId>,
}

impl Touched {
    /// Tells whether a look at the session is needed.
    pub fn any(&self) -> bool {
        self.queue || self.status || self.title || !self.threads.is_empty() || !self.runs.is_empty()
    }

    /// Notes what an event touches.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::PromptQueued { .. }
            | Event::PromptEdited { .. }
            | Event::PromptMoved { .. }
            | Event::PromptWithdrawn { .. }
            | Event::PromptPromoted { .. }
            | Event::StepDropped { .. } => self.queue = true,
            // The first message of a session that has no title becomes its title.
            Event::TurnOpened { .. } => {
                self.queue = true;
                self.status = true;
                self.title = true;
            }
            Event::TurnFinished { thread, .. } => {
                self.status = true;
                self.threads.insert(*thread);
            }
            Event::QuestionAsked { .. } | Event::QuestionExpired { .. } => self.status = true,
            // A prompt that steers into a question leaves the queue as its answer.
            Event::QuestionAnswered { .. } => {
                self.queue = true;
                self.status = true;
            }
            Event::ModeSet { .. } | Event::Terminated { .. } | Event::TurnAccepted { .. } | Event::Sandbox { .. } => {
                self.status = true
            }
            Event::TitleSet { .. } | Event::TitleProposed { .. } => self.title = true,
            Event::ThreadRenamed { thread, .. } => {
                self.threads.insert(*thread);
            }
            Event::RunAttached { execution, .. } => {
                self.runs.insert(*execution);
            }
            _ => {}
        }
    }

    /// Tells the touched parts of `session` as they stand there; the runs are told by who knows them.
    pub fn tell(&self, session: &SessionView, cursor: u64) -> Vec<ClientEvent> {
        let mut told = vec![];
        let at = cursor;
        if self.title {
            told.push(ClientEvent::Title { position: at, title: session.title.clone() });
        }
        let threads = session.threads.iter().filter(|thread| self.threads.contains(&thread.id));
        told.extend(threads.map(|thread| ClientEvent::ThreadUpdated { position: at, thread: thread.clone() }));
        if self.queue {
            told.push(ClientEvent::QueueState { position: at, queue: session.queue.clone() });
        }
        if self.status {
            told.push(ClientEvent::SessionUpdated {
                position: at,
                status: session.status,
                mode: session.mode,
                states: session.states,
                sandbox: session.sandbox.clone().map(Box::new),
            });
        }
        told
    }
}

/// Returns what one live commit touches.
pub fn touched(committed: &Committed<Session>) -> Touched {
    let mut touched = Touched::default();
    committed.events.iter().for_each(|event| touched.note(event));
    touched
}

/// Returns the frames of one live commit, encoded once for all who watch.
pub fn frames(committed: &Committed<Session>) -> Arc<[Arc<str>]> {
    let encode = || {
        let closes = (!touched(committed).any()).then_some(committed.position);
        let said = Said {
            seq: committed.seq.unwrap_or_default(),
            at: committed.at,
            events: &committed.events,
            deltas: &committed.deltas,
        };
        let told = told(&said, before(committed.position), closes);
        told.iter().map(|event| encoded(event).into()).collect()
    };
    committed.encoded.get_or_init(encode).clone()
}

/// Writes a frame down.
pub fn encoded(event: &ClientEvent) -> String {
    serde_json::to_string(event).expect("a client event is plain data")
}

/// What one commit held.
pub struct Said<'c> {
    pub seq: u64,
    pub at: Timestamp,
    pub events: &'c [Event],
    pub deltas: &'c [Delta],
}

/// Tells what one commit held. Its frames carry `cursor`, up to where everything was told before; the last one carries
/// `closes`, the commit's position, when nothing of the commit follows.
pub fn told(said: &Said<'_>, cursor: u64, closes: Option<Position>) -> Vec<ClientEvent> {
    // A finished turn's text stands in its message.
    let finished = |turn: Uuid| {
        said.events.iter().any(|event| matches!(event, Event::TurnFinished { turn: over, .. } if over.0 == turn))
    };
    let mut text: VecDeque<&Delta> = said.deltas.iter().filter(|delta| !finished(delta.stream)).collect();
    let mut told = vec![];
    for event in said.events {
        // As the runner said it: the text of lower frames stands before this event, that of higher ones after it.
        while let Some(delta) = text.pop_front_if(|delta| is_before(delta, event)) {
            told.extend(of_delta(cursor, delta));
        }
        told.extend(of_event(cursor, said.seq, said.at, event));
    }
    told.extend(text.into_iter().filter_map(|delta| of_delta(cursor, delta)));
    if let Some(position) = closes {
        close(&mut told, position);
    }
    told
}

fn is_before(delta: &Delta, event: &Event) -> bool {
    event.frame().is_some_and(|(turn, frame)| delta.stream == turn.0 && delta.number < frame)
}

/// Returns the cursor of somebody who has been told everything before a commit.
pub fn before(position: Position) -> u64 {
    position.0.saturating_sub(1)
}

/// Lets the last frame of a commit carry the commit's own position.
pub fn close(told: &mut [ClientEvent], position: Position) {
    if let Some(last) = told.last_mut().and_then(ClientEvent::position_mut) {
        *last = position.0;
    }
}

fn of_delta(position: u64, delta: &Delta) -> Option<ClientEvent> {
    let TextDelta { part, kind, offset, text } = TextDelta::read(delta)?;
    Some(ClientEvent::TextDelta { position, turn: TurnId(delta.stream), part, kind, offset, text })
}

fn of_event(position: u64, seq: u64, at: Timestamp, event: &Event) -> Vec<ClientEvent> {
    let one = |event| vec![event];
    let phase = |turn: &TurnId, phase, agent: Option<String>, waiting: Option<String>| {
        one(ClientEvent::TurnPhase { position, turn: *turn, phase, agent, waiting })
    };
    match event {
        Event::TurnOpened { turn, thread, message, .. } => {
            let mut told = messages(seq, at, event, |message| ClientEvent::Message { position, message });
            let (turn, thread, prompts) = (*turn, *thread, message.prompts.clone());
            let step = message.step.as_ref().map(|asked| asked.step.clone());
            told.push(ClientEvent::MessageCreate { position, turn, thread, prompts, step });
            told
        }
        Event::TurnFinished { error, .. } => {
            messages(seq, at, event, |message| ClientEvent::Finalize { position, message, error: error.clone() })
        }
        Event::TurnHeldUp { turn, why, .. } => phase(turn, TurnPhase::Offering, None, Some(why.clone())),
        Event::TurnAccepted { turn, agent, .. } => phase(turn, TurnPhase::Accepted, Some(agent.clone()), None),
        Event::TurnStarted { turn } => phase(turn, TurnPhase::Running, None, None),
        Event::TurnCancelling { turn, .. } => phase(turn, TurnPhase::Cancelling, None, None),
        Event::MessageCreated { turn, agent, .. } => phase(turn, TurnPhase::Running, Some(agent.clone()), None),
        Event::ToolUpdated { turn, part, call, .. } => {
            one(ClientEvent::ToolUpdate { position, turn: *turn, part: *part, call: call.clone() })
        }
        Event::QuestionAsked { turn, thread, question, text, options, deadline, .. } => {
            let question = QuestionView {
                question: *question,
                turn: *turn,
                thread: *thread,
                text: text.clone(),
                options: options.clone(),
                asked_at: at,
                expires_at: *deadline,
            };
            one(ClientEvent::Question { position, question })
        }
        Event::QuestionAnswered { question, answer, by, .. } => one(ClientEvent::QuestionResolved {
            position,
            question: *question,
            answer: Some(answer.clone()),
            by: Some(by.name.clone()),
        }),
        Event::QuestionExpired { question, .. } => {
            one(ClientEvent::QuestionResolved { position, question: *question, answer: None, by: None })
        }
        Event::AgentStatusChanged { turn, status, detail, .. } => {
            let (turn, status, detail): (_, AgentStatus, _) = (*turn, *status, detail.clone());
            one(ClientEvent::AgentStatus { position, turn, status, detail })
        }
        Event::ModelsListed { models, current, .. } => {
            one(ClientEvent::Models { position, models: models.clone(), current: current.clone() })
        }
        Event::ModelSwitched { turn, from, to, reason, .. } => {
            let (turn, from, to, reason) = (*turn, from.clone(), to.clone(), reason.clone());
            one(ClientEvent::ModelSwitched { position, turn, from, to, reason })
        }
        Event::GitStateChanged { turn, git, .. } => {
            one(ClientEvent::GitState { position, turn: *turn, git: git.clone() })
        }
        Event::FilesChanged { turn, changed, .. } => {
            one(ClientEvent::FilesChanged { position, turn: *turn, changed: changed.clone() })
        }
        Event::CheckpointMade { turn, .. } => one(ClientEvent::Checkpoint { position, turn: *turn }),
        Event::UsageReported { turn, usage, .. } => {
            let usage: Usage = usage.clone();
            one(ClientEvent::Usage { position, turn: *turn, usage })
        }
        Event::PromptWithdrawn { prompt, .. } => one(ClientEvent::QueueWithdrawn { position, prompt: *prompt }),
        Event::ThreadOpened { thread, title, .. } => {
            let thread = tenure_model::view::ThreadView {
                id: *thread,
                title: title.clone().unwrap_or_default(),
                created_at: at,
                last_finish: None,
                retry: None,
            };
            one(ClientEvent::ThreadCreated { position, thread })
        }
        Event::ThreadClosed { thread } => one(ClientEvent::ThreadClosed { position, thread: *thread }),
        Event::TurnSuperseded { turn, .. } => one(ClientEvent::Superseded { position, turn: *turn }),
        Event::RunAttached { execution, workflow, title, .. } => {
            let (workflow, title) = (workflow.clone(), title.clone());
            let run = RunView { execution: *execution, workflow, title, attached_at: at, ended: None };
            one(ClientEvent::RunAttached { position, run })
        }
        Event::RunEnded { execution, end } => one(ClientEvent::RunEnded { position, execution: *execution, end: *end }),
        Event::Shared { user, role, .. } => one(ClientEvent::Participants { position, user: *user, role: Some(*role) }),
        Event::Unshared { user, .. } => one(ClientEvent::Participants { position, user: *user, role: None }),
        // Told whole by `Touched`, or nothing that people see.
        Event::Created { .. }
        | Event::TitleSet { .. }
        | Event::TitleProposed { .. }
        | Event::ModeSet { .. }
        | Event::Terminated { .. }
        | Event::RequestAnswered { .. }
        | Event::ThreadRenamed { .. }
        | Event::PromptQueued { .. }
        | Event::PromptEdited { .. }
        | Event::PromptMoved { .. }
        | Event::PromptPromoted { .. }
        | Event::StepDropped { .. }
        | Event::QuestionRefused { .. }
        | Event::TurnAskedAgain { .. }
        | Event::LeaseChecked { .. }
        | Event::LeaseRenewed { .. }
        | Event::Sandbox { .. } => vec![],
    }
}

fn messages(
    seq: u64,
    at: Timestamp,
    event: &Event,
    tell: impl Fn(tenure_model::view::Message) -> ClientEvent,
) -> Vec<ClientEvent> {
    tenure_session::view::message(event, seq, at).into_iter().map(tell).collect()
}
