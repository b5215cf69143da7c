//! Links that decide an approval in the name of whoever made them: once, and only while the approval waits.
//!
//! A link holds a secret; the run knows its hash. Whatever is wrong with a link, its holder is told the same.

use serde::{Deserialize, Serialize};
use tenure_model::entity::{self, Ctx};
use tenure_model::id::ApprovalId;
use tenure_model::time::Timestamp;

use super::approval::{self, Asked};
use super::client;
use super::command::Decision;
use super::draft::Draft;
use super::event::Event;
use super::refusal::Refusal;
use super::reply::Reply;
use super::state::Execution;
use crate::path::StepPath;
use crate::people::{Author, By};

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The hash of its secret.
    pub hash: String,
    pub by: Author,
    /// From then on it decides nothing.
    pub until: Timestamp,
}

impl Link {
    /// Returns whom its decision is said to come from.
    fn author(&self) -> Author {
        Author { user: self.by.user, name: format!("{}, by a link", self.by.name) }
    }
}

/// Makes a link for somebody who may decide themselves. It ends with the deadline at the latest.
pub(crate) fn make(
    draft: &mut Draft,
    by: &By,
    approval: ApprovalId,
    token_hash: String,
    expires: Option<Timestamp>,
) -> Result<Reply, Refusal> {
    let (path, asked) = approval::for_decider(draft.run(), by, approval)?;
    let (path, until) = (path.clone(), expires.map_or(asked.deadline, |expires| expires.min(asked.deadline)));
    if let Some(made) = asked.links.iter().find(|link| link.hash == token_hash) {
        return Ok(Reply::Linked { approval, until: made.until });
    }
    let (open, max) = (asked.links_at(draft.ctx.now).count() as u64, draft.run().limits().links_max);
    if open >= max {
        return Err(Refusal::Full { what: "the list of the approval's links", limit: "links_max", max });
    }
    draft.emit(Event::ApprovalLinked { path, approval, token_hash, by: by.author(), until });
    Ok(Reply::Linked { approval, until })
}

/// Judges a decision that came by a link. Saying the same again is answered alike, and changes nothing.
pub(crate) fn decide(
    run: &Execution,
    approval: ApprovalId,
    token_hash: &str,
    decision: Decision,
    reason: Option<String>,
    ctx: &Ctx,
) -> Result<entity::Decision<Execution>, Refusal> {
    if let Some(decided) = run.decided.get(&approval) {
        let link = find(&decided.links, token_hash, ctx.now).ok_or(Refusal::LinkInvalid)?;
        let said_before = decided.by.as_ref() == Some(&link.author()) && decided.decision == decision;
        let reply = Reply::Decided { approval, decision };
        return if said_before { Ok(entity::Decision::nothing(reply)) } else { Err(decided.refusal()) };
    }
    let (path, link) = run.linked(approval, token_hash, ctx.now).ok_or(Refusal::LinkInvalid)?;
    let mut draft = Draft::new(run, ctx);
    let reason = client::short(&draft, reason)?;
    approval::settle(&mut draft, path, decision, Some(link.author()), reason);
    Ok(draft.decided(Reply::Decided { approval, decision }))
}

/// Finds the link with this hash while it is good.
///
/// Hashes are compared, not secrets: how long that takes tells nothing.
fn find<'a>(links: &'a [Link], token_hash: &str, now: Timestamp) -> Option<&'a Link> {
    links.iter().find(|link| link.hash == token_hash && link.until > now)
}

impl Asked {
    /// Lists the links that are good at this time.
    pub(crate) fn links_at(&self, now: Timestamp) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.until > now)
    }
}

impl Execution {
    /// Returns the link with this hash while it decides the approval, and where that stands.
    pub fn linked(&self, approval: ApprovalId, token_hash: &str, now: Timestamp) -> Option<(&StepPath, &Link)> {
        let (path, asked) = self.open_approval(approval)?;
        find(&asked.links, token_hash, now).map(|link| (path, link))
    }
}
