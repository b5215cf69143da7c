//! The runners that are or were here.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_account::realm::{Command, realm_id};
use tenure_model::id::RunnerId;
use tenure_protocol::http::{Page, RunnerRow};
use tenure_runtime::RunnerState;

use super::input::{self, Cursor};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

/// `GET /api/runners?limit&cursor`: lists runners by id.
pub async fn list(desk: Data<Desk>, request: HttpRequest, _caller: Person) -> Result<Json<Page<RunnerRow>>, Rejection> {
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?.map(|cursor| cursor.id);
    let mut runners = desk.runtime.roster.list();
    runners.sort_by_key(|runner| runner.id);
    let mut rest = runners.into_iter().filter(|runner| after.is_none_or(|after| runner.id.0 > after));
    let items: Vec<RunnerRow> = rest.by_ref().take(limit).map(row).collect();
    let last = items.last().filter(|_| rest.next().is_some());
    let cursor = last.map(|runner| Cursor { rank: runner.seen_at, id: runner.id.0 }.write());
    Ok(Json(Page { items, cursor }))
}

/// `GET /api/runners/{id}`: shows one runner.
pub async fn show(desk: Data<Desk>, request: HttpRequest, _caller: Person) -> Result<Json<RunnerRow>, Rejection> {
    shown(&desk, input::id(&request, "id")?)
}

/// `POST /api/runners/{id}/drain`: lets a runner end what it has and gives it nothing new.
pub async fn drain(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<RunnerRow>, Rejection> {
    set_draining(&desk, &request, &caller, true).await
}

/// `POST /api/runners/{id}/resume`: gives a drained runner works again.
pub async fn resume(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<RunnerRow>, Rejection> {
    set_draining(&desk, &request, &caller, false).await
}

async fn set_draining(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Person,
    drain: bool,
) -> Result<Json<RunnerRow>, Rejection> {
    let runner = input::id(request, "id")?;
    shown(desk, runner)?;
    let command = Command::DrainRunner { by: caller.0.asker(), runner, drain };
    desk.runtime.realm.ask(realm_id(), command).await.map_err(of_ask)?;
    desk.runtime.roster.drain(runner, drain);
    shown(desk, runner)
}

fn shown(desk: &Desk, id: RunnerId) -> Result<Json<RunnerRow>, Rejection> {
    let found = desk.runtime.roster.list().into_iter().find(|runner| runner.id == id);
    let unknown = || problem(404, "runner_unknown", "no runner with this id has said hello since the server started");
    found.map(|runner| Json(row(runner))).ok_or_else(unknown)
}

/// Returns a runner as lists show it.
pub fn row(runner: RunnerState) -> RunnerRow {
    RunnerRow {
        id: runner.id,
        name: runner.name,
        pool: runner.pool,
        session: runner.session,
        version: runner.version,
        connected: runner.connected,
        draining: runner.draining,
        labels: runner.labels,
        capacity: runner.capacity,
        agents: runner.agents,
        works: runner.works,
        seen_at: runner.seen_at,
    }
}
