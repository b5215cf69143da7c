//! The folders of one runner: which work gets which, what is told of them, and what is kept.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tenure_model::chat::AgentStatus;
use tenure_model::id::{SessionId, TurnId, WorkId, derived};
use tenure_model::link::WorkSpec;
use tenure_model::workspace::{FilesChanged, GitState, WorkspaceAsk, WorkspaceDiff, WorkspaceTold};
use tracing::warn;

use super::kept::Kept;
use super::locks::Locks;
use super::{Means, clean, clone, compare, credentials, mirror};
use crate::agent::Turn;
use crate::config::{Config, GitSettings, RoomSettings, Workspaces};
use crate::identity::fresh_id;
use crate::shell::Groups;
use crate::works::Voice;

/// Sessions of which is remembered what was told last; beyond, all is told once more.
const TOLD_MAX: usize = 1_000;
/// How long one call of git may take while files are kept or put back.
const KEEP_WITHIN: Duration = Duration::from_secs(30);
/// How long one may take while the server waits for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// The folders that agents work in.
pub struct Folders {
    pub(super) policy: Workspaces,
    pub(super) data: PathBuf,
    settings: GitSettings,
    pub(super) room: RoomSettings,
    pub(super) locks: Locks,
    told: Mutex<Told>,
}

/// What was told last.
#[derive(Default)]
struct Told {
    standing: HashMap<SessionId, (Option<GitState>, FilesChanged)>,
    /// Folders whose files are not kept any more: it took too long.
    given_up: HashSet<String>,
    /// Sessions whose workspaces held more than they may when they were last looked at.
    full: HashSet<SessionId>,
}

impl Folders {
    pub fn new(config: &Config) -> Self {
        // Git runs in other folders, where a relative path would lead elsewhere.
        let data = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
        let policy = config.workspaces.clone();
        credentials::forget_all(&data);
        clean::finish_removals(&data);
        let (settings, room) = (config.git.clone(), config.room.clone());
        Self { policy, data, settings, room, locks: Locks::default(), told: Mutex::default() }
    }

    /// Returns the absolute folder for a work, made of its repository when it is not there.
    pub async fn open(&self, spec: &WorkSpec, groups: &Groups, voice: &Voice) -> Result<PathBuf, String> {
        let _alone = self.locks.take(&self.place(spec.session)).await;
        let folder = self.opened(spec.session).map_err(|error| super::failure("open the workspace", &error))?;
        self.check_room(spec.session, &folder).await?;
        if let Workspaces::Shared(_) = self.policy {
            self.begin_shared(spec.session, &folder, groups).await;
        }
        let Some(repo) = &spec.repo else { return Ok(folder) };
        let tell =
            |what: &str| voice.status(AgentStatus::ToolCalling, Some(format!("preparing the workspace: {what}")));
        if let Workspaces::Shared(_) = self.policy {
            tell(&format!("all sessions of this runner share one folder, so {} is not cloned into it", repo.url));
            return Ok(folder);
        }
        let means = self.means(groups, self.settings.timeout, &tell);
        if clone::make(&means, spec.session, &folder, repo).await?
            && let Some(why) = self.weigh(spec.session, &folder).await
        {
            return Err(why);
        }
        let kept = Kept::of(&means, &folder, &self.key(spec.session));
        if self.settings.checkpoints_max > 0
            && !kept.is_begun()
            && let Err(why) = kept.begin(Some(mirror::place(&self.data, repo).as_path())).await
        {
            warn!(session.id = %spec.session, "the files of {} are not kept: {why}", spec.session);
        }
        Ok(folder)
    }

    /// Returns the absolute folder for the program of a connector: that of all works, when they share one.
    pub fn of_connector(&self, seat: SessionId) -> io::Result<PathBuf> {
        self.opened(seat)
    }

