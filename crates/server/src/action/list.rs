//! Every tool there is, in the order in which they are shown. A new one is a struct beside its kin, and a line here.

use super::{Action, debugging, deciding, proposals, running, runs, saving, triggers, versions, workflows};
use crate::auth::Caller;

/// The tools.
pub static ACTIONS: &[Action] = &[
    Action::of::<workflows::ListWorkflows>(),
    Action::of::<workflows::GetWorkflow>(),
    Action::of::<versions::ListWorkflowHistory>(),
    Action::of::<saving::ValidateWorkflow>(),
    Action::of::<saving::SyncWorkflow>(),
    Action::of::<saving::UpdateWorkflow>(),
    Action::of::<running::RunWorkflow>(),
    Action::of::<workflows::DeleteWorkflow>(),
    Action::of::<versions::RollbackWorkflow>(),
    Action::of::<proposals::CreateWorkflowProposal>(),
    Action::of::<proposals::ListWorkflowProposals>(),
    Action::of::<proposals::ReviewWorkflowProposal>(),
    Action::of::<proposals::ApplyWorkflowProposal>(),
    Action::of::<runs::ListWorkflowExecutions>(),
    Action::of::<runs::GetExecution>(),
    Action::of::<runs::GetExecutionSteps>(),
    Action::of::<debugging::DebugExecution>(),
    Action::of::<deciding::ApproveExecution>(),
    Action::of::<running::CancelExecution>(),
    Action::of::<triggers::ListTriggers>(),
    Action::of::<triggers::SyncTrigger>(),
    Action::of::<triggers::RunTriggerNow>(),
    Action::of::<triggers::DeleteTrigger>(),
];

/// Returns the tool of this name.
pub fn find(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// Lists what this caller may call, whatever it is called with.
pub fn open_to(caller: &Caller) -> impl Iterator<Item = &'static Action> {
    let (agent, in_workflow) = (caller.agent, caller.is_in_workflow());
    let barred = move |action: &Action| (agent && action.needs_person()) || (in_workflow && action.is_self_changing());
    ACTIONS.iter().filter(move |action| !barred(action))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tool_has_a_name_of_its_own_and_describes_what_it_takes() {
        let names: BTreeSet<_> = ACTIONS.iter().map(|action| action.name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        for Action { name, schema, about, .. } in ACTIONS {
            let schema = schema();
            assert_eq!(schema["type"], "object", "{name}");
            assert_eq!(schema["additionalProperties"], false, "{name}");
            assert!(!serde_json::to_string(&schema).expect("it is JSON").contains("$ref"), "{name}");
            for (field, described) in schema["properties"].as_object().into_iter().flatten() {
                assert!(described["description"].is_string(), "{name}: {field}");
            }
            assert!(about.ends_with('.') && about.len() > 20, "{name}: {about}");
        }
    }

    #[test]
    fn every_example_fits_its_schema() {
        for action in ACTIONS {
            let (example, schema) = (action.example(), (action.schema)());
            let example = example.as_object().expect("parameters are an object");
            for field in schema.get("required").and_then(|names| names.as_array()).into_iter().flatten() {
                assert!(example.contains_key(field.as_str().expect("a name")), "{}: {field}", action.name);
            }
            for field in example.keys() {
                assert!(schema["properties"].get(field).is_some(), "{}: {field}", action.name);
            }
        }
    }

    #[test]
    fn the_tools_that_change_what_runs_are_made_of_are_known_as_such() {
        let changing: Vec<_> =
            ACTIONS.iter().filter(|action| action.is_self_changing()).map(|action| action.name).collect();
        let known = [
            "sync_workflow",
            "update_workflow",
            "delete_workflow",
            "rollback_workflow",
            "review_workflow_proposal",
            "apply_workflow_proposal",
            "sync_trigger",
            "delete_trigger",
        ];
        assert_eq!(changing, known);
    }
}
