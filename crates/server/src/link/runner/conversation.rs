//! The conversation with one runner.

use std::sync::Arc;

use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_runtime::{Heard, Joined, LinkId};

use super::super::wire::{Ending, Gone, Inbound, Line};
use super::super::{going_away, revoked, stopping};
use super::calls::{Asked, Calls, What};
use super::frames::{Batch, Pipeline};
use super::pass::Pass;
use super::{hello, words};
use crate::auth::agent::HeldTurn;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// Why the link ends.
enum Over {
    Gone,
    Ends(Ending, Rejection),
}

impl From<Gone> for Over {
    fn from(_: Gone) -> Self {
        Over::Gone
    }
}

impl From<Rejection> for Over {
    fn from(rejection: Rejection) -> Self {
        let ending = if rejection.0.retry { Ending::Unavailable } else { Ending::Policy };
        Over::Ends(ending, rejection)
    }
}

/// Talks to a runner until one side ends it.
pub async fn talk(desk: Arc<Desk>, pass: Pass, mut line: Line) {
    let Err(over) = begin(&desk, &pass, &mut line).await else {
        return;
    };
    if let Over::Ends(ending, rejection) = over {
        desk.figures.refused(&rejection.0.code);
        // Somebody who is gone need not be told.
        let _ = line.end(ending, rejection).await;
    }
}

async fn begin(desk: &Arc<Desk>, pass: &Pass, line: &mut Line) -> Result<(), Over> {
    let hello = hello::heard(desk, line).await?.ok_or(Over::Gone)?;
    let (joined, welcome) = hello::welcome(desk, pass, hello).await?;
    let membership = Membership { desk: desk.clone(), link: joined.link };
    line.say(words::written(&welcome)).await?;
    work(desk, pass, line, joined, &membership).await
}

/// The link's place in the roster, until it is dropped.
struct Membership {
    desk: Arc<Desk>,
    link: LinkId,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.desk.runtime.roster.left(self.link);
    }
}

async fn work(
    desk: &Arc<Desk>,
    pass: &Pass,
    line: &mut Line,
    mut joined: Joined,
    membership: &Membership,
) -> Result<(), Over> {
    let mut pipeline = Pipeline::new(desk.clone(), membership.link);
    let mut calls = Calls::new(desk.clone(), membership.link.runner);
    let mut revocation = std::pin::pin!(pass.lost(desk));
    let mut stop = std::pin::pin!(stopping(desk));
    loop {
        tokio::select! {
            order = joined.orders.recv() => match order.map_or_else(|| Err("the link was taken over".to_owned()), |order| words::of_order(desk, order)) {
                Ok(message) => line.say(words::written(&message)).await?,
                Err(reason) => return Err(problem(409, "runner_replaced", reason).into()),
            },
            message = pipeline.answer() => line.say(words::written(&message)).await?,
            message = calls.answer() => line.say(words::written(&message)).await?,
            heard = line.hear() => match heard {
                Some(inbound) => hear(desk, line, membership.link, (&mut pipeline, &mut calls), inbound).await?,
                None => return Err(Over::Gone),
            },
            () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
            () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
        }
    }
}

async fn hear(
    desk: &Desk,
    line: &Line,
    link: LinkId,
    (pipeline, calls): (&mut Pipeline, &mut Calls),
    inbound: Inbound,
) -> Result<(), Over> {
    let (text, permit) = match inbound {
        Inbound::Text(text, permit) => (text, permit),
        Inbound::Binary => {
            let detail = "messages are text with one JSON object; this binary one was thrown away";
            return complain(desk, line, problem(400, "frame_binary", detail)).await;
        }
    };
    let message = match words::parse(&text) {
        Ok(message) => message,
        Err(rejection) => return complain(desk, line, rejection).await,
    };
    let heard = match message {
        RunnerMessage::Frames { session, work, generation, first, frames } => {
            if first.checked_add(frames.len() as u64).is_none() {
                let detail = "the numbers of these frames do not fit";
                return complain(desk, line, problem(422, "frame_invalid", detail).field("first")).await;
            }
            pipeline.take((work, generation), Batch { session, first, frames, permits: vec![permit] });
            return Ok(());
        }
        RunnerMessage::ListTools { reference, session, work, generation } => {
            let turn = HeldTurn { session, work, generation };
            return ask(line, calls, Asked { reference, turn, what: What::List }, text.len()).await;
        }
        RunnerMessage::CallTool { reference, session, work, generation, name, params, key } => {
            let (turn, what) = (HeldTurn { session, work, generation }, What::Call { name, params, key });
            return ask(line, calls, Asked { reference, turn, what }, text.len()).await;
        }
        RunnerMessage::ListPrompts { reference, session, work, generation } => {
            let turn = HeldTurn { session, work, generation };
            return ask(line, calls, Asked { reference, turn, what: What::Prompts }, text.len()).await;
        }
        RunnerMessage::GetPrompt { reference, session, work, generation, name, arguments } => {
            let (turn, what) = (HeldTurn { session, work, generation }, What::Prompt { name, arguments });
            return ask(line, calls, Asked { reference, turn, what }, text.len()).await;
        }
        RunnerMessage::Hello(_) => {
            let detail = "a link has one hello; open a new one to say it again";
            return complain(desk, line, problem(409, "hello_repeated", detail)).await;
        }
        RunnerMessage::Accept { reference } => Heard::Accepted { reference },
        RunnerMessage::Decline { reference, reason } => Heard::Declined { reference, reason },
        RunnerMessage::Told { reference, answer } => Heard::Told { reference, answer },
        RunnerMessage::ConnectorTold { reference, answer } => Heard::ConnectorTold { reference, answer },
        RunnerMessage::Done { reference } => Heard::Done { reference },
        RunnerMessage::Heartbeat { handled, works } => Heard::Heartbeat { handled, works },
    };
    let renews = matches!(heard, Heard::Heartbeat { .. });
    desk.runtime.roster.heard(link, heard).map_err(hello::refused)?;
    if renews {
        line.say(words::written(&ServerMessage::Heartbeat {})).await?;
    }
    Ok(())
}

async fn ask(line: &Line, calls: &mut Calls, asked: Asked, bytes: usize) -> Result<(), Over> {
    match calls.take(asked, bytes) {
        Some(refused) => Ok(line.say(words::written(&refused)).await?),
        None => Ok(()),
    }
}

async fn complain(desk: &Desk, line: &Line, rejection: Rejection) -> Result<(), Over> {
    desk.figures.refused(&rejection.0.code);
    Ok(line.complain(rejection).await?)
}
