//! `tenure budget`: how much may be used, and what was used.

use clap::{Args, Subcommand};
use serde_json::Value;
use tenure_model::Span;
use tenure_model::budget::{Allowance, Measure, Scope, Usd};
use tenure_protocol::budget::{BudgetApproval, BudgetView, Period, SetBudget};
use tenure_protocol::http::Page;
use tenure_protocol::policy::AuditEntry;

use super::policy::entries;
use super::table::table;
use super::when::when;
use super::{ListArgs, PageArgs, span};
use crate::chat::clean;
use crate::failure::{Failure, Outcome};

/// Limit what sessions, runs and triggers may use; what would go beyond a budget waits for you.
#[derive(Args, Debug)]
pub struct BudgetArgs {
    #[command(subcommand)]
    command: BudgetCommand,
}

#[derive(Subcommand, Debug)]
enum BudgetCommand {
    /// List your budgets, and those of runs whose workflows limit each of them
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show one budget
    Show {
        /// Where it holds: owner, session:ID, execution:ID, workflow:ID or trigger:ID
        scope: Scope,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Set a budget; what was used stays counted, and what waits goes on when there is enough
    Set {
        /// Where it holds: owner, session:ID, execution:ID, workflow:ID or trigger:ID
        scope: Scope,
        #[command(flatten)]
        limits: Limits,
        /// How often it counts from nothing again, from midnight in UTC: day, week or month
        #[arg(long, value_name = "PERIOD", value_parser = period)]
        every: Option<Period>,
        /// Count from nothing again now
        #[arg(long)]
        afresh: bool,
        #[command(flatten)]
        args: ListArgs,
    },
    /// See who has set, raised and removed budgets, and when one was used up, newest first
    Audit {
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Take a budget away; what waits for it goes on
    Remove {
        /// Where it holds
        scope: Scope,
        #[command(flatten)]
        args: ListArgs,
    },
}

#[derive(Args, Debug)]
struct Limits {
    /// Tokens that models read and write
    #[arg(long, value_name = "N")]
    tokens: Option<u64>,
    /// US dollars, such as 2.50, by the prices in the server's configuration
    #[arg(long, value_name = "USD", value_parser = usd)]
    cost: Option<Usd>,
    /// How long runners are at work, added up, such as 2h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    time: Option<Span>,
    /// Prompts that are handed to an agent
    #[arg(long, value_name = "N")]
    turns: Option<u64>,
    /// Calls of tools that agents make
    #[arg(long, value_name = "N")]
    tool_calls: Option<u64>,
}

/// Runs the command.
pub async fn run(args: BudgetArgs) -> Outcome {
    match args.command {
        BudgetCommand::List { args } => {
            let page: Page<BudgetView> = args.api()?.get("/api/budgets").await?;
            args.print(&page, |page| table(HEADS, page.items.iter().map(row).collect()))
        }
        BudgetCommand::Show { scope, args } => {
            let view: BudgetView = args.api()?.get(&path(scope)).await?;
            args.print(&view, |view| table(HEADS, vec![row(view)]))
        }
        BudgetCommand::Set { scope, limits, every, afresh, args } => {
            let Limits { tokens, cost, time, turns, tool_calls } = limits;
            let allowance = Allowance { tokens, cost_usd: cost, time_ms: time, turns, tool_calls };
            if allowance == Allowance::default() {
                let flags = "--tokens, --cost, --time, --turns, --tool-calls";
                return Err(Failure::Usage(format!("a budget limits something: give at least one of {flags}")));
            }
            let view: BudgetView = args.api()?.put(&path(scope), &SetBudget { allowance, every, afresh }).await?;
            args.print(&view, |view| table(HEADS, vec![row(view)]))
        }
        BudgetCommand::Audit { page, args } => {
            let page: Page<AuditEntry> = args.api()?.get(&format!("/api/budgets/audit{}", page.query())).await?;
            args.print(&page, entries)
        }
        BudgetCommand::Remove { scope, args } => {
            let answer: Value = args.api()?.delete(&path(scope)).await?;
            args.print(&answer, |_| format!("{scope} has no budget any more"))
        }
    }
}

/// What a table of budgets says.
const HEADS: [&str; 5] = ["where", "used", "counts from nothing at (UTC)", "waiting", "approval"];

fn row(view: &BudgetView) -> [String; 5] {
    let until = view.until.map(when).unwrap_or_default();
    let used = used(&view.allowance, |measure| (view.used.of(measure), view.raised.of(measure)));
    let approval = view.approval.map(|id| id.to_string()).unwrap_or_default();
    [view.scope.clone(), used, until, view.waiting.to_string(), approval]
}

/// Says how much of everything that is limited was used.
fn used(allowance: &Allowance, of: impl Fn(Measure) -> (u64, u64)) -> String {
    let of = |measure: Measure| {
        let ((used, raised), allowed) = (of(measure), allowance.of(measure)?);
        Some(format!("{} of {}", measure.words(used), measure.words(allowed.saturating_add(raised))))
    };
    Measure::ALL.into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// A row in the list of what waits for a person.
pub(super) fn asking(asked: &BudgetApproval) -> [String; 5] {
    let asks = used(&asked.allowance, |measure| (asked.used.of(measure), asked.raised.of(measure)));
    [asked.id.to_string(), asked.budget.clone(), "budget".to_owned(), asks, String::new()]
}

/// Tells what is used up, and what approving does.
pub fn about(asked: &BudgetApproval) -> String {
    let used = used(&asked.allowance, |measure| (asked.used.of(measure), asked.raised.of(measure)));
    let more = asked.measure.words(asked.allowance.of(asked.measure).unwrap_or_default());
    clean(&format!(
        "the budget of {} is used up ({used}), and works that wait: {}\napproving allows {more} more, once",
        asked.budget, asked.waiting
    ))
}

fn path(scope: Scope) -> String {
    format!("/api/budgets/{scope}")
}

fn usd(text: &str) -> Result<Usd, String> {
    let dollars: f64 = text.parse().map_err(|_| "write dollars like 2.50".to_owned())?;
    Usd::try_from(dollars)
}

fn period(text: &str) -> Result<Period, &'static str> {
    match text {
        "day" => Ok(Period::Day),
        "week" => Ok(Period::Week),
        "month" => Ok(Period::Month),
        _ => Err("write day, week or month"),
    }
}

#[cfg(test)]
mod tests {
    use tenure_model::Timestamp;
    use tenure_model::budget::Used;
    use tenure_model::id::ApprovalId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_used_up_is_told_with_what_approving_allows() {
        let allowance = Allowance { cost_usd: Some(Usd(2_500_000)), turns: Some(9), ..Allowance::default() };
        let asked = BudgetApproval {
            id: ApprovalId(Uuid::from_u128(1)),
            budget: "owner".to_owned(),
            measure: Measure::Cost,
            allowance,
            raised: Used { cost_usd: Usd(2_500_000), ..Used::default() },
            used: Used { cost_usd: Usd(5_000_000), turns: 3, ..Used::default() },
            waiting: 2,
            asked_at: Timestamp(0),
            hash: "owner".to_owned(),
        };
        let told = about(&asked);
        assert!(told.contains("5.00 US dollars of 5.00 US dollars, 3 turns of 9 turns"), "{told}");
        assert!(told.contains("allows 2.50 US dollars more"), "{told}");
    }

    #[test]
    fn money_is_read_in_dollars() {
        assert_eq!(usd("2.50"), Ok(Usd(2_500_000)));
        assert!(usd("-1").is_err() && usd("free").is_err() && usd("NaN").is_err());
    }
}
