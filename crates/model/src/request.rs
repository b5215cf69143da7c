//! A client's own name for one command, by which a resend is known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A client's own name for one command: 1 to 100 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);

impl RequestId {
    /// The longest request id, in bytes.
    pub const BYTES_MAX: usize = 100;

    /// Reads a request id; an empty or too long one is no request id.
    pub fn parse(text: impl Into<String>) -> Result<Self, BadRequestId> {
        let text = text.into();
        if text.is_empty() || text.len() > Self::BYTES_MAX {
            return Err(BadRequestId { size: text.len() });
        }
        Ok(Self(text))
    }
}

/// Why a text is no request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequestId {
    pub size: usize,
}

impl fmt::Display for BadRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a request id has 1 to {} bytes, this one has {}", RequestId::BYTES_MAX, self.size)
    }
}

impl std::error::Error for BadRequestId {}

impl TryFrom<String> for RequestId {
    type Error = BadRequestId;
    fn try_from(text: String) -> Result<Self, BadRequestId> {
        Self::parse(text)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> String {
        id.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
