//! Firing by hand: now, for times that are over, or a delivery once more; and what became of it.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tenure_model::id::{ExecutionId, FiringId};
use tenure_protocol::Problem;
use tenure_protocol::execution::ExecutionView;
use tenure_protocol::trigger::{
    BackfillTimes, DeliveryView, FiredTrigger, LedgerEntry, LedgerOutcome, NewBackfill, RunTrigger, TriggerView,
};
use tenure_protocol::workflow::WorkflowView;
use tenure_workflow::trigger::Name;

use super::super::workflow::files;
use super::named::{Named, Which};
use super::{ledger_tell, tell, when};
use crate::client::account::AccountArgs;
use crate::client::api::fresh_key;
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::run::{InputArgs, WatchArgs, declared};

/// How long to wait before looking again for a run that is about to start.
const SOON: Duration = Duration::from_millis(100);
/// The same for one that waits for others.
const LATER: Duration = Duration::from_secs(1);

#[derive(Subcommand, Debug)]
pub enum FireCommand {
    /// Fire now, also when the trigger is switched off
    Run(Box<RunArgs>),
    /// Fire for every planned time of a range that is over, both ends included
    Backfill {
        #[command(flatten)]
        which: Which,
        /// The first time, such as 2026-11-20T00:00 in the trigger's zone
        #[arg(long, value_name = "TIME", required_unless_present = "stop")]
        from: Option<String>,
        /// The last time
        #[arg(long, value_name = "TIME", required_unless_present = "stop")]
        to: Option<String>,
        /// Only list the times
        #[arg(long)]
        dry_run: bool,
        /// Fire for no more times of the backfill that is under way
        #[arg(long, conflicts_with_all = ["from", "to", "dry_run"])]
        stop: bool,
        #[command(flatten)]
        key: KeyArgs,
    },
    /// Take a delivery once more, by what the trigger says now
    Replay {
        #[command(flatten)]
        which: Which,
        firing: FiringId,
        #[command(flatten)]
        key: KeyArgs,
    },
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// Its name, in any case, or its id
    trigger: Name,
    #[command(flatten)]
    inputs: InputArgs,
    /// Mark the run as a trial
    #[arg(long)]
    test: bool,
    /// Follow the run to its end; the exit code tells how it ended
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    account: AccountArgs,
}

/// The key under which something is asked for.
#[derive(Args, Debug)]
pub struct KeyArgs {
    /// Does it once only, however often it is asked for with this key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

impl KeyArgs {
    fn key(self) -> String {
        self.idempotency_key.unwrap_or_else(fresh_key)
    }
}

/// Runs the command.
pub async fn run(command: FireCommand) -> Outcome {
    match command {
        FireCommand::Run(args) => run_now(*args).await,
        FireCommand::Backfill { which, stop: true, .. } => {
            let answer: Value = which.named()?.delete("/backfill").await?;
            which.args.print(&answer, |_| format!("{} fires for no more times that are over", which.trigger))
        }
        FireCommand::Backfill { which, from, to, dry_run, stop: _, key } => {
            let (Some(from), Some(to)) = (from, to) else {
                return Err(Failure::Usage("a backfill has two ends: --from and --to".to_owned()));
            };
            let body = NewBackfill { from: when(&from), to: when(&to), dry_run };
            let times: BackfillTimes = which.named()?.post_keyed("/backfill", &key.key(), &body).await?;
            which.args.print(&times, tell::backfill)
        }
        FireCommand::Replay { which, firing, key } => {
            let named = which.named()?;
            let rest = format!("/deliveries/{firing}/replay");
            let fired: FiredTrigger = named.post_keyed(&rest, &key.key(), &json!({})).await?;
            let entry = decided(&named, &fired).await?;
            which.args.print(&fired, |fired| ledger_tell::fired(fired, &entry))
        }
    }
}

async fn run_now(args: RunArgs) -> Outcome {
    if args.watch.decides() && !args.wait {
        return Err(Failure::Usage("--yes and --no answer what the run asks; they need --wait".to_owned()));
    }
    let named = Named { api: args.account.api()?, name: args.trigger };
    let workflow = match args.wait || args.inputs.need_types() {
        true => named.get::<TriggerView>("").await?.row.workflow,
        false => None,
    };
    if args.wait && workflow.is_none() {
        let why = format!("{} asks the orchestrator: there is no run to wait for", named.name);
        return Err(Failure::Usage(why));
    }
    let declared = match workflow {
        Some(workflow) if args.inputs.need_types() => {
            declared(&named.api.get::<WorkflowView>(&format!("/api/workflows/{workflow}")).await?.definition)
        }
        _ => vec![],
    };
    let body = RunTrigger { inputs: args.inputs.read(&declared)?, test: args.test };
    let fired: Outcome<FiredTrigger> = named.post_keyed("/run", &args.key.key(), &body).await;
    let fired = fired.map_err(|failure| files::explained(failure, None))?;
    if args.wait {
        let execution = begun(&named, &fired).await?;
        return args.watch.follow(named.api, execution).await;
    }
    let entry = decided(&named, &fired).await?;
    match args.watch.json {
        true => out::line(serde_json::to_string_pretty(&fired)?)?,
        false => out::line(ledger_tell::fired(&fired, &entry))?,
    }
    Ok(())
}

/// Returns what was decided of a firing, when that is to start something.
async fn decided(named: &Named, fired: &FiredTrigger) -> Outcome<LedgerEntry> {
    let view: DeliveryView = named.get(&format!("/deliveries/{}", fired.firing)).await?;
    let entry = view.entry;
    if matches!(entry.outcome, LedgerOutcome::Matched | LedgerOutcome::Queued) {
        return Ok(entry);
    }
    let word = ledger_tell::outcome(entry.outcome);
    let why = entry.reason.unwrap_or_else(|| word.clone());
    let detail = format!("nothing is started: {why}; the firing is {}", fired.firing);
    Err(Failure::Refused(Box::new(Problem::new(409, &format!("firing_{word}"), detail))))
}

/// Waits until the run of a firing is there, which may have to wait for the runs before it.
async fn begun(named: &Named, fired: &FiredTrigger) -> Outcome<ExecutionId> {
    let gone =
        || Failure::Error(anyhow::anyhow!("the trigger asks the orchestrator since; there is no run to wait for"));
    let execution = fired.execution.ok_or_else(gone)?;
    loop {
        let entry = decided(named, fired).await?;
        match named.api.get::<ExecutionView>(&format!("/api/executions/{execution}")).await {
            Ok(_) => return Ok(execution),
            Err(Failure::Refused(problem)) if problem.status == 404 => {}
            Err(failure) => return Err(failure),
        }
        let pause = if entry.outcome == LedgerOutcome::Queued { LATER } else { SOON };
        tokio::time::sleep(pause).await;
    }
}
