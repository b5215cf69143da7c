//! `tenure approval`: what people are asked to decide.

use clap::{Args, Subcommand};
use tenure_model::Span;
use tenure_model::id::{ApprovalId, ExecutionId, LinkId};
use tenure_protocol::Problem;
use tenure_protocol::execution::{ApprovalView, Decide, Decided, Verdict};
use tenure_protocol::http::Page;

use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, approval_link, more, query, span};
use crate::chat::{brief, clean};
use crate::client::api::Api;
use crate::failure::{Failure, Outcome};
use crate::run::asked;

/// List, show and decide what runs ask.
#[derive(Args, Debug)]
pub struct ApprovalArgs {
    #[command(subcommand)]
    command: ApprovalCommand,
}

#[derive(Subcommand, Debug)]
enum ApprovalCommand {
    /// List what your runs ask, and what others ask of you by name
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
    pub(super) async fn find(&self, api: &Api) -> Outcome<ApprovalView> {
        if let Some(execution) = self.execution {
            return api.get(&self.path(execution)).await;
        }
        let mut cursor = None;
        loop {
            let query = query(&[("cursor", cursor)]);
            let page: Page<ApprovalView> = api.get(&format!("/api/approvals{query}")).await?;
            if let Some(found) = page.items.into_iter().find(|view| view.id == self.approval) {
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
            None => Ok(self.find(api).await?.execution),
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
            let page: Page<ApprovalView> = args.api()?.get(&path).await?;
            args.print(&page, rows)
        }
        ApprovalCommand::Show { which } => {
            let view = which.find(&which.args.api()?).await?;
            which.args.print(&view, about)
        }
        ApprovalCommand::Approve { which, reason } => decide(&which, Verdict::Approved, reason).await,
        ApprovalCommand::Deny { which, reason } => decide(&which, Verdict::Denied, reason).await,
        ApprovalCommand::Link { which, list: true, .. } => approval_link::list(&which).await,
        ApprovalCommand::Link { which, revoke: Some(link), .. } => approval_link::revoke(&which, link).await,
        ApprovalCommand::Link { which, expires, .. } => approval_link::make(&which, expires).await,
    }
}

async fn decide(which: &Which, decision: Verdict, reason: Option<String>) -> Outcome {
    let api = which.args.api()?;
    let view = which.find(&api).await?;
    let decided: Decided =
        api.post(&which.path(view.execution), &Decide { hash: view.hash.clone(), decision, reason }).await?;
    which.args.print(&decided, |decided| {
        let what = match decided.decision {
            Verdict::Approved => "approved",
            Verdict::Denied => "denied",
        };
        clean(&format!("{what}: {} of {}", view.path, view.workflow))
    })
}

fn rows(page: &Page<ApprovalView>) -> String {
    let row = |view: &ApprovalView| {
        let deadline = format!("{}, then {}", when(view.deadline), view.on_deadline);
        [view.id.to_string(), view.workflow.clone(), view.path.clone(), brief(view.prompt.trim()), deadline]
    };
    let rows = page.items.iter().map(row).collect();
    table(["id", "workflow", "step", "asks", "deadline (UTC)"], rows) + &more(page.cursor.as_ref())
}

fn about(view: &ApprovalView) -> String {
    let lines = asked(view).into_iter().map(|(_, text)| text);
    let head = format!("{} (run {})", view.workflow, view.execution);
    clean(&std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n"))
}
