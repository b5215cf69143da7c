//! How a runner begins: hello within a deadline, in a version that is spoken here, with a token that is this runner's;
//! then the welcome.

use tenure_protocol::RUNNER_PROTOCOL;
use tenure_protocol::runner::{Hello, RunnerMessage, ServerMessage};
use tenure_runtime::{Joined, RosterRefusal, RunnerHello};

use super::super::wire::{Inbound, Line};
use super::pass::{Known, Pass};
use super::words;
use crate::desk::Desk;
use crate::problem::{Rejection, problem, unavailable};

/// The longest name, version or label of a runner, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Labels and agents of one runner.
const LABELS_MAX: usize = 100;
/// Works that one runner takes at once.
const CAPACITY_MAX: u32 = 1_000;

/// Waits for the hello. None when the runner is gone.
pub async fn heard(desk: &Desk, line: &mut Line) -> Result<Option<Hello>, Rejection> {
    let deadline = desk.options.hello_deadline_ms;
    let inbound = actix_web::rt::time::timeout(deadline.duration(), line.hear()).await;
    let late = || problem(408, "hello_late", format!("no hello came within {deadline}"));
    match inbound.map_err(|_| late())? {
        None => Ok(None),
        Some(Inbound::Text(text, _)) => match read_version(&text) {
            Some(version) if version != u64::from(RUNNER_PROTOCOL) => Err(other_version(version)),
            _ => match words::parse(&text)? {
                RunnerMessage::Hello(hello) => checked(hello).map(Some),
                _ => Err(problem(400, "hello_expected", "the first message of a link is hello; nothing was taken")),
            },
        },
        Some(Inbound::Binary) => Err(problem(400, "hello_expected", "the first message of a link is hello, a text")),
    }
}

/// Reads the version by itself: a hello of another version may have any other shape.
fn read_version(text: &str) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    (value.get("type")? == "hello").then(|| value.get("protocol")?.as_u64())?
}

fn other_version(version: u64) -> Rejection {
    let detail = format!(
        "this server speaks version {RUNNER_PROTOCOL} of the runner protocol, not {version}; use a runner of its release"
    );
    problem(400, "protocol_version", detail).field("protocol")
}

fn checked(hello: Hello) -> Result<Hello, Rejection> {
    let bytes = |field: &str, text: &str, max: usize| match text.len() {
        size if size > max => Err(too_much(field, size as u64, max as u64)),
        _ => Ok(()),
    };
    let count = |field: &str, count: usize| match count {
        count if count > LABELS_MAX => Err(too_much(field, count as u64, LABELS_MAX as u64)),
        _ => Ok(()),
    };
    bytes("name", &hello.name, NAME_BYTES_MAX)?;
    bytes("version", &hello.version, NAME_BYTES_MAX)?;
    count("labels", hello.labels.len())?;
    count("agents", hello.agents.len())?;
    for label in &hello.labels {
        bytes("labels", label, NAME_BYTES_MAX)?;
    }
    for agent in &hello.agents {
        bytes("agents", &agent.name, NAME_BYTES_MAX)?;
    }
    if !(1..=CAPACITY_MAX).contains(&hello.capacity) {
        return Err(too_much("capacity", hello.capacity.into(), CAPACITY_MAX.into()));
    }
    Ok(hello)
}

fn too_much(field: &str, actual: u64, max: u64) -> Rejection {
    let detail = format!("{field} of the hello is {actual}; it must be 1 to {max}");
    problem(422, "hello_invalid", detail).field(field).limit(max, actual)
}

/// Binds the runner to its token, joins the roster and returns the welcome.
pub async fn welcome(desk: &Desk, pass: &Pass, hello: Hello) -> Result<(Joined, ServerMessage), Rejection> {
    // Before anything else: whoever may not be this runner must not take its place.
    let Known { runner, pool, sandbox } = pass.know(desk, &hello).await?;
    let draining = || desk.runtime.realm_view().runners.get(&runner).is_some_and(|bound| bound.draining);
    let hello = RunnerHello {
        runner,
        boot: hello.boot,
        name: hello.name,
        pool,
        version: hello.version,
        labels: hello.labels,
        capacity: hello.capacity,
        agents: hello.agents,
        kinds: hello.kinds,
        connectors: hello.connectors,
        held: hello.held,
        draining: draining(),
        sandbox,
    };
    let mut joined = desk.runtime.roster.join(hello).await.map_err(refused)?;
    if let Some(seat) = sandbox {
        desk.runtime.roster.sandbox_is_up(seat.session).await;
    }
    // It may have been drained while it joined.
    if draining() {
        desk.runtime.roster.drain(runner, true);
    }
    let lease = desk.runtime.roster.lease();
    let welcome = ServerMessage::Welcome {
        lease_ms: lease,
        // Several heartbeats may be lost before a lease is.
        heartbeat_ms: tenure_model::Span((lease.0 / 20).clamp(50, 15_000)),
        message_bytes_max: desk.options.runner_frame_bytes_max as u64,
        works: std::mem::take(&mut joined.verdicts).into_iter().map(words::of_verdict).collect(),
    };
    Ok((joined, welcome))
}

/// Turns a refusal of the roster into what the runner hears.
pub fn refused(refusal: RosterRefusal) -> Rejection {
    match refusal {
        RosterRefusal::Replaced => problem(409, "runner_replaced", refusal.to_string()),
        RosterRefusal::Full { max } => problem(429, "runners_full", refusal.to_string()).limit(max as u64, max as u64),
        RosterRefusal::TooMany { what, actual, max } => {
            problem(422, "hello_invalid", refusal.to_string()).field(what).limit(max as u64, actual as u64)
        }
        RosterRefusal::Unavailable(why) => unavailable(&why),
    }
}
