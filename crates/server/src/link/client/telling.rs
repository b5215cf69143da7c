//! Telling a session's news to one listener, whatever they are told through.

use std::sync::Arc;

use tenure_journal::Position;
use tenure_model::id::SessionId;
use tenure_protocol::client::ClientEvent;
use tenure_runtime::{Committed, News, Subscription};
use tenure_session::{Event, Session};

use super::super::guard::Watched;
use super::super::wire::{Ending, Gone, Line};
use super::join;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};
use crate::view::{self, before, encoded};

/// Where news go: a websocket or an event stream.
pub trait Outlet {
    /// Says one frame. `cursor` is the position that it carries.
    async fn put(&self, cursor: Option<u64>, frame: Arc<str>) -> Result<(), Gone>;

    fn watched(&self) -> &Watched;
}

impl Outlet for Line {
    async fn put(&self, _cursor: Option<u64>, frame: Arc<str>) -> Result<(), Gone> {
        self.say_shared(frame).await
    }

    fn watched(&self) -> &Watched {
        &self.watched
    }
}

/// Why the telling stops.
pub enum Over {
    Gone,
    Ends(Ending, Rejection),
}

impl From<Gone> for Over {
    fn from(_: Gone) -> Self {
        Over::Gone
    }
}

impl From<Rejection> for Over {
    fn from(rejection: Rejection) -> Self {
        let ending = if rejection.0.retry { Ending::Unavailable } else { Ending::Policy };
        Over::Ends(ending, rejection)
    }
}

/// One listener of one session.
pub struct Telling<O> {
    pub desk: Arc<Desk>,
    pub caller: Caller,
    pub session: SessionId,
    pub outlet: O,
}

impl<O: Outlet> Telling<O> {
    /// Tells what comes first: a picture, or what was missed. Returns the live news and where they begin.
    pub async fn open(&self, after: Option<u64>) -> Result<(Subscription<Session>, Position), Over> {
        let news = self.subscribe();
        let (opening, position) = join::opening(&self.desk, self.session, &self.caller, after).await?;
        for event in opening {
            self.say(event).await?;
        }
        self.say(ClientEvent::Live { position: position.0 }).await?;
        Ok((news, position))
    }

    /// Begins anew after the listener was too slow for its queue.
    pub async fn reopen(&self) -> Result<(Subscription<Session>, Position), Over> {
        let news = self.subscribe();
        let look = join::look(&self.desk, self.session, &self.caller).await?;
        self.say(join::resync(&self.desk, self.session, &look, "this socket was too slow for its queue")?).await?;
        self.say(ClientEvent::Live { position: look.position.0 }).await?;
        Ok((news, look.position))
    }

    /// Tells one piece of live news, unless it came before `position`.
    pub async fn tell(&self, piece: News<Session>, position: Position) -> Result<(), Over> {
        match piece {
            News::Committed(committed) if committed.position <= position => Ok(()),
            News::Committed(committed) => self.tell_commit(&committed).await,
            News::Signal(signal) => Ok(self.outlet.put(None, signal.to_string().into()).await?),
        }
    }

    /// Says one event.
    pub async fn say(&self, mut event: ClientEvent) -> Result<(), Gone> {
        let cursor = event.position_mut().copied();
        self.outlet.put(cursor, encoded(&event).into()).await
    }

    fn subscribe(&self) -> Subscription<Session> {
        let news = self.desk.runtime.sessions.feed().subscribe(self.session, self.desk.options.socket_queue_max);
        self.outlet.watched().lost_by(news.lost_since());
        news
    }

    async fn tell_commit(&self, committed: &Committed<Session>) -> Result<(), Over> {
        let frames = view::frames(committed);
        let touched = view::touched(committed);
        for (n, frame) in frames.iter().enumerate() {
            let closes = n + 1 == frames.len() && !touched.any();
            let cursor = if closes { committed.position.0 } else { before(committed.position) };
            self.outlet.put(Some(cursor), frame.clone()).await?;
        }
        if !touched.any() && !self.takes_my_role(committed) {
            return Ok(());
        }
        let look =
            join::look(&self.desk, self.session, &self.caller).await.map_err(|rejection| match rejection.0.status {
                404 => problem(403, "role_lost", "you do not take part in this session any more"),
                _ => rejection,
            })?;
        let session = join::view_of(self.session, &look)?;
        for event in touched.tell(&session, before(committed.position), committed.position) {
            self.say(event).await?;
        }
        Ok(())
    }

    fn takes_my_role(&self, committed: &Committed<Session>) -> bool {
        let mine = |event: &Event| matches!(event, Event::Unshared { user, .. } if *user == self.caller.user);
        committed.events.iter().any(mine)
    }
}
