//! Pages of an owner's lists, filtered where they are read.

use serde::de::DeserializeOwned;
use tenure_journal::{Store, StoreError};
use tenure_model::id::UserId;
use tenure_protocol::http::Page;

use super::input::{self, Cursor};
use crate::desk::Desk;
use crate::problem::Rejection;

/// Rows that are read at once while a filter looks for those that fit.
const SCAN_PAGE: usize = 500;

/// Where a caller wants a page to begin, and how long it is to be.
#[derive(Default)]
pub struct Wanted {
    pub limit: Option<u64>,
    pub cursor: Option<String>,
}

/// Returns one page of an owner's rows that fit, newest first.
pub async fn page<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owner: UserId,
    list: &'static str,
    wanted: Wanted,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Page<R>, Rejection> {
    let limit = input::limit(desk, wanted.limit)?;
    let after = Cursor::read(wanted.cursor.as_deref())?;
    let scan = Scan { after, rows_max: usize::MAX, limit: limit + 1 };
    let mut found = desk.read(move |store| fitting(store, owner, list, scan, fits)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| more).map(|(cursor, _)| cursor.write());
    Ok(Page { items: found.into_iter().map(|(_, row)| row).collect(), cursor })
}

/// Returns every row of an owner that fits, newest first.
pub async fn all<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owner: UserId,
    list: &'static str,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Vec<R>, Rejection> {
    newest(desk, owner, list, usize::MAX, fits).await
}

/// Returns those that fit among the newest rows of an owner; older ones are not looked at.
pub async fn newest<R: DeserializeOwned + Send + 'static>(
    desk: &Desk,
    owner: UserId,
    list: &'static str,
    rows_max: usize,
    fits: impl Fn(&R) -> bool + Send + 'static,
) -> Result<Vec<R>, Rejection> {
    let scan = Scan { after: None, rows_max, limit: usize::MAX };
    let found = desk.read(move |store| fitting(store, owner, list, scan, fits)).await?;
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
    owner: UserId,
    list: &str,
    scan: Scan,
    fits: impl Fn(&R) -> bool,
) -> Result<Vec<(Cursor, R)>, StoreError> {
    let Scan { after, rows_max, limit } = scan;
    let (mut found, mut seen) = (vec![], 0);
    let mut after = after.map(|cursor| (cursor.rank, cursor.id));
    while seen < rows_max {
        let rows = store.summaries(owner.into(), list, after, SCAN_PAGE.min(rows_max - seen))?;
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
