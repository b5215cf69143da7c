//! Every operation on stored workflows, as it is described. `{id}` is an id or a slug.

use tenure_protocol::draft::{NewDraft, NewStepDraft};
use tenure_protocol::workflow::{
    NewProposal, ProposalRow, ProposalView, ReviewProposal, RollbackTo, SavedWorkflow, SyncAll, SyncedAll, Validity,
    VersionDiff, VersionRow, VersionView, WorkflowPatch, WorkflowRow, WorkflowView,
};

use super::operations::{Answer, Operation, of, page_of};

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::{Events, Json, Nothing};
    let new = Operation::new;
    let saved = Json(of::<SavedWorkflow>);
    vec![
        new("get", "/api/workflows", "Lists the caller's workflows, newest first", Json(page_of::<WorkflowRow>))
            .query(&["limit", "cursor", "enabled", "tag", "q"]),
        new(
            "post",
            "/api/workflows/validate",
            "Says everything that is wrong with a definition; stores nothing",
            Json(of::<Validity>),
        )
        .definition(),
        new("post", "/api/workflows/sync", "Creates or updates a workflow; doing it again changes nothing", saved)
            .definition()
            .created()
            .keyed(),
        new(
            "post",
            "/api/workflows/sync-all",
            "Makes the caller's workflows equal to a set; deletes with prune only",
            Json(of::<SyncedAll>),
        )
        .body::<SyncAll>()
        .keyed(),
        new("post", "/api/workflows/draft", "Has a model write a definition; stores nothing", Events)
            .body::<NewDraft>(),
        new("post", "/api/workflows/draft/step", "Has a model write one step of a draft anew; stores nothing", Events)
            .body::<NewStepDraft>(),
        new("get", "/api/workflows/{id}", "Shows a workflow with its current definition", Json(of::<WorkflowView>)),
        new("put", "/api/workflows/{id}", "Replaces the definition", saved).definition().keyed(),
        new("patch", "/api/workflows/{id}", "Changes the name, the description, the version or the tags", saved)
            .body::<WorkflowPatch>()
            .keyed(),
        Operation { status: 204, ..new("delete", "/api/workflows/{id}", "Takes a workflow off the lists", Nothing) }
            .keyed(),
        new("post", "/api/workflows/{id}/enable", "Lets a workflow run", Json(of::<WorkflowRow>)).keyed(),
        new("post", "/api/workflows/{id}/disable", "Lets nothing start a workflow", Json(of::<WorkflowRow>)).keyed(),
        new("get", "/api/workflows/{id}/versions", "Lists versions, newest first", Json(page_of::<VersionRow>)),
        new("get", "/api/workflows/{id}/versions/{hash}", "Shows a version with its text", Json(of::<VersionView>)),
        new("get", "/api/workflows/{id}/diff", "Says what changed between two versions", Json(of::<VersionDiff>))
            .query(&["from", "to"]),
        new("post", "/api/workflows/{id}/rollback", "Makes an earlier version the current one", saved)
            .body::<RollbackTo>()
            .keyed(),
        new("get", "/api/workflows/{id}/proposals", "Lists proposals, newest first", Json(page_of::<ProposalRow>)),
        new("post", "/api/workflows/{id}/proposals", "Asks for a change", Json(of::<ProposalRow>))
            .body::<NewProposal>()
            .created()
            .keyed(),
        new("get", "/api/workflows/{id}/proposals/{proposal}", "Shows a proposal", Json(of::<ProposalView>)),
        new(
            "post",
            "/api/workflows/{id}/proposals/{proposal}/review",
            "Approves or rejects a proposal",
            Json(of::<ProposalRow>),
        )
        .body::<ReviewProposal>()
        .keyed(),
        new(
            "post",
            "/api/workflows/{id}/proposals/{proposal}/apply",
            "Makes an approved proposal the current version",
            saved,
        )
        .keyed(),
    ]
}
