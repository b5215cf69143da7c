//! Calls of a session that wait for a person, and its budget when that is used up, as their owner's feed tells them.
//!
//! A task holds the connection and reconnects for ever with [`Backoff`]; each connection begins with all that wait now. Whoever is
//! not the owner hears of none.

use hyper::body::Incoming;
use tenure_model::budget::Scope;
use tenure_model::id::{ApprovalId, SessionId};
use tenure_protocol::execution::Waiting;
use tenure_protocol::feed::{FeedEvent, ListRow};
use tokio::sync::mpsc;

use super::api::Api;
use super::backoff::Backoff;
use super::link::spread;
use super::sse::{self, Events};
use crate::failure::Failure;

/// How many pieces of news wait for the screen; past it the feed is read no further.
const NEWS_MAX: usize = 64;
/// The list in which they stand.
const LIST: &str = "approval";

/// What is new of what waits.
#[derive(Clone, PartialEq, Debug)]
pub enum CallNews {
    /// These wait, and no others.
    All(Vec<Waiting>),
    Asked(Waiting),
    /// It waits no more.
    Gone(ApprovalId),
}

/// A line on which the calls of one session are told.
pub struct Calls(mpsc::Receiver<CallNews>);

impl Calls {
    /// Listens until this is dropped.
    pub fn of(api: &Api, session: SessionId) -> Self {
        let (told, news) = mpsc::channel(NEWS_MAX);
        tokio::spawn(Line { api: api.clone(), session, told }.keep());
        Self(news)
    }

    /// Hears nothing.
    pub fn none() -> Self {
        Self(mpsc::channel(1).1)
    }

    /// Waits for what happens next; for ever when nothing can come any more.
    pub async fn next(&mut self) -> CallNews {
        match self.0.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}

/// The task behind the calls.
struct Line {
    api: Api,
    session: SessionId,
    told: mpsc::Sender<CallNews>,
}

impl Line {
    async fn keep(self) {
        let mut backoff = Backoff::default();
        loop {
            match self.api.stream("/api/feed").await {
                // The chat says what is wrong; whoever has no feed can chat all the same.
                Err(Failure::Refused(_)) => return,
                Err(_) => {}
                Ok(body) => tokio::select! {
                    () = self.listen(body, &mut backoff) => {}
                    () = self.told.closed() => return,
                },
            }
            tokio::select! {
                () = tokio::time::sleep(backoff.next(spread())) => {}
                () = self.told.closed() => return,
            }
        }
    }

    async fn listen(&self, mut body: Incoming, backoff: &mut Backoff) {
        let mut events = Events::default();
        while let Ok(piece) = sse::piece(&mut body).await {
            for data in events.take(&piece) {
                // What a newer server tells beside is not for the chat.
                let Ok(event) = serde_json::from_str::<FeedEvent>(&data) else { continue };
                if let FeedEvent::Live { .. } = event {
                    backoff.reset();
                }
                if let Some(news) = news(event, self.session)
                    && self.told.send(news).await.is_err()
                {
                    return;
                }
            }
        }
    }
}

fn news(event: FeedEvent, session: SessionId) -> Option<CallNews> {
    match event {
        FeedEvent::Snapshot { rows, .. } => {
            Some(CallNews::All(rows.into_iter().filter_map(|row| waits(row, session)).collect()))
        }
        FeedEvent::Row { row, .. } => waits(row, session).map(CallNews::Asked),
        FeedEvent::RowGone { list, id, .. } => (list == LIST).then_some(CallNews::Gone(ApprovalId(id))),
        FeedEvent::List { .. } | FeedEvent::Live { .. } | FeedEvent::Error { .. } => None,
    }
}

/// Reads a row of what waits; what runs ask by their own steps is told by the session.
fn waits(row: ListRow, session: SessionId) -> Option<Waiting> {
    let ListRow { list, row, .. } = row;
    let asked: Waiting = (list == LIST).then(|| serde_json::from_value(row).ok()).flatten()?;
    let is_here = match &asked {
        Waiting::Run(_) => false,
        Waiting::Call(call) => call.session == Some(session),
        Waiting::Budget(asked) => asked.budget == Scope::Session(session).to_string(),
    };
    is_here.then_some(asked)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tenure_model::Timestamp;
    use uuid::Uuid;

    use super::*;

    const SESSION: SessionId = SessionId(Uuid::from_u128(7));

    fn row(list: &str, row: Value) -> ListRow {
        ListRow { list: list.to_owned(), id: Uuid::from_u128(1), rank: Timestamp(1), row }
    }

    fn of_call(session: SessionId) -> Value {
        json!({ "id": Uuid::from_u128(1), "tool": "delete_workflow", "service": "tenure", "risk": "medium", "arguments": {},
            "session": session, "asked_at": 1, "deadline": 2, "hash": "h" })
    }

    #[test]
    fn only_what_waits_in_the_session_is_told() {
        let other = SessionId(Uuid::from_u128(8));
        let gate = json!({ "id": Uuid::from_u128(2), "execution": Uuid::from_u128(3), "workflow": "W", "session": SESSION,
            "path": "gate", "prompt": "Push?", "may_decide": [], "asked_at": 1, "deadline": 2, "on_deadline": "denied",
            "on_deny": "cancel", "hash": "h" });
        let budget = |session: SessionId| {
            json!({ "id": Uuid::from_u128(4), "budget": Scope::Session(session), "measure": "turns", "allowance": { "turns": 1 },
                "raised": {}, "used": { "turns": 1 }, "waiting": 1, "asked_at": 1, "hash": "h" })
        };
        let rows = vec![
            row(LIST, budget(SESSION)),
            row(LIST, budget(other)),
            row(LIST, of_call(SESSION)),
            row(LIST, of_call(other)),
            row(LIST, gate),
            row("session", of_call(SESSION)),
        ];
        let Some(CallNews::All(calls)) = news(FeedEvent::Snapshot { position: 1, rows }, SESSION) else {
            panic!("all")
        };
        assert!(matches!(&calls[..], [Waiting::Budget(_), Waiting::Call(_)]), "{calls:?}");
        let gone = |list: &str| {
            news(FeedEvent::RowGone { position: 2, list: list.to_owned(), id: Uuid::from_u128(1) }, SESSION)
        };
        assert_eq!(gone(LIST), Some(CallNews::Gone(ApprovalId(Uuid::from_u128(1)))));
        assert_eq!(gone("session"), None);
    }
}
