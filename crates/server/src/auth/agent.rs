//! Which agent calls, by its pass or over its runner's link, and whether it still may: not after its work, its session or its
//! owner's rights.

use actix_web::http::header::HeaderMap;
use tenure_account::realm::TokenRole;
use tenure_model::Span;
use tenure_model::id::{ExecutionId, RunnerId, SessionId, TurnId, UserId, WorkId, WorkflowId};
use tenure_model::link::{McpAccess, WorkSpec};
use tenure_model::view::Purpose;
use tenure_session::Session;
use tenure_session::turn::{Hold, Phase, Turn};

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
    let work = HeldTurn { session: pass.session, work: pass.work, generation: pass.generation };
    under_way(desk, work).await?.map(|(caller, _)| caller).map_err(ended)
}

/// A turn, as whoever has it names it.
#[derive(Clone, Copy, Debug)]
pub struct HeldTurn {
    pub session: SessionId,
    pub work: WorkId,
    pub generation: u32,
}

/// Reads for whom a runner calls a tool: its link proves who it is, and the session says whether it has the turn. What it does not
/// have is answered alike, whoever has it, so that no runner learns of others' works.
pub async fn at_runner(desk: &Desk, runner: RunnerId, turn: HeldTurn) -> Result<Caller, Rejection> {
    let found = under_way(desk, turn).await?.ok();
    found.filter(|(_, hold)| hold.runner == runner).map(|(caller, _)| caller).ok_or_else(|| {
        let detail = "no turn of this id and generation is under way at this runner; its agent calls no tools any more";
        problem(409, "work_not_here", detail)
    })
}

/// Refuses an agent whose work has ended since it was asked for.
pub async fn still_at_work(desk: &Desk, agent: &AgentAtWork) -> Result<(), Rejection> {
    let AgentAtWork { session, work, generation, .. } = *agent;
    under_way(desk, HeldTurn { session, work, generation }).await?.map(drop).map_err(ended)
}

/// Returns the agent that works on a turn, and its runner's hold of it; otherwise why there is none.
async fn under_way(desk: &Desk, held: HeldTurn) -> Result<Result<(Caller, Hold), &'static str>, Rejection> {
    let session = desk.runtime.sessions.look(held.session).await.map_err(of_ask)?.state;
    let (owner, turn, hold) = match find(&session, held) {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let Some((user, name)) = desk.runtime.realm_view().acting(owner).map(|owner| (owner.id, owner.name.clone())) else {
        return Ok(Err("every token of its owner was revoked"));
    };
    let is_of_runs = session.about.as_ref().is_some_and(|about| about.purpose == Purpose::Workflow);
    let in_workflow = is_of_runs || turn.step().is_some();
    let thread = (!in_workflow).then_some(turn.thread);
    let workflow = match turn.step() {
        Some(step) => workflow_of(desk, step.execution).await?,
        None => None,
    };
    let HeldTurn { session, work, generation } = held;
    let agent = AgentAtWork { session, work, generation, thread, workflow, in_workflow };
    let caller = Caller { user, name, role: TokenRole::User, proof: Proof::Agent(agent), agent: true };
    Ok(Ok((caller, hold.clone())))
}

/// Finds whose turn it is, and who has it, when an agent works on it.
fn find(session: &Session, held: HeldTurn) -> Result<(UserId, &Turn, &Hold), &'static str> {
    let about = session.about.as_ref().ok_or("there is no such session")?;
    if session.terminated_at.is_some() {
        return Err("its session is over");
    }
    let over = "its work is over, or was given to somebody anew";
    let turn = session.turns.get(&TurnId::from(held.work)).ok_or(over)?;
    let (Phase::Accepted { hold } | Phase::Running { hold }) = &turn.phase else { return Err(over) };
    // Only agents have a use for tools: commands and the runner's own tools are handed no pass either.
    match turn.generation == held.generation && turn.is_prompt() {
        true => Ok((about.owner, turn, hold)),
        false => Err(over),
    }
}

async fn workflow_of(desk: &Desk, run: ExecutionId) -> Result<Option<WorkflowId>, Rejection> {
    let run = desk.runtime.executions.look(run).await.map_err(of_ask)?.state;
    Ok(run.about.as_ref().and_then(|about| about.start.workflow))
}

fn ended(why: &str) -> Rejection {
    problem(401, "pass_ended", format!("the pass opens nothing any more: {why}"))
}
