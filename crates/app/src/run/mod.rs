//! `tenure run`: starts a workflow, from a file or a stored one, and follows it to its end.

mod inputs;

mod follow;
mod progress;
mod speech;
mod asking;

mod tell;
mod values;

#[cfg(test)]
mod samples;

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};
use tenure_model::id::{ExecutionId, SessionId};
use tenure_protocol::execution::{NewExecution, StartedExecution, Verdict};
use tenure_protocol::workflow::WorkflowView;
use tenure_workflow::{Definition, Slug};

use crate::client::account::AccountArgs;
use crate::client::api::{Api, fresh_key};
use crate::failure::{Failure, Outcome};
use crate::lists::RepoArgs;
use crate::lists::workflow::files;
use crate::out;
use asking::Manner;
use follow::Follow;

pub use inputs::{InputArgs, declared};
pub use tell::{asked, took};
pub use values::{gist, printed};

/// Run a workflow: a file, or a stored one by its slug or id.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 completed, 1 error, 2 usage, 3 the run failed, 4 refused, 5 unavailable, 6 cancelled, \
                        130 left with Ctrl-C.\nCtrl-C leaves the run alone: it goes on, and `tenure execution watch` comes back to it."
)]
pub struct RunArgs {
    /// A file (YAML or JSON), else the slug or the id of a stored workflow
    workflow: String,
    #[command(flatten)]
    inputs: InputArgs,
    /// Show the run in this chat session [default: a session of its own]
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
    #[command(flatten)]
    repo: RepoArgs,
    /// Mark the run as a trial
    #[arg(long)]
    test: bool,
    /// Only start it, and say which run it is
    #[arg(long, conflicts_with_all = ["yes", "no"])]
    detach: bool,
    /// Starts one run only, however often it is asked for with this key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    account: AccountArgs,
}

/// The flags of everything that follows a run.
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// Approve whatever the run asks
    #[arg(long, conflicts_with = "no")]
    yes: bool,
    /// Deny whatever the run asks
    #[arg(long)]
    no: bool,
    /// Print every event as one line of JSON, and nothing else
    #[arg(long)]
    pub json: bool,
}

impl WatchArgs {
    /// Tells whether they say how to answer what the run asks.
    pub fn decides(&self) -> bool {
        self.yes || self.no
    }

    /// Follows a run to its end.
    pub async fn follow(&self, api: Api, execution: ExecutionId) -> Outcome {
        let at_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let manner = match (self.yes, self.no) {
            (true, _) => Manner::Always(Verdict::Approved),
            (_, true) => Manner::Always(Verdict::Denied),
            _ if at_terminal && !self.json => Manner::Ask,
            _ => Manner::Elsewhere,
        };
        Follow::new(api, execution, manner, self.json).until_over().await
    }
}

/// Runs the command.
pub async fn run(args: RunArgs) -> Outcome {
    let wanted = Wanted::find(&args.workflow)?;
    let api = args.account.api()?;
    let inputs = wanted.inputs(&api, &args.inputs).await?;
    let mut new = NewExecution {
        inputs,
        session: args.session,
        repo: args.repo.context(),
        test: args.test,
        ..NewExecution::default()
    };
    let file = match wanted {
        Wanted::File { path, text, .. } => {
            new.definition = Some(text);
            Some(path.display().to_string())
        }
        Wanted::Stored(slug) => {
            new.workflow = Some(slug.to_string());
            None
        }
    };
    let key = args.idempotency_key.unwrap_or_else(fresh_key);
    let started: Outcome<StartedExecution> = api.post_keyed("/api/executions", &key, &new).await;
    let started = started.map_err(|failure| files::explained(failure, file.as_deref()))?;
    if !args.detach {
        return args.watch.follow(api, started.execution).await;
    }
    match args.watch.json {
        true => out::line(serde_json::to_string_pretty(&started)?)?,
        false => out::line(started.execution)?,
    }
    Ok(())
}

/// What is to be run.
enum Wanted {
    File { path: PathBuf, text: String, definition: Box<Definition> },
    Stored(Slug),
}

impl Wanted {
    /// Takes what was named for a file when there is one; what is wrong in it is told at once.
    fn find(named: &str) -> Outcome<Self> {
        let path = PathBuf::from(named);
        if path.is_file() {
            let mut texts = files::right(std::slice::from_ref(&path))?;
            let text = texts.pop().expect("one file gives one text").text;
            let read = tenure_workflow::read::bytes(text.as_bytes());
            let definition = Box::new(read.expect("it was just found right"));
            return Ok(Self::File { path, text, definition });
        }
        match named.parse() {
            Ok(slug) => Ok(Self::Stored(slug)),
            Err(_) => Err(Failure::Usage(format!("there is no file {named}, and no workflow can be named so"))),
        }
    }

    async fn inputs(&self, api: &Api, given: &InputArgs) -> Outcome<Map<String, Value>> {
        match self {
            Self::File { path, definition, .. } => {
                let inputs = given.read(&definition.inputs)?;
                let file = path.display().to_string();
                let wrong = definition.check_inputs(&inputs).err().unwrap_or_default();
                files::refused(wrong.iter().map(|mistake| files::in_file(&file, mistake)).collect())?;
                Ok(inputs)
            }
            Self::Stored(slug) if given.need_types() => {
                let view: WorkflowView = api.get(&format!("/api/workflows/{slug}")).await?;
                given.read(&declared(&view.definition))
            }
            Self::Stored(_) => given.read(&[]),
        }
    }
}
