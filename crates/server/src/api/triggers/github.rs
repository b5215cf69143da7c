//! GitHub's own inlet: one address for all triggers of an owner, its secret, and what GitHub can tell.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{GithubEventRow, GithubInlet, RotateInlet};
use tenure_workflow::trigger::webhook::{Scheme, Secret};

use super::rotating::{Rotated, answered};
use super::{OwnerQuery, owner_of, shown};
use crate::api::input::{self, Body};
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::Rejection;

/// `GET /api/triggers/github?owner`: shows the address to which GitHub posts everything of an owner.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<GithubInlet>, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    let keys = shown::github_keys(&desk, owner).await?;
    let secret_given = matches!(keys.secret, Secret::Given { .. });
    Ok(Json(GithubInlet { address: shown::inlet(&desk, owner, None, &keys), secret_given }))
}

/// `POST /api/triggers/github/rotate?owner`: makes another address and another secret, or takes the owner's.
pub async fn rotate(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RotateInlet>,
) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    let inlet = Rotated { owner, trigger: None, scheme: Scheme::Github };
    inlet.rotate(&desk, &caller.0, input::idempotency_key(&request)?, body.0).await.map(answered)
}

/// `GET /api/triggers/github/events`: lists what filters can name. Others that GitHub tells are taken as well.
pub async fn events(_: Person) -> Json<Page<GithubEventRow>> {
    let row = |(event, about, actions): &(&str, &str, &[&str])| GithubEventRow {
        event: (*event).to_owned(),
        about: (*about).to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
    };
    Json(Page { items: EVENTS.iter().map(row).collect(), cursor: None })
}

/// What GitHub tells, by event: what it is about, and its actions.
const EVENTS: &[(&str, &str, &[&str])] = &[
    ("push", "commits or a tag are pushed; `filter.branches` and `filter.paths` say which", &[]),
    (
        "pull_request",
        "a pull request changes; `merged` is told besides `closed`",
        &[
            "opened",
            "edited",
            "closed",
            "merged",
            "reopened",
            "synchronize",
            "labeled",
            "unlabeled",
            "assigned",
            "unassigned",
            "review_requested",
            "ready_for_review",
            "converted_to_draft",
        ],
    ),
    ("pull_request_review", "a pull request is reviewed", &["submitted", "edited", "dismissed"]),
    ("pull_request_review_comment", "a line of a pull request is commented", &["created", "edited", "deleted"]),
    (
        "issues",
        "an issue changes",
        &[
            "opened",
            "edited",
            "closed",
            "reopened",
            "labeled",
            "unlabeled",
            "assigned",
            "unassigned",
            "transferred",
            "deleted",
        ],
    ),
    ("issue_comment", "an issue or a pull request is commented", &["created", "edited", "deleted"]),
    ("create", "a branch or a tag is made", &[]),
    ("delete", "a branch or a tag is deleted", &[]),
    ("release", "a release changes", &["published", "created", "edited", "prereleased", "released", "deleted"]),
    ("workflow_run", "a workflow of GitHub Actions goes on", &["requested", "in_progress", "completed"]),
    ("workflow_job", "a job of GitHub Actions goes on", &["queued", "waiting", "in_progress", "completed"]),
    ("check_run", "a check goes on", &["created", "completed", "rerequested", "requested_action"]),
    ("check_suite", "a set of checks goes on", &["requested", "rerequested", "completed"]),
    ("status", "the status of a commit changes", &[]),
    ("deployment", "something is to be deployed", &["created"]),
    ("deployment_status", "a deployment goes on", &["created"]),
    ("discussion", "a discussion changes", &["created", "answered", "closed", "labeled"]),
    ("discussion_comment", "a discussion is commented", &["created", "edited", "deleted"]),
    ("commit_comment", "a commit is commented", &["created"]),
    ("repository_dispatch", "a program asks for it, with an action of its own", &[]),
    ("fork", "a repository is forked", &[]),
    ("star", "a repository is starred", &["created", "deleted"]),
    ("member", "somebody may work on a repository, or no more", &["added", "edited", "removed"]),
];
