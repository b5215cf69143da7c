//! `tenure approval`: what people are asked to decide, by runs and for calls of agents.

use clap::{Args, Subcommand};
use tenure_model::Span;
use tenure_model::id::{ApprovalId, ExecutionId, LinkId};
use tenure_protocol::Problem;
use tenure_protocol::execution::{ApprovalView, Decide, Decided, Verdict, Waiting};
use tenure_protocol::http::Page;

use super::approval_call::{self, More};
use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, approval_link, budget, more, query, span};
use crate::chat::{brief, clean};
use crate::client::api::Api;
use crate::failure::{Failure, Outcome};
use crate::run::asked;

/// List, show and decide what runs ask, and which calls of agents wait.
#[derive(Args, Debug)]
pub struct ApprovalArgs {
    #[command(subcommand)]
    command: ApprovalCommand,
}

#[derive(Subcommand, Debug)]
enum ApprovalCommand {
    /// List what your runs ask, what others ask of you by name, and which calls of your agents wait
    List {
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show what exactly is asked, who may decide, and what happens then
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Say yes to exactly what is asked now
    Approve {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        more: More,
    },
    /// Say no
    Deny {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Make a link: whoever holds its token decides once, in your name, without a sign-in
    Link {
        #[command(flatten)]
        which: Which,
        /// After how long it ends, such as 30m or 2h; with the approval's deadline when not said, and never later
        #[arg(long, value_name = "SPAN", value_parser = span)]
        expires: Option<Span>,
        /// List the links that were made, without their tokens
        #[arg(long, conflicts_with = "expires")]
        list: bool,
        /// Revoke the link with this id
        #[arg(long, value_name = "LINK", conflicts_with_all = ["expires", "list"])]
        revoke: Option<LinkId>,
    },
}

/// Names an approval.
#[derive(Args, Debug)]
pub(super) struct Which {
    pub(super) approval: ApprovalId,
    /// The run that asks, when the approval is not in your list
    #[arg(long, value_name = "ID")]
    execution: Option<ExecutionId>,
    #[command(flatten)]
    pub(super) args: ListArgs,
}

impl Which {
    /// Finds what is asked.
    async fn find(&self, api: &Api) -> Outcome<Waiting> {
        if let Some(execution) = self.execution {
            return api.get(&self.path(execution)).await.map(Waiting::Run);
        }
        let mut cursor = None;
        loop {
            let query = query(&[("cursor", cursor)]);
            let page: Page<Waiting> = api.get(&format!("/api/approvals{query}")).await?;
            if let Some(found) = page.items.into_iter().find(|asked| id(asked) == self.approval) {
                return Ok(found);
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Err(self.not_asked());
            }
        }
    }

    /// Names the run that asks, which may have been told already.
    pub(super) async fn execution(&self, api: &Api) -> Outcome<ExecutionId> {
        match self.execution {
            Some(execution) => Ok(execution),
            None => match self.find(api).await? {
                Waiting::Run(view) => Ok(view.execution),
                Waiting::Call(_) | Waiting::Budget(_) => {
                    Err(Failure::Usage("links decide what runs ask, not calls of agents or budgets".to_owned()))
                }
            },
        }
    }

    /// Returns the approval's place below a run.
    pub(super) fn path(&self, execution: ExecutionId) -> String {
        format!("/api/executions/{execution}/approvals/{}", self.approval)
    }

    fn not_asked(&self) -> Failure {
        let detail = format!("{} is not asked now: it was decided, or its run is over", self.approval);
        Failure::Refused(Box::new(Problem::new(404, "approval_not_found", detail)))
    }
}

/// Runs the command.
pub async fn run(args: ApprovalArgs) -> Outcome {
    match args.command {
        ApprovalCommand::List { page, args } => {
            let path = format!("/api/approvals{}", page.query());
            let page: Page<Waiting> = args.api()?.get(&path).await?;
            args.print(&page, rows)
        }
        ApprovalCommand::Show { which } => {
            let asked = which.find(&which.args.api()?).await?;
            which.args.print(&asked, about)
        }
        ApprovalCommand::Approve { which, reason, more } => decide(&which, Verdict::Approved, reason, more).await,
        ApprovalCommand::Deny { which, reason } => decide(&which, Verdict::Denied, reason, More::default()).await,
        ApprovalCommand::Link { which, list: true, .. } => approval_link::list(&which).await,
        ApprovalCommand::Link { which, revoke: Some(link), .. } => approval_link::revoke(&which, link).await,
        ApprovalCommand::Link { which, expires, .. } => approval_link::make(&which, expires).await,
    }
}

async fn decide(which: &Which, decision: Verdict, reason: Option<String>, more: More) -> Outcome {
    let api = which.args.api()?;
    let (path, hash, what, grant) = match which.find(&api).await? {
        Waiting::Run(_) | Waiting::Budget(_) if more.is_wanted() => {
            return Err(Failure::Usage("a grant allows calls of agents, and this is none: leave it out".to_owned()));
        }
        Waiting::Run(view) => {
            (which.path(view.execution), view.hash, format!("{} of {}", view.path, view.workflow), None)
        }
        Waiting::Budget(asked) => {
            let what = format!("more for {}", asked.budget);
            (format!("/api/approvals/{}", asked.id), asked.hash, what, None)
        }
        Waiting::Call(call) => {
            let grant = more.of(&call);
            (format!("/api/approvals/{}", call.id), call.hash, format!("the call of {}", call.tool), grant)
        }
    };
    let decided: Decided = api.post(&path, &Decide { hash, decision, reason, grant }).await?;
    which.args.print(&decided, |decided| {
        let decision = match decided.decision {
            Verdict::Approved => "approved",
            Verdict::Denied => "denied",
        };
        clean(&format!("{decision}: {what}"))
    })
}

fn id(asked: &Waiting) -> ApprovalId {
    match asked {
        Waiting::Run(view) => view.id,
        Waiting::Call(call) => call.id,
        Waiting::Budget(asked) => asked.id,
    }
}

fn rows(page: &Page<Waiting>) -> String {
    let rows = page.items.iter().map(|asked| match asked {
        Waiting::Run(view) => row(view),
        Waiting::Call(call) => approval_call::row(call),
        Waiting::Budget(asked) => budget::asking(asked),
    });
    table(["id", "from", "what", "asks", "deadline (UTC)"], rows.collect()) + &more(page.cursor.as_ref())
}

fn row(view: &ApprovalView) -> [String; 5] {
    let deadline = format!("{}, then {}", when(view.deadline), view.on_deadline);
    [view.id.to_string(), view.workflow.clone(), view.path.clone(), brief(view.prompt.trim()), deadline]
}

fn about(asked_of: &Waiting) -> String {
    let view = match asked_of {
        Waiting::Run(view) => view,
        Waiting::Call(call) => return approval_call::about(call),
        Waiting::Budget(asked) => return budget::about(asked),
    };
    let lines = asked(view).into_iter().map(|(_, text)| text);
    let head = format!("{} (run {})", view.workflow, view.execution);
    clean(&std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n"))
}
