//! `tenure execution`: runs of workflows: look at them, follow them, end, pause and mend them.

mod act;
mod tell;

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_model::id::{ExecutionId, SessionId};
use tenure_protocol::execution::{ExecutionRow, ExecutionStatus, ExecutionView, StepView, WhyView};
use tenure_protocol::http::Page;
use tenure_workflow::Slug;

use super::{ListArgs, PageArgs, query};
use crate::client::account::AccountArgs;
use crate::failure::Outcome;
use crate::run::WatchArgs;

/// List, show, follow, end, pause and mend runs of workflows.
#[derive(Args, Debug)]
pub struct ExecutionArgs {
    #[command(subcommand)]
    command: ExecutionCommand,
}

#[derive(Subcommand, Debug)]
enum ExecutionCommand {
    /// List your runs, newest first
    List {
        /// Only runs of this workflow, by its slug or id
        #[arg(long)]
        workflow: Option<Slug>,
        /// Only runs that stand so: pending, queued, running, waiting, paused, cancelling, completed, failed, cancelled
        #[arg(long, value_parser = status)]
        status: Option<ExecutionStatus>,
        /// Only runs that this session shows
        #[arg(long, value_name = "ID")]
        session: Option<SessionId>,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show a run: how it stands, its inputs and outputs, what is under way
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// List the steps of a run, each attempt, in the order in which they began
    Steps {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Say what a run waits for, since when, what happens next and when, and what would mend it
    Why {
        #[command(flatten)]
        which: Which,
    },
    /// Follow a run to its end; the exit code tells how it ended
    Watch {
        execution: ExecutionId,
        #[command(flatten)]
        watch: WatchArgs,
        #[command(flatten)]
        account: AccountArgs,
    },
    #[command(flatten)]
    Act(act::ActCommand),
}

/// Names a run.
#[derive(Args, Debug)]
struct Which {
    execution: ExecutionId,
    #[command(flatten)]
    args: ListArgs,
}

impl Which {
    fn path(&self, rest: &str) -> String {
        format!("/api/executions/{}{rest}", self.execution)
    }
}

/// Runs the command.
pub async fn run(args: ExecutionArgs) -> Outcome {
    match args.command {
        ExecutionCommand::List { workflow, status, session, page, args } => {
            let query = query(&[
                ("workflow", workflow.map(|workflow| workflow.to_string())),
                ("status", status.map(tell::status)),
                ("session", session.map(|session| session.to_string())),
                ("limit", page.limit.map(|limit| limit.to_string())),
                ("cursor", page.cursor),
            ]);
            let page: Page<ExecutionRow> = args.api()?.get(&format!("/api/executions{query}")).await?;
            args.print(&page, tell::rows)
        }
        ExecutionCommand::Show { which } => {
            let view: ExecutionView = which.args.api()?.get(&which.path("")).await?;
            which.args.print(&view, tell::view)
        }
        ExecutionCommand::Steps { which, page } => {
            let path = which.path(&format!("/steps{}", page.query()));
            let page: Page<StepView> = which.args.api()?.get(&path).await?;
            which.args.print(&page, tell::steps)
        }
        ExecutionCommand::Why { which } => {
            let why: WhyView = which.args.api()?.get(&which.path("/why")).await?;
            which.args.print(&why, tell::why)
        }
        ExecutionCommand::Watch { execution, watch, account } => watch.follow(account.api()?, execution).await,
        ExecutionCommand::Act(command) => act::run(command).await,
    }
}

fn status(word: &str) -> Result<ExecutionStatus, String> {
    serde_json::from_value(Value::from(word)).map_err(|_| "no run stands so".to_owned())
}
