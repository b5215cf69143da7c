//! The event stream of one session: the same objects as on the websocket, for readers that only listen.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use tenure_model::id::SessionId;
use tenure_protocol::client::ClientEvent;

use super::super::guard::Watched;
use super::super::sse::{self, EventBody};
use super::super::wire::{Ending, Gone};
use super::super::{going_away, revoked, right_lost, stopping};
use super::telling::{Listening, Outlet, Over, Telling};
use super::{After, join};
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

impl Outlet for EventBody {
    async fn put(&self, cursor: Option<u64>, frame: Arc<str>) -> Result<(), Gone> {
        self.event(cursor, &frame).await
    }

    fn watched(&self) -> &Watched {
        &self.watched
    }
}

/// `GET /api/sessions/{id}/events?after=`: streams a session's news.
pub async fn events(desk: web::Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let after = sse::cursor(&request, input::query::<After>(&request)?.after)?;
    let caller = caller.0;
    join::look(&desk, session, &caller).await?;
    let seat = desk.seat(caller.user)?;
    let (response, outlet) = sse::begin(&request, &desk.guard)?;
    let telling = Telling { desk: desk.into_inner(), caller, session, outlet };
    actix_web::rt::spawn(async move {
        let _seat = seat;
        let Err(Over::Ends(_, rejection)) = talk(&telling, after).await else {
            return;
        };
        // Somebody who is gone need not be told.
        let _ = telling.say(ClientEvent::Error { problem: rejection.into() }).await;
    });
    Ok(response)
}

async fn talk(telling: &Telling<EventBody>, after: Option<u64>) -> Result<(), Over> {
    let mut listening = telling.open(after).await?;
    loop {
        live(telling, listening).await?;
        listening = telling.reopen().await?;
    }
}

async fn live(telling: &Telling<EventBody>, mut listening: Listening) -> Result<(), Over> {
    let mut revocation = std::pin::pin!(right_lost(&telling.desk, &telling.caller));
    let mut stop = std::pin::pin!(stopping(&telling.desk));
    let mut heartbeat = actix_web::rt::time::interval(telling.desk.options.heartbeat_every_ms.duration());
    loop {
        tokio::select! {
            piece = listening.news.next() => match piece {
                Some(piece) => telling.tell(piece, &mut listening).await?,
                None => return Ok(()),
            },
            _ = heartbeat.tick() => telling.outlet.heartbeat().await?,
            () = telling.outlet.gone() => return Err(Over::Gone),
            () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
            () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
        }
    }
}
