//! What chat clients say to the runs that work in their session: decisions and events.

use tenure_model::id::{ExecutionId, SessionId};
use tenure_protocol::client::{Answered, ClientCommand, Reply};
use tenure_protocol::execution::Verdict;
use tenure_session::{Refusal, RequestId};
use tenure_workflow::execution::command::Decision;
use tenure_workflow::execution::{Action, Command, Reply as Said};

use super::join;
use crate::api::workflows::by;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask};

/// Returns what a command wants of which run; none when it is for the session.
pub fn action_of(command: &ClientCommand) -> Option<(ExecutionId, Action)> {
    match command {
        ClientCommand::Decide { execution, approval, hash, decision, reason } => {
            let decision = match decision {
                Verdict::Approved => Decision::Approved,
                Verdict::Denied => Decision::Denied,
            };
            let (approval, hash, reason) = (*approval, hash.clone(), reason.clone());
            Some((*execution, Action::Decide { approval, hash, decision, reason }))
        }
        ClientCommand::RunEvent { execution, name, payload } => {
            Some((*execution, Action::Event { name: name.clone(), payload: payload.clone() }))
        }
        _ => None,
    }
}

/// Brings an action to a run that works in this session, or did. Who may do it is for the run to judge.
pub async fn carry_out(
    desk: &Desk,
    caller: &Caller,
    session: SessionId,
    request: Option<RequestId>,
    execution: ExecutionId,
    action: Action,
) -> Result<Answered, Rejection> {
    let refused = |rejection: Rejection| {
        desk.figures.refused(&rejection.0.code);
        rejection
    };
    let look = join::look(desk, session, caller).await?;
    if !look.state.runs.contains_key(&execution) {
        return Err(refused(Refusal::RunUnknown(execution).rejection()));
    }
    let command = Command::Client { by: by(caller), request, action };
    let answer = desk.runtime.executions.ask(execution, command).await.map_err(|error| refused(of_ask(error)))?;
    Ok(Answered { reply: reply_of(answer.reply), warnings: vec![] })
}

fn reply_of(reply: Said) -> Reply {
    match reply {
        Said::Decided { approval, decision: Decision::Approved } => {
            Reply::Decided { approval, decision: Verdict::Approved }
        }
        Said::Decided { approval, decision: Decision::Denied } => {
            Reply::Decided { approval, decision: Verdict::Denied }
        }
        Said::Told { taken } => Reply::EventTaken { taken },
        Said::Done
        | Said::Started { .. }
        | Said::Linked { .. }
        | Said::Calls { .. }
        | Said::Asks { .. }
        | Said::Ignored => Reply::Done {},
    }
}
