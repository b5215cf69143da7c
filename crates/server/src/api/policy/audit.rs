//! The audit log: what was let through, asked, decided, granted and refused, read from the policy's journal, newest first.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_account::Policy;
use tenure_account::policy::call::Caller as From;
use tenure_account::policy::{AUDIT, Event, Mode, Source};
use tenure_journal::StoredRecord;
use tenure_model::id::{SessionId, UserId};
use tenure_model::{Entity, EntityKey, Record, Timestamp};
use tenure_protocol::http::Page;
use tenure_protocol::policy::AuditEntry;
use uuid::Uuid;

use super::author;
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    /// What this session's agents have called and were asked about.
    session: Option<SessionId>,
}

/// `GET /api/policy/audit?session&limit&cursor`: reads what became of calls, newest first.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<AuditEntry>>, Rejection> {
    let AuditQuery { limit, cursor, session } = input::query(&request)?;
    let log = Log { owner: caller.0.user, page: session.map_or(AUDIT, Uuid::from), entry };
    log.read::<Policy>(&desk, limit, cursor).await.map(Json)
}

/// What happened to an entity of an owner's, as far as it is told.
pub struct Log<V> {
    pub owner: UserId,
    pub page: Uuid,
    /// Tells one thing, if it is told at all.
    pub entry: fn(&V, Timestamp) -> Option<AuditEntry>,
}

impl<V> Log<V> {
    /// Reads one page, newest first.
    pub async fn read<E>(
        &self,
        desk: &Desk,
        limit: Option<u64>,
        cursor: Option<String>,
    ) -> Result<Page<AuditEntry>, Rejection>
    where
        E: Entity<Event = V>,
    {
        let limit = input::limit(desk, limit)?;
        let before = cursor.as_deref().map(str::parse::<u64>).transpose().map_err(|_| {
            let detail = "the cursor is none of this server's; take it from the page before";
            problem(400, "cursor_invalid", detail).field("cursor")
        })?;
        let (key, page) = (EntityKey::new(E::KIND, self.owner), self.page);
        let records = desk.read(move |store| store.page(key, page, before, limit)).await?;
        let cursor = records.last().filter(|_| records.len() == limit).map(|record| record.seq.to_string());
        let items = records.iter().map(|stored| self.entries::<E>(stored)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page { items: items.concat(), cursor })
    }

    fn entries<E: Entity<Event = V>>(&self, stored: &StoredRecord) -> Result<Vec<AuditEntry>, Rejection> {
        let record: Record<E> = serde_json::from_slice(&stored.body)
            .map_err(|error| problem(500, "damaged", format!("record {} of the audit log: {error}", stored.seq)))?;
        Ok(record.events.iter().rev().filter_map(|event| (self.entry)(event, record.at)).collect())
    }
}

/// Returns an entry that says nothing but this.
pub fn plain(at: Timestamp, what: &str, words: String) -> AuditEntry {
    AuditEntry {
        at,
        what: what.to_owned(),
        words,
        tool: None,
        hash: None,
        session: None,
        work: None,
        approval: None,
        grant: None,
        by: None,
    }
}

fn entry(event: &Event, at: Timestamp) -> Option<AuditEntry> {
    let plain = |what: &str, words: String| plain(at, what, words);
    Some(match event {
        Event::Judged { tool, hash, caller, mode, source, .. } => {
            let what = if *mode == Mode::Deny { "denied" } else { "allowed" };
            let grant = match source {
                Source::Grant { id } => Some(*id),
                _ => None,
            };
            let words = format!("{tool} was {what} by {}", by_what(source));
            AuditEntry { grant, ..called(plain(what, words), tool, hash, caller) }
        }
        Event::Asked { approval, asked } => {
            let made = &asked.made;
            let by =
                made.caller.step.as_ref().map(|by| format!(", called by the step {} of {}", by.step.path, by.workflow));
            let words = format!("{} waits for a person{}", made.tool, by.unwrap_or_default());
            AuditEntry {
                approval: Some(*approval),
                ..called(plain("asked", words), &made.tool, &made.hash, &made.caller)
            }
        }
        Event::Decided { approval, approved, by, reason, .. } => {
            let what = match (by, approved) {
                (None, _) => "expired",
                (Some(_), true) => "approved",
                (Some(_), false) => "refused",
            };
            let who = by.as_ref().map_or("nobody in time", |by| by.name.as_str());
            let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let words = format!("{what} by {who}{why}");
            AuditEntry { approval: Some(*approval), by: by.as_ref().map(author), ..plain(what, words) }
        }
        Event::Closed { approval, done } => {
            let (what, words) = match done {
                true => ("done", "the approved call was carried out"),
                false => ("lapsed", "the approved call was not made again in time"),
            };
            AuditEntry { approval: Some(*approval), ..plain(what, words.to_owned()) }
        }
        Event::Withdrawn { approval } => {
            let words = "the step that asked does not wait for the answer any more".to_owned();
            AuditEntry { approval: Some(*approval), ..plain("withdrawn", words) }
        }
        Event::Granted { grant, granted } => {
            let words = format!("{} allows calls of {} in {}", granted.by.name, granted.tool, granted.within);
            let tool = Some(granted.tool.clone());
            AuditEntry { grant: Some(*grant), tool, by: Some(author(&granted.by)), ..plain("granted", words) }
        }
        Event::Revoked { grant, by } => {
            let words = format!("{} has taken the grant back", by.name);
            AuditEntry { grant: Some(*grant), by: Some(author(by)), ..plain("revoked", words) }
        }
        Event::RuleSet { within, what, mode, by } => {
            let done = mode.map_or("has no rule any more".to_owned(), |mode| format!("is now {}", mode.word()));
            let words = format!("{what} in {within} {done}, by {}", by.name);
            AuditEntry { by: Some(author(by)), ..plain("rule", words) }
        }
        Event::Awaited { .. } | Event::Told { .. } | Event::Sent { .. } => return None,
    })
}

fn called(entry: AuditEntry, tool: &str, hash: &str, caller: &From) -> AuditEntry {
    let (tool, hash) = (Some(tool.to_owned()), Some(hash.to_owned()));
    AuditEntry { tool, hash, session: caller.session, work: caller.work, ..entry }
}

fn by_what(source: &Source) -> String {
    match source {
        Source::Default => "the default of its risk".to_owned(),
        Source::Organization { what } => format!("the organization's rule for {what}"),
        Source::Rule { within, what } => format!("the rule for {what} in {within}"),
        Source::Grant { id } => format!("the grant {id}"),
        Source::Approval => "a person".to_owned(),
    }
}
