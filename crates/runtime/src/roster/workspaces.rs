//! Asking a runner about a workspace that it has. Nothing of it is recorded, and nobody waits longer than for an order.

use std::sync::atomic::Ordering;

use tenure_model::id::{RunnerId, SessionId};
use tenure_model::workspace::{WorkspaceAsk, WorkspaceTold};

use super::{NotTold, Order, OrderAnswer, OrderError, Roster};

impl Roster {
    /// Asks the runner that has a session's workspace.
    pub async fn ask_workspace(
        &self,
        runner: RunnerId,
        session: SessionId,
        question: WorkspaceAsk,
    ) -> Result<WorkspaceTold, NotTold> {
        let reference = format!("ask-{}", self.0.next_ask.fetch_add(1, Ordering::Relaxed));
        match self.order(runner, Order::Ask { reference, session, question }).await {
            Ok(OrderAnswer::Told(answer)) => Ok(answer),
            Ok(OrderAnswer::Declined(why)) => Ok(WorkspaceTold::Unable { why }),
            Ok(OrderAnswer::Accepted | OrderAnswer::Done | OrderAnswer::Connector(_)) | Err(OrderError::NoAnswer) => {
                Err(NotTold::NoAnswer)
            }
            Err(OrderError::NotConnected) => Err(NotTold::NotConnected),
        }
    }
}