    /// Lists what the folder of a work leans on and its processes have to read: the copy that its clone shares objects with.
    pub fn lent(&self, spec: &WorkSpec) -> Vec<PathBuf> {
        let repo = spec.repo.as_ref().filter(|_| self.policy == Workspaces::PerSession);
        repo.map(|repo| mirror::place(&self.data, repo)).into_iter().collect()
    }

    /// Begins the record of a shared repository before anything is done there, so that there is a way back to how it was.
    async fn begin_shared(&self, session: SessionId, folder: &Path, groups: &Groups) {
        if self.settings.checkpoints_max == 0 || !self.is_worth_keeping(folder) {
            return;
        }
        let means = self.means(groups, KEEP_WITHIN, &|_| {});
        let kept = Kept::of(&means, folder, &self.key(session));
        if !kept.is_begun()
            && !self.lock().given_up.contains(&self.key(session))
            && let Err(why) = kept.begin(None).await
        {
            warn!(session.id = %session, "the files of the shared folder are not kept: {why}");
            self.lock().given_up.insert(self.key(session));
        }
    }

    fn opened(&self, session: SessionId) -> io::Result<PathBuf> {
        let folder = self.place(session);
        fs::create_dir_all(&folder)?;
        clean::mark_used(&self.data, session)?;
        folder.canonicalize()
    }

    /// Keeps the files as a turn left them, and tells what is new about them.
    pub async fn keep(&self, turn: &Turn) {
        let session = turn.spec.session;
        if let Some(why) = self.weigh(session, &turn.workspace).await {
            turn.voice.status(AgentStatus::Error, Some(why));
        }
        if self.settings.checkpoints_max == 0 || self.lock().given_up.contains(&self.key(session)) {
            return;
        }
        let means = self.means(&turn.groups, KEEP_WITHIN, &|_| {});
        let _alone = self.locks.take(&self.place(session)).await;
        let kept = Kept::of(&means, &turn.workspace, &self.key(session));
        if !kept.is_begun() && !self.is_worth_keeping(&turn.workspace) {
            return;
        }
        let began = Instant::now();
        let done = async {
            self.begin_late(&kept).await?;
            let tree = kept.take_in().await?;
            kept.keep(TurnId::from(turn.spec.work), &tree).await?;
            turn.voice.checkpoint();
            self.tell(&means, turn, &kept, &tree).await
        };
        if let Err(why) = done.await {
            warn!(session.id = %session, "the files of {session} could not be kept: {why}");
            if began.elapsed() >= KEEP_WITHIN {
                // A folder that large would hold up the end of every turn.
                self.lock().given_up.insert(self.key(session));
            }
        }
    }

    /// Puts the files back; those of now are kept under the id of this work. Returns the sentence that tells it.
    pub async fn restore(&self, turn: &Turn, to: Option<TurnId>) -> Result<String, String> {
        let session = turn.spec.session;
        let means = self.means(&turn.groups, KEEP_WITHIN, &|_| {});
        let _alone = self.locks.take(&self.place(session)).await;
        let kept = Kept::of(&means, &turn.workspace, &self.key(session));
        if !kept.is_begun() {
            return Err("this runner keeps no checkpoints of the workspace".to_owned());
        }
        let wanted = kept.checkpoint(to).await?;
        let now = kept.take_in().await?;
        kept.keep(TurnId::from(turn.spec.work), &now).await?;
        turn.voice.checkpoint();
        kept.put_back(&wanted).await?;
        let changed = compare::diff(&means, &turn.workspace, &kept, &wanted, Some(now)).await?.changed;
        self.tell(&means, turn, &kept, &wanted).await?;
        let count = changed.files.len() as u64 + changed.more;
        Ok(match count {
            0 => "The files were so already.".to_owned(),
            1 => "1 file was put back.".to_owned(),
            count => format!("{count} files were put back."),
        })
    }

