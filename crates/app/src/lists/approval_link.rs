//! `tenure approval link`: links that decide an approval are made, listed and revoked.

use serde_json::Value;
use tenure_model::Span;
use tenure_model::id::LinkId;
use tenure_protocol::execution::{ApprovalLink, ApprovalLinkRow, LinkState, NewApprovalLink};
use tenure_protocol::http::Page;

use super::approval::Which;
use super::table::table;
use super::when::when;
use crate::failure::Outcome;

pub async fn make(which: &Which, expires_ms: Option<Span>) -> Outcome {
    let api = which.args.api()?;
    let path = which.path(which.execution(&api).await?);
    let link: ApprovalLink = api.post(&format!("{path}/links"), &NewApprovalLink { expires_ms }).await?;
    which.args.print(&link, |link| {
        let what = "It decides once, in your name, and is not shown again; send it to POST /api/approvals/link";
        let revoke = format!("Revoke it with: tenure approval link {} --revoke {}", which.approval, link.id);
        format!("{}\n{what}, with \"decision\", before {} UTC.\n{revoke}", link.token, when(link.until))
    })
}

pub async fn list(which: &Which) -> Outcome {
    let api = which.args.api()?;
    let path = which.path(which.execution(&api).await?);
    let page: Page<ApprovalLinkRow> = api.get(&format!("{path}/links")).await?;
    which.args.print(&page, rows)
}

pub async fn revoke(which: &Which, link: LinkId) -> Outcome {
    let api = which.args.api()?;
    let path = which.path(which.execution(&api).await?);
    let done: Value = api.delete(&format!("{path}/links/{link}")).await?;
    which.args.print(&done, |_| format!("revoked: {link}"))
}

fn rows(page: &Page<ApprovalLinkRow>) -> String {
    let row = |link: &ApprovalLinkRow| {
        let name = link.by.name.clone();
        [link.id.to_string(), name, when(link.made_at), when(link.until), state(link.state).to_owned()]
    };
    table(["id", "in the name of", "made (UTC)", "until (UTC)", "state"], page.items.iter().map(row).collect())
}

fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Open => "open",
        LinkState::Used => "used",
        LinkState::Spent => "decided otherwise",
        LinkState::Expired => "expired",
        LinkState::Revoked => "revoked",
    }
}
