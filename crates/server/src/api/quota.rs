//! How many sessions a user may have at once: counted by their owner entity, and put right when the limit is met.

use std::collections::BTreeSet;

use tenure_account::owner::Command;
use tenure_journal::{Store, StoreError};
use tenure_model::id::{SessionId, UserId};
use tenure_model::view::SessionStatus;
use tenure_protocol::http::SessionRow;
use tenure_runtime::AskError;

use crate::desk::Desk;
use crate::problem::{Rejection, of_ask};

/// How many rows are read at once while a count is put right.
const PAGE: usize = 500;

/// Counts a session that is about to be created. At the limit the count is compared with what is really there first,
/// because a crash between two steps may have left a session counted that does not exist or is over.
pub async fn take(desk: &Desk, user: UserId, session: SessionId) -> Result<(), Rejection> {
    let open = || Command::SessionOpened { session, sessions_max: desk.options.sessions_max };
    match desk.runtime.owners.ask(user, open()).await {
        Err(AskError::Refused(_)) if put_right(desk, user).await => {
            desk.runtime.owners.ask(user, open()).await.map_err(of_ask)?;
        }
        taken => {
            taken.map_err(of_ask)?;
        }
    }
    Ok(())
}

/// Lets a session count no more. A failure is put right when the limit is met.
pub async fn give_back(desk: &Desk, user: UserId, session: SessionId) {
    if let Err(error) = desk.runtime.owners.ask(user, Command::SessionClosed { session }).await {
        tracing::warn!(session.id = %session, "a session that is over still counts: {error}");
    }
}

async fn put_right(desk: &Desk, user: UserId) -> bool {
    let Ok(look) = desk.runtime.owners.look(user).await else {
        return false;
    };
    let store = desk.runtime.store.clone();
    let Ok(Ok(live)) = actix_web::web::block(move || live_sessions(&store, user)).await else {
        return false;
    };
    let stale: Vec<SessionId> = look.state.active.difference(&live).copied().collect();
    for session in &stale {
        give_back(desk, user, *session).await;
    }
    !stale.is_empty()
}

fn live_sessions(store: &Store, user: UserId) -> Result<BTreeSet<SessionId>, StoreError> {
    let mut live = BTreeSet::new();
    let mut after = None;
    loop {
        let page = store.summaries(user.into(), "session", after, PAGE)?;
        let Some(last) = page.last() else { return Ok(live) };
        after = Some((last.key.rank, last.key.id));
        let rows = page.into_iter().filter_map(|summary| summary.row.read::<SessionRow>().ok());
        live.extend(rows.filter(|row| row.status != SessionStatus::Terminated).map(|row| row.id));
    }
}
