//! Every operation on runs, approvals and personas, as it is described.

use tenure_model::step::Persona;
use tenure_protocol::execution::{
    ApprovalLink, ApprovalLinkRow, ApprovalView, CancelExecution, Decide, DecideLinked, Decided, EventTaken,
    ExecutionRow, ExecutionView, NewApprovalLink, NewExecution, ResolveStep, RetryExecution, ShowLinked,
    StartedExecution, StepView, Waiting, WhyView,
};
use tenure_protocol::http::PersonaText;

use super::operations::{Answer, Operation, of, page_of};

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::{Events, Json, Nothing};
    let new = Operation::new;
    let row = Json(of::<ExecutionRow>);
    const PAGE: &[&str] = &["limit", "cursor"];
    vec![
        new(
            "post",
            "/api/executions",
            "Starts a run of a stored workflow or of a definition",
            Json(of::<StartedExecution>),
        )
        .body::<NewExecution>()
        .created()
        .keyed(),
        new("get", "/api/executions", "Lists the caller's runs, newest first", Json(page_of::<ExecutionRow>))
            .query(&["limit", "cursor", "workflow", "status", "session"]),
        new("get", "/api/executions/{id}", "Shows a run with everything but its timeline", Json(of::<ExecutionView>))
            .query(&["wait_ms"]),
        new("get", "/api/executions/{id}/steps", "Lists attempts of steps as they started", Json(page_of::<StepView>))
            .query(PAGE),
        new(
            "get",
            "/api/executions/{id}/why",
            "Says what a run waits for, and what would mend it",
            Json(of::<WhyView>),
        ),
        new(
            "get",
            "/api/executions/{id}/stream",
            "Streams a run's news, as events or as a websocket, subprotocol tenure.run.v1",
            Events,
        )
        .query(&["after"]),
        new("post", "/api/executions/{id}/cancel", "Ends a run", row).body::<CancelExecution>().keyed(),
        new("post", "/api/executions/{id}/pause", "Lets nothing new start in a run", row).keyed(),
        new("post", "/api/executions/{id}/resume", "Lets a paused run go on", row).keyed(),
        new("post", "/api/executions/{id}/resolve", "Says what became of a step that nobody knows of", row)
            .body::<ResolveStep>()
            .keyed(),
        new(
            "post",
            "/api/executions/{id}/retry",
            "Starts a run anew from one of its steps",
            Json(of::<StartedExecution>),
        )
        .body::<RetryExecution>()
        .created()
        .keyed(),
        new(
            "post",
            "/api/executions/{id}/events/{name}",
            "Tells a run that something has happened",
            Json(of::<EventTaken>),
        )
        .any_body()
        .keyed(),
        new(
            "get",
            "/api/approvals",
            "Lists what waits for the caller, newest first: what runs ask, and calls of their agents",
            Json(page_of::<Waiting>),
        )
        .query(PAGE),
        new(
            "get",
            "/api/executions/{id}/approvals/{approval}",
            "Shows what is asked, to whoever may decide it",
            Json(of::<ApprovalView>),
        ),
        new("post", "/api/executions/{id}/approvals/{approval}", "Decides an approval", Json(of::<Decided>))
            .body::<Decide>()
            .keyed(),
        new("post", "/api/approvals/{approval}", "Decides an approval of the caller's list", Json(of::<Decided>))
            .body::<Decide>()
            .keyed(),
        new(
            "post",
            "/api/executions/{id}/approvals/{approval}/links",
            "Makes a link that decides once; its token is shown this once",
            Json(of::<ApprovalLink>),
        )
        .body::<NewApprovalLink>()
        .created()
        .keyed(),
        new(
            "get",
            "/api/executions/{id}/approvals/{approval}/links",
            "Lists the links of an approval, without their tokens",
            Json(page_of::<ApprovalLinkRow>),
        ),
        Operation {
            status: 204,
            ..new("delete", "/api/executions/{id}/approvals/{approval}/links/{link}", "Revokes a link", Nothing).keyed()
        },
        new("post", "/api/approvals/link", "Decides by a link", Json(of::<Decided>)).body::<DecideLinked>().open(),
        new("post", "/api/approvals/link/show", "Shows what a link decides", Json(of::<ApprovalView>))
            .body::<ShowLinked>()
            .open(),
        new("get", "/api/personas", "Lists the caller's personas", Json(page_of::<Persona>)),
        new("get", "/api/personas/{name}", "Shows a persona", Json(of::<Persona>)),
        new("put", "/api/personas/{name}", "Says what a persona is told", Json(of::<Persona>)).body::<PersonaText>(),
        Operation { status: 204, ..new("delete", "/api/personas/{name}", "Forgets a persona", Nothing) },
    ]
}
