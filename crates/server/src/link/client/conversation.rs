//! The conversation with one chat client on a websocket: news out, commands in, answers in the order of the commands.

use std::sync::Arc;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use tenure_model::id::SessionId;
use tenure_protocol::client::{Answered, ClientCommand, ClientEvent, ClientMessage, Reply};

use super::super::gate::Permit;
use super::super::wire::{Ending, Inbound, Line};
use super::super::{going_away, revoked, right_lost, stopping};
use super::commands;
use super::presence::Present;
use super::runs;
use super::telling::{Listening, Over, Telling};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// One client on one socket.
pub struct Conversation {
    telling: Telling<Line>,
    present: Present,
    /// Commands that are being carried out, in the order in which they were sent.
    answers: FuturesOrdered<LocalBoxFuture<'static, ClientEvent>>,
}

impl Conversation {
    pub fn new(desk: Arc<Desk>, caller: Caller, session: SessionId, line: Line) -> Self {
        let present = desk.presence.join(session, caller.user, &caller.name);
        Self { telling: Telling { desk, caller, session, outlet: line }, present, answers: FuturesOrdered::new() }
    }

    /// Talks until one side ends it.
    pub async fn run(mut self, after: Option<u64>) {
        let Err(over) = self.talk(after).await else { return };
        if let Over::Ends(ending, rejection) = over {
            // Somebody who is gone need not be told.
            let _ = self.telling.outlet.end(ending, rejection).await;
        }
    }

    async fn talk(&mut self, after: Option<u64>) -> Result<(), Over> {
        let mut listening = self.telling.open(after).await?;
        loop {
            self.live(listening).await?;
            listening = self.telling.reopen().await?;
        }
    }

    /// Tells live news until the socket has fallen behind.
    async fn live(&mut self, mut listening: Listening) -> Result<(), Over> {
        let (desk, caller) = (self.telling.desk.clone(), self.telling.caller.clone());
        let mut revocation = std::pin::pin!(right_lost(&desk, &caller));
        let mut stop = std::pin::pin!(stopping(&desk));
        loop {
            let may_hear = self.answers.len() < desk.options.socket_commands_max;
            tokio::select! {
                piece = listening.news.next() => match piece {
                    Some(piece) => self.telling.tell(piece, &mut listening).await?,
                    None => return Ok(()),
                },
                Some(answer) = self.answers.next() => self.telling.say(answer).await?,
                heard = self.telling.outlet.hear(), if may_hear => match heard {
                    Some(inbound) => self.hear(inbound).await?,
                    None => return Err(Over::Gone),
                },
                () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
                () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
            }
        }
    }

    async fn hear(&mut self, inbound: Inbound) -> Result<(), Over> {
        let (text, permit) = match inbound {
            Inbound::Text(text, permit) => (text, permit),
            Inbound::Binary => {
                let detail = "frames are text with one JSON object; this binary one was thrown away";
                return self.complain(problem(400, "frame_binary", detail)).await;
            }
        };
        let message = match commands::parse(&text) {
            Ok(message) => message,
            Err(rejection) => return self.complain(rejection).await,
        };
        match message.command {
            ClientCommand::Ping {} => {
                let pong = ClientEvent::Pong { request_id: message.request_id, now: self.telling.desk.now() };
                Ok(self.telling.say(pong).await?)
            }
            ClientCommand::Typing { thread, typing } => {
                self.present.typing(typing.then(|| thread.unwrap_or_default()));
                Ok(())
            }
            _ => {
                self.carry_out(message, permit);
                Ok(())
            }
        }
    }

    async fn complain(&self, rejection: Rejection) -> Result<(), Over> {
        self.telling.desk.figures.refused(&rejection.0.code);
        Ok(self.telling.outlet.complain(rejection).await?)
    }

    fn carry_out(&mut self, message: ClientMessage, permit: Permit) {
        let Telling { desk, caller, session, .. } = &self.telling;
        let (desk, caller, session) = (desk.clone(), caller.clone(), *session);
        let answer = async move {
            let _held_until_answered = permit;
            let request_id = message.request_id.clone();
            match answer(&desk, &caller, session, message).await {
                Ok(Answered { reply, warnings }) => ClientEvent::Reply { request_id, reply, warnings },
                Err(rejection) => ClientEvent::Error { problem: rejection.request(request_id).into() },
            }
        };
        // Polled at once, so that commands reach the session in the order in which they were sent.
        let mut answer = answer.boxed_local();
        let first = answer.as_mut().poll(&mut std::task::Context::from_waker(futures_util::task::noop_waker_ref()));
        self.answers.push_back(match first {
            Poll::Ready(event) => std::future::ready(event).boxed_local(),
            Poll::Pending => answer,
        });
    }
}

async fn answer(
    desk: &Desk,
    caller: &Caller,
    session: SessionId,
    message: ClientMessage,
) -> Result<Answered, Rejection> {
    let request = commands::request_of(message.request_id)?;
    if let Some((execution, action)) = runs::action_of(&message.command) {
        return runs::carry_out(desk, caller, session, request, execution, action).await;
    }
    match commands::action_of(message.command, &desk.runtime.realm_view())? {
        Some(action) => commands::carry_out(desk, caller, session, request, action).await,
        None => Ok(Answered { reply: Reply::Done {}, warnings: vec![] }),
    }
}
