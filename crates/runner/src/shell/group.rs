//! The process groups of one work: every process it starts leads one, and none outlives the work.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};
use tenure_model::id::WorkId;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::leftovers::{COOKIE, cookie, end_leftovers, marked};
use super::processes;
use crate::isolation::Place;
use crate::secrets::Masker;

/// When a dying group is looked at again: soon at first, since most are gone by then, then less and less often.
const LOOK_FIRST: Duration = Duration::from_micros(500);
const LOOK_LAST: Duration = Duration::from_millis(10);
/// How long a group may take to disappear after it was killed; the kernel needs far less.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// The living groups of one work, or of something else that keeps processes.
pub struct Groups {
    cookie: String,
    live: Mutex<Live>,
    /// What ends with these groups unless it is let go before.
    guests: Mutex<Vec<Arc<Groups>>>,
    /// Absent until the runner has said where processes run: the work makes none before.
    place: OnceLock<Arc<Place>>,
}

#[derive(Default)]
struct Live {
    leaders: BTreeSet<i32>,
    /// No more are to come.
    is_closed: bool,
}

impl Groups {
    pub fn new(work: WorkId, generation: u32) -> Self {
        Self::marked(cookie(work, generation))
    }

    /// Returns groups whose processes carry this mark.
    pub fn marked(cookie: String) -> Self {
        Self { cookie, live: Mutex::default(), guests: Mutex::default(), place: OnceLock::new() }
    }

    /// Returns groups whose processes carry the mark of these and a name of their own: whoever ends the leftovers of these
    /// ends them too. They run where these run.
    pub fn below(&self, name: &str) -> Self {
        let place = self.place.clone();
        Self { place, ..Self::marked(format!("{}/{name}", self.cookie)) }
    }

    /// Puts the processes to come into surroundings of their own, once and for all.
    pub fn locate(&self, place: Arc<Place>) {
        let placed = self.place.set(place);
        debug_assert!(placed.is_ok(), "a work does not move");
    }

    /// Returns the surroundings of the processes, once they are known.
    pub fn place(&self) -> Option<&Arc<Place>> {
        self.place.get()
    }

    /// Has `guest` end when these groups end.
    pub fn take_in(&self, guest: &Arc<Groups>) {
        self.guests().push(Arc::clone(guest));
    }

    /// Lets a guest outlive these groups.
    pub fn let_go(&self, guest: &Arc<Groups>) {
        self.guests().retain(|known| !Arc::ptr_eq(known, guest));
    }

    /// Lists the processes that carry the mark; none where the system does not tell of them, or cannot now.
    pub fn running(&self) -> BTreeSet<i32> {
        marked(&self.cookie).into_iter().map(Pid::as_raw_pid).collect()
    }

    /// Returns a command under the isolation of the runner, with the usual variables and `env`, to be started by
    /// [`Groups::spawn`]. Every process of a work is made here.
    pub fn command(
        &self,
        program: &str,
        arguments: &[String],
        env: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
        folder: &Path,
    ) -> io::Result<Command> {
        let place = self.place().ok_or_else(|| io::Error::other("it is not known where this work runs"))?;
        place.command(program, arguments, env, folder)
    }

    /// Returns what masks the secrets in whatever a process says.
    pub fn masker(&self) -> Arc<Masker> {
        self.place().map_or_else(Arc::default, |place| Arc::clone(place.secrets.masker()))
    }

    /// Says which limit the end of a process is owed to, if any.
    pub fn limit_reached(&self, exit: Option<i32>, signal: Option<i32>) -> Option<String> {
        self.place()?.limit_reached(exit, signal)
    }

    /// Starts a process as the leader of its own group, marked as one of this work.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        // Held until the process is known: whoever closes these groups at this moment finds it.
        let mut live = self.lock();
        if live.is_closed {
            return Err(io::Error::other("it was ended before it began"));
        }
        let child = command.process_group(0).env(COOKIE, &self.cookie).spawn()?;
        let leader = child.id().expect("it was not waited for yet");
        live.leaders.insert(i32::try_from(leader).expect("process ids are positive 32-bit numbers"));
        Ok(child)
    }

    /// Forgets the group of `leader`, which was waited for, when nothing else is left in it.
    pub fn settle(&self, leader: u32) {
        let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) else {
            return;
        };
        if !is_alive(group) {
            self.lock().leaders.remove(&group.as_raw_pid());
        }
    }

    /// Ends one group, asking first when there is `grace`; true once no process of it runs.
    pub async fn end(&self, leader: u32, grace: Duration) -> bool {
        let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) else {
            return true;
        };
        let keeper = self.place().is_some_and(|place| place.isolation.has_keeper());
        let gone = end_group(group, grace, keeper).await;
        if gone {
            self.lock().leaders.remove(&group.as_raw_pid());
        }
        gone
    }

    /// Ends every group, what escaped from them, and the guests; true once none of their processes runs.
    pub async fn end_all(&self, grace: Duration) -> bool {
        let guests = std::mem::take(&mut *self.guests());
        // Guests may have guests, so the future is boxed.
        let guests = guests.iter().map(|guest| Box::pin(guest.end_all(grace)));
        let (own, guests) = futures_util::join!(self.end_own(grace), futures_util::future::join_all(guests));
        own && guests.into_iter().all(|gone| gone)
    }

    /// Ends them, and lets none begin any more; a start that is under way is ended with the rest.
    pub async fn end_for_good(&self, grace: Duration) -> bool {
        self.lock().is_closed = true;
        self.end_all(grace).await
    }

    /// Says whether no process may begin here any more.
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    async fn end_own(&self, grace: Duration) -> bool {
        let live: Vec<i32> = self.lock().leaders.iter().copied().collect();
        let endings =
            live.into_iter().filter_map(|leader| u32::try_from(leader).ok()).map(|leader| self.end(leader, grace));
        let gone = futures_util::future::join_all(endings).await.into_iter().all(|gone| gone);
        end_leftovers(&self.cookie).await && gone
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Live> {
        self.live.lock().expect("no holder of this lock panics")
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Groups>>> {
        self.guests.lock().expect("no holder of this lock panics")
    }
}

/// A `keeper` is a leader that keeps the others in: its end would be theirs at once, so only they are asked to leave.
async fn end_group(group: Pid, grace: Duration, keeper: bool) -> bool {
    if !grace.is_zero() {
        // A group that is gone already is what we want, so errors of the signals say nothing new.
        match keeper {
            true => ask_members(group),
            false => drop(kill_process_group(group, Signal::TERM)),
        }
        if gone_within(group, grace).await {
            return true;
        }
    }
    let _ = kill_process_group(group, Signal::KILL);
    gone_within(group, KILLED_WITHIN).await
}

async fn gone_within(group: Pid, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    let mut pause = LOOK_FIRST;
    while is_alive(group) {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(pause).await;
        pause = LOOK_LAST.min(pause * 2);
    }
    true
}

/// Says whether a process of the group runs, as far as it is known: what cannot be looked at is taken to be alive.
fn is_alive(group: Pid) -> bool {
    test_kill_process_group(group).is_ok()
        && processes::running_members(group).map_or(true, |members| !members.is_empty())
}

/// Asks all but the leader. The kernel passes the request over for the first process within, which has not asked for it.
fn ask_members(group: Pid) {
    let members = processes::running_members(group).unwrap_or_default();
    for member in members.into_iter().filter(|member| *member != group) {
        // It may be gone by now, which is as well.
        let _ = kill_process(member, Signal::TERM);
    }
}
