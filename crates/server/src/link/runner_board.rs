//! The runners as all feeds show them: gathered a moment after something changed, once for all listeners.

use std::collections::BTreeMap;
use std::sync::Arc;

use tenure_model::Span;
use tenure_model::id::RunnerId;
use tenure_protocol::feed::{FeedEvent, FeedRunner, ListRow, RunnerStatus};
use tenure_runtime::{Roster, RunnerPlace};
use tokio::sync::watch;

/// What the list is called.
const LIST: &str = "runner";

/// The rows of all runners.
pub type Rows = Arc<BTreeMap<RunnerId, ListRow>>;

/// What every feed reads the runners from.
pub struct RunnerBoard {
    roster: Roster,
    rows: watch::Sender<Rows>,
    pause: Span,
}

impl RunnerBoard {
    pub fn new(roster: Roster, pause: Span) -> Self {
        Self { roster, rows: watch::Sender::default(), pause }
    }

    /// Returns the rows, and all that they change to.
    pub fn rows(&self) -> watch::Receiver<Rows> {
        self.rows.subscribe()
    }

    /// Gathers changes until the server stops.
    pub async fn run(self: Arc<Self>, mut stopping: watch::Receiver<bool>) {
        let keep = async {
            let mut changes = self.roster.changes();
            // The roster is asked once before the first change: runners may have joined before anybody listened.
            changes.mark_changed();
            while changes.changed().await.is_ok() {
                actix_web::rt::time::sleep(self.pause.duration()).await;
                changes.mark_unchanged();
                let rows: BTreeMap<_, _> =
                    self.roster.places().into_iter().map(|(id, place)| (id, row(id, place))).collect();
                self.rows.send_if_modified(|shown| {
                    let changed = **shown != rows;
                    if changed {
                        *shown = Arc::new(rows);
                    }
                    changed
                });
            }
        };
        tokio::select! {
            () = keep => {}
            // An error means that the server is gone already.
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

fn row(id: RunnerId, place: RunnerPlace) -> ListRow {
    let works = u32::try_from(place.works).unwrap_or(u32::MAX);
    let status = match place.connected {
        false => RunnerStatus::Away,
        true if place.draining => RunnerStatus::Draining,
        true if works >= place.capacity => RunnerStatus::Busy,
        true => RunnerStatus::Free,
    };
    let RunnerPlace { name, pool, capacity, .. } = place;
    let row = FeedRunner { id, name, pool, status, works, capacity };
    let row = serde_json::to_value(row).expect("a runner is plain data");
    ListRow { list: LIST.to_owned(), id: id.0, rank: place.joined_at, row }
}

/// Returns all rows at once.
pub fn whole(rows: &Rows) -> FeedEvent {
    FeedEvent::List { list: LIST.to_owned(), rows: rows.values().cloned().collect() }
}

/// Lists what has changed between two looks; none of it moves the cursor.
pub fn changes(before: &Rows, now: &Rows, position: u64) -> Vec<FeedEvent> {
    let gone = before.keys().filter(|id| !now.contains_key(id));
    let gone = gone.map(|id| FeedEvent::RowGone { position, list: LIST.to_owned(), id: id.0 });
    let changed = now.iter().filter(|(id, row)| before.get(id) != Some(row));
    gone.chain(changed.map(|(_, row)| FeedEvent::Row { position, row: row.clone() })).collect()
}

#[cfg(test)]
mod tests {
    use tenure_model::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn rows(works: &[(u128, usize)]) -> Rows {
        let place = |works| RunnerPlace {
            name: "box".into(),
            pool: None,
            connected: true,
            draining: false,
            joined_at: Timestamp(7),
            works,
            capacity: 2,
        };
        let id = |number| RunnerId(Uuid::from_u128(number));
        Arc::new(works.iter().map(|(number, works)| (id(*number), row(id(*number), place(*works)))).collect())
    }

    #[test]
    fn only_what_changed_is_told() {
        let (before, now) = (rows(&[(1, 0), (2, 1), (3, 0)]), rows(&[(1, 0), (2, 2), (4, 0)]));
        let told = changes(&before, &now, 9);
        let [
            FeedEvent::RowGone { id, .. },
            FeedEvent::Row { position: 9, row: changed },
            FeedEvent::Row { row: new, .. },
        ] = &told[..]
        else {
            panic!("one gone, one changed, one new: {told:?}")
        };
        assert_eq!((id.as_u128(), changed.id.as_u128(), new.id.as_u128()), (3, 2, 4));
        assert_eq!((&changed.row["status"], &new.row["status"]), (&"busy".into(), &"free".into()));
        assert!(changes(&now, &now, 9).is_empty());
    }
}
