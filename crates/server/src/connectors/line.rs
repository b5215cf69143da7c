//! One connector of one owner, as it is set now: its connection, opened when it is wanted and closed when it idles, and its health.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};
use tenure_account::owner::Settings;
use tenure_model::Timestamp;
use tenure_model::id::UserId;
use tokio::sync::Mutex;

use super::Hub;
use super::failure::Failure;
use super::health::Health;
use super::link::{Link, Said};
use super::listed::Listed;

/// A connector within reach.
pub struct Line {
    pub owner: UserId,
    pub name: String,
    /// What it was made for; another setting gets another line.
    pub settings: Settings,
    pub health: Health,
    /// Held while it is opened, so that it is opened once.
    link: Mutex<Option<Arc<Link>>>,
    /// The tools that were listed last; they are known while the connection rests, too.
    tools: std::sync::Mutex<Option<(Arc<Vec<Listed>>, Timestamp)>>,
    used_at: AtomicU64,
}

impl Line {
    pub fn new(owner: UserId, name: String, settings: Settings) -> Self {
        let (link, tools) = (Mutex::default(), std::sync::Mutex::default());
        Self { owner, name, settings, health: Health::default(), link, tools, used_at: AtomicU64::new(0) }
    }

    /// Returns the connection, after opening it when there is none.
    pub async fn link(&self, hub: &Hub) -> Result<Arc<Link>, Failure> {
        self.used_at.store(hub.now().0, Ordering::Relaxed);
        let mut held = self.link.lock().await;
        if let Some(link) = held.as_ref().filter(|link| !link.is_over()) {
            return Ok(link.clone());
        }
        *held = None;
        let began = hub.now();
        let opened = match hub.dial(self).await {
            Ok(dial) => Link::open(dial).await,
            Err(failure) => Err(failure),
        };
        let now = hub.now();
        let link = opened.inspect_err(|failure| self.health.down(now, failure))?;
        let link = Arc::new(link);
        let usable = link.tools.iter().filter(|tool| tool.unusable.is_none()).count();
        self.health.well(now, now.since(began), Some(usable));
        *self.tools.lock().expect("keeping a list does not panic") = Some((link.tools.clone(), now));
        *held = Some(link.clone());
        Ok(link)
    }

    /// Calls a tool, once.
    pub async fn call(
        &self,
        hub: &Hub,
        tool: &str,
        arguments: Map<String, Value>,
        key: Option<&str>,
    ) -> Result<Said, Failure> {
        let link = self.link(hub).await?;
        let began = hub.now();
        let said = link.call(tool, arguments, key).await;
        let now = hub.now();
        self.used_at.store(now.0, Ordering::Relaxed);
        match &said {
            Ok(_) => self.health.well(now, now.since(began), None),
            Err(failure) => self.health.ill(now, failure),
        }
        said
    }

    /// Returns the tools that were listed last, and when.
    pub fn known(&self) -> Option<(Arc<Vec<Listed>>, Timestamp)> {
        self.tools.lock().expect("keeping a list does not panic").clone()
    }

    /// Ends the connection; calls under way keep theirs until they end.
    pub async fn close(&self) {
        *self.link.lock().await = None;
    }

    /// Ends the connection when nobody has used it since.
    pub fn close_if_idle(&self, since: Timestamp) {
        // Who holds it uses it.
        if self.used_at.load(Ordering::Relaxed) < since.0
            && let Ok(mut held) = self.link.try_lock()
        {
            *held = None;
        }
    }
}
