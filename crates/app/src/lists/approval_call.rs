//! `tenure approval` for calls of agents: what would be called, and what else is allowed with the approval.

use clap::Args;
use tenure_model::Span;
use tenure_protocol::policy::{CallApproval, GrantArguments, GrantMore};

use super::span;
use super::when::when;
use crate::chat::{brief, clean};

/// What is allowed beyond this one call.
#[derive(Args, Debug, Default)]
pub struct More {
    /// Allow more calls like this one for so long, such as 2h; without this, this one only
    #[arg(long, value_name = "SPAN", value_parser = span)]
    grant: Option<Span>,
    /// With --grant: how many more calls
    #[arg(long, value_name = "N", requires = "grant")]
    grant_uses: Option<u32>,
    /// With --grant: where, as owner, workflow:ID or session:ID; the call's own session when not said, or its workflow when a run calls
    #[arg(long, value_name = "PLACE", requires = "grant")]
    grant_within: Option<String>,
    /// With --grant: only this argument has to be the same; can be given again
    #[arg(long, value_name = "NAME", requires = "grant")]
    grant_same: Vec<String>,
    /// With --grant: with any arguments
    #[arg(long, requires = "grant", conflicts_with = "grant_same")]
    grant_any: bool,
}

impl More {
    pub fn is_wanted(&self) -> bool {
        self.grant.is_some()
    }

    /// Returns the grant that comes with the approval of a call.
    pub fn of(self, call: &CallApproval) -> Option<GrantMore> {
        let lasts_ms = self.grant?;
        let session = call.session.map(|session| format!("session:{session}"));
        // What a run calls, the next run of its workflow calls in another session.
        let workflow = call.workflow.filter(|_| call.execution.is_some()).map(|id| format!("workflow:{id}"));
        let here = workflow.or(session).unwrap_or_else(|| "owner".to_owned());
        let within = self.grant_within.unwrap_or(here);
        let arguments = match self.grant_any || !self.grant_same.is_empty() {
            true => GrantArguments::Fields(self.grant_same),
            false => GrantArguments::Same,
        };
        Some(GrantMore { arguments, within, lasts_ms, uses: self.grant_uses })
    }
}

pub fn row(call: &CallApproval) -> [String; 5] {
    let from = match (&call.run, call.session) {
        (Some(run), _) => run.clone(),
        (None, Some(session)) => format!("session {session}"),
        (None, None) => "a program".to_owned(),
    };
    let asks = serde_json::to_string(&call.arguments).unwrap_or_default();
    let deadline = format!("{}, then denied", when(call.deadline));
    [call.id.to_string(), from, call.tool.clone(), brief(&asks), deadline]
}

/// Tells all of it: nobody approves what they have not seen.
pub fn about(call: &CallApproval) -> String {
    let CallApproval { tool, service, risk, session, workflow, .. } = call;
    let arguments = serde_json::to_string_pretty(&call.arguments).unwrap_or_default();
    let from = [session.map(|id| format!("session {id}")), workflow.map(|id| format!("workflow {id}"))];
    let from: Vec<_> = from.into_iter().flatten().collect();
    let from = if from.is_empty() { "a program with your token".to_owned() } else { from.join(", ") };
    let who = match (&call.run, &call.path, call.execution) {
        (Some(run), Some(path), Some(id)) => format!("the step {path} of {run} (run {id})"),
        _ => format!("an agent ({from})"),
    };
    let head = format!("{who} wants to call {tool} of {service}, whose risk is {risk}, with");
    clean(&format!("{head}\n{arguments}\nat {} UTC it is denied", when(call.deadline)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenure_model::Timestamp;
    use tenure_model::id::{ApprovalId, ExecutionId, SessionId, WorkflowId};
    use uuid::Uuid;

    use super::*;

    fn call() -> CallApproval {
        CallApproval {
            id: ApprovalId(Uuid::from_u128(1)),
            tool: "delete_workflow".to_owned(),
            service: "tenure".to_owned(),
            risk: "medium".to_owned(),
            arguments: [("workflow_id".to_owned(), json!("a\u{1b}[2Jb"))].into_iter().collect(),
            session: Some(SessionId(Uuid::from_u128(2))),
            workflow: None,
            execution: None,
            path: None,
            step: None,
            run: None,
            asked_at: Timestamp(0),
            deadline: Timestamp(60_000),
            hash: "sha256:00".to_owned(),
        }
    }

    #[test]
    fn all_that_would_be_called_is_told_and_nothing_of_it_reaches_the_terminal_as_a_command() {
        let told = about(&call());
        assert!(told.contains("delete_workflow") && told.contains("workflow_id"), "{told}");
        assert!(!told.contains('\u{1b}') && told.contains("[2Jb"), "{told}");
    }

    #[test]
    fn a_grant_is_for_the_same_call_in_the_same_session_unless_more_is_said() {
        assert_eq!(More::default().of(&call()), None);
        let more = |more: More| More { grant: Some(Span::hours(1)), ..more }.of(&call()).expect("a grant");
        let same = more(More::default());
        assert_eq!((same.arguments, same.within), (GrantArguments::Same, format!("session:{}", Uuid::from_u128(2))));
        let workflow = WorkflowId(Uuid::from_u128(3));
        let step = CallApproval { execution: Some(ExecutionId::default()), workflow: Some(workflow), ..call() };
        let grant = More { grant: Some(Span::hours(1)), ..More::default() }.of(&step).expect("a grant");
        assert_eq!(grant.within, format!("workflow:{workflow}"), "the next run has another session");
        let any = more(More { grant_any: true, grant_within: Some("owner".to_owned()), ..More::default() });
        assert_eq!((any.arguments, any.within.as_str()), (GrantArguments::Fields(vec![]), "owner"));
        let one = more(More { grant_same: vec!["workflow_id".to_owned()], ..More::default() });
        assert_eq!(one.arguments, GrantArguments::Fields(vec!["workflow_id".to_owned()]));
    }
}
