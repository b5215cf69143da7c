//! The event stream of one draft: what the model says, and what comes of it. A client that leaves ends the call to the model.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use tenure_protocol::draft::{Draft, DraftEvent, NewDraft, NewStepDraft};
use tokio::time::timeout;
use tracing::info;

use super::sse::{self, EventBody};
use super::{RECHECK_EVERY, going_away, revoked, right_lost, stopping};
use crate::api::input::Body;
use crate::auth::{Caller, agent};
use crate::desk::Desk;
use crate::draft::{Over, Rounds, Task, may};
use crate::places::Place;
use crate::problem::{Rejection, problem};

/// How long a stream is quiet at most. A client that has left is noticed when it is written to, and its model costs money.
const QUIET_MAX: Duration = Duration::from_secs(2);

/// Whoever may draft: a person by their token, or an agent at work for them by its pass.
struct Asker {
    caller: Caller,
    headers: HeaderMap,
}

/// What somebody wants who may draft; read only once they are known.
pub struct Wanted<T> {
    asker: Asker,
    new: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for Wanted<T> {
    type Error = Rejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Rejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let desk = request.app_data::<Data<Desk>>().expect("every route has the desk").clone();
        let headers = request.headers().clone();
        let reading = Body::<T>::from_request(request, payload);
        Box::pin(async move {
            let caller = agent::caller(&desk, &headers).await?;
            may(&caller)?;
            let Body(new) = reading.await?;
            Ok(Self { asker: Asker { caller, headers }, new })
        })
    }
}

/// `POST /api/workflows/draft`: has a model write a definition. Nothing is stored.
pub async fn whole(
    desk: Data<Desk>,
    request: HttpRequest,
    wanted: Wanted<NewDraft>,
) -> Result<HttpResponse, Rejection> {
    let Wanted { asker, new } = wanted;
    let place = desk.drafting.enter(asker.caller.user)?;
    let task = Task::whole(&desk, &asker.caller, new).await?;
    begin(desk, &request, asker, task, place)
}

/// `POST /api/workflows/draft/step`: has a model write one step of a draft anew. Nothing is stored.
pub async fn step(
    desk: Data<Desk>,
    request: HttpRequest,
    wanted: Wanted<NewStepDraft>,
) -> Result<HttpResponse, Rejection> {
    let Wanted { asker, new } = wanted;
    let place = desk.drafting.enter(asker.caller.user)?;
    let task = Task::step(&desk, &asker.caller, new).await?;
    begin(desk, &request, asker, task, place)
}

fn begin(
    desk: Data<Desk>,
    request: &HttpRequest,
    asker: Asker,
    task: Task,
    place: Place,
) -> Result<HttpResponse, Rejection> {
    let seat = desk.seat(asker.caller.user)?;
    let (response, body) = sse::begin(request, &desk.guard)?;
    let rounds = Rounds { desk: desk.into_inner(), caller: asker.caller, task };
    actix_web::rt::spawn(async move {
        let _held = (place, seat);
        let ended = follow(&rounds, &asker.headers, &body).await;
        note(&rounds.caller, &ended);
        let last = match ended {
            Ok(draft) => DraftEvent::Draft(draft),
            Err(Over::Failed(rejection)) => DraftEvent::Failed { problem: rejection.into() },
            Err(Over::Gone) => return,
        };
        // Somebody who is gone need not be told.
        let _ = say(&body, &last).await;
    });
    Ok(response)
}

/// Drafts until there is a draft, the time is over, or nobody may or wants to listen any more.
async fn follow(rounds: &Rounds, headers: &HeaderMap, body: &EventBody) -> Result<Draft, Over> {
    let desk = &rounds.desk;
    let limit = desk.drafting.options.time_max_ms;
    let tell = async |event: DraftEvent| say(body, &event).await;
    let mut drafting = pin!(timeout(limit.duration(), rounds.draft(tell)));
    let mut revocation = pin!(right_over(desk, &rounds.caller, headers));
    let mut stop = pin!(stopping(desk));
    let mut heartbeat = actix_web::rt::time::interval(desk.options.heartbeat_every_ms.duration().min(QUIET_MAX));
    loop {
        tokio::select! {
            drafted = &mut drafting => return drafted.unwrap_or_else(|_| {
                let detail = format!("the model was not done within {limit}, the limit draft.time_max_ms");
                Err(problem(504, "draft_late", detail).into())
            }),
            _ = heartbeat.tick() => body.heartbeat().await.map_err(|_| Over::Gone)?,
            () = body.gone() => return Err(Over::Gone),
            () = &mut revocation => return Err(revoked().into()),
            () = &mut stop => return Err(going_away().into()),
        }
    }
}

async fn say(body: &EventBody, event: &DraftEvent) -> Result<(), Over> {
    let data = serde_json::to_string(event).expect("an event is plain data");
    body.event(None, &data).await.map_err(|_| Over::Gone)
}

/// Waits until the caller may not draft any more. A person's lost right is heard of at once, the end of an agent's work at
/// the next look.
async fn right_over(desk: &Desk, caller: &Caller, headers: &HeaderMap) {
    if caller.at_work().is_none() {
        return right_lost(desk, caller).await;
    }
    while agent::caller(desk, headers).await.is_ok() {
        actix_web::rt::time::sleep(RECHECK_EVERY).await;
    }
}

/// Notes for the operator who had something drafted, and what it took.
fn note(caller: &Caller, ended: &Result<Draft, Over>) {
    let (outcome, usage) = match ended {
        Ok(draft) if draft.valid => ("drafted", Some(&draft.usage)),
        Ok(draft) => ("drafted_with_mistakes", Some(&draft.usage)),
        Err(Over::Gone) => ("left", None),
        Err(Over::Failed(rejection)) => (rejection.0.code.as_str(), None),
    };
    let session = caller.at_work().map(|agent| tracing::field::display(agent.session));
    info!(
        target: "tenure::audit",
        user = %caller.name,
        session.id = session,
        agent = caller.agent,
        outcome,
        tokens.input = usage.map(|usage| usage.input_tokens),
        tokens.output = usage.map(|usage| usage.output_tokens),
        "{} had a workflow drafted: {outcome}",
        caller.name
    );
}
