//! The runners that are or were here.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_protocol::http::{Page, RunnerRow};
use tenure_runtime::RunnerState;

use super::input::{self, Cursor};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

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

/// Returns a runner as lists show it.
pub fn row(runner: RunnerState) -> RunnerRow {
    RunnerRow {
        id: runner.id,
        name: runner.name,
        pool: runner.pool,
        version: runner.version,
        connected: runner.connected,
        labels: runner.labels,
        capacity: runner.capacity,
        agents: runner.agents,
        works: runner.works,
        seen_at: runner.seen_at,
    }
}