    /// Answers what the server asks.
    pub async fn answer(&self, session: SessionId, question: WorkspaceAsk) -> WorkspaceTold {
        let told = match question {
            WorkspaceAsk::Diff { since } => {
                let groups = Groups::new(WorkId(fresh_id()), 0);
                self.diff(session, since, &groups).await.map(WorkspaceTold::Diff)
            }
            WorkspaceAsk::Attachment { id, offset } => {
                self.attachment(session, &id, offset).map(WorkspaceTold::Attachment)
            }
        };
        told.unwrap_or_else(|why| WorkspaceTold::Unable { why })
    }

    async fn diff(&self, session: SessionId, since: Option<TurnId>, groups: &Groups) -> Result<WorkspaceDiff, String> {
        let folder = self.place(session).canonicalize();
        let folder = folder.map_err(|_| "this runner has no workspace of the session".to_owned())?;
        let means = self.means(groups, ANSWER_WITHIN, &|_| {});
        let _alone = self.locks.take(&self.place(session)).await;
        let kept = Kept::of(&means, &folder, &self.key(session));
        if !kept.is_begun() {
            return Err("this runner keeps no record of the workspace's files".to_owned());
        }
        let since = match since {
            Some(turn) => Some(kept.checkpoint(Some(turn)).await?),
            None => None,
        };
        let tree = kept.take_in().await?;
        compare::diff(&means, &folder, &kept, &tree, since).await
    }

    async fn tell(&self, means: &Means<'_>, turn: &Turn, kept: &Kept<'_>, tree: &str) -> Result<(), String> {
        let (git, files) = compare::standing(means, &turn.workspace, kept, tree).await?;
        let (before, known) = {
            let mut told = self.lock();
            if told.standing.len() >= TOLD_MAX {
                told.standing.clear();
            }
            let before = told.standing.insert(turn.spec.session, (git.clone(), files.clone()));
            (before.clone().unwrap_or_default(), before.is_some())
        };
        if let Some(git) = git.filter(|git| before.0.as_ref() != Some(git)) {
            turn.voice.git_state(git);
        }
        if !known || before.1 != files {
            turn.voice.files_changed(files);
        }
        Ok(())
    }

    /// A session's own folder without a repository was empty at first; a shared one has its record already, or had no
    /// repository until now.
    async fn begin_late(&self, kept: &Kept<'_>) -> Result<(), String> {
        match (kept.is_begun(), &self.policy) {
            (true, _) => Ok(()),
            (false, Workspaces::Shared(_)) => kept.begin(None).await,
            (false, Workspaces::PerSession) => kept.begin_empty().await,
        }
    }

    /// A shared folder may be anything, a whole home even: its files are kept only when it is a repository, which says what
    /// does not belong to it.
    fn is_worth_keeping(&self, folder: &Path) -> bool {
        match &self.policy {
            Workspaces::Shared(_) => folder.join(".git").is_dir(),
            Workspaces::PerSession => fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some()),
        }
    }

    pub(super) fn place(&self, session: SessionId) -> PathBuf {
        match &self.policy {
            Workspaces::Shared(folder) => folder.clone(),
            Workspaces::PerSession => self.data.join("workspaces").join(session.to_string()),
        }
    }

    fn key(&self, session: SessionId) -> String {
        match &self.policy {
            Workspaces::Shared(folder) => derived(&["folder", &folder.to_string_lossy()]).to_string(),
            Workspaces::PerSession => session.to_string(),
        }
    }

    fn means<'a>(&'a self, groups: &'a Groups, limit: Duration, tell: &'a (dyn Fn(&str) + Sync)) -> Means<'a> {
        let bytes_max = self.room.bytes_max;
        Means { settings: &self.settings, data: &self.data, locks: &self.locks, groups, limit, bytes_max, tell }
    }

    pub(super) fn note_full(&self, session: SessionId, is_full: bool) {
        let mut told = self.lock();
        match is_full {
            true => told.full.insert(session),
            false => told.full.remove(&session),
        };
    }

    pub(super) fn is_full(&self, session: SessionId) -> bool {
        self.lock().full.contains(&session)
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("no holder of this lock panics")
    }
}
