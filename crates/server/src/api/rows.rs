//! Pages of the lists of one owner or several, filtered where they are read.

use std::cmp::Reverse;

use serde::de::DeserializeOwned;
use tenure_journal::{Store, StoreError};
use tenure_model::id::UserId;
use tenure_model::{Summary, Timestamp};
use tenure_protocol::http::Page;
use tenure_workflow::people::addressee;
use uuid::Uuid;

use super::input::{self, Cursor};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Rejection;

/// Rows that are read at once while a filter looks for those that fit.
const SCAN_PAGE: usize = 500;

/// Whose rows a list shows.
pub struct Owners(Vec<UserId>);

impl From<UserId> for Owners {
    fn from(owner: UserId) -> Self {
        Self(vec![owner])
    }
}

impl From<&Caller> for Owners {
    /// The caller's own rows, and what others ask of them by name.
    fn from(caller: &Caller) -> Self {
        Self(vec![caller.user, addressee(&caller.name)])
    }
}

/// Where a caller wants a page to begin, and how long it is to be.
#[derive(Default)]
pub struct Wanted {
    pub limit: Option<u64>,
    pub cursor: Option<String>,
}

/// Returns one page of the owners' rows that fit, newest first.
pub async fn page<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owners: impl Into<Owners>,
    list: &'static str,
    wanted: Wanted,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Page<R>, Rejection> {
    let limit = input::limit(desk, wanted.limit)?;
    let after = Cursor::read(wanted.cursor.as_deref())?;
    let owners = owners.into();
    let scan = Scan { after, rows_max: usize::MAX, limit: limit + 1 };
    let mut found = desk.read(move |store| fitting(store, &owners, list, scan, fits)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|(cursor, _)| cursor.write());
    Ok(Page { items: found.into_iter().map(|(_, row)| row).collect(), cursor })
}

/// Returns every row of the owners that fits, newest first.
pub async fn all<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owners: impl Into<Owners>,
    list: &'static str,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Vec<R>, Rejection> {
    newest(desk, owners, list, usize::MAX, fits).await
}

/// Returns those that fit among the newest rows of the owners; older ones are not looked at.
pub async fn newest<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owners: impl Into<Owners>,
    list: &'static str,
    rows_max: usize,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Vec<R>, Rejection> {
    let owners = owners.into();
    let scan = Scan { after: None, rows_max, limit: usize::MAX };
    let found = desk.read(move |store| fitting(store, &owners, list, scan, fits)).await?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// Where a scan begins, and when it has seen or found enough.
struct Scan {
    after: Option<Cursor>,
    rows_max: usize,
    limit: usize,
}

fn fitting<R: DeserializeOwned>(
    store: &Store,
    owners: &Owners,
    list: &str,
    scan: Scan,
    fits: impl Fn(&R) -> bool,
) -> Result<Vec<(Cursor, R)>, StoreError> {
    let Scan { after, rows_max, limit } = scan;
    let (mut found, mut seen) = (vec![], 0);
    let mut after = after.map(|cursor| (cursor.rank, cursor.id));
    while seen < rows_max {
        let rows = merged(store, owners, list, after, SCAN_PAGE.min(rows_max - seen))?;
        let Some(last) = rows.last() else { break };
        after = Some((last.key.rank, last.key.id));
        seen += rows.len();
        for row in rows {
            let cursor = Cursor { rank: row.key.rank, id: row.key.id };
            let Ok(row) = row.row.read::<R>() else { continue };
            if fits(&row) {
                found.push((cursor, row));
            }
            if found.len() >= limit {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Returns up to `limit` rows after the one at `after`, those of all owners in one order, newest first.
pub fn merged(
    store: &Store,
    owners: &Owners,
    list: &str,
    after: Option<(Timestamp, Uuid)>,
    limit: usize,
) -> Result<Vec<Summary>, StoreError> {
    let mut rows = vec![];
    for owner in &owners.0 {
        rows.extend(store.summaries((*owner).into(), list, after, limit)?);
    }
    rows.sort_by_key(|row| Reverse((row.key.rank, row.key.id)));
    rows.truncate(limit);
    Ok(rows)
}
