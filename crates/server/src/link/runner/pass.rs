//! By what right a runner opens a link: a token of somebody who runs it, or the pass of a sandbox.

use actix_web::HttpRequest;
use tenure_account::realm::{Command, RunnerScope, realm_id};
use tenure_model::id::RunnerId;
use tenure_protocol::RUNNER_SUBPROTOCOL;
use tenure_runtime::{AskError, SandboxSeat};
use tenure_session::sandbox::runner_of;
use tenure_session::{Command as SessionCommand, Refusal, Report, SandboxNews};

use super::super::{admitted, right_lost, speaks};
use crate::auth::sandbox_pass::SandboxPass;
use crate::auth::{Caller, bearer};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// What a link was opened with.
pub enum Pass {
    Token(Caller),
    Sandbox(SandboxPass),
}

/// Who a runner is, once it has said hello.
pub struct Known {
    pub runner: RunnerId,
    pub pool: Option<String>,
    pub sandbox: Option<SandboxSeat>,
}

impl Pass {
    /// Reads it off the request for a link.
    pub fn of(desk: &Desk, request: &HttpRequest) -> Result<Self, Rejection> {
        let sandbox = bearer(request.headers()).and_then(|token| SandboxPass::read(&desk.signing_key, token));
        if let Some(pass) = sandbox {
            speaks(request.headers(), RUNNER_SUBPROTOCOL)?;
            return Ok(Self::Sandbox(pass));
        }
        let caller = admitted(desk, request, RUNNER_SUBPROTOCOL)?;
        caller.runners()?;
        Ok(Self::Token(caller))
    }

    /// Finds out whether this may be the runner that it says it is. A sandbox is whoever its pass says, whatever it says.
    pub async fn know(&self, desk: &Desk, hello: &tenure_protocol::runner::Hello) -> Result<Known, Rejection> {
        match self {
            Self::Sandbox(pass) => {
                let SandboxPass { session, generation } = *pass;
                let runner = runner_of(session);
                let news = SandboxNews::Up { runner, boot: hello.boot };
                let report = SessionCommand::Runner(Report::Sandbox { generation, news });
                desk.runtime.sessions.ask(session, report).await.map_err(unwanted)?;
                Ok(Known { runner, pool: None, sandbox: Some(SandboxSeat { session, generation }) })
            }
            Self::Token(caller) => {
                let runner = hello.runner;
                // Ids that are made of a session's are those of its sandbox; runners draw theirs.
                if runner.0.get_version_num() == 5 {
                    let detail = "this id is a sandbox's; a runner draws its own";
                    return Err(problem(403, "runner_not_yours", detail).field("runner"));
                }
                let (token, _) = caller.token().expect("a runner has shown a token");
                let bind = Command::BindRunner { token, runner };
                desk.runtime.realm.ask(realm_id(), bind).await.map_err(of_ask)?;
                let pool = match caller.runners()? {
                    RunnerScope::Pool(pool) => Some(pool.clone()),
                    RunnerScope::First | RunnerScope::Only(_) => None,
                };
                Ok(Known { runner, pool, sandbox: None })
            }
        }
    }

    /// Waits until the right is lost. A sandbox that is not wanted any more is stopped, and hung up on.
    pub async fn lost(&self, desk: &Desk) {
        match self {
            Self::Token(caller) => right_lost(desk, caller).await,
            Self::Sandbox(_) => std::future::pending().await,
        }
    }
}

/// The runner of a start that is not wanted must end, not try again.
fn unwanted(error: AskError<tenure_session::Session>) -> Rejection {
    let AskError::Refused(refusal) = &error else { return of_ask(error) };
    let known = matches!(
        refusal,
        Refusal::StaleGeneration { .. } | Refusal::SandboxUnwanted | Refusal::NoSandbox | Refusal::Unknown
    );
    if !known {
        return of_ask(error);
    }
    problem(403, "sandbox_stale", format!("refused because {refusal}"))
}
