//! `tenure session`: the caller's sessions.

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_model::id::{SessionId, TurnId};
use tenure_model::view::{Message, MessageRole, SessionView};
use tenure_model::workspace::WorkspaceDiff;
use tenure_protocol::http::{NewSession, Page, RestoreFiles, SessionRow, Transcript};

use super::sandbox::{self, PlacementArgs};
use super::table::table;
use super::when::when;
use super::workspace::{self, RepoArgs};
use super::{ListArgs, PageArgs, more};
use crate::chat::{brief, clean, transcribed};
use crate::failure::Outcome;

/// List, show, open and end sessions.
#[derive(Args, Debug)]
pub struct SessionArgs {
    #[command(subcommand)]
    command: SessionCommand,
}

#[derive(Subcommand, Debug)]
enum SessionCommand {
    /// List your sessions, newest first
    List {
        #[command(flatten)]
        args: ListArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show what a session is doing
    Show {
        id: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Open a session
    New {
        #[arg(long)]
        title: Option<String>,
        #[arg(long)]
        agent: Option<String>,
        #[arg(long)]
        model: Option<String>,
        #[command(flatten)]
        repo: RepoArgs,
        #[command(flatten)]
        runner: PlacementArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show how the files of a session's workspace differ from the checked out commit
    Diff {
        id: SessionId,
        /// Compare with the files as this turn left them instead
        #[arg(long, value_name = "TURN")]
        since: Option<TurnId>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Print the output of a command that was too long for its message
    Attachment {
        id: SessionId,
        /// Its name, from the command's result
        name: String,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Put the files of a session's workspace back; what is there now is kept as a checkpoint of its own
    Restore {
        id: SessionId,
        /// As this turn left them [default: as they were before the first turn]
        turn: Option<TurnId>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show the newest messages of a session, oldest first
    Messages {
        id: SessionId,
        #[command(flatten)]
        args: ListArgs,
        /// Messages of the page
        #[arg(long)]
        limit: Option<u32>,
        /// Only messages before this number
        #[arg(long)]
        before: Option<u64>,
    },
    /// End a session for good
    Terminate {
        id: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Runs the command.
pub async fn run(args: SessionArgs) -> Outcome {
    match args.command {
        SessionCommand::List { args, page } => {
            let path = format!("/api/sessions{}", page.query());
            let page: Page<SessionRow> = args.api()?.get(&path).await?;
            args.print(&page, rows)
        }
        SessionCommand::Show { id, args } => {
            let session: SessionView = args.api()?.get(&format!("/api/sessions/{id}")).await?;
            args.print(&session, about)
        }
        SessionCommand::New { title, agent, model, repo, runner, args } => {
            let (repo, runner) = (repo.context(), runner.placement());
            let new = NewSession { title, agent, model, mode: None, repo, runner };
            let id = args.api()?.open_session(&new).await?;
            args.print(&serde_json::json!({ "id": id }), |_| id.to_string())
        }
        SessionCommand::Diff { id, since, args } => {
            let since = since.map(|turn| format!("?since={turn}")).unwrap_or_default();
            let diff: WorkspaceDiff = args.api()?.get(&format!("/api/sessions/{id}/workspace/diff{since}")).await?;
            args.print(&diff, workspace::diff)
        }
        SessionCommand::Attachment { id, name, args } => workspace::attachment(&args, id, &name).await,
        SessionCommand::Restore { id, turn, args } => {
            let path = format!("/api/sessions/{id}/workspace/restore");
            let answer: Value = args.api()?.post(&path, &RestoreFiles { turn }).await?;
            args.print(&answer, |answer| format!("the turn {} puts them back", answer["turn"].as_str().unwrap_or("?")))
        }
        SessionCommand::Messages { id, args, limit, before } => {
            let before = before.map(|before| format!("before={before}"));
            let query: Vec<String> = limit.map(|limit| format!("limit={limit}")).into_iter().chain(before).collect();
            let path = format!("/api/sessions/{id}/messages?{}", query.join("&"));
            let mut page: Transcript = args.api()?.get(&path).await?;
            page.items.reverse();
            args.print(&page, transcript)
        }
        SessionCommand::Terminate { id, args } => {
            let answer: Value = args.api()?.delete(&format!("/api/sessions/{id}")).await?;
            args.print(&answer, |_| format!("session {id} is terminated"))
        }
    }
}

fn rows(page: &Page<SessionRow>) -> String {
    let row = |row: &SessionRow| {
        let status = format!("{:?}", row.status).to_lowercase();
        let agent = row.agent.clone().unwrap_or_default();
        [row.id.to_string(), row.title.clone(), status, row.queued.to_string(), agent, when(row.updated_at)]
    };
    let rows = page.items.iter().map(row).collect();
    table(["id", "title", "status", "queued", "agent", "updated (UTC)"], rows) + &more(page.cursor.as_ref())
}

fn about(session: &SessionView) -> String {
    let mut lines = vec![
        format!("id       {}", session.id),
        format!("title    {}", session.title),
        format!("status   {:?}", session.status).to_lowercase(),
        format!("state    {}", sandbox::word(&session.states.joint)),
        format!("mode     {:?}", session.mode).to_lowercase(),
        format!("created  {} UTC", when(session.created_at)),
        format!("updated  {} UTC", when(session.updated_at)),
        format!("tokens   {} in, {} out", session.usage.input_tokens, session.usage.output_tokens),
    ];
    let name = |id| session.threads.iter().find(|thread| thread.id == id).map_or("?", |thread| thread.title.as_str());
    lines.extend(sandbox::about(&session.runner, session.sandbox.as_ref()));
    lines.extend(session.workspace.as_ref().map(workspace::about).unwrap_or_default());
    for turn in &session.turns {
        let waiting = turn.waiting.as_deref().map(|why| format!(", {why}")).unwrap_or_default();
        lines.push(format!("turn     {} in \"{}\": {:?}{waiting}", turn.turn, name(turn.thread), turn.phase));
    }
    for prompt in &session.queue {
        lines.push(format!("queued   in \"{}\": {}", name(prompt.thread), brief(&prompt.text)));
    }
    for question in &session.questions {
        lines.push(format!("asks     {}", brief(&question.text)));
    }
    clean(&lines.join("\n"))
}

fn transcript(page: &Transcript) -> String {
    let head = |message: &Message| match message.role {
        MessageRole::User => String::new(),
        MessageRole::Assistant => format!("{}:\n", message.author),
    };
    let earlier = page.cursor.as_ref().zip(page.items.first());
    let earlier =
        earlier.map(|(_, oldest)| format!("there is more before: --before {}\n\n", oldest.seq)).unwrap_or_default();
    let messages = page.items.iter().map(|message| format!("{}{}", head(message), transcribed(message)));
    earlier + &messages.collect::<Vec<_>>().join("\n")
}
