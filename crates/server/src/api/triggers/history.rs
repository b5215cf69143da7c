//! How a trigger has changed, read from the journal; also when it is deleted.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::Timestamp;
use tenure_model::id::TriggerId;
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{TriggerChange, TriggerChangeRow};
use tenure_workflow::scheduler::ledger::history_of;
use tenure_workflow::scheduler::{Change, Event};

use super::deliveries::known;
use super::ledger::Records;
use super::shown;
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    owner: Option<String>,
}

/// `GET /api/triggers/{trigger}/history?limit&cursor&owner`: lists the changes of a trigger, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<TriggerChangeRow>>, Rejection> {
    let query: HistoryQuery = input::query(&request)?;
    let known = known(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let limit = input::limit(&desk, query.limit)?;
    let before = query.cursor.as_deref().map(str::parse::<u64>).transpose().map_err(|_| {
        let detail = "the cursor is none of this server's; take it from the page before";
        problem(400, "cursor_invalid", detail).field("cursor")
    })?;
    let read = move |store: &_| {
        let mut records = Records::of(store, known.owner);
        // No command changes a trigger twice, so a record is a row.
        let mut seqs = records.list(history_of(known.id), before, limit + 1)?;
        let more = seqs.len() > limit;
        seqs.truncate(limit);
        let cursor = seqs.last().filter(|_| more).map(u64::to_string);
        let noted = seqs.iter().map(|seq| records.noted(*seq));
        let items = noted.flat_map(|noted| {
            let rows = noted.events.iter().rev().filter_map(|event| row(known.id, noted.at, event));
            rows.collect::<Vec<_>>()
        });
        Ok(Page { items: items.collect(), cursor })
    };
    desk.read(read).await.map(Json)
}

fn row(trigger: TriggerId, at: Timestamp, event: &Event) -> Option<TriggerChangeRow> {
    if !event.triggers().contains(&trigger) {
        return None;
    }
    let plain = |change, by| TriggerChangeRow {
        at,
        change,
        by: shown::author(by),
        revision: None,
        definition: None,
        until: None,
    };
    match event {
        Event::Saved { change, revision, by, definition, .. } => {
            let change = match change {
                Change::Created => TriggerChange::Created,
                Change::Updated => TriggerChange::Updated,
                Change::Renamed => TriggerChange::Renamed,
                Change::Enabled => TriggerChange::Enabled,
                Change::Disabled => TriggerChange::Disabled,
            };
            let definition = Some(shown::as_json(definition));
            Some(TriggerChangeRow { revision: Some(*revision), definition, ..plain(change, by) })
        }
        Event::Paused { until, by, .. } => {
            let change = if until.is_some() { TriggerChange::Paused } else { TriggerChange::Resumed };
            Some(TriggerChangeRow { until: *until, ..plain(change, by) })
        }
        Event::Rotated { old_until, by, .. } => {
            let until = Some(*old_until).filter(|until| *until > at);
            Some(TriggerChangeRow { until, ..plain(TriggerChange::Rotated, by) })
        }
        Event::Deleted { by, .. } => Some(plain(TriggerChange::Deleted, by)),
        _ => None,
    }
}
