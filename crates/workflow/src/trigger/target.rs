//! What a trigger gives a workflow: checked against what the workflow takes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::definition::Definition;
use super::kind::On;
use super::mapping::Mapped;
use crate::definition::Definition as Workflow;
use crate::read::Mistake;

/// Values that a run gets only when its workflow declares inputs of these names: what was asked in the address, and `_trigger`.
/// The payload is offered as `_payload`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offered(pub Map<String, Value>);

/// The input under which a workflow gets everything that was delivered.
pub const PAYLOAD: &str = "_payload";
/// The input under which a workflow gets what led to the run.
pub const TRIGGER: &str = "_trigger";

impl Definition {
    /// Returns where values are found in what is delivered.
    pub fn mapping(&self) -> &[Mapped] {
        match &self.on {
            On::Webhook(inlet) => &inlet.mapping,
            On::Github(filter) => &filter.mapping,
            On::Schedule(_) | On::Manual => &[],
        }
    }

    /// Checks what the trigger gives against what the workflow takes, as far as it is known before a delivery.
    pub fn check_workflow(&self, workflow: &Workflow) -> Result<(), Vec<Mistake>> {
        let mut given = self.inputs.clone();
        let mapped = |name: &str| self.mapping().iter().any(|mapped| mapped.name.as_str() == name);
        let offered = |name: &str| matches!(name, PAYLOAD | TRIGGER);
        // Who fires it by hand gives what is missing.
        let by_hand = matches!(self.on, On::Manual);
        // A mapped input is there as well, whatever it will be: its name is checked, its value is not.
        given.extend(self.mapping().iter().map(|mapped| (mapped.name.to_string(), Value::Null)));
        let mut mistakes = workflow.check_inputs(&given).err().unwrap_or_default();
        mistakes.retain(|mistake| {
            let name = mistake.path.strip_prefix("inputs.").unwrap_or_default();
            match mistake.code {
                "unknown_input" => true,
                "missing_input" if by_hand => false,
                _ => !(mapped(name) || offered(name)),
            }
        });
        for mistake in &mut mistakes {
            mistake.path = format!("trigger.{}", mistake.path);
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }
}

impl Offered {
    /// Returns the inputs of a run: what the trigger gives, and of what is offered that which the workflow declares.
    pub fn complete(
        &self,
        workflow: &Workflow,
        mut inputs: Map<String, Value>,
        payload: Option<&Value>,
    ) -> Map<String, Value> {
        let offered = self.0.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in offered.chain(payload.map(|payload| (PAYLOAD, payload))) {
            let declared = workflow.inputs.iter().find(|input| input.name.as_str() == name);
            if let Some(input) = declared.filter(|_| !inputs.contains_key(name)) {
                // What is asked in an address is text, whatever the input's type.
                let value = value.as_str().map_or_else(|| value.clone(), |text| input.typed(text));
                inputs.insert(name.to_owned(), value);
            }
        }
        inputs
    }

    /// Tells whether a workflow wants to see everything that was delivered.
    pub fn wants_payload(workflow: &Workflow) -> bool {
        workflow.inputs.iter().any(|input| input.name.as_str() == PAYLOAD)
    }
}
