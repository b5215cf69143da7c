//! One work: its phase, its frames, the questions that wait, and the one way in which it ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use tenure_model::chat::FinishReason;
use tenure_model::id::{QuestionId, SessionId, WorkId};
use tenure_model::link::{HeldWork, TurnFrame, WorkPhase};
use tokio::sync::{Notify, oneshot, watch};
use tracing::warn;

use super::log::FrameLog;
use super::masking::Masking;
use super::spool::{Header, Recovered, Spool};
use super::transcript::Transcript;
use crate::secrets::Masker;

/// Why a work is ended from outside of its agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The server asks for it, with the reason that the final frame shall carry.
    Canceled(FinishReason),
    /// The turn used up its wall time.
    TimedOut,
    /// The lease could not be renewed: someone else may soon be given this work.
    LeaseLost,
    /// No server for too long.
    Orphaned,
    /// The runner itself is asked to stop.
    Shutdown,
    /// The server does not want the work any more; nobody reads its end.
    Dropped,
    /// More unacknowledged frames than the spool may hold.
    SpoolFull { limit: u64 },
    /// The spool could not be written.
    SpoolFailed { error: String },
}

impl Stop {
    /// Says whether there is no time to ask processes to leave.
    pub fn at_once(&self) -> bool {
        matches!(self, Stop::LeaseLost | Stop::Orphaned | Stop::Dropped)
    }

    /// Returns what the final frame says.
    pub fn finish(&self) -> (FinishReason, Option<String>) {
        match self {
            Stop::Canceled(reason) => (*reason, None),
            Stop::TimedOut => (FinishReason::Error, Some("the turn ran longer than it may".to_owned())),
            Stop::LeaseLost => {
                (FinishReason::Interrupted, Some("the runner lost touch with the server and ended the turn".to_owned()))
            }
            Stop::Orphaned => {
                (FinishReason::Interrupted, Some("the runner found no server for too long and ended".to_owned()))
            }
            Stop::Shutdown => (FinishReason::Interrupted, Some("the runner was stopped".to_owned())),
            Stop::Dropped => (FinishReason::Interrupted, None),
            Stop::SpoolFull { limit } => (
                FinishReason::Error,
                Some(format!(
                    "more than {limit} bytes waited for the server; what the agent said after that is not kept"
                )),
            ),
            Stop::SpoolFailed { error } => (
                FinishReason::Error,
                Some(format!("the runner could not keep frames on its disk ({error}); what came after is not kept")),
            ),
        }
    }
}

/// One work at one generation.
pub struct Work {
    pub session: SessionId,
    pub id: WorkId,
    pub generation: u32,
    bytes_max: u64,
    masker: Arc<Masker>,
    stop: watch::Sender<Option<Stop>>,
    ended: watch::Sender<bool>,
    /// Wakes whoever sends frames.
    news: Arc<Notify>,
    state: Mutex<State>,
}

pub(super) struct State {
    pub phase: WorkPhase,
    pub log: FrameLog,
    pub transcript: Transcript,
    pub masking: Masking,
    pub questions: BTreeMap<QuestionId, oneshot::Sender<Option<String>>>,
    /// Absent until the work runs, and when the file could not be made.
    pub spool: Option<Spool>,
    /// The last status that was told, so that it is not told twice.
    pub status: Option<TurnFrame>,
    /// Something could not be kept: nothing more is taken but the end.
    pub muted: bool,
}

impl Work {
    /// Returns a work that was accepted and waits for its `start`.
    pub(super) fn accepted(header: Header, bytes_max: u64, news: Arc<Notify>) -> Self {
        let state = State {
            phase: WorkPhase::Accepted,
            log: FrameLog::starting_at(header.first),
            transcript: Transcript::default(),
            masking: Masking::default(),
            questions: BTreeMap::new(),
            spool: None,
            status: None,
            muted: false,
        };
        Self {
            session: header.session,
            id: header.work,
            generation: header.generation,
            bytes_max,
            masker: Arc::default(),
            stop: watch::Sender::new(None),
            ended: watch::Sender::new(false),
            news,
            state: Mutex::new(state),
        }
    }

    /// Masks secrets in everything that is told.
    pub(super) fn masked_by(self, masker: Arc<Masker>) -> Self {
        Self { masker, ..self }
    }

    pub(super) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Returns a work of an earlier start of the runner, which ended with that start.
    pub(super) fn recovered(recovered: Recovered, bytes_max: u64, news: Arc<Notify>) -> Self {
        let work = Self::accepted(recovered.spool.header(), bytes_max, news);
        let mut state = work.lock();
        let mut finished = false;
        for (frame, bytes) in recovered.frames {
            finished = matches!(frame, TurnFrame::Finalize { .. });
            state.transcript.replay(&frame);
            state.log.push(frame, bytes);
        }
        state.spool = Some(recovered.spool);
        state.phase = WorkPhase::Running;
        drop(state);
        if finished {
            work.close();
        } else {
            work.finish(
                FinishReason::Interrupted,
                Some("the runner was restarted in the middle of the turn".to_owned()),
            );
        }
        work
    }

