//! Starting a run: of a stored workflow, or of a definition that is sent along.

use std::sync::Arc;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use tenure_model::id::{ExecutionId, SessionId, WorkflowId, beside, derived};
use tenure_model::request::RequestId;
use tenure_protocol::execution::{NewExecution, StartedExecution};
use tenure_session::Refusal as SessionRefusal;
use tenure_workflow::execution::command::{Trigger, TriggerKind};
use tenure_workflow::execution::{Refusal, Start};
use tenure_workflow::library::Refusal as WorkflowRefusal;
use tenure_workflow::{Definition, WorkflowHash};

use super::{begin, created};
use crate::api::input::{self, Body};
use crate::api::workflows::saving::acceptable;
use crate::api::workflows::{by, ids, named};
use crate::auth::{Caller, Person, secret};
use crate::desk::Desk;
use crate::link::client::join;
use crate::problem::{Explained, Rejection, of_ask, problem};

/// `POST /api/executions`: starts a run. The same `Idempotency-Key` starts the same run, even when its workflow has
/// changed meanwhile.
pub async fn start(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewExecution>,
) -> Result<HttpResponse, Rejection> {
    run(&desk, &caller.0, input::idempotency_key(&request)?, body.0).await.map(created)
}

/// Starts a run; the same key starts the same run.
pub async fn run(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    mut new: NewExecution,
) -> Result<StartedExecution, Rejection> {
    let expected = new.hash.as_deref().map(hash).transpose()?;
    let sent = match (&new.workflow, new.definition.take()) {
        (Some(_), None) => None,
        (None, Some(text)) => Some(acceptable(desk, caller.user, Bytes::from(text)).await?),
        _ => return Err(problem(422, "json_invalid", "name one of `workflow` and `definition`").field("workflow")),
    };
    let id = id(desk, caller, key.as_ref(), new.session);
    if key.is_some()
        && let Some(about) = &desk.runtime.executions.look(id).await.map_err(of_ask)?.state.about
    {
        let same = is_same(&about.start, &new, sent.as_deref(), expected, caller);
        let hash = about.start.hash.to_string();
        return if same {
            Ok(StartedExecution { execution: id, session: about.session, hash })
        } else {
            Err(Refusal::Exists.rejection())
        };
    }
    let (workflow, known) = match (&new.workflow, sent) {
        (Some(name), _) => stored(desk, name, caller).await?,
        (None, Some(definition)) => (None, Known { hash: definition.hash(), definition }),
        (None, None) => unreachable!("one of the two was given"),
    };
    let Known { definition, hash: actual } = known;
    if let Some(given) = expected.filter(|given| *given != actual) {
        return Err(Refusal::WrongHash { given, actual }.rejection().field("hash"));
    }
    if let Some(session) = new.session {
        takes_runs(desk, session, caller).await?;
    }
    let personas = desk.runtime.owned.personas(caller.user, &definition).await.map_err(of_ask)?;
    let kind = if new.test { TriggerKind::Test } else { TriggerKind::Manual };
    let start = Start {
        owner: caller.user,
        owner_name: caller.name.clone(),
        by: by(caller).author(),
        workflow,
        definition,
        hash: actual,
        inputs: new.inputs,
        trigger: Trigger { kind, name: None, fired: None },
        session: new.session,
        repo: new.repo,
        personas,
        parent: None,
        above: vec![],
        retrying: None,
        test: new.test,
        limits: desk.runtime.execution_limits.clone(),
    };
    begin(desk, id, start).await
}

/// Returns the id of a run: made of the key, so that the run itself tells whether the key was used. A run stands beside
/// the session that it is attached to, so a key counts within its session.
fn id(desk: &Desk, caller: &Caller, key: Option<&RequestId>, session: Option<SessionId>) -> ExecutionId {
    let scope = session.map(|session| session.to_string()).unwrap_or_default();
    let id = match key {
        Some(key) => derived(&["execution", &caller.user.to_string(), &scope, &key.to_string()]),
        None => secret::fresh_id(desk.now()),
    };
    ExecutionId(session.map_or(id, |session| beside(id, session.0)))
}

/// Tells whether a request asks for what was started already under its key.
fn is_same(
    before: &Start,
    new: &NewExecution,
    sent: Option<&Definition>,
    expected: Option<WorkflowHash>,
    caller: &Caller,
) -> bool {
    let same_workflow = match &new.workflow {
        Some(name) => before.workflow.is_some_and(|known| ids(name, caller.user).any(|id| id == known)),
        None => before.workflow.is_none() && sent.is_some_and(|definition| definition.hash() == before.hash),
    };
    same_workflow
        && expected.is_none_or(|hash| hash == before.hash)
        && (&before.inputs, before.session, &before.repo, before.test)
            == (&new.inputs, new.session, &new.repo, new.test)
}

/// A definition and its hash, which costs something to make.
struct Known {
    definition: Arc<Definition>,
    hash: WorkflowHash,
}

/// Finds a workflow of the caller's own that may run.
async fn stored(desk: &Desk, name: &str, caller: &Caller) -> Result<(Option<WorkflowId>, Known), Rejection> {
    let found = named(desk, name, caller).await?;
    let about = found.about()?;
    if about.owner != caller.user {
        return Err(WorkflowRefusal::Unknown.rejection());
    }
    if !about.enabled {
        let detail = format!("the workflow \"{}\" is disabled; enable it first", about.definition.slug);
        return Err(problem(409, "workflow_disabled", detail).field("workflow"));
    }
    let known = Known { definition: about.definition.clone(), hash: about.current().hash };
    Ok((Some(found.id), known))
}

/// Refuses a session that is not the caller's own, or is over.
async fn takes_runs(desk: &Desk, session: SessionId, caller: &Caller) -> Result<(), Rejection> {
    let look = join::look(desk, session, caller).await?;
    let owns = look.state.about.as_ref().is_some_and(|about| about.owner == caller.user);
    if !owns {
        return Err(SessionRefusal::RunOfAnother.rejection().field("session"));
    }
    match look.state.terminated_at {
        Some(_) => Err(SessionRefusal::Terminated.rejection().field("session")),
        None => Ok(()),
    }
}

fn hash(text: &str) -> Result<WorkflowHash, Rejection> {
    text.parse().map_err(|error| problem(422, "hash_invalid", format!("hash: {error}")).field("hash"))
}
