//! Making the caller's workflows equal to a given set.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, Json};
use tenure_model::id::{WorkflowId, derived};
use tenure_protocol::workflow::{Mistake, SaveOutcome, SyncAll, SyncedAll, SyncedRow, WorkflowRow};
use tenure_session::RequestId;
use tenure_workflow::Definition;
use tenure_workflow::library::{Action, Command, Reply, Source, workflow_id};

use super::children::{self, Family};
use super::saving::enough_room;
use super::shown::{mistake, outcome};
use super::{by, listing, odd, read};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

/// `POST /api/workflows/sync-all`: creates and updates what is given, and deletes the rest when `prune` says so.
///
/// Everything is read and found right before anything is written. When it breaks off, what was done stays, and doing it
/// again finishes it.
pub async fn sync_all(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<SyncAll>,
) -> Result<Json<SyncedAll>, Rejection> {
    let (caller, SyncAll { definitions, prune, dry_run }) = (caller.0, body.0);
    let key = input::idempotency_key(&request)?;
    let mut given = Given::default();
    for written in definitions {
        let read = read::written(web::Bytes::from(written.text)).await?;
        given.take(written.file, read);
    }
    given.check_children(&desk, &caller).await?;
    let given = given.right()?;
    let owner = caller.user;
    let stored = listing::all(&desk, owner).await?;
    let plan = plan(&given, &stored, prune);
    enough_room(&desk, plan.iter().filter(|row| row.outcome != SaveOutcome::Deleted).count())?;
    if dry_run {
        return Ok(Json(SyncedAll { dry_run, items: plan }));
    }
    let mut items = vec![];
    for row in plan {
        let action = match (given.get(&row.slug), row.outcome) {
            (Some(definition), _) => {
                Action::Sync { owner, definition: definition.clone(), source: Source::Sync, expected: None }
            }
            (None, SaveOutcome::Deleted) => Action::Delete,
            (None, _) => {
                items.push(row);
                continue;
            }
        };
        let id = id_of(&stored, &caller, &row.slug);
        let command = Command { by: by(&caller), request: part_of(&key, &row.slug), action };
        items.push(match desk.runtime.workflows.ask(id, command).await.map_err(of_ask)?.reply {
            Reply::Saved { outcome: how, version } => {
                SyncedRow { outcome: outcome(how), hash: version.hash.to_string(), ..row }
            }
            Reply::Done => row,
            other => return Err(odd(other)),
        });
    }
    Ok(Json(SyncedAll { dry_run, items }))
}

/// The definitions that were given, by slug, and everything that is wrong with them.
#[derive(Default)]
struct Given {
    right: BTreeMap<String, Arc<Definition>>,
    files: BTreeMap<String, Option<String>>,
    mistakes: Vec<Mistake>,
}

impl Given {
    fn take(&mut self, file: Option<String>, read: Result<Arc<Definition>, Vec<tenure_workflow::Mistake>>) {
        let definition = match read {
            Ok(definition) => definition,
            Err(mistakes) => {
                return self
                    .mistakes
                    .extend(mistakes.iter().map(|found| Mistake { file: file.clone(), ..mistake(found) }));
            }
        };
        let slug = definition.slug.to_string();
        if let Some(first) = self.files.get(&slug) {
            let first = first.as_ref().map(|first| format!(", first in {first}")).unwrap_or_default();
            return self.mistakes.push(Mistake {
                file,
                path: "workflow.slug".into(),
                line: None,
                column: None,
                code: "duplicate_slug".into(),
                message: format!("the slug \"{slug}\" is given twice{first}"),
                fix: Some("give one of them another slug".into()),
            });
        }
        self.files.insert(slug.clone(), file);
        self.right.insert(slug, definition);
    }

    async fn check_children(&mut self, desk: &Desk, caller: &Caller) -> Result<(), Rejection> {
        let mut family = Family::new();
        for (slug, definition) in &self.right {
            family.insert(slug.clone(), children::named(desk, definition).await?);
        }
        for (slug, definition) in &self.right {
            let cyclic = children::check(desk, caller.user, definition, &mut family).await?;
            let file = self.files.get(slug).cloned().flatten();
            self.mistakes.extend(cyclic.iter().map(|found| Mistake { file: file.clone(), ..mistake(found) }));
        }
        Ok(())
    }

    fn right(self) -> Result<BTreeMap<String, Arc<Definition>>, Rejection> {
        if self.mistakes.is_empty() {
            return Ok(self.right);
        }
        let detail = format!("the definitions have {} mistakes; nothing was changed", self.mistakes.len());
        Err(problem(422, "definition_invalid", detail).errors(self.mistakes))
    }
}

/// Says what becomes of each workflow, by slug.
fn plan(given: &BTreeMap<String, Arc<Definition>>, stored: &[WorkflowRow], prune: bool) -> Vec<SyncedRow> {
    let by_slug: BTreeMap<&str, &WorkflowRow> = stored.iter().map(|row| (row.slug.as_str(), row)).collect();
    let wanted = given.iter().map(|(slug, definition)| {
        let hash = definition.hash().to_string();
        let outcome = match by_slug.get(slug.as_str()) {
            None => SaveOutcome::Created,
            Some(row) if row.hash == hash => SaveOutcome::Unchanged,
            Some(_) => SaveOutcome::Updated,
        };
        SyncedRow { slug: slug.clone(), outcome, hash }
    });
    let others = by_slug.values().filter(|row| !given.contains_key(&row.slug)).map(|row| SyncedRow {
        slug: row.slug.clone(),
        outcome: if prune { SaveOutcome::Deleted } else { SaveOutcome::Kept },
        hash: row.hash.clone(),
    });
    wanted.chain(others).collect()
}

fn id_of(stored: &[WorkflowRow], caller: &Caller, slug: &str) -> WorkflowId {
    let known = stored.iter().find(|row| row.slug == slug).map(|row| row.id);
    known.unwrap_or_else(|| {
        workflow_id(caller.user, &slug.parse().expect("a slug that is not stored was just read from a definition"))
    })
}

/// Derives the request id of one workflow's part from the request id of the whole.
fn part_of(key: &Option<RequestId>, slug: &str) -> Option<RequestId> {
    let key = key.as_ref()?;
    let part = derived(&["sync-all", &key.to_string(), slug]).to_string();
    Some(RequestId::parse(part).expect("a UUID is short enough"))
}
