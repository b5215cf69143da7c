//! Prompts, and the queue in which they wait; abort, retry, answers.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use tenure_protocol::client::{Answered, ClientCommand};
use tenure_protocol::http::{AbortTurn, NewAnswer, NewPrompt, PromptMove, PromptText, RetryTurn};

use super::{command, input};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

type Answer = Result<Json<Answered>, Rejection>;

/// `POST /api/sessions/{id}/prompts`: says something to the agent.
pub async fn prompt(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<NewPrompt>) -> Answer {
    let NewPrompt { text, thread, attachments, mode, agent, model } = body.0;
    let prompt = ClientCommand::Prompt { thread, text, attachments, mode, agent, model };
    command(&desk, &request, &caller, prompt).await
}

/// `PATCH /api/sessions/{id}/prompts/{prompt}`: replaces the text of a waiting prompt.
pub async fn edit(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<PromptText>) -> Answer {
    let prompt = input::id(&request, "prompt")?;
    command(&desk, &request, &caller, ClientCommand::QueueEdit { prompt, text: body.0.text }).await
}

/// `DELETE /api/sessions/{id}/prompts/{prompt}`: takes a waiting prompt back; the answer holds its text.
pub async fn withdraw(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Answer {
    let prompt = input::id(&request, "prompt")?;
    command(&desk, &request, &caller, ClientCommand::QueueWithdraw { prompt }).await
}

/// `POST /api/sessions/{id}/prompts/{prompt}/move`: moves a waiting prompt within its thread.
pub async fn move_to(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<PromptMove>) -> Answer {
    let prompt = input::id(&request, "prompt")?;
    command(&desk, &request, &caller, ClientCommand::QueueMove { prompt, before: body.0.before }).await
}

/// `POST /api/sessions/{id}/prompts/{prompt}/promote`: makes a waiting prompt steer its thread.
pub async fn promote(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Answer {
    let prompt = input::id(&request, "prompt")?;
    command(&desk, &request, &caller, ClientCommand::QueuePromote { prompt }).await
}

/// `POST /api/sessions/{id}/abort`: ends an open turn.
pub async fn abort(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<AbortTurn>) -> Answer {
    let AbortTurn { thread, turn } = body.0;
    command(&desk, &request, &caller, ClientCommand::Abort { thread, turn }).await
}

/// `POST /api/sessions/{id}/retry`: prompts the text of an interrupted or failed turn again.
pub async fn retry(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<RetryTurn>) -> Answer {
    command(&desk, &request, &caller, ClientCommand::Retry { turn: body.0.turn }).await
}

/// `POST /api/sessions/{id}/answers`: answers an agent's question; the first answer counts.
pub async fn answer(desk: Data<Desk>, request: HttpRequest, caller: Person, body: input::Body<NewAnswer>) -> Answer {
    let NewAnswer { question, answer } = body.0;
    command(&desk, &request, &caller, ClientCommand::Answer { question, answer }).await
}
