//! An entity's past: its journal by page, its state at any seq, and what changed between two.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenure_protocol::http::Page;
use utoipa::ToSchema;

use super::{entity, refused, shown};
use crate::api::input;
use crate::auth::Admin;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    limit: Option<u64>,
    /// The `cursor` of the page before: the seq to begin at.
    cursor: Option<u64>,
}

/// `GET /admin/entities/{kind}/{id}/journal?limit&cursor`: reads records, oldest first.
pub async fn page(desk: Data<Desk>, request: HttpRequest, _: Admin) -> Result<Json<Page<Value>>, Rejection> {
    let (kind, id) = entity(&request)?;
    let query: PageQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let from = query.cursor.unwrap_or(1);
    let mut rows = desk.runtime.inspect(kind).journal(id, from, limit + 1).await.map_err(refused)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let cursor = rows.last().filter(|_| more).map(|row| (row.seq + 1).to_string());
    let shown = |row| shown(kind, serde_json::to_value(row).expect("a journal row is plain data"));
    Ok(Json(Page { items: rows.into_iter().map(shown).collect(), cursor }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateQuery {
    seq: u64,
    /// Tells what changed since this seq instead.
    since: Option<u64>,
}

/// One place where two states differ.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// A JSON pointer.
    pub at: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// `GET /admin/entities/{kind}/{id}/state?seq&since`: folds the journal up to a seq.
pub async fn state(desk: Data<Desk>, request: HttpRequest, _: Admin) -> Result<Json<Value>, Rejection> {
    let (kind, id) = entity(&request)?;
    let query: StateQuery = input::query(&request)?;
    let inspect = desk.runtime.inspect(kind);
    let state = shown(kind, inspect.state_at(id, query.seq).await.map_err(refused)?);
    let Some(since) = query.since else {
        return Ok(Json(json!({ "seq": query.seq, "state": state })));
    };
    if since > query.seq {
        return Err(problem(400, "query_invalid", "since must not be above seq").field("since"));
    }
    let before = shown(kind, inspect.state_at(id, since).await.map_err(refused)?);
    let mut changes = vec![];
    differences("", Some(&before), Some(&state), &mut changes);
    Ok(Json(json!({ "seq": query.seq, "since": since, "changes": changes })))
}

fn differences(at: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                differences(&place, old.get(name), new.get(name), found);
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            found.push(Change { at: at.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_their_places() {
        let (before, after) = (json!({"a": 1, "b": {"c/d": 2, "e": 3}}), json!({"a": 1, "b": {"c/d": 4}, "f": []}));
        let mut found = vec![];
        differences("", Some(&before), Some(&after), &mut found);
        let places: Vec<_> = found.iter().map(|change| change.at.as_str()).collect();
        assert_eq!(places, ["/b/c~1d", "/b/e", "/f"]);
        assert_eq!(found[1], Change { at: "/b/e".into(), before: Some(json!(3)), after: None });
    }
}
