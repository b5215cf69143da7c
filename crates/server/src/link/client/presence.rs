//! Who is here: the people on each session's sockets and where they type. Told whole, a moment after it changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, Weak};

use tenure_model::Span;
use tenure_model::id::{SessionId, ThreadId, UserId};
use tenure_protocol::client::{ClientEvent, Presence};
use tenure_runtime::Feed;
use tenure_session::Session;

/// The presence of all sessions that somebody watches.
#[derive(Clone)]
pub struct PresenceBoard(Arc<Board>);

struct Board {
    sessions: Mutex<HashMap<SessionId, Room>>,
    feed: Feed<Session>,
    pause: Span,
}

#[derive(Default)]
struct Room {
    people: BTreeMap<UserId, Presence>,
    /// A change is about to be told.
    telling: bool,
}

/// One socket's part in the presence; dropping it leaves.
pub struct Present {
    board: PresenceBoard,
    session: SessionId,
    user: UserId,
}

impl PresenceBoard {
    pub fn new(feed: Feed<Session>, pause: Span) -> Self {
        Self(Arc::new(Board { sessions: Mutex::default(), feed, pause }))
    }

    /// Adds a socket of a person.
    pub fn join(&self, session: SessionId, user: UserId, name: &str) -> Present {
        self.change(session, |people| {
            let here = people.entry(user).or_insert_with(|| Presence {
                user,
                name: name.to_owned(),
                sockets: 0,
                typing: None,
            });
            here.sockets += 1;
        });
        Present { board: self.clone(), session, user }
    }

    /// Lists who is on a session's sockets.
    pub fn of(&self, session: SessionId) -> Vec<Presence> {
        let sessions = self.0.sessions.lock().expect("changing presence does not panic");
        sessions.get(&session).map_or_else(Vec::new, |room| room.people.values().cloned().collect())
    }

    fn change(&self, session: SessionId, change: impl FnOnce(&mut BTreeMap<UserId, Presence>)) {
        let mut sessions = self.0.sessions.lock().expect("changing presence does not panic");
        let room = sessions.entry(session).or_default();
        let before = room.people.clone();
        change(&mut room.people);
        if room.people == before || room.telling {
            return;
        }
        // Sockets are also dropped while their thread ends; then nobody is left to be told.
        let Ok(thread) = tokio::runtime::Handle::try_current() else {
            return;
        };
        room.telling = true;
        let (board, pause) = (Arc::downgrade(&self.0), self.0.pause);
        thread.spawn(async move {
            tokio::time::sleep(pause.duration()).await;
            tell(&board, session);
        });
    }
}

fn tell(board: &Weak<Board>, session: SessionId) {
    let Some(board) = board.upgrade() else { return };
    let mut sessions = board.sessions.lock().expect("changing presence does not panic");
    let Some(room) = sessions.get_mut(&session) else { return };
    room.telling = false;
    let presence = room.people.values().cloned().collect();
    if room.people.is_empty() {
        sessions.remove(&session);
    }
    drop(sessions);
    let event = ClientEvent::PresenceChanged { presence };
    board.feed.signal(session, serde_json::to_value(event).expect("presence is plain data"));
}

impl Present {
    /// Notes where the person types, or that they stopped.
    pub fn typing(&self, thread: Option<ThreadId>) {
        let user = self.user;
        self.board.change(self.session, |people| {
            if let Some(here) = people.get_mut(&user) {
                here.typing = thread;
            }
        });
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let user = self.user;
        self.board.change(self.session, |people| {
            let Some(here) = people.get_mut(&user) else { return };
            here.sockets -= 1;
            if here.sockets == 0 {
                people.remove(&user);
            }
        });
    }
}
