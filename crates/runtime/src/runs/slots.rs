//! Slots: asked of the gate, given back to it, and compared with what runs say when the server starts.

use tenure_model::id::ExecutionId;
use tenure_workflow::execution::Effect;
use tenure_workflow::execution::state::Slot;
use tenure_workflow::gate::{Command, Limits};
use tenure_workflow::{Execution, Gate};

use super::{Runs, gate_id};
use crate::courier::Attempt;
use crate::directory::{AskError, Directory};

impl Runs {
    pub(super) async fn slot(&self, run: ExecutionId, effect: &Effect) -> Attempt {
        let command = match effect {
            Effect::AskSlot { slot } => Command::Ask { execution: run, slot: slot.clone() },
            _ => Command::Free { execution: run },
        };
        match self.gate.ask(gate_id(), command).await {
            Ok(_) => Attempt::Settled,
            // The queue is full: the run stays pending, and asks again when its deadline for an answer has passed.
            Err(AskError::Refused(refusal)) => Attempt::Again(refusal.to_string()),
            Err(other) => Attempt::Again(other.to_string()),
        }
    }
}

/// Brings the gate to its configured limits, and takes slots back that no run holds or wants.
///
/// Only runs that the gate knows are looked at: one that it does not know asks by itself.
pub(crate) async fn reconcile(
    gate: &Directory<Gate>,
    executions: &Directory<Execution>,
    limits: &Limits,
) -> Result<(), AskError<Gate>> {
    let before = gate.look(gate_id()).await?.state;
    if before.limits != *limits {
        gate.ask(gate_id(), Command::SetLimits { limits: limits.clone() }).await?;
    }
    let (mut running, mut waiting) = (vec![], vec![]);
    for (run, slot) in &before.running {
        match executions.look(*run).await.map(|look| look.state.slot.clone()) {
            Ok(Slot::Held) => running.push((*run, slot.clone())),
            Ok(Slot::Asked { .. }) => waiting.push((*run, slot.clone())),
            Ok(Slot::None) => tracing::info!(execution.id = %run, "a run that needs no slot gives it back"),
            Err(error) => {
                tracing::error!(execution.id = %run, "a run that holds a slot cannot be looked at: {error}");
                running.push((*run, slot.clone()));
            }
        }
    }
    waiting.extend(before.queue.iter().map(|waiting| (waiting.execution, waiting.slot.clone())));
    gate.ask(gate_id(), Command::Reconcile { running, waiting }).await?;
    Ok(())
}