    /// Begins to keep frames on disk, before the first of them can exist.
    pub(super) fn begin(&self, spool: std::io::Result<Spool>) {
        let mut state = self.lock();
        state.phase = WorkPhase::Running;
        match spool {
            Ok(spool) => state.spool = Some(spool),
            Err(error) => self.mute(&mut state, Stop::SpoolFailed { error: error.to_string() }),
        }
    }

    /// Asks the work to end; the first reason holds, except that a drop silences whatever comes after it.
    pub fn stop(&self, why: Stop) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none() || why == Stop::Dropped;
            if first {
                *stop = Some(why);
            }
            first
        });
    }

    /// Returns why the work was asked to end, if it was.
    pub fn stopped(&self) -> Option<Stop> {
        self.stop.borrow().clone()
    }

    /// Waits until the work is asked to end.
    pub async fn stop_asked(&self) -> Stop {
        let mut stop = self.stop.subscribe();
        let asked = stop.wait_for(Option::is_some).await.expect("the work owns the sender");
        asked.clone().expect("it was waited for")
    }

    /// Waits until nothing of the work runs any more.
    pub async fn end(&self) {
        self.ended.subscribe().wait_for(|ended| *ended).await.expect("the work owns the sender");
    }

    /// Ends the work without a result.
    pub fn finish(&self, reason: FinishReason, error: Option<String>) {
        self.finish_with(reason, error, None);
    }

    /// Closes what is open, adds the final frame, and ends the work. Its processes must be gone.
    pub fn finish_with(&self, reason: FinishReason, error: Option<String>, result: Option<Value>) {
        let mut state = self.lock();
        if state.phase == WorkPhase::Ended {
            return;
        }
        let mut last = if state.muted { Vec::new() } else { self.held_back(&mut state) };
        if !state.muted {
            last.extend(state.transcript.close_tools());
        }
        let error = error.map(|error| self.masker.masked(error));
        let result = result.map(|result| self.masker.masked_value(result));
        last.push(TurnFrame::Finalize { reason, error, result });
        for frame in last {
            // The end is told even when the disk does not take it: it is then kept in memory only.
            let bytes = match state.spool.as_mut().map(|spool| spool.append(&frame)) {
                Some(Err(error)) => {
                    warn!(work.id = %self.id, %error, "failed to keep a final frame on disk");
                    0
                }
                Some(Ok(bytes)) => bytes,
                None => 0,
            };
            state.log.push(frame, bytes);
        }
        drop(state);
        self.close();
    }

    /// Returns the frames of what the masker held back, now that no more text comes.
    fn held_back(&self, state: &mut State) -> Vec<TurnFrame> {
        let said = state.masking.end_said(&self.masker).filter(|(_, text)| !text.is_empty());
        let mut frames: Vec<_> = said.map(|(kind, text)| state.transcript.text(kind, &text)).into_iter().collect();
        for call in state.masking.printing() {
            let text = state.masking.end_printed(&self.masker, &call);
            frames.extend(state.transcript.output(&call, &text).filter(|_| !text.is_empty()));
        }
        frames
    }

    /// Keeps a frame: numbers it, writes it down, and has it sent.
    pub(super) fn keep(&self, state: &mut State, frame: TurnFrame) {
        if state.phase == WorkPhase::Ended || state.muted {
            return;
        }
        if state.log.bytes() > self.bytes_max {
            return self.mute(state, Stop::SpoolFull { limit: self.bytes_max });
        }
        match state.spool.as_mut().map(|spool| spool.append(&frame)) {
            Some(Ok(bytes)) => state.log.push(frame, bytes),
            Some(Err(error)) => {
                return self.mute(state, Stop::SpoolFailed { error: error.to_string() });
            }
            None => return,
        }
        self.news.notify_one();
    }

    /// Returns how far this work is, for a hello or a heartbeat.
    pub fn held(&self) -> HeldWork {
        let state = self.lock();
        HeldWork {
            session: self.session,
            work: self.id,
            generation: self.generation,
            phase: state.phase,
            next_frame: state.log.next(),
        }
    }

    /// Says whether the work is over and everything about it acknowledged.
    pub(super) fn is_told(&self) -> bool {
        let state = self.lock();
        state.phase == WorkPhase::Ended && (state.log.is_empty() || self.stopped() == Some(Stop::Dropped))
    }

    /// Says whether the work was ever told to start.
    pub(super) fn has_begun(&self) -> bool {
        let state = self.lock();
        state.spool.is_some() || state.muted
    }

    /// Hands the answer to the question that waits for it; a repeated or late one changes nothing.
    pub fn answer(&self, question: QuestionId, answer: Option<String>) {
        if let Some(waiting) = self.lock().questions.remove(&question) {
            // The asker may have ended in this moment; then nobody needs the answer.
            let _ = waiting.send(answer);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn mute(&self, state: &mut State, why: Stop) {
        state.muted = true;
        self.stop(why);
    }

    fn close(&self) {
        let mut state = self.lock();
        state.phase = WorkPhase::Ended;
        state.questions.clear();
        drop(state);
        self.ended.send_replace(true);
        self.news.notify_one();
    }
}
