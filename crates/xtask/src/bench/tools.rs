//! `tools`: how many calls of tools the server answers, and how long policy takes to judge one.

use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value, json};
use tenure_account::Policy;
use tenure_account::policy::command::{Asks, By, Calling, Command, Reply};
use tenure_account::policy::{Bound, Caller, Made, Mode, NewGrant, Risk, What, Within};
use tenure_model::id::{GrantId, SessionId, UserId};
use tenure_model::{Ctx, Entity, Span, Timestamp};
use uuid::Uuid;

use super::latency::percentile_ms;
use super::run::Row;
use super::server::{Server, binary};
use super::tokio_runtime;
use super::tools_link::AtWork;

const CALLS: usize = 20_000;
const AT_ONCE: usize = 32;
const WORKFLOWS: usize = 20;
/// As many rules and grants as an owner can have.
const FULL: u128 = 1_000;
const JUDGED: u32 = 20_000;
const OWNER: UserId = UserId(Uuid::from_u128(1));
const NOW: Timestamp = Timestamp(1_800_000_000_000);

pub fn run() -> Result<Vec<Row>> {
    let binary = binary()?;
    let mut rows = tokio_runtime()?.block_on(async {
        let folder = tempfile::tempdir_in("target").context("failed to make a folder on this disk")?;
        let (server, _) = Server::start(&binary, folder.path()).await?;
        for n in 0..WORKFLOWS {
            let text = format!("name: W{n}\nsteps:\n  - {{id: one, type: tool, tool: echo, arguments: {{n: 1}}}}\n");
            server.post_text("/api/workflows/sync", text).await?;
        }
        let (server, all, one) = (&server, &json!({}), &json!({ "workflow_id": "w1" }));
        let mut rows = called(server, "mcp.get_workflow", |_| server.call_tool("get_workflow", one)).await?;
        rows.extend(called(server, "mcp.list_workflows", |_| server.call_tool("list_workflows", all)).await?);
        let by_hand = &json!({ "params": one });
        let over_http = |_| async move { server.post("/api/tools/get_workflow/call", by_hand).await.map(drop) };
        rows.extend(called(server, "http.get_workflow", over_http).await?);
        let mut at_work = AtWork::begin(server).await?;
        let (cpu, began) = (server.cpu()?, Instant::now());
        // An agent that makes one call over and over is stopped.
        let one_of_all = |n| json!({ "workflow_id": format!("w{}", n % WORKFLOWS) });
        let took = at_work.call(CALLS, AT_ONCE, "get_workflow", one_of_all).await?;
        rows.extend(figures("link.get_workflow", took, began.elapsed(), server.cpu()? - cpu));
        anyhow::Ok(rows)
    })?;
    rows.extend(judged());
    Ok(rows)
}

async fn called<F: Future<Output = Result<()>>>(
    server: &Server,
    name: &str,
    call: impl Fn(usize) -> F,
) -> Result<Vec<Row>> {
    let timed = |n| {
        let called = call(n);
        async move {
            let began = Instant::now();
            called.await.map(|()| began.elapsed())
        }
    };
    let (cpu, began) = (server.cpu()?, Instant::now());
    let took: Vec<Duration> = stream::iter(0..CALLS).map(timed).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(figures(name, took, began.elapsed(), server.cpu()? - cpu))
}

/// Returns the figures of all calls, of how long each took and what they took together.
fn figures(name: &str, mut took: Vec<Duration>, all: Duration, cpu: Duration) -> Vec<Row> {
    let cpu = cpu.as_secs_f64() / CALLS as f64 * 1e6;
    took.sort_unstable();
    let row = |figure: &str, value: f64, unit| Row::new(format!("tools.{name}{figure}"), &[], value, unit);
    vec![
        row("", CALLS as f64 / all.as_secs_f64(), "1/s"),
        row(".p50", percentile_ms(&took, 0.50), "ms"),
        row(".p99", percentile_ms(&took, 0.99), "ms"),
        row(".server_cpu", cpu, "us"),
    ]
}

/// Judges calls by a policy that has as many rules and grants as it may have.
fn judged() -> Vec<Row> {
    let policy = full();
    let row = |name: &str, risk, tool: &str, wanted: fn(&Reply) -> bool| {
        let calling = || Command::Call(Box::new(call(tool, risk)));
        let commands: Vec<_> = (0..JUDGED).map(|_| calling()).collect();
        let began = Instant::now();
        for command in commands {
            let decision = policy.decide(command, &ctx()).expect("a call is judged");
            assert!(wanted(&black_box(decision).reply), "{name}");
        }
        let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(JUDGED);
        Row::new(format!("tools.judged.{name}"), &[("rules", FULL as u64), ("grants", FULL as u64)], each, "us")
    };
    let allowed = |reply: &Reply| matches!(reply, Reply::Allowed { .. });
    vec![
        row("by_default", Risk::Low, "list_workflows", allowed),
        row("by_grant", Risk::Medium, "delete_workflow", allowed),
        row("waits", Risk::Medium, "rollback_workflow", |reply| matches!(reply, Reply::Waits { .. })),
    ]
}

/// Returns a policy with rules for a thousand tools and grants for a thousand others, the last of which is `delete_workflow`.
fn full() -> Policy {
    let mut policy = Policy::default();
    let by = By { user: OWNER, name: "ann".to_owned(), admin: false, agent: false };
    let mut tell = |command| {
        let decision = policy.decide(command, &ctx()).expect("there is room");
        decision.events.iter().for_each(|event| policy.apply(event, NOW));
    };
    for n in 0..FULL {
        let within = if n % 2 == 0 { Within::Owner } else { Within::Session(SessionId(Uuid::from_u128(n / 2))) };
        let what = What::Tool(format!("tool_{n}"));
        tell(Command::SetRule { by: by.clone(), within, what, mode: Some(Mode::Deny) });
        let tool = if n == FULL - 1 { "delete_workflow".to_owned() } else { format!("granted_{n}") };
        let bound = Bound::Fields([("workflow_id".to_owned(), json!("w1"))].into_iter().collect());
        let new = NewGrant { tool, bound, within: Within::Owner, lasts: Span::hours(1), uses: None, reason: None };
        tell(Command::Grant { by: by.clone(), grant: GrantId(Uuid::from_u128(n)), new });
    }
    policy
}

fn ctx() -> Ctx {
    Ctx { id: OWNER.0, now: NOW, seq: 1, entropy: 1 }
}

fn call(tool: &str, risk: Risk) -> Calling {
    let arguments: Map<String, Value> = [("workflow_id".to_owned(), json!("w1"))].into_iter().collect();
    let session = SessionId(Uuid::from_u128(1));
    let made = Made {
        tool: tool.to_owned(),
        service: "tenure".to_owned(),
        risk,
        arguments,
        hash: format!("sha256:{}", "0".repeat(64)),
        caller: Caller { session: Some(session), ..Caller::default() },
    };
    Calling {
        id: Uuid::from_u128(7),
        made,
        organization: None,
        reads: false,
        waits: Span::secs(50),
        asks: Some(Asks { open_for: Span::hours(24), id: None }),
    }
}
