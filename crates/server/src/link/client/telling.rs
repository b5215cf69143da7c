//! Telling the news of a session and of its runs to one listener, whatever they are told through.

use std::sync::Arc;

use tenure_journal::Position;
use tenure_model::id::{ExecutionId, SessionId};
use tenure_protocol::client::ClientEvent;
use tenure_runtime::{Committed, News, SessionNews, SessionSubscription};
use tenure_session::{Event, Session};

use super::super::guard::Watched;
use super::super::wire::{Ending, Gone, Line};
use super::join::{self, Runs, Standing};
use super::missed;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};
use crate::runs::chat::ShownRun;
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

/// What a listener listens to from here on.
pub struct Listening {
    pub news: SessionSubscription,
    /// Everything up to here was told.
    position: Position,
    /// The runs that work in the session.
    runs: Runs,
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
    pub async fn open(&self, after: Option<u64>) -> Result<Listening, Over> {
        let mut news = self.subscribe();
        let (opening, standing) = join::opening(&self.desk, self.session, &self.caller, after, &mut news).await?;
        for event in opening {
            self.say(event).await?;
        }
        self.live(news, standing).await
    }

    /// Begins anew after the listener was too slow for its queue.
    pub async fn reopen(&self) -> Result<Listening, Over> {
        let mut news = self.subscribe();
        let standing = join::stand(&self.desk, self.session, &self.caller, &mut news).await?;
        let why = "this socket was too slow for its queue";
        self.say(join::resync(&self.desk, self.session, &standing, why)?).await?;
        self.live(news, standing).await
    }

    /// Tells one piece of live news, unless it came before the listening began.
    pub async fn tell(&self, piece: SessionNews, listening: &mut Listening) -> Result<(), Over> {
        match piece {
            SessionNews::Session(News::Committed(news)) if news.position > listening.position => {
                self.tell_commit(&news, &mut listening.runs).await
            }
            SessionNews::Run(News::Committed(news)) if news.position > listening.position => {
                let Some(run) = listening.runs.get_mut(&ExecutionId(news.id)) else { return Ok(()) };
                self.put_all(&run.tell(&news), news.position, true).await
            }
            SessionNews::Session(News::Signal(signal)) => Ok(self.outlet.put(None, signal.to_string().into()).await?),
            SessionNews::Session(_) | SessionNews::Run(_) => Ok(()),
        }
    }

    /// Says one event.
    pub async fn say(&self, mut event: ClientEvent) -> Result<(), Gone> {
        let cursor = event.position_mut().copied();
        self.outlet.put(cursor, encoded(&event).into()).await
    }

    async fn say_all(&self, events: Vec<ClientEvent>) -> Result<(), Over> {
        for event in events {
            self.say(event).await?;
        }
        Ok(())
    }

    /// Says frames of one commit; the last one carries its position when it `closes` the commit.
    async fn put_all(&self, frames: &[Arc<str>], position: Position, closes: bool) -> Result<(), Over> {
        for (n, frame) in frames.iter().enumerate() {
            let last = closes && n + 1 == frames.len();
            let cursor = if last { position.0 } else { before(position) };
            self.outlet.put(Some(cursor), frame.clone()).await?;
        }
        Ok(())
    }

    async fn live(&self, news: SessionSubscription, standing: Standing) -> Result<Listening, Over> {
        let Standing { position, runs, .. } = standing;
        self.say(ClientEvent::Live { position: position.0 }).await?;
        Ok(Listening { news, position, runs })
    }

    fn subscribe(&self) -> SessionSubscription {
        let news = self.desk.runtime.watch_session(self.session, self.desk.options.socket_queue_max);
        self.outlet.watched().lost_by(news.lost_since());
        news
    }

    async fn tell_commit(&self, committed: &Committed<Session>, runs: &mut Runs) -> Result<(), Over> {
        let frames = view::frames(committed);
        let touched = view::touched(committed);
        self.put_all(&frames, committed.position, !touched.any()).await?;
        for event in &committed.events {
            if let Event::RunEnded { execution, .. } = event {
                runs.remove(execution);
            }
        }
        if !touched.any() && !self.takes_my_role(committed) {
            return Ok(());
        }
        let look =
            join::look(&self.desk, self.session, &self.caller).await.map_err(|rejection| match rejection.0.status {
                404 => problem(403, "role_lost", "you do not take part in this session any more"),
                _ => rejection,
            })?;
        let cursor = before(committed.position);
        let mut rest = touched.tell(&join::view_of(self.session, &look)?, cursor);
        for (id, run) in join::runs(&self.desk, touched.runs.into_iter().collect()).await? {
            rest.extend(self.joining(id, &run, committed.position).await?);
            runs.insert(id, run);
        }
        view::close(&mut rest, committed.position);
        self.say_all(rest).await
    }

    /// Tells of a run that was attached at `position`: what it did before, and how it stands.
    async fn joining(
        &self,
        id: ExecutionId,
        run: &ShownRun,
        position: Position,
    ) -> Result<Vec<ClientEvent>, Rejection> {
        let cursor = before(position);
        let mut told = match missed::history(&self.desk, id, position).await? {
            Some(records) => {
                records.iter().flat_map(|record| run.happened(&record.events, record.at, cursor)).collect()
            }
            None => run.open_steps(cursor),
        };
        told.extend(run.standing(cursor));
        Ok(told)
    }

    fn takes_my_role(&self, committed: &Committed<Session>) -> bool {
        let mine = |event: &Event| matches!(event, Event::Unshared { user, .. } if *user == self.caller.user);
        committed.events.iter().any(mine)
    }
}
