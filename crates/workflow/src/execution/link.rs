//! Links that decide an approval in the name of whoever made them: once, and only while the
//! approval waits.
//!
//! A link holds a secret; the run knows its hash. Whatever is wrong with a link, its holder is told the same.

use serde::{Deserialize, Serialize};
use tenure_model::entity::{self, Ctx};
use tenure_model::id::{self, ApprovalId, LinkId};
use tenure_model::time::{Span, Timestamp};

use super::approval::{self, Asked, Decider};
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
    #[serde(default)]
    pub made_at: Timestamp,
    /// From then on it decides nothing.
    pub until: Timestamp,
    #[serde(default)]
    pub revoked: bool,
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// It has decided.
    Used,
    /// Something else has decided first.
    Spent,
    Expired,
    Revoked,
}

/// Returns the id of the link with this hash. It can be told to people: it opens nothing.
pub fn id_of(token_hash: &str) -> LinkId {
    id::derived(&["link", token_hash]).into()
}

impl Link {
    pub fn id(&self) -> LinkId {
        id_of(&self.hash)
    }

    /// Tells whether it opens its approval at this time.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        !self.revoked && self.until > now
    }

    fn standing(&self, now: Timestamp) -> Standing {
        match self {
            Link { revoked: true, .. } => Standing::Revoked,
            Link { until, .. } if *until <= now => Standing::Expired,
            Link { .. } => Standing::Open,
        }
    }

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
    life: Option<Span>,
) -> Result<Reply, Refusal> {
    let now = draft.ctx.now;
    let (path, asked) = approval::for_decider(draft.run(), by, approval)?;
    let (path, until) = (path.clone(), life.map_or(asked.deadline, |life| asked.deadline.min(now + life)));
    if let Some(made) = asked.links.iter().find(|link| link.hash == token_hash) {
        return Ok(Reply::Linked { approval, until: made.until });
    }
    let (open, max) = (asked.links_at(now).count() as u64, draft.run().limits().links_max);
    if open >= max {
        return Err(Refusal::Full { what: "the list of the approval's links", limit: "links_max", max });
    }
    draft.emit(Event::ApprovalLinked { path, approval, token_hash, by: by.author(), until });
    Ok(Reply::Linked { approval, until })
}

/// Revokes a link, for anybody who may decide the approval. One that opens nothing any more is left as it is.
pub(crate) fn revoke(draft: &mut Draft, by: &By, approval: ApprovalId, link: LinkId) -> Result<Reply, Refusal> {
    let (path, asked) = approval::for_decider(draft.run(), by, approval)?;
    let made = asked.links.iter().find(|made| made.id() == link).ok_or(Refusal::UnknownLink(link))?;
    if made.is_good(draft.ctx.now) {
        let path = path.clone();
        draft.emit(Event::ApprovalLinkRevoked { path, approval, link, by: by.author() });
    }
    Ok(Reply::Done)
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
    let by = Decider { author: link.author(), link: Some(link.id()) };
    approval::settle(&mut draft, path, decision, Some(by), reason);
    Ok(draft.decided(Reply::Decided { approval, decision }))
}

/// Finds the link with this hash while it is good.
///
/// Hashes are compared, not secrets: how long that takes tells nothing.
fn find<'a>(links: &'a [Link], token_hash: &str, now: Timestamp) -> Option<&'a Link> {
    links.iter().find(|link| link.hash == token_hash && link.is_good(now))
}

impl Asked {
    /// Lists the links that are good at this time.
    pub(crate) fn links_at(&self, now: Timestamp) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.is_good(now))
    }
}

impl Execution {
    /// Lists the links of an approval, and how they stand: of a decided one those that could have decided it.
    ///
    /// They are for whoever may decide the approval, or could have, and for the run's people.
    pub fn links(&self, by: &By, approval: ApprovalId, now: Timestamp) -> Result<Vec<(&Link, Standing)>, Refusal> {
        if let Some(decided) = self.decided.get(&approval) {
            if !self.is_of(by) && !decided.asked.contains(&by.name) {
                return Err(Refusal::UnknownApproval(approval));
            }
            let used = |link: &Link| if decided.link == Some(link.id()) { Standing::Used } else { Standing::Spent };
            return Ok(decided.links.iter().map(|link| (link, used(link))).collect());
        }
        let (_, asked) = self.open_approval(approval).ok_or(Refusal::UnknownApproval(approval))?;
        if !self.is_of(by) && !self.is_decider(asked, by) {
            return Err(Refusal::UnknownApproval(approval));
        }
        Ok(asked.links.iter().map(|link| (link, link.standing(now))).collect())
    }

    /// Returns the link with this hash while it decides the approval, and where that stands.
    pub fn linked(&self, approval: ApprovalId, token_hash: &str, now: Timestamp) -> Option<(&StepPath, &Link)> {
        let (path, asked) = self.open_approval(approval)?;
        find(&asked.links, token_hash, now).map(|link| (path, link))
    }
}
