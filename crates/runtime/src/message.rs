//! What a host can be sent.

use actix::Message;
use tenure_model::{Entity, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::directory::{Answer, AskError, Look};

/// One message to a host.
pub(crate) struct Envelope<E: Entity> {
    pub job: Job<E>,
}

impl<E: Entity> Envelope<E> {
    /// Wraps a job.
    pub fn of(job: Job<E>) -> Self {
        Self { job }
    }
}

impl<E: Entity> Message for Envelope<E> {
    type Result = ();
}

pub(crate) enum Job<E: Entity> {
    Command {
        command: E::Command,
        reply: Reply<E>,
    },
    Wake {
        reply: WakeReply,
    },
    Look {
        reply: LookReply<E>,
    },
    Wants {
        effect: E::Effect,
        reply: oneshot::Sender<bool>,
    },
    /// Go to sleep when unused since then.
    Passivate {
        idle_since: Timestamp,
    },
    /// Throw the state away: it was not stored.
    Discard,
}

impl<E: Entity> Job<E> {
    /// Answers that the entity is not to be had.
    pub fn fail(self, why: &str, damaged: bool) {
        let error = || match damaged {
            true => AskError::Damaged(why.to_owned()),
            false => AskError::Unavailable(why.to_owned()),
        };
        match self {
            Job::Command { reply, .. } => reply.send(Err(error())),
            Job::Look { reply } => reply.send(Err(error())),
            Job::Wake { reply } => reply.failed(),
            // Unknown: the effect is tried again later.
            Job::Wants { reply, .. } => drop(reply),
            Job::Passivate { .. } | Job::Discard => {}
        }
    }
}

type CommandResult<E> = Result<Answer<E>, AskError<E>>;

/// Where the answer to a command goes. The permit is given back with it.
pub(crate) struct Reply<E: Entity>(To<E>);

enum To<E: Entity> {
    Asker(oneshot::Sender<CommandResult<E>>, OwnedSemaphorePermit),
    /// Nobody has asked: it was due.
    Time,
}

impl<E: Entity> Reply<E> {
    pub fn new(asker: oneshot::Sender<CommandResult<E>>, permit: OwnedSemaphorePermit) -> Self {
        Self(To::Asker(asker, permit))
    }

    pub fn to_time() -> Self {
        Self(To::Time)
    }

    pub fn send(self, result: CommandResult<E>) {
        match self.0 {
            // An asker that has gone away hears nothing; what was decided stands.
            To::Asker(asker, permit) => {
                let _ = asker.send(result);
                drop(permit);
            }
            To::Time => {
                if let Err(error) = result {
                    // It is tried again, and nobody else hears of it.
                    tracing::error!(%error, "what is due of a {} could not be done: {error}", E::KIND.word());
                }
            }
        }
    }
}

/// Tells the clock whether a wake was carried out.
pub(crate) struct WakeReply(pub oneshot::Sender<bool>);

impl WakeReply {
    pub fn done(self) {
        let _ = self.0.send(true);
    }

    pub fn failed(self) {
        let _ = self.0.send(false);
    }
}

pub(crate) struct LookReply<E: Entity>(pub oneshot::Sender<Result<Look<E>, AskError<E>>>);

impl<E: Entity> LookReply<E> {
    pub fn send(self, look: Result<Look<E>, AskError<E>>) {
        let _ = self.0.send(look);
    }
}
