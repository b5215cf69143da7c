//! The server's figures in Prometheus' text form.
//!
//! | name | kind | meaning |
//! |---|---|---|
//! | `tenure_writer_queue` | gauge | commits that wait for the writer |
//! | `tenure_commits_total` | counter | durable commits |
//! | `tenure_flushes_total` | counter | group commits: batches made durable |
//! | `tenure_flush_seconds_total` | counter | time spent in group commits |
//! | `tenure_flush_last_seconds` | gauge | how long the last group commit took |
//! | `tenure_commits_refused_total` | counter | commits of an entity's past lives that the store refused |
//! | `tenure_position` | gauge | the last durable position |
//! | `tenure_store_ok` | gauge | 1 when the store can be written |
//! | `tenure_awake_entities` | gauge | entities in memory |
//! | `tenure_alarms` | gauge | entities that are to be woken |
//! | `tenure_effects` | gauge | what entities have asked for and was not carried out yet |
//! | `tenure_entities_set_aside` | gauge | entities whose records do not verify |
//! | `tenure_sockets` | gauge | open client sockets and event streams |
//! | `tenure_sockets_lagged_total` | counter | watchers that lost news |
//! | `tenure_sockets_resynced_total` | counter | pictures sent because news could not be told one by one |
//! | `tenure_sockets_ended_total{cause}` | counter | sockets that the guard ended: `lost_news`, `silent`, `blocked` |
//! | `tenure_runners_connected` | gauge | runners with an open link |
//! | `tenure_sandboxes_started` | gauge | sandboxes that were started and not stopped |
//! | `tenure_frames_total` | counter | frames that runners sent |
//! | `tenure_webhooks_total{outcome}` | counter | calls of webhooks: `taken`, `duplicate`, `greeted`, or the problem code |
//! | `tenure_webhook_bytes` | gauge | what the bodies of calls under way hold |
//! | `tenure_refused_total{code}` | counter | commands, frames and messages that were refused, by problem code |

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpRequest, HttpResponse, web};

use crate::auth::Caller;
use crate::desk::Desk;
use crate::link::guard::Cause;
use crate::problem::Rejection;

/// Problem codes that are counted apart; more of them are counted as `other`.
const CODES_MAX: usize = 200;

/// What the server counts itself.
#[derive(Default)]
pub struct Figures {
    resynced: AtomicU64,
    frames: AtomicU64,
    refused: Mutex<BTreeMap<String, u64>>,
    webhooks: Mutex<BTreeMap<String, u64>>,
}

impl Figures {
    pub fn resynced(&self) {
        self.resynced.fetch_add(1, Ordering::Relaxed);
    }

    pub fn frames(&self, count: usize) {
        self.frames.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub fn refused(&self, code: &str) {
        count(&self.refused, code);
    }

    pub fn webhook(&self, outcome: &str) {
        count(&self.webhooks, outcome);
    }
}

fn count(counted: &Mutex<BTreeMap<String, u64>>, word: &str) {
    let mut counted = counted.lock().expect("counting does not panic");
    match counted.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            let word = if counted.len() < CODES_MAX { word } else { "other" };
            *counted.entry(word.to_owned()).or_default() += 1;
        }
    }
}

/// `GET /metrics`: the figures. With `metrics_open = false` it needs an admin's token.
pub async fn show(desk: web::Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Rejection> {
    if !desk.options.metrics_open && !Caller::of(&desk, request.headers())?.is_admin() {
        return Err(crate::problem::problem(403, "role_insufficient", "this needs a token of the role admin"));
    }
    let body = render(&desk);
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(body))
}

fn render(desk: &Desk) -> String {
    let health = desk.runtime.health();
    let connected = desk.runtime.roster.list().iter().filter(|runner| runner.connected).count();
    let seconds = |us: u64| us as f64 / 1e6;
    let mut page = Page::default();
    page.gauge("tenure_writer_queue", health.queued as f64);
    page.counter("tenure_commits_total", health.commits as f64);
    page.counter("tenure_flushes_total", health.flushes as f64);
    page.counter("tenure_flush_seconds_total", seconds(health.flush_us_sum));
    page.gauge("tenure_flush_last_seconds", seconds(health.last_flush_us));
    page.counter("tenure_commits_refused_total", health.refused_commits as f64);
    page.gauge("tenure_position", health.position.0 as f64);
    page.gauge("tenure_store_ok", f64::from(u8::from(health.failure.is_none())));
    page.gauge("tenure_awake_entities", health.awake as f64);
    page.gauge("tenure_alarms", health.alarms as f64);
    page.gauge("tenure_effects", health.effects as f64);
    page.gauge("tenure_entities_set_aside", health.set_aside.len() as f64);
    page.gauge("tenure_sockets", desk.sockets() as f64);
    page.counter("tenure_sockets_lagged_total", health.lagged as f64);
    page.counter("tenure_sockets_resynced_total", desk.figures.resynced.load(Ordering::Relaxed) as f64);
    let ended = [("lost_news", Cause::LostNews), ("silent", Cause::Silent), ("blocked", Cause::Blocked)];
    let ended = ended.map(|(word, cause)| (word.to_owned(), desk.guard.ended(cause)));
    page.labelled("tenure_sockets_ended_total", "cause", ended);
    page.gauge("tenure_runners_connected", connected as f64);
    page.gauge("tenure_sandboxes_started", desk.runtime.sandboxes.count() as f64);
    page.counter("tenure_frames_total", desk.figures.frames.load(Ordering::Relaxed) as f64);
    page.labelled(
        "tenure_webhooks_total",
        "outcome",
        desk.figures.webhooks.lock().expect("counting does not panic").clone(),
    );
    page.gauge("tenure_webhook_bytes", desk.hooks.bytes() as f64);
    page.labelled(
        "tenure_refused_total",
        "code",
        desk.figures.refused.lock().expect("counting does not panic").clone(),
    );
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn gauge(&mut self, name: &str, value: f64) {
        self.line(&format!("# TYPE {name} gauge\n{name} {value}"));
    }

    fn counter(&mut self, name: &str, value: f64) {
        self.line(&format!("# TYPE {name} counter\n{name} {value}"));
    }

    fn labelled(&mut self, name: &str, label: &str, values: impl IntoIterator<Item = (String, u64)>) {
        self.line(&format!("# TYPE {name} counter"));
        for (value, count) in values {
            self.line(&format!("{name}{{{label}=\"{value}\"}} {count}"));
        }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").expect("writing to memory does not fail");
    }
}
