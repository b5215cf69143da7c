//! Joining a session: what was missed since a cursor, or a picture when that cannot be told piece by piece.
//!
//! The subscription comes first, then the looks, then the journals up to where the looks stand, then live news above it:
//! so nothing falls between, and nothing is told that is not durable.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tenure_journal::Position;
use tenure_model::id::{ExecutionId, SessionId};
use tenure_model::view::SessionView;
use tenure_protocol::client::{ClientEvent, ClientLimits, RunPicture};
use tenure_runtime::{AskError, Look, News, SessionNews, SessionSubscription};
use tenure_session::{Refusal, Session};

use super::missed::missed;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask};
use crate::runs::chat::ShownRun;
use crate::view::before;

/// Looks at a session on behalf of somebody who may see it.
pub async fn look(desk: &Desk, session: SessionId, caller: &Caller) -> Result<Look<Session>, Rejection> {
    let look = desk.runtime.sessions.look(session).await.map_err(of_ask)?;
    match look.state.role_of(&caller.by()) {
        Some(_) => Ok(look),
        // Strangers learn nothing, not even that it exists.
        None => Err(Refusal::Unknown.rejection()),
    }
}

/// Returns the session as people see it.
pub fn view_of(session: SessionId, look: &Look<Session>) -> Result<SessionView, Rejection> {
    look.state.view(session).ok_or_else(|| Refusal::Unknown.rejection())
}

/// Runs by id, as a listener knows them.
pub type Runs = BTreeMap<ExecutionId, ShownRun>;

/// A session and its runs, looked at one after the other.
pub struct Standing {
    pub session: Look<Session>,
    pub runs: Runs,
    /// What any of the looks has seen is not above this.
    reached: Position,
    /// Everything up to here was seen, and everything above it is in the subscription.
    pub position: Position,
}

/// Looks at a session and at the runs that work there, on behalf of somebody who is subscribed to `news` already.
pub async fn stand(
    desk: &Desk,
    session: SessionId,
    caller: &Caller,
    news: &mut SessionSubscription,
) -> Result<Standing, Rejection> {
    let session = look(desk, session, caller).await?;
    let open = session.state.runs.iter().filter(|(_, run)| run.ended.is_none()).map(|(id, _)| *id);
    let runs = runs(desk, open.collect()).await?;
    let reached = runs.values().map(|run| run.position).fold(session.position, Position::max);
    // All of it is told on one lane: what one look has seen is in the subscription where another look came too early.
    let unseen = |piece: &SessionNews| match piece {
        SessionNews::Session(News::Committed(news)) => Some(news.position).filter(|at| *at > session.position),
        SessionNews::Run(News::Committed(news)) => {
            let run = runs.get(&ExecutionId(news.id))?;
            Some(news.position).filter(|at| *at > run.position)
        }
        SessionNews::Session(News::Signal(_)) | SessionNews::Run(News::Signal(_)) => None,
    };
    let position = settled(reached, news.so_far().filter_map(unseen));
    Ok(Standing { session, runs, reached, position })
}

/// Returns up to where nothing is missing, when the last look has reached `reached` and the earlier ones came too early for
/// these positions.
fn settled(reached: Position, unseen: impl Iterator<Item = Position>) -> Position {
    unseen.min().map_or(reached, |at| reached.min(Position(before(at))))
}

/// Looks at runs. One that cannot be read any more must not keep people from the session.
pub async fn runs(desk: &Desk, ids: Vec<ExecutionId>) -> Result<Runs, Rejection> {
    let looks = ids.into_iter().map(|id| async move { (id, desk.runtime.executions.look(id).await) });
    let mut runs = Runs::new();
    for (id, look) in join_all(looks).await {
        match look {
            Ok(look) => runs.extend(ShownRun::new(id, look).map(|run| (id, run))),
            Err(AskError::Damaged(what)) => {
                tracing::warn!(execution.id = %id, "the run {id} is set aside and not shown: {what}");
            }
            Err(other) => return Err(of_ask(other)),
        }
    }
    Ok(runs)
}

/// How often what was missed is read again, because a turn has ended meanwhile.
const READS_MAX: usize = 3;

/// Returns what a client hears first, and where things stand then. Without a cursor: a picture. With one: exactly what it
/// missed.
pub async fn opening(
    desk: &Desk,
    session: SessionId,
    caller: &Caller,
    after: Option<u64>,
    news: &mut SessionSubscription,
) -> Result<(Vec<ClientEvent>, Standing), Rejection> {
    let mut standing = stand(desk, session, caller, news).await?;
    let Some(after) = after.map(Position) else {
        return Ok((vec![init(desk, session, &standing)?], standing));
    };
    if after > standing.reached {
        let why = "the cursor lies in the future of this session";
        return Ok((vec![resync(desk, session, &standing, why)?], standing));
    }
    for _ in 0..READS_MAX {
        let Some(missed) = missed(desk, session, &standing, after).await? else {
            let why = "too much was missed to tell it piece by piece";
            return Ok((vec![resync(desk, session, &standing, why)?], standing));
        };
        standing.position = standing.position.max(after);
        let turns = &standing.session.state.turns;
        if turns.is_empty() {
            return Ok((missed, standing));
        }
        // The text of a turn that has ended since the look may have been gone when it was read.
        let now = look(desk, session, caller).await?;
        if turns.keys().all(|turn| now.state.turns.contains_key(turn)) {
            return Ok((missed, standing));
        }
        standing = stand(desk, session, caller, news).await?;
    }
    let why = "turns ended faster than what was missed could be read";
    Ok((vec![resync(desk, session, &standing, why)?], standing))
}

fn init(desk: &Desk, session: SessionId, standing: &Standing) -> Result<ClientEvent, Rejection> {
    let look = &standing.session;
    let limits = ClientLimits {
        frame_bytes_max: desk.options.frame_bytes_max as u64,
        prompt_bytes_max: look.state.limits.prompt_bytes_max,
        queue_max: look.state.limits.queue_max,
        idle_ms_max: tenure_model::Span(desk.options.ping_every_ms.0 + desk.options.pong_deadline_ms.0),
    };
    Ok(ClientEvent::Init {
        position: standing.position.0,
        session: view_of(session, look)?,
        runs: pictures(standing),
        presence: desk.presence.of(session),
        limits,
    })
}

/// Returns a picture that replaces everything the client has.
pub fn resync(desk: &Desk, session: SessionId, standing: &Standing, reason: &str) -> Result<ClientEvent, Rejection> {
    desk.figures.resynced();
    Ok(ClientEvent::Resync {
        position: standing.position.0,
        reason: reason.to_owned(),
        session: view_of(session, &standing.session)?,
        runs: pictures(standing),
        presence: desk.presence.of(session),
    })
}

fn pictures(standing: &Standing) -> Vec<RunPicture> {
    standing.runs.values().map(ShownRun::picture).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_look_came_too_early_for_is_told_live() {
        let settled = |unseen: &[u64]| settled(Position(9), unseen.iter().map(|at| Position(*at))).0;
        // Looked at in turn: the session at 5, then a run at 9. Meanwhile the session went on, at 7 and 12.
        assert_eq!(settled(&[7, 12]), 6);
        assert_eq!(settled(&[12]), 9);
        assert_eq!(settled(&[]), 9);
    }
}
