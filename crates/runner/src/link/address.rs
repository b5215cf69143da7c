//! Where the server's runner link is, read from whatever form of its address people write.

use std::fmt;

use crate::error::RunnerError;

/// The path of the runner link.
const PATH: &str = "/link/runner";

/// The websocket address of the runner link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address(String);

impl Address {
    /// Reads `ws://`, `wss://`, `http://` or `https://`; the path is the runner link's unless another is given.
    pub fn parse(text: &str) -> Result<Self, RunnerError> {
        let bad = |reason: &str| RunnerError::Address { address: text.to_owned(), reason: reason.to_owned() };
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(|| bad("it begins with no ws:// or http://"))?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => "ws",
            "wss" | "https" => "wss",
            _ => return Err(bad("it begins with none of ws://, wss://, http://, https://")),
        };
        if rest.contains(['?', '#', '@']) {
            return Err(bad("it holds more than host, port and path; the token is given by itself"));
        }
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) => (host, format!("/{}", path.trim_end_matches('/'))),
            None => (rest, "/".to_owned()),
        };
        if host.is_empty() {
            return Err(bad("it names no host"));
        }
        let path = if path == "/" { PATH } else { &path };
        Ok(Self(format!("{scheme}://{host}{path}")))
    }

    pub fn is_encrypted(&self) -> bool {
        self.0.starts_with("wss://")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_understood() {
        for form in ["ws://h:1", "http://h:1/", " HTTP://h:1", "ws://h:1/link/runner"] {
            assert_eq!(Address::parse(form).unwrap().as_str(), "ws://h:1/link/runner", "{form}");
        }
        assert_eq!(Address::parse("https://h/base/link/runner").unwrap().as_str(), "wss://h/base/link/runner");
    }

    #[test]
    fn mistakes_are_named() {
        for form in ["h:1", "ftp://h", "ws:///x", "ws://h?token=x", "ws://me:pass@h"] {
            assert!(matches!(Address::parse(form), Err(RunnerError::Address { .. })), "{form}");
        }
    }
}
