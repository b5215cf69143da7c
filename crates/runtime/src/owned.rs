//! What belongs to an owner, found for whatever acts in their name: workflows, personas, and the orchestrator session.

use std::collections::BTreeMap;
use std::sync::Arc;

use tenure_account::Owner;
use tenure_account::owner::{Command as OwnerCommand, Reply as OwnerReply};
use tenure_model::budget::Draw;
use tenure_model::id::{SessionId, ThreadId, UserId, WorkflowId};
use tenure_model::request::RequestId;
use tenure_session::run::Notice;
use tenure_session::{Command as SessionCommand, Limits, Reply as SessionReply, Session};
use tenure_workflow::library::{About, Workflow, workflow_id};
use tenure_workflow::{Definition, Slug, StepKind};
use uuid::Uuid;

use crate::directory::{AskError, Directory};

/// The directories that hold what belongs to owners.
pub struct Owned {
    pub owners: Directory<Owner>,
    pub workflows: Directory<Workflow>,
    pub sessions: Directory<Session>,
    /// What sessions are created with.
    pub session_limits: Limits,
}

/// Something to say in an orchestrator session.
pub(crate) struct Words {
    pub owner: UserId,
    pub owner_name: String,
    /// Names what is said: saying it again is saying it once.
    pub request: String,
    pub thread: ThreadId,
    /// Of the thread.
    pub title: String,
    /// In whose name.
    pub by: String,
    pub text: String,
    /// The budgets that the thread draws on, when it is opened for this.
    pub draws: Vec<Draw>,
}

/// What became of words.
pub(crate) enum Said {
    /// They are there, as this prompt when it is known.
    There {
        session: SessionId,
        prompt: Option<Uuid>,
    },
    Refused(String),
    /// Not possible now.
    Again(String),
}

impl Owned {
    /// Finds a workflow of an owner, by its slug or its id.
    pub async fn workflow(&self, owner: UserId, named: &str) -> Result<Option<(WorkflowId, About)>, String> {
        let by_slug = named.parse::<Slug>().ok().map(|slug| workflow_id(owner, &slug));
        let by_id = named.parse::<Uuid>().ok().map(WorkflowId);
        for id in by_slug.into_iter().chain(by_id) {
            let workflow: Arc<_> = self.workflows.look(id).await.map_err(|error| error.to_string())?.state;
            if let Some(about) = workflow.live().filter(|about| about.owner == owner) {
                return Ok(Some((id, about.clone())));
            }
        }
        Ok(None)
    }

    /// Returns the personas that a run may ask for: all of its owner's, when it or a child of it may ask for any.
    pub async fn personas(
        &self,
        owner: UserId,
        definition: &Definition,
    ) -> Result<BTreeMap<String, String>, AskError<Owner>> {
        let may_ask = definition.all_steps().any(|step| match &step.kind {
            StepKind::AgentPrompt(prompt) => prompt.persona.is_some(),
            StepKind::Workflow(_) => true,
            _ => false,
        });
        if !may_ask {
            return Ok(BTreeMap::new());
        }
        Ok(self.owners.look(owner).await?.state.personas.clone())
    }

    /// Says something in the owner's orchestrator session, which is made when it is not there.
    pub(crate) async fn say(&self, words: Words) -> Said {
        let Words { owner, owner_name, request, thread, title, by, text, draws } = words;
        let session = match self.orchestrator(owner).await {
            Ok(session) => session,
            Err(why) => return Said::Again(why),
        };
        let request = RequestId::parse(request).expect("it is made of letters and digits");
        let limits = Box::new(self.session_limits.clone());
        let notice = Notice { owner, owner_name, request, thread, title, by, text, draws, limits };
        match self.sessions.ask(session, SessionCommand::Notice(notice)).await {
            Ok(answer) => match answer.reply {
                SessionReply::Prompted { prompt, .. } => Said::There { session, prompt: Some(prompt.into()) },
                _ => Said::There { session, prompt: None },
            },
            Err(AskError::Refused(refusal)) => Said::Refused(refusal.to_string()),
            Err(other) => Said::Again(other.to_string()),
        }
    }

    async fn orchestrator(&self, owner: UserId) -> Result<SessionId, String> {
        match self.owners.ask(owner, OwnerCommand::Orchestrator).await.map(|answer| answer.reply) {
            Ok(OwnerReply::Orchestrator { session }) => Ok(session),
            Ok(other) => Err(format!("the owner answered {other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }
}
