//! Waiting for the end of a run in one request.

use serde::Deserialize;
use tenure_model::Span;
use tenure_model::id::ExecutionId;
use tenure_runtime::News;
use tenure_workflow::execution::Event;

use super::{Found, look};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// The longest that one request waits.
const WAIT_MAX: Span = Span::mins(1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowQuery {
    /// Answers once the run is over, or after so many milliseconds.
    pub wait_ms: Option<u64>,
}

impl ShowQuery {
    fn wait(&self) -> Result<Option<Span>, Rejection> {
        match self.wait_ms {
            Some(wait) if wait > WAIT_MAX.0 => {
                let detail = format!("wait_ms is {wait}, the most is {}; ask again instead", WAIT_MAX.0);
                Err(problem(400, "query_invalid", detail).field("wait_ms"))
            }
            wait => Ok(wait.map(Span)),
        }
    }
}

/// Looks at a run, when it is over or the caller has waited as long as they said.
pub async fn awaited(desk: &Desk, id: ExecutionId, caller: &Caller, query: &ShowQuery) -> Result<Found, Rejection> {
    let Some(wait) = query.wait()? else { return look(desk, id, caller).await };
    let until = tokio::time::Instant::now() + wait.duration();
    let mut stopping = desk.stopping.clone();
    loop {
        let mut news = desk.runtime.executions.feed().subscribe(id, desk.options.socket_queue_max);
        let found = look(desk, id, caller).await?;
        if found.run().ended.is_some() {
            return Ok(found);
        }
        let over = async {
            while let Some(piece) = news.next().await {
                if ends(&piece) {
                    return;
                }
            }
        };
        tokio::select! {
            // Whether it has ended or news were lost: the look tells.
            () = over => {}
            () = tokio::time::sleep_until(until) => return Ok(found),
            _ = stopping.wait_for(|stopping| *stopping) => return Ok(found),
        }
    }
}

fn ends(news: &News<tenure_workflow::Execution>) -> bool {
    match news {
        News::Committed(committed) => committed.events.iter().any(|event| matches!(event, Event::Ended { .. })),
        News::Signal(_) => false,
    }
}
