//! The rounds of one draft: the model is asked, its reply is judged, and it is asked again with what was wrong.

use std::sync::Arc;

use futures_util::StreamExt;
use tenure_llm::{Entry, Piece, Question, Remedy, Trouble};
use tenure_model::Span;
use tenure_model::chat::Usage;
use tenure_protocol::draft::{Draft, DraftEvent};
use tenure_protocol::workflow::Mistake;

use super::{Judged, Model, Task, teach};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// How often a model is asked to mend its reply.
const REPAIRS_MAX: u32 = 3;

/// One draft under way.
pub struct Rounds {
    pub desk: Arc<Desk>,
    pub caller: Caller,
    pub task: Task,
}

/// Why a draft is over before there is one.
pub enum Over {
    /// Nobody listens any more.
    Gone,
    Failed(Rejection),
}

impl From<Rejection> for Over {
    fn from(rejection: Rejection) -> Self {
        Self::Failed(rejection)
    }
}

/// A whole reply.
struct Reply {
    text: String,
    /// Why it is not whole, when it is not.
    cut: Option<String>,
}

impl Rounds {
    /// Drafts, and tells what goes on. Dropping this ends the call to the model.
    pub async fn draft(&self, tell: impl AsyncFn(DraftEvent) -> Result<(), Over>) -> Result<Draft, Over> {
        let model = self.desk.drafting.model()?;
        let question = self.task.question();
        let mut usage = Usage::default();
        let mut entries = vec![user(question)];
        let (mut drafted, mut repairs) = (None, 0);
        loop {
            let reply = self.hear(model, &entries, &mut usage, &tell).await?;
            tell(DraftEvent::Checking).await?;
            let judged = self.task.judge(&self.desk, &self.caller, &reply.text).await?;
            let mistakes = said(&judged, reply.cut.as_deref());
            let done = !judged.to_mend && reply.cut.is_none();
            drafted = judged.definition.map(|definition| (definition, judged.slug, mistakes.clone())).or(drafted);
            if done || repairs == REPAIRS_MAX {
                break;
            }
            repairs += 1;
            // Of the earlier rounds the model needs to know nothing: its newest reply holds what is left of them.
            entries.truncate(1);
            entries.push(Entry::Assistant { text: reply.text, calls: vec![] });
            entries.push(user(self.task.complaint(&mistakes)));
            tell(DraftEvent::Repair { repair: repairs, repairs_max: REPAIRS_MAX, mistakes }).await?;
        }
        let (definition, slug, mistakes) = drafted.ok_or_else(|| {
            let detail = format!("the model answered {} times, and never with a definition", repairs + 1);
            problem(502, "draft_failed", detail)
        })?;
        Ok(Draft { definition, valid: mistakes.is_empty(), mistakes, slug, repairs, usage })
    }

    /// Hears one reply to its end.
    async fn hear(
        &self,
        model: &Model,
        entries: &[Entry],
        usage: &mut Usage,
        tell: &impl AsyncFn(DraftEvent) -> Result<(), Over>,
    ) -> Result<Reply, Over> {
        let options = &self.desk.drafting.options;
        let tokens_max = Some(options.reply_tokens_max);
        let question =
            Question { model: &model.name, system: teach::system(), entries, tokens_max, ..Question::default() };
        let mut answer = model.wire.ask(&model.server, &question).await.map_err(failed)?;
        let (mut text, mut size) = (String::new(), 0);
        while let Some(piece) = answer.next().await {
            let (said, is_text) = match piece.map_err(failed)? {
                Piece::Text(said) => (said, true),
                Piece::Reasoning(said) => (said, false),
                Piece::End(ended) => {
                    usage.add(&ended.usage);
                    return Ok(Reply { text, cut: ended.cut });
                }
            };
            size += said.len();
            if size > options.reply_bytes_max {
                let max = options.reply_bytes_max;
                let detail =
                    format!("the reply of the model has more than {max} bytes, the limit draft.reply_bytes_max");
                return Err(problem(502, "draft_failed", detail).limit(max as u64, size as u64).into());
            }
            if is_text && !said.is_empty() {
                text.push_str(&said);
                tell(DraftEvent::Text { text: said }).await?;
            }
        }
        Err(problem(502, "draft_failed", "the model server cut its answer off; ask again").into())
    }
}

fn user(text: String) -> Entry {
    Entry::User { text, images: vec![] }
}

/// Lists what is wrong with a reply; that it is not whole comes first.
fn said(judged: &Judged, cut: Option<&str>) -> Vec<Mistake> {
    let cut = cut.map(|why| Mistake {
        file: None,
        path: "workflow".to_owned(),
        line: None,
        column: None,
        code: "cut_off".to_owned(),
        message: format!("the reply is not whole: {why}"),
        fix: Some("write less".to_owned()),
    });
    cut.into_iter().chain(judged.mistakes.iter().cloned()).collect()
}

/// Tells a person what the model server did, and whether it may be different later.
fn failed(trouble: Trouble) -> Over {
    let mut rejection = problem(502, "draft_failed", format!("the model did not answer: {}", trouble.words));
    if let Remedy::TryAgain(wait) = trouble.remedy {
        rejection.0.retry = true;
        rejection.0.retry_after_ms = wait.map(|wait| Span::ms(wait.as_millis() as u64));
    }
    rejection.into()
}
