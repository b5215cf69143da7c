//! What people do to a run: end it, let it rest, take it up again, say what became of a step, send it an event.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};
use tenure_protocol::execution::{
    CancelExecution, EventTaken, ExecutionRow, ExecutionView, ResolveAnswer, ResolveStep, RetryExecution,
    StartedExecution,
};
use tenure_workflow::Ident;

use super::{Which, tell};
use crate::failure::Outcome;
use crate::lists::workflow::files;
use crate::run::{InputArgs, declared};

#[derive(Subcommand, Debug)]
pub enum ActCommand {
    /// End a run; what is under way is ended too
    Cancel {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let a run start nothing new until it is resumed
    Pause {
        #[command(flatten)]
        which: Which,
    },
    /// Let a paused run go on
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// Take a run up again, as a new run that keeps what was done before
    Retry {
        #[command(flatten)]
        which: Which,
        /// The first step that runs again [default: the one that the run has failed in]
        #[arg(long, value_name = "PATH")]
        from: Option<String>,
        #[command(flatten)]
        inputs: InputArgs,
    },
    /// Say what became of a step whose outcome nobody knows
    #[command(group = ArgGroup::new("answer").required(true))]
    Resolve {
        #[command(flatten)]
        which: Which,
        /// The step's path: deploy:i2/check
        path: String,
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Send a run an event; a step that waits for it goes on
    Event {
        #[command(flatten)]
        which: Which,
        name: Ident,
        /// What it carries, as JSON
        #[arg(value_name = "JSON", value_parser = json)]
        payload: Option<Value>,
    },
}

#[derive(Args, Debug)]
pub struct AnswerArgs {
    /// It was not done: start it again
    #[arg(long, group = "answer")]
    retry: bool,
    /// It was done, and gave this
    #[arg(long, group = "answer", value_name = "JSON", value_parser = json)]
    succeed: Option<Value>,
    /// It has failed
    #[arg(long, group = "answer")]
    fail: bool,
}

impl AnswerArgs {
    fn answer(self) -> ResolveAnswer {
        match (self.retry, self.succeed) {
            (true, _) => ResolveAnswer::Retry,
            (false, Some(output)) => ResolveAnswer::Succeed { output },
            (false, None) => ResolveAnswer::Fail,
        }
    }
}

/// Runs the command.
pub async fn run(command: ActCommand) -> Outcome {
    match command {
        ActCommand::Cancel { which, reason } => {
            let row: ExecutionRow = which.args.api()?.post(&which.path("/cancel"), &CancelExecution { reason }).await?;
            which.args.print(&row, tell::stands)
        }
        ActCommand::Pause { which } => simply(&which, "/pause").await,
        ActCommand::Resume { which } => simply(&which, "/resume").await,
        ActCommand::Retry { which, from, inputs } => retry(&which, from, &inputs).await,
        ActCommand::Resolve { which, path, answer } => {
            let body = ResolveStep { path, answer: answer.answer() };
            let row: ExecutionRow = which.args.api()?.post(&which.path("/resolve"), &body).await?;
            which.args.print(&row, tell::stands)
        }
        ActCommand::Event { which, name, payload } => {
            let path = which.path(&format!("/events/{name}"));
            let taken: EventTaken = which.args.api()?.post(&path, &payload.unwrap_or(Value::Null)).await?;
            which.args.print(&taken, |taken| match taken.taken {
                true => "taken: a step that waited for it goes on".to_owned(),
                false => "kept for the first step that waits for it".to_owned(),
            })
        }
    }
}

async fn simply(which: &Which, how: &str) -> Outcome {
    let row: ExecutionRow = which.args.api()?.post(&which.path(how), &json!({})).await?;
    which.args.print(&row, tell::stands)
}

async fn retry(which: &Which, from: Option<String>, inputs: &InputArgs) -> Outcome {
    let api = which.args.api()?;
    let declared = match inputs.need_types() {
        true => declared(&api.get::<ExecutionView>(&which.path("")).await?.definition),
        false => vec![],
    };
    let body = RetryExecution { from, inputs: inputs.read(&declared)? };
    let started: Outcome<StartedExecution> = api.post(&which.path("/retry"), &body).await;
    let started = started.map_err(|failure| files::explained(failure, None))?;
    which.args.print(&started, |started| {
        let id = started.execution;
        format!("run {id} takes it up; `tenure execution watch {id}` follows it")
    })
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}
