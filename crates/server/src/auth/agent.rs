//! Who holds an agent's pass, and whether it still opens anything: not after its work, its session or its owner's rights.

use actix_web::http::header::HeaderMap;
use tenure_account::realm::TokenRole;
use tenure_model::Span;
use tenure_model::id::{ExecutionId, TurnId, WorkflowId};
use tenure_model::link::{McpAccess, WorkSpec};
use tenure_model::view::Purpose;
use tenure_session::turn::Phase;

use super::agent_pass::{self, AgentPass};
use super::{AgentAtWork, Caller, Proof, bearer, unauthorized};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// How long a pass outlives the time that its work may take: the runner's clock is not the server's.
const MARGIN: Span = Span::mins(1);

/// Returns the access that an agent gets for one work. Made whenever the work is sent, and kept nowhere.
pub fn access(desk: &Desk, spec: &WorkSpec) -> McpAccess {
    let now = desk.now();
    let pass = AgentPass {
        session: spec.session,
        work: spec.work,
        generation: spec.generation,
        issued_at: now,
        expires_at: now + spec.timeout_ms + MARGIN,
    };
    let public = desk.options.public_address.as_deref().unwrap_or_default().trim_end_matches('/');
    McpAccess { url: format!("{public}/mcp"), token: pass.written(&desk.signing_key) }
}

/// Reads who calls a tool: an agent by its pass, or a person by their token.
pub async fn caller(desk: &Desk, headers: &HeaderMap) -> Result<Caller, Rejection> {
    match bearer(headers).filter(|secret| secret.starts_with(agent_pass::PREFIX)) {
        Some(token) => at_work(desk, token).await,
        None => Caller::of(desk, headers).and_then(Caller::person),
    }
}

async fn at_work(desk: &Desk, token: &str) -> Result<Caller, Rejection> {
    let pass =
        AgentPass::read(&desk.signing_key, token).ok_or_else(|| unauthorized("the pass is none of this server's"))?;
    if pass.expires_at <= desk.now() {
        return Err(ended("its time is over"));
    }
    let session = desk.runtime.sessions.look(pass.session).await.map_err(of_ask)?.state;
    let about = session.about.as_ref().ok_or_else(|| ended("there is no such session"))?;
    let realm = desk.runtime.realm_view();
    let owner = realm.acting(about.owner).ok_or_else(|| ended("every token of its owner was revoked"))?;
    let (user, name) = (owner.id, owner.name.clone());
    if session.terminated_at.is_some() {
        return Err(ended("its session is over"));
    }
    let turn = session.turns.get(&TurnId(pass.work.0)).filter(|turn| turn.generation == pass.generation);
    let turn = turn.filter(|turn| matches!(turn.phase, Phase::Accepted { .. } | Phase::Running { .. }));
    let turn = turn.ok_or_else(|| ended("its work is over, or was given to somebody anew"))?;
    let in_workflow = about.purpose == Purpose::Workflow || turn.step().is_some();
    let thread = (!in_workflow).then_some(turn.thread);
    let workflow = match turn.step() {
        Some(step) => workflow_of(desk, step.execution).await?,
        None => None,
    };
    let agent = AgentAtWork { session: pass.session, work: pass.work, thread, workflow, in_workflow };
    Ok(Caller { user, name, role: TokenRole::User, proof: Proof::Agent(agent), agent: true })
}

async fn workflow_of(desk: &Desk, run: ExecutionId) -> Result<Option<WorkflowId>, Rejection> {
    let run = desk.runtime.executions.look(run).await.map_err(of_ask)?.state;
    Ok(run.about.as_ref().and_then(|about| about.start.workflow))
}

fn ended(why: &str) -> Rejection {
    problem(401, "pass_ended", format!("the pass opens nothing any more: {why}"))
}
