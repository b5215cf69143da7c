//! Those who watch sessions: joining without a gap, bounded queues, and a fresh picture for whoever is too slow.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use tenure_model::Span;
use tenure_model::id::SessionId;
use tenure_session::Session;

use crate::journal::News;
use crate::net::{ConnId, Way};
use crate::picture::Picture;
use crate::plan::Flaw;
use crate::say::{Item, Say};
use crate::scene::{Event, Scene, ServerStep};
use crate::server::Server;

/// The news that wait for one socket.
const QUEUE_MAX: usize = 24;

/// The open sockets of people.
#[derive(Default)]
pub struct Watchers(BTreeMap<ConnId, Watcher>);

struct Watcher {
    session: SessionId,
    after: Option<u64>,
    stage: Stage,
    queue: VecDeque<News>,
    /// It has lost news, and needs a fresh picture.
    lagged: bool,
    /// The state that it joins at, and its position.
    look: Option<(Rc<Session>, u64)>,
}

#[derive(PartialEq, Eq)]
enum Stage {
    /// What it missed is being read; live news wait.
    Joining,
    Live,
    /// Its socket takes nothing.
    Stalled,
}

impl Watchers {
    pub fn leave(&mut self, conn: ConnId) {
        self.0.remove(&conn);
    }
}

impl Server {
    /// Lets somebody watch: first they are on the list, then what they missed is read.
    pub fn join(&mut self, conn: ConnId, session: SessionId, after: Option<u64>, scene: &mut Scene) {
        let (stage, queue, lagged, look) = (Stage::Joining, VecDeque::new(), false, None);
        self.watchers.0.insert(conn, Watcher { session, after, stage, queue, lagged, look });
        self.park_look(conn, session, scene);
    }

    /// Takes the state that a watcher joins at; what it missed until then is read in a while.
    pub fn looked(&mut self, conn: ConnId, session: SessionId, state: Rc<Session>, scene: &mut Scene) {
        let position = self.told_up_to.get(&session).copied().unwrap_or_default();
        let Some(watcher) = self.watchers.0.get_mut(&conn) else { return };
        watcher.look = Some((state, position));
        let slowly = if scene.chance.one_in(4) { 2_000 } else { 50 };
        scene.within(0, slowly, Event::Server { start: self.start, what: ServerStep::Read { conn } });
    }

    /// Shows what was missed up to the position of the look, then goes live.
    pub fn read(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(watcher) = self.watchers.0.get_mut(&conn) else { return };
        let Some((state, position)) = watcher.look.take() else { return };
        let session = watcher.session;
        if watcher.lagged {
            return self.look_afresh(conn, scene);
        }
        let after = watcher.after;
        // The text of a turn that has ended since the look may be gone by now: the look is taken anew.
        if after.is_some() && !scene.plan.has(Flaw::FeedReadsLate) {
            let now = self.host(session, scene);
            if !state.turns.keys().all(|turn| now.state.turns.contains_key(turn)) {
                return self.park_look(conn, session, scene);
            }
        }
        let Some(watcher) = self.watchers.0.get_mut(&conn) else { return };
        watcher.stage = Stage::Live;
        let mut waiting = std::mem::take(&mut watcher.queue);
        match after {
            Some(after) => {
                for news in scene.journal.news(session, after, position) {
                    send_news(conn, &news, scene);
                }
            }
            None => {
                let picture = Rc::new(Picture::of(&state, session, &scene.journal, position));
                scene.send(conn, Way::FromServer, Say::Picture { position, picture });
            }
        }
        let live_from = position.max(after.unwrap_or_default());
        scene.send(conn, Way::FromServer, Say::Live { position: live_from });
        if scene.plan.has(Flaw::FeedLeavesAGap) {
            waiting.clear();
        }
        waiting.iter().filter(|news| news.position > live_from).for_each(|news| send_news(conn, news, scene));
    }

    /// Tells everybody who watches a session.
    pub fn publish(&mut self, session: SessionId, news: &News, scene: &mut Scene) {
        let watching = self.watchers.0.iter_mut().filter(|(_, watcher)| watcher.session == session);
        for (conn, watcher) in watching {
            match watcher.stage {
                Stage::Live => send_news(*conn, news, scene),
                Stage::Joining | Stage::Stalled if watcher.queue.len() < QUEUE_MAX => {
                    watcher.queue.push_back(news.clone());
                }
                // Whoever is too slow loses all of it, and is told the whole again.
                Stage::Joining | Stage::Stalled => {
                    watcher.queue.clear();
                    watcher.lagged = true;
                }
            }
        }
    }

    /// A socket takes nothing for a while.
    pub fn stall(&mut self, conn: ConnId, span: Span, scene: &mut Scene) {
        if let Some(watcher) = self.watchers.0.get_mut(&conn).filter(|watcher| watcher.stage == Stage::Live) {
            watcher.stage = Stage::Stalled;
            scene.after(span, Event::Server { start: self.start, what: ServerStep::Drained { conn } });
        }
    }

    /// A socket takes news again: those that waited, or a fresh picture.
    pub fn drained(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(watcher) = self.watchers.0.get_mut(&conn) else {
            return;
        };
        if watcher.lagged {
            return self.look_afresh(conn, scene);
        }
        watcher.stage = Stage::Live;
        std::mem::take(&mut watcher.queue).iter().for_each(|news| send_news(conn, news, scene));
    }

    /// Lets somebody who has lost news begin anew, with a picture.
    fn look_afresh(&mut self, conn: ConnId, scene: &mut Scene) {
        let Some(watcher) = self.watchers.0.get_mut(&conn) else { return };
        (watcher.stage, watcher.after, watcher.lagged) = (Stage::Joining, None, false);
        watcher.queue.clear();
        let session = watcher.session;
        self.park_look(conn, session, scene);
    }
}

/// Sends what one commit tells. Only the last of it carries the commit's own position, so that whoever is cut off in
/// between gets all of it again.
fn send_news(conn: ConnId, news: &News, scene: &mut Scene) {
    let events = news.events.iter().map(|event| Item::Event { seq: news.seq, at: news.at, event: event.clone() });
    let items: Vec<_> = events.chain(news.deltas.iter().cloned().map(Item::Text)).collect();
    let last = items.len().saturating_sub(1);
    for (n, item) in items.into_iter().enumerate() {
        let position = if n == last { news.position } else { news.position - 1 };
        scene.send(conn, Way::FromServer, Say::News { position, item });
    }
}
