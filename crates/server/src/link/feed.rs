//! The owner's feed: what lists and badges show, over a websocket or as server-sent events; beside the owner's own rows
//! what others ask of them by name, and every runner, which everybody who is signed in may see.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use tenure_journal::{Position, Store, StoreError};
use tenure_model::{Row, Summary, SummaryKey};
use tenure_protocol::FEED_SUBPROTOCOL;
use tenure_protocol::feed::{FeedEvent, ListRow};
use tenure_runtime::{ListNews, ListSubscription};
use tenure_workflow::people::addressee;

use super::client::telling::Over;
use super::runner_board;
use super::way::{Asked, Stream, Way};
use super::wire::{Ending, Gone};
use super::{going_away, revoked, right_lost, stopping};
use crate::api::rows::{self, Owners};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, unavailable};

/// The lists whose rows the feed carries.
const LISTS: [&str; 8] = ["session", "question", "token", "workflow", "execution", "approval", "trigger", "sandbox"];
/// Rows of each list in a snapshot.
const SNAPSHOT_ROWS_MAX: usize = 200;

static FEED: Stream = Stream {
    subprotocol: FEED_SUBPROTOCOL,
    complain: |problem| encoded(&FeedEvent::Error { problem }),
    silence: "the feed takes no messages; open a session's socket or use the HTTP API",
};

/// `GET /api/feed?after=`: opens the feed.
pub async fn feed(
    desk: web::Data<Desk>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Rejection> {
    let Asked { caller, after } = FEED.asked(&desk, &request)?;
    let (response, way) = FEED.begin(&desk, &caller, &request, payload)?;
    let listener = Listener { desk: desk.into_inner(), caller };
    actix_web::rt::spawn(async move {
        let Err(Over::Ends(_, rejection)) = listener.talk(after, way).await else {
            return;
        };
        tracing::debug!("a feed ended: {rejection}");
    });
    Ok(response)
}

fn encoded(event: &FeedEvent) -> String {
    serde_json::to_string(event).expect("a feed event is plain data")
}

async fn say(way: &Way, cursor: Option<u64>, event: &FeedEvent) -> Result<(), Gone> {
    way.say(cursor, encoded(event)).await
}

struct Listener {
    desk: Arc<Desk>,
    caller: Caller,
}

impl Listener {
    async fn talk(&self, after: Option<u64>, mut way: Way) -> Result<(), Over> {
        let mut after = after;
        loop {
            match self.tell(after.take(), &mut way).await {
                // Too slow for its queue: it gets the lists as they are now.
                Ok(()) => {}
                Err(Over::Ends(ending, rejection)) => {
                    way.end(ending, rejection.clone()).await?;
                    return Err(Over::Ends(ending, rejection));
                }
                Err(Over::Gone) => return Err(Over::Gone),
            }
        }
    }

    async fn tell(&self, after: Option<u64>, way: &mut Way) -> Result<(), Over> {
        let user = self.caller.user;
        let queue_max = self.desk.options.socket_queue_max;
        let asked = addressee(&self.caller.name);
        let lists = &self.desk.runtime.lists;
        let mut news: ListSubscription = lists.subscribe(user, Some(asked), after.map(Position), queue_max);
        let mut cursor = match news.missed.take() {
            Some(missed) => {
                let mut cursor = after.unwrap_or_default();
                for news in missed {
                    cursor = tell_news(way, &news, cursor).await?;
                }
                cursor
            }
            None => self.snapshot(way).await?,
        };
        let mut runners = self.desk.runners.rows();
        let mut shown = runners.borrow_and_update().clone();
        say(way, None, &runner_board::whole(&shown)).await?;
        let told = cursor;
        say(way, Some(cursor), &FeedEvent::Live { position: cursor }).await?;
        let mut revocation = std::pin::pin!(right_lost(&self.desk, &self.caller));
        let mut stop = std::pin::pin!(stopping(&self.desk));
        let mut heartbeat = actix_web::rt::time::interval(self.desk.options.heartbeat_every_ms.duration());
        loop {
            tokio::select! {
                news = news.next() => match news {
                    Some(news) if after.is_none() && news.position.0 <= told => {}
                    Some(news) => cursor = tell_news(way, &news, cursor).await?,
                    None => return Ok(()),
                },
                Ok(()) = runners.changed() => {
                    let now = runners.borrow_and_update().clone();
                    for event in runner_board::changes(&shown, &now, cursor) {
                        say(way, Some(cursor), &event).await?;
                    }
                    shown = now;
                }
                _ = heartbeat.tick() => way.heartbeat().await?,
                heard = way.hear() => heard?,
                () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
                () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
            }
        }
    }

    /// Tells the newest rows of every list, and returns the position that they stand for.
    async fn snapshot(&self, way: &Way) -> Result<u64, Over> {
        let (store, owners) = (self.desk.runtime.store.clone(), Owners::from(&self.caller));
        // The position first: what is written while the rows are read is told again, and replaces.
        let position = store.position().0;
        let read = actix_web::web::block(move || newest(&store, &owners)).await;
        let unavailable = |why: &str| Over::Ends(Ending::Unavailable, unavailable(why));
        let rows = read.map_err(|_| unavailable("the server is stopping"))?;
        let rows = rows.map_err(|error| unavailable(&error.to_string()))?;
        say(way, Some(position), &FeedEvent::Snapshot { position, rows }).await?;
        Ok(position)
    }
}

fn newest(store: &Store, owners: &Owners) -> Result<Vec<ListRow>, StoreError> {
    let mut rows = vec![];
    for list in LISTS {
        let found = rows::merged(store, owners, list, None, SNAPSHOT_ROWS_MAX)?;
        rows.extend(found.iter().map(|Summary { key, row }| list_row(key, row)));
    }
    Ok(rows)
}

fn list_row(key: &SummaryKey, row: &Row) -> ListRow {
    let row = row.read().expect("a row is JSON: it was made here, or verified when it was read");
    ListRow { list: key.list.clone(), id: key.id, rank: key.rank, row }
}

/// Tells what one commit changed, and returns the new cursor; only the last frame of a commit moves it.
async fn tell_news(way: &Way, news: &ListNews, cursor: u64) -> Result<u64, Gone> {
    let carried: Vec<_> = news.changes.iter().filter(|change| LISTS.contains(&change.key.list.as_str())).collect();
    let last = carried.len().saturating_sub(1);
    for (n, change) in carried.iter().enumerate() {
        let position = if n == last { news.position.0 } else { cursor };
        let key = &change.key;
        let event = match &change.row {
            Some(row) => FeedEvent::Row { position, row: list_row(key, row) },
            None => FeedEvent::RowGone { position, list: key.list.clone(), id: key.id },
        };
        say(way, Some(position), &event).await?;
    }
    Ok(if carried.is_empty() { cursor } else { news.position.0 })
}
