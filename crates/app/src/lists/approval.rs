//! `tenure approval`: what people are asked to decide.

use clap::{Args, Subcommand};
use tenure_model::Span;
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_protocol::Problem;
use tenure_protocol::execution::{ApprovalLink, ApprovalView, Decide, Decided, NewApprovalLink, Verdict};
use tenure_protocol::http::Page;
use tenure_workflow::definition::parse_span;

use super::table::table;
use super::when::when;
use super::workflow::query;
use super::{ListArgs, more, page_query};
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
        /// Rows of the page
        #[arg(long)]
        limit: Option<u32>,
        /// Where the page before ended
        #[arg(long)]
        cursor: Option<String>,
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
    },
}

fn span(text: &str) -> Result<Span, &'static str> {
    parse_span(text).filter(|span| span.0 > 0).ok_or("write a length of time like 30m, 2h or 1h30m")
}

/// Names an approval.
#[derive(Args, Debug)]
struct Which {
    approval: ApprovalId,
    /// The run that asks, when the approval is not in your list
    #[arg(long, value_name = "ID")]
    execution: Option<ExecutionId>,
    #[command(flatten)]
    args: ListArgs,
}

impl Which {
    /// Finds what is asked.
    async fn find(&self, api: &Api) -> Outcome<ApprovalView> {
        if let Some(execution) = self.execution {
            return api.get(&format!("/api/executions/{execution}/approvals/{}", self.approval)).await;
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

    fn not_asked(&self) -> Failure {
        let detail = format!("{} is not asked now: it was decided, or its run is over", self.approval);
        Failure::Refused(Box::new(Problem::new(404, "approval_not_found", detail)))
    }
}

/// Runs the command.
pub async fn run(args: ApprovalArgs) -> Outcome {
    match args.command {
        ApprovalCommand::List { limit, cursor, args } => {
            let path = format!("/api/approvals{}", page_query(limit, cursor.as_deref()));
            let page: Page<ApprovalView> = args.api()?.get(&path).await?;
            args.print(&page, rows)
        }
        ApprovalCommand::Show { which } => {
            let view = which.find(&which.args.api()?).await?;
            which.args.print(&view, about)
        }
        ApprovalCommand::Approve { which, reason } => decide(&which, Verdict::Approved, reason).await,
        ApprovalCommand::Deny { which, reason } => decide(&which, Verdict::Denied, reason).await,
        ApprovalCommand::Link { which, expires } => link(&which, expires).await,
    }
}

async fn decide(which: &Which, decision: Verdict, reason: Option<String>) -> Outcome {
    let api = which.args.api()?;
    let view = which.find(&api).await?;
    let path = format!("/api/executions/{}/approvals/{}", view.execution, view.id);
    let decided: Decided = api.post(&path, &Decide { hash: view.hash.clone(), decision, reason }).await?;
    which.args.print(&decided, |decided| {
        let what = match decided.decision {
            Verdict::Approved => "approved",
            Verdict::Denied => "denied",
        };
        clean(&format!("{what}: {} of {}", view.path, view.workflow))
    })
}

async fn link(which: &Which, expires_ms: Option<Span>) -> Outcome {
    let api = which.args.api()?;
    let view = which.find(&api).await?;
    let path = format!("/api/executions/{}/approvals/{}/links", view.execution, view.id);
    let link: ApprovalLink = api.post(&path, &NewApprovalLink { expires_ms }).await?;
    which.args.print(&link, |link| {
        let what = "It decides once, in your name, and is not shown again; send it to POST /api/approvals/link";
        format!("{}\n{what}, with \"decision\", before {} UTC.", link.token, when(link.until))
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
