//! The owner's feed as server lists and badges see it.

use tenure_protocol::FEED_SUBPROTOCOL;
use tenure_protocol::feed::FeedEvent;

use super::socket::{Over, Wire};

/// An open feed.
pub struct Feed(Wire);

impl Feed {
    /// Opens the feed of the token's user, from the lists as they are now.
    pub async fn open(address: &str, token: &str) -> Result<Self, Over> {
        Ok(Self(Wire::open(&format!("ws://{address}/api/feed"), token, FEED_SUBPROTOCOL).await?))
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Result<FeedEvent, Over> {
        self.0.next().await
    }
}
