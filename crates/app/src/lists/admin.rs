//! `tenure admin`: every entity inside out, for operators.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tenure_model::Kind;
use tenure_model::id::SessionId;
use uuid::Uuid;

use super::table::table;
use super::{ListArgs, PageArgs};
use crate::failure::Outcome;

/// Look into any entity, and mend it.
#[derive(Args, Debug)]
pub struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Subcommand, Debug)]
enum AdminCommand {
    /// List entities of a kind: realm, owner, session or workflow
    List {
        kind: Kind,
        /// Only those in memory
        #[arg(long)]
        awake: bool,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show state, seq, mailbox, waiting effects, timer, subscribers and size of an entity
    Show {
        #[command(flatten)]
        entity: Entity,
    },
    /// Show the journal of an entity, page by page
    Journal {
        #[command(flatten)]
        entity: Entity,
        /// Records of the page
        #[arg(long)]
        limit: Option<u32>,
        /// The number of the first record
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show the state that an entity had after a record
    State {
        #[command(flatten)]
        entity: Entity,
        /// The number of the record
        #[arg(long)]
        seq: u64,
        /// Show what changed since this record instead
        #[arg(long)]
        since: Option<u64>,
    },
    /// Send an entity to sleep; says what would happen unless --yes is given
    Passivate {
        #[command(flatten)]
        entity: Entity,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// Wake an entity and let it act on what is due; says what would happen unless --yes is given
    Wake {
        #[command(flatten)]
        entity: Entity,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// Say what a session waits for, since when, and what happens next
    Stuck {
        id: SessionId,
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show the writer's queue and flush times
    Writer {
        #[command(flatten)]
        args: ListArgs,
    },
}

#[derive(Args, Debug)]
struct Entity {
    /// realm, owner, session or workflow
    kind: Kind,
    id: Uuid,
    #[command(flatten)]
    args: ListArgs,
}

impl Entity {
    fn path(&self, rest: &str) -> String {
        format!("/admin/entities/{}/{}{rest}", self.kind.word(), self.id)
    }
}

/// Runs the command.
pub async fn run(args: AdminArgs) -> Outcome {
    match args.command {
        AdminCommand::List { kind, awake, page, args } => {
            let mut query = page.query();
            if awake {
                query += if query.is_empty() { "?awake=true" } else { "&awake=true" };
            }
            let page: Value = args.api()?.get(&format!("/admin/entities/{}{query}", kind.word())).await?;
            args.print(&page, entities)
        }
        AdminCommand::Show { entity } => shown(&entity.args, &entity.path("")).await,
        AdminCommand::Journal { entity, limit, cursor } => {
            shown(&entity.args, &entity.path(&format!("/journal{}", PageArgs { limit, cursor }.query()))).await
        }
        AdminCommand::State { entity, seq, since } => {
            let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
            shown(&entity.args, &entity.path(&format!("/state?seq={seq}{since}"))).await
        }
        AdminCommand::Passivate { entity, yes } => act(&entity, "passivate", yes).await,
        AdminCommand::Wake { entity, yes } => act(&entity, "wake", yes).await,
        AdminCommand::Stuck { id, args } => shown(&args, &format!("/admin/entities/session/{id}/stuck")).await,
        AdminCommand::Writer { args } => shown(&args, "/admin/writer").await,
    }
}

/// Shows what has no table: the state of an entity is a tree.
async fn shown(args: &ListArgs, path: &str) -> Outcome {
    let value: Value = args.api()?.get(path).await?;
    args.print(&value, |value| serde_json::to_string_pretty(value).unwrap_or_default())
}

async fn act(entity: &Entity, what: &str, yes: bool) -> Outcome {
    let path = entity.path(&format!("/{what}?dry_run={}", !yes));
    let answer: Value = entity.args.api()?.post(&path, &json!({})).await?;
    entity.args.print(&answer, |answer| {
        let effect = answer["effect"].as_str().unwrap_or("done");
        if yes { effect.to_owned() } else { format!("would happen: {effect}; --yes does it") }
    })
}

fn entities(page: &Value) -> String {
    let row = |row: &Value| {
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let state = if row["awake"].as_bool() == Some(true) { "awake" } else { "asleep" };
        [word("kind"), word("id"), state.to_owned()]
    };
    let rows = page["items"].as_array().map(|items| items.iter().map(row).collect()).unwrap_or_default();
    let more = page["cursor"].as_str().map(|cursor| format!("\nthere is more: --cursor {cursor}")).unwrap_or_default();
    table(["kind", "id", "state"], rows) + &more
}
