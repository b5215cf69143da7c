//! What operators see live, over a websocket or as server-sent events: figures of the writer again and again, and which actors
//! wake, go to sleep or move on, gathered for a moment. Nothing of it is recorded, so nothing of it is missed either: whoever
//! comes back looks anew.

use std::sync::Arc;

use actix_web::rt::time;
use actix_web::{HttpRequest, HttpResponse, web};
use tenure_model::EntityKey;
use tenure_protocol::ADMIN_SUBPROTOCOL;
use tenure_protocol::admin::{ActorStir, AdminEvent};
use tenure_runtime::{Gathered, Stir, StirListener};
use tokio::time::MissedTickBehavior;

use super::client::telling::Over;
use super::way::{Asked, Stream, Way};
use super::wire::{Ending, Gone};
use super::{going_away, revoked, right_lost, stopping};
use crate::admin::server::figures;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Rejection;

static LIVE: Stream = Stream {
    subprotocol: ADMIN_SUBPROTOCOL,
    complain: |problem| encoded(&AdminEvent::Error { problem }),
    silence: "what operators see live takes no messages; use the HTTP API",
};

/// `GET /admin/live`: tells administrators what goes on inside.
pub async fn live(
    desk: web::Data<Desk>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Rejection> {
    let Asked { caller, .. } = LIVE.asked(&desk, &request)?;
    let caller = caller.admin()?;
    let (response, mut way) = LIVE.begin(&desk, &caller, &request, payload)?;
    let operator = Operator { desk: desk.into_inner(), caller };
    actix_web::rt::spawn(async move {
        let Err(Over::Ends(ending, rejection)) = operator.listen(&mut way).await else {
            return;
        };
        // Somebody who is gone need not be told.
        let _ = way.end(ending, rejection).await;
    });
    Ok(response)
}

fn encoded(event: &AdminEvent) -> String {
    serde_json::to_string(event).expect("an event for operators is plain data")
}

async fn say(way: &Way, event: AdminEvent) -> Result<(), Gone> {
    way.say(None, encoded(&event)).await
}

/// One administrator who listens.
struct Operator {
    desk: Arc<Desk>,
    caller: Caller,
}

impl Operator {
    /// Tells what goes on until somebody ends it. While the other side does not read, actors are gathered, within the limit.
    async fn listen(&self, way: &mut Way) -> Result<(), Over> {
        let options = &self.desk.options;
        let stirs = self.desk.runtime.stirs.listen(options.admin_live_actors_max);
        say(way, AdminEvent::Live { at: self.desk.now() }).await?;
        let mut looks = time::interval(options.admin_live_figures_every_ms.duration());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heartbeat = time::interval(options.heartbeat_every_ms.duration());
        let mut revocation = std::pin::pin!(right_lost(&self.desk, &self.caller));
        let mut stop = std::pin::pin!(stopping(&self.desk));
        let mut gathering = std::pin::pin!(self.gather(&stirs));
        loop {
            tokio::select! {
                _ = looks.tick() => {
                    let figures = figures(&self.desk.runtime);
                    say(way, AdminEvent::Figures { at: self.desk.now(), figures }).await?;
                }
                gathered = &mut gathering => {
                    say(way, told(gathered)).await?;
                    gathering.set(self.gather(&stirs));
                }
                _ = heartbeat.tick() => way.heartbeat().await?,
                heard = way.hear() => heard?,
                () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
                () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
            }
        }
    }

    /// Waits until something has stirred, and a little longer for what stirs with it.
    async fn gather(&self, stirs: &StirListener) -> Gathered {
        loop {
            stirs.stirred().await;
            time::sleep(self.desk.options.admin_live_pause_ms.duration()).await;
            let gathered = stirs.take();
            if !gathered.stirs.is_empty() {
                return gathered;
            }
        }
    }
}

fn told(Gathered { stirs, more }: Gathered) -> AdminEvent {
    let stood = |(EntityKey { kind, id }, stir): (EntityKey, Stir)| {
        let Stir { awake, seq, position, at } = stir;
        ActorStir { kind, id, awake, seq, position: position.map(|position| position.0), at }
    };
    AdminEvent::Actors { actors: stirs.into_iter().map(stood).collect(), more }
}
