//! The kinds of sandboxes, and the one way in which each is started and stopped: noted first, once per session at a time,
//! never two generations at once.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tenure_model::Span;
use tenure_model::id::SessionId;
use tenure_model::placement::Placement;
use tenure_session::RunnerChoice;
use tokio::sync::{Notify, OwnedMutexGuard};

use super::notes::{Note, Notes};
use super::{SandboxCall, SandboxKind};

/// Makes the credential of a session's runner for one generation.
pub type Mint = Arc<dyn Fn(SessionId, u32) -> String + Send + Sync>;

/// What sandboxes are made of.
pub struct SandboxesOptions {
    /// By name.
    pub kinds: BTreeMap<String, SandboxKind>,
    /// Holds one folder per session.
    pub folder: PathBuf,
    pub mint: Mint,
}

/// Nobody can have such a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of sandbox \"{name}\"; {}", if known.is_empty() { "this server has none".to_owned() } else { format!("there are {known}") })]
pub struct UnknownSandbox {
    pub name: String,
    known: String,
}

/// Why a sandbox was not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// As many run as may.
    NoPlace(String),
    Failed(String),
}

/// Starts and stops the sandboxes of all sessions.
pub struct Sandboxes {
    kinds: BTreeMap<String, SandboxKind>,
    notes: Notes,
    mint: Mint,
    /// One thing at a time for each session.
    turns: Mutex<HashMap<SessionId, Arc<tokio::sync::Mutex<()>>>>,
    /// Held while places are counted and one is taken.
    places: Mutex<()>,
    /// Rung when a place may have become free.
    freed: Notify,
}

impl Sandboxes {
    pub fn new(options: SandboxesOptions) -> Self {
        let SandboxesOptions { kinds, folder, mint } = options;
        let notes = Notes(folder);
        Self { kinds, notes, mint, turns: Mutex::default(), places: Mutex::default(), freed: Notify::new() }
    }

    /// Returns a server's that has none.
    pub fn none() -> Self {
        let mint: Mint = Arc::new(|_, _| String::new());
        let folder = PathBuf::from("sandboxes-of-nobody");
        Self::new(SandboxesOptions { kinds: BTreeMap::new(), folder, mint })
    }

    /// Returns what a session that asks for these runners is created with.
    pub fn choice(&self, placement: Placement) -> Result<RunnerChoice, UnknownSandbox> {
        let Some(name) = &placement.sandbox else { return Ok(RunnerChoice { placement, sandbox: None }) };
        let Some(kind) = self.kinds.get(name) else {
            let known = self.kinds.keys().map(|known| format!("\"{known}\"")).collect::<Vec<_>>();
            return Err(UnknownSandbox { name: name.clone(), known: known.join(", ") });
        };
        let sandbox = Some(kind.policy.clone());
        Ok(RunnerChoice { placement, sandbox })
    }

    /// Returns where runners of a kind find the server; nothing when there is no such kind any more.
    pub fn server_of(&self, name: &str) -> Option<&str> {
        self.kinds.get(name).map(|kind| kind.server.as_str())
    }

    /// Makes the credential of a session's runner for one generation.
    pub fn credential(&self, session: SessionId, generation: u32) -> String {
        (self.mint)(session, generation)
    }

