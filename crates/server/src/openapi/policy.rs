//! Every operation on rules, grants, budgets and the audit log, as it is described.

use tenure_protocol::budget::{BudgetView, SetBudget};
use tenure_protocol::policy::{AuditEntry, ExplainView, GrantView, NewGrant, OrganizationRule, PolicyView, SetRule};

use super::operations::{Answer, Operation, of, page_of};

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::{Json, Nothing};
    let new = Operation::new;
    let gone = |path, summary| Operation { status: 204, ..new("delete", path, summary, Nothing) };
    vec![
        new("get", "/api/policy", "Lists the rules that hold for the caller's agents", Json(of::<PolicyView>)),
        new("put", "/api/policy/rules", "Makes or changes a rule of the caller's", Json(of::<PolicyView>))
            .body::<SetRule>(),
        gone("/api/policy/rules", "Takes a rule of the caller's back").query(&["what", "within"]),
        new(
            "put",
            "/api/policy/organization",
            "Makes or changes a rule of the organization, which no owner can loosen; administrators only",
            Json(of::<PolicyView>),
        )
        .body::<OrganizationRule>(),
        gone("/api/policy/organization", "Takes a rule of the organization back; administrators only").query(&["what"]),
        new("get", "/api/policy/explain", "Tells what becomes of an agent's call, and why", Json(of::<ExplainView>))
            .query(&["tool", "session", "workflow", "arguments"]),
        new("get", "/api/policy/audit", "Tells what became of calls, newest first", Json(page_of::<AuditEntry>))
            .query(&["session", "limit", "cursor"]),
        new("get", "/api/policy/grants", "Lists the caller's grants", Json(page_of::<GrantView>)),
        new("post", "/api/policy/grants", "Allows calls of agents beforehand", Json(of::<GrantView>))
            .body::<NewGrant>()
            .created()
            .keyed(),
        new("get", "/api/budgets", "Lists the caller's budgets", Json(page_of::<BudgetView>)),
        new("get", "/api/budgets/audit", "Tells what became of budgets, newest first", Json(page_of::<AuditEntry>))
            .query(&["limit", "cursor"]),
        new("get", "/api/budgets/{scope}", "Shows a budget", Json(of::<BudgetView>)),
        new(
            "put",
            "/api/budgets/{scope}",
            "Sets a budget; what waits goes on when there is enough",
            Json(of::<BudgetView>),
        )
        .body::<SetBudget>(),
        gone("/api/budgets/{scope}", "Takes a budget away; what waits for it goes on"),
        gone("/api/policy/grants/{grant}", "Takes a grant back; a turn that goes on cannot use it any more"),
    ]
}
