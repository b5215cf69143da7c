//! Keeps the link: connects, talks, and connects again, until the runner is stopped or refused.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::connect::{Lost, connect};
use super::conversation::{Conversation, Wish};
use crate::backoff::Backoff;
use crate::error::RunnerError;
use crate::runner::Runner;

/// How long the last words may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);

/// Stays linked until `shutdown`, a refusal, or too long a time without any server.
pub async fn keep(runner: &Arc<Runner>, shutdown: &CancellationToken) -> Result<(), RunnerError> {
    let mut backoff = Backoff::default();
    let mut alone_since = Instant::now();
    loop {
        let lost = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = orphaned(runner, alone_since) => return Err(orphan_error(runner)),
            opened = open(runner) => match opened {
                Ok(conversation) => {
                    backoff.reset();
                    info!("linked with {}", runner.address);
                    let lost = tokio::select! {
                        () = shutdown.cancelled() => return Ok(()),
                        lost = conversation.hold(Wish::StayLinked) => lost,
                    };
                    alone_since = Instant::now();
                    lost
                }
                Err(lost) => lost,
            },
        };
        let reason = match lost {
            Lost::ForGood(error) => return Err(error),
            Lost::ForNow(reason) => reason,
        };
        let pause = backoff.pause(random_byte());
        warn!("not linked with {}: {reason}; trying again in {} ms", runner.address, pause.as_millis());
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = orphaned(runner, alone_since) => return Err(orphan_error(runner)),
            () = sleep(pause) => {}
        }
    }
}

/// Tells the ends of the works over one last connection, as far as it goes in a short time; the spool keeps the rest.
pub async fn say_goodbye(runner: &Arc<Runner>) {
    let telling = async {
        if let Ok(conversation) = open(runner).await {
            conversation.hold(Wish::TellAll).await;
        }
    };
    if timeout(GOODBYE_WITHIN, telling).await.is_err() {
        warn!("some frames are not acknowledged; the next start of this runner tells them");
    }
}

async fn open(runner: &Arc<Runner>) -> Result<Conversation, Lost> {
    let socket = connect(&runner.address, &runner.config.token).await?;
    Conversation::begin(socket, Arc::clone(runner)).await
}

async fn orphaned(runner: &Runner, alone_since: Instant) {
    match runner.config.orphan_timeout {
        Some(limit) => sleep_until(alone_since + limit).await,
        None => std::future::pending().await,
    }
}

fn orphan_error(runner: &Runner) -> RunnerError {
    RunnerError::Orphaned(runner.config.orphan_timeout.unwrap_or_default())
}

fn random_byte() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).expect("the operating system has randomness");
    byte[0]
}