    /// Starts one generation, or finds that it was started; returns the provider's own name of it.
    pub async fn start(&self, session: SessionId, name: &str, generation: u32) -> Result<Option<String>, NotStarted> {
        let kind = self.kinds.get(name).ok_or_else(|| NotStarted::Failed(unknown(name)))?;
        let _turn = self.turn(session).await;
        if let Some(note) = self.notes.read(session).map_err(unwritten)? {
            if note.generation > generation {
                return Err(NotStarted::Failed("a newer one was started meanwhile".into()));
            }
            let call = self.call(&note, kind, false);
            let same = note.generation == generation && note.sandbox == name;
            // Also when nobody has confirmed it: a crash may have come between the start and its note.
            if same && kind.provider.is_there(&call).await.unwrap_or(false) {
                self.notes.write(&Note { started: true, ..note.clone() }).map_err(unwritten)?;
                return Ok(note.handle);
            }
            self.clear(&note, false).await.map_err(NotStarted::Failed)?;
        }
        let sandbox = name.to_owned();
        let mut note = Note { session, sandbox, generation, started: false, handle: None };
        self.take_place(kind, &note)?;
        self.notes.write_token(session, &self.credential(session, generation)).map_err(unwritten)?;
        let call = self.call(&note, kind, false);
        let starting = tokio::time::timeout(kind.policy.start_timeout_ms.duration(), kind.provider.start(&call));
        note.handle = match starting.await {
            Ok(started) => started.map_err(NotStarted::Failed)?,
            Err(_) => return Err(NotStarted::Failed(overdue("start", kind.policy.start_timeout_ms))),
        };
        note.started = true;
        self.notes.write(&note).map_err(unwritten)?;
        Ok(note.handle)
    }

    /// Makes sure that nothing of a generation, or of an earlier one, runs any more.
    pub async fn stop(&self, session: SessionId, generation: u32, ends: bool) -> Result<(), String> {
        let _turn = self.turn(session).await;
        match self.notes.read(session).map_err(|error| error.to_string())? {
            Some(note) if note.generation > generation => Ok(()),
            Some(note) => self.clear(&note, ends).await,
            None if ends => self.notes.forget(session, true).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    /// Counts what was started and not stopped.
    pub fn count(&self) -> usize {
        self.notes.list().map_or(0, |notes| notes.len())
    }

    /// Lists what was started and not stopped.
    pub fn started(&self) -> io::Result<Vec<Note>> {
        self.notes.list()
    }

    /// Lists the sessions of which anything is kept.
    pub fn kept(&self) -> io::Result<Vec<SessionId>> {
        self.notes.sessions()
    }

    /// Waits until a place may have become free.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    async fn turn(&self, session: SessionId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().expect("taking turns does not panic");
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(session).or_default().clone()
        };
        turn.lock_owned().await
    }

    fn take_place(&self, kind: &SandboxKind, note: &Note) -> Result<(), NotStarted> {
        let _count = self.places.lock().expect("counting does not panic");
        let alike = |other: &Note| other.sandbox == note.sandbox && other.session != note.session;
        let running = self.notes.list().map_err(unwritten)?.into_iter().filter(alike).count();
        if running >= kind.running_max {
            let max = kind.running_max;
            return Err(NotStarted::NoPlace(format!("{running} of the kind \"{}\" run, {max} may", note.sandbox)));
        }
        self.notes.write(note).map_err(unwritten)
    }

    async fn clear(&self, note: &Note, ends: bool) -> Result<(), String> {
        let kind = self.kinds.get(&note.sandbox).ok_or_else(|| unknown(&note.sandbox))?;
        let call = self.call(note, kind, ends);
        let stopping = tokio::time::timeout(kind.policy.stop_timeout_ms.duration(), kind.provider.stop(&call));
        stopping.await.map_err(|_| overdue("stop", kind.policy.stop_timeout_ms))??;
        self.notes.forget(note.session, ends).map_err(|error| error.to_string())?;
        self.freed.notify_waiters();
        Ok(())
    }

    fn call(&self, note: &Note, kind: &SandboxKind, ends: bool) -> SandboxCall {
        SandboxCall {
            session: note.session,
            generation: note.generation,
            sandbox: note.sandbox.clone(),
            labels: kind.labels.clone(),
            server: kind.server.clone(),
            token_file: self.notes.token_file(note.session),
            folder: self.notes.folder(note.session),
            handle: note.handle.clone(),
            ends,
        }
    }
}

fn unknown(name: &str) -> String {
    format!("there is no kind of sandbox \"{name}\" in the server's configuration any more")
}

fn overdue(what: &str, span: Span) -> String {
    format!("its {what} took longer than {span}")
}

fn unwritten(error: io::Error) -> NotStarted {
    NotStarted::Failed(format!("what is started cannot be noted: {error}"))
}
