//! The process groups of one work: every process it starts leads one, and none outlives the work.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tenure_model::id::WorkId;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::leftovers::{COOKIE, cookie, end_leftovers, marked};

/// How often a dying group is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long a group may take to disappear after it was killed; the kernel needs far less.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// The living groups of one work, or of something else that keeps processes.
pub struct Groups {
    cookie: String,
    live: Mutex<BTreeSet<i32>>,
    /// What ends with these groups unless it is let go before.
    guests: Mutex<Vec<Arc<Groups>>>,
}

impl Groups {
    pub fn new(work: WorkId, generation: u32) -> Self {
        Self::marked(cookie(work, generation))
    }

    /// Returns groups whose processes carry this mark.
    pub fn marked(cookie: String) -> Self {
        Self { cookie, live: Mutex::default(), guests: Mutex::default() }
    }

    /// Returns groups whose processes carry the mark of these and a name of their own: whoever ends the leftovers of these
    /// ends them too.
    pub fn below(&self, name: &str) -> Self {
        Self::marked(format!("{}/{name}", self.cookie))
    }

    /// Has `guest` end when these groups end.
    pub fn take_in(&self, guest: &Arc<Groups>) {
        self.guests().push(Arc::clone(guest));
    }

    /// Lets a guest outlive these groups.
    pub fn let_go(&self, guest: &Arc<Groups>) {
        self.guests().retain(|known| !Arc::ptr_eq(known, guest));
    }

    /// Lists the processes that carry the mark; where the system does not tell, none.
    pub fn running(&self) -> BTreeSet<i32> {
        marked(&self.cookie).into_iter().map(Pid::as_raw_pid).collect()
    }

    /// Starts a process as the leader of its own group, marked as one of this work.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let child = command.process_group(0).env(COOKIE, &self.cookie).spawn()?;
        let leader = child.id().expect("it was not waited for yet");
        self.lock().insert(i32::try_from(leader).expect("process ids are positive 32-bit numbers"));
        Ok(child)
    }

    /// Forgets the group of `leader`, which was waited for, when nothing else is left in it.
    pub fn settle(&self, leader: u32) {
        let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) else {
            return;
        };
        if !is_alive(group) {
            self.lock().remove(&group.as_raw_pid());
        }
    }

    /// Ends one group, asking first when there is `grace`; true once no process of it runs.
    pub async fn end(&self, leader: u32, grace: Duration) -> bool {
        let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) else {
            return true;
        };
        let gone = end_group(group, grace).await;
        if gone {
            self.lock().remove(&group.as_raw_pid());
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

    async fn end_own(&self, grace: Duration) -> bool {
        let live: Vec<i32> = self.lock().iter().copied().collect();
        let endings =
            live.into_iter().filter_map(|leader| u32::try_from(leader).ok()).map(|leader| self.end(leader, grace));
        let gone = futures_util::future::join_all(endings).await.into_iter().all(|gone| gone);
        end_leftovers(&self.cookie).await && gone
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<i32>> {
        self.live.lock().expect("no holder of this lock panics")
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Groups>>> {
        self.guests.lock().expect("no holder of this lock panics")
    }
}

async fn end_group(group: Pid, grace: Duration) -> bool {
    if !grace.is_zero() {
        // A group that is gone already is what we want, so errors of the signals say nothing new.
        let _ = kill_process_group(group, Signal::TERM);
        if gone_within(group, grace).await {
            return true;
        }
    }
    let _ = kill_process_group(group, Signal::KILL);
    gone_within(group, KILLED_WITHIN).await
}

async fn gone_within(group: Pid, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while is_alive(group) {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
    true
}

/// Says whether a process of the group runs. A zombie runs nothing: where nobody reaps orphans it would stay for ever.
fn is_alive(group: Pid) -> bool {
    test_kill_process_group(group).is_ok() && has_running_member(group.as_raw_pid()).unwrap_or(true)
}

/// Looks through `/proc` for a member that is no zombie; an error where there is no `/proc`.
fn has_running_member(group: i32) -> io::Result<bool> {
    for entry in fs::read_dir("/proc")? {
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        // "pid (name) state parent group …", and the name may contain anything.
        let Some((_, fields)) = stat.rsplit_once(')') else {
            continue;
        };
        let mut fields = fields.split_whitespace();
        let state = fields.next();
        let member_of = fields.nth(1).and_then(|field| field.parse().ok());
        if member_of == Some(group) && !matches!(state, Some("Z" | "X")) {
            return Ok(true);
        }
    }
    Ok(false)
}
