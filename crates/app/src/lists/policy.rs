//! `tenure policy`: what agents may call, why, and what became of their calls.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use tenure_model::id::{SessionId, WorkflowId};
use tenure_protocol::http::Page;
use tenure_protocol::policy::{AuditEntry, ExplainView, OrganizationRule, PolicyView, RuleMode, SetRule};

use super::table::table;
use super::when::when;
use super::{ListArgs, more, query};
use crate::chat::clean;
use crate::failure::Outcome;

/// Say what agents may call without asking, and see what became of their calls.
#[derive(Args, Debug)]
pub struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand, Debug)]
enum PolicyCommand {
    /// List the rules, and what holds where there is none
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Make or change a rule
    Set {
        /// Which calls: tool:NAME, service:NAME or risk:TIER
        what: String,
        mode: Mode,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Take a rule back
    Unset {
        /// Which calls: tool:NAME, service:NAME or risk:TIER
        what: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Tell what would become of an agent's call, and why
    Explain {
        tool: String,
        /// In this session
        #[arg(long, value_name = "ID")]
        session: Option<SessionId>,
        /// In a run of this workflow
        #[arg(long, value_name = "ID")]
        workflow: Option<WorkflowId>,
        /// With these arguments
        #[arg(long, value_name = "JSON")]
        arguments: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Tell what was allowed, asked, decided and refused, newest first
    Audit {
        /// Only calls from this session
        #[arg(long, value_name = "ID")]
        session: Option<SessionId>,
        /// Entries of the page
        #[arg(long)]
        limit: Option<u32>,
        /// Where the page before ended
        #[arg(long)]
        cursor: Option<String>,
        #[command(flatten)]
        args: ListArgs,
    },
}

/// Where a rule holds.
#[derive(Args, Debug)]
struct Place {
    /// Where: owner, workflow:ID or session:ID; everywhere that is yours when not said
    #[arg(long, value_name = "PLACE")]
    within: Option<String>,
    /// For everybody here, and nobody can loosen it; administrators only
    #[arg(long, conflicts_with = "within")]
    organization: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    Allow,
    /// A person decides
    Ask,
    Deny,
}

/// Runs the command.
pub async fn run(args: PolicyArgs) -> Outcome {
    match args.command {
        PolicyCommand::List { args } => {
            let view: PolicyView = args.api()?.get("/api/policy").await?;
            args.print(&view, rules)
        }
        PolicyCommand::Set { what, mode, place, args } => {
            let (api, mode) = (args.api()?, mode.meant());
            let view: PolicyView = match place.organization {
                true => api.put("/api/policy/organization", &OrganizationRule { what, mode }).await?,
                false => api.put("/api/policy/rules", &SetRule { within: place.within, what, mode }).await?,
            };
            args.print(&view, rules)
        }
        PolicyCommand::Unset { what, place, args } => {
            let list = if place.organization { "organization" } else { "rules" };
            let query = query(&[("what", Some(what.clone())), ("within", place.within)]);
            let answer: Value = args.api()?.delete(&format!("/api/policy/{list}{query}")).await?;
            args.print(&answer, |_| clean(&format!("no rule for {what} any more")))
        }
        PolicyCommand::Explain { tool, session, workflow, arguments, args } => {
            let query = query(&[
                ("tool", Some(tool)),
                ("session", session.map(|id| id.to_string())),
                ("workflow", workflow.map(|id| id.to_string())),
                ("arguments", arguments),
            ]);
            let view: ExplainView = args.api()?.get(&format!("/api/policy/explain{query}")).await?;
            args.print(&view, explained)
        }
        PolicyCommand::Audit { session, limit, cursor, args } => {
            let limit = limit.map(|limit| limit.to_string());
            let query = query(&[("session", session.map(|id| id.to_string())), ("limit", limit), ("cursor", cursor)]);
            let page: Page<AuditEntry> = args.api()?.get(&format!("/api/policy/audit{query}")).await?;
            args.print(&page, entries)
        }
    }
}

impl Mode {
    fn meant(self) -> RuleMode {
        match self {
            Mode::Allow => RuleMode::Allow,
            Mode::Ask => RuleMode::Ask,
            Mode::Deny => RuleMode::Deny,
        }
    }
}

fn word(mode: RuleMode) -> String {
    match mode {
        RuleMode::Allow => "allow",
        RuleMode::Ask => "ask",
        RuleMode::Deny => "deny",
    }
    .to_owned()
}

fn rules(view: &PolicyView) -> String {
    let whole = view
        .organization
        .iter()
        .map(|rule| ["organization".to_owned(), rule.what.clone(), word(rule.mode), String::new(), String::new()]);
    let own = view
        .rules
        .iter()
        .map(|rule| [rule.within.clone(), rule.what.clone(), word(rule.mode), rule.by.name.clone(), when(rule.at)]);
    let defaults = view
        .defaults
        .iter()
        .map(|(risk, mode)| ["default".to_owned(), format!("risk:{risk}"), word(*mode), String::new(), String::new()]);
    table(["where", "what", "mode", "by", "since (UTC)"], whole.chain(own).chain(defaults).collect())
}

fn explained(view: &ExplainView) -> String {
    let considered =
        view.considered.iter().map(|rule| format!("\n  {}: {} {}", rule.scope, word(rule.mode), rule.what));
    clean(&format!("{}{}", view.words, considered.collect::<String>()))
}

pub(super) fn entries(page: &Page<AuditEntry>) -> String {
    let row = |entry: &AuditEntry| [when(entry.at), entry.what.clone(), clean(&entry.words)];
    table(["when (UTC)", "what", "in words"], page.items.iter().map(row).collect()) + &more(page.cursor.as_ref())
}
