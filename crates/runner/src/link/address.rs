//! The address of a server, read from whatever form of it people write.

use std::fmt;
use std::str::FromStr;

use crate::error::RunnerError;

/// The path of the runner link.
const LINK: &str = "/link/runner";

/// A server: scheme, host and port, and the path below which a proxy serves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    encrypted: bool,
    /// As it was written; IPv6 in brackets.
    host: String,
    port: u16,
    base: String,
}

impl Address {
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Returns the host's name or number, as it is looked up.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns host and port, as HTTP names them.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Returns a path of this server, below the one where a proxy serves it.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Returns the address of a websocket path of this server.
    pub fn socket(&self, path: &str) -> String {
        let scheme = if self.encrypted { "wss" } else { "ws" };
        format!("{scheme}://{}{}", self.authority(), self.path(path))
    }

    /// Returns an address that this server told of itself; one that begins with a slash is a path of it.
    pub fn reach(&self, told: &str) -> String {
        if told.starts_with('/') { format!("{self}{told}") } else { told.to_owned() }
    }

    /// Returns the address of the runner link.
    pub fn link(&self) -> String {
        self.socket(LINK)
    }
}

impl FromStr for Address {
    type Err = RunnerError;

    /// Reads `host:port`, or an address that begins with `http://`, `https://`, `ws://` or `wss://`, with or without the path
    /// below which a proxy serves it, and that of the runner link.
    fn from_str(text: &str) -> Result<Self, RunnerError> {
        let bad = |reason: &str| RunnerError::Address { address: text.to_owned(), reason: reason.to_owned() };
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        let (encrypted, usual_port) = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => (false, 80),
            "wss" | "https" => (true, 443),
            _ => return Err(bad("it begins with none of http://, https://, ws://, wss://")),
        };
        if rest.contains(['?', '#', '@']) {
            return Err(bad("it holds more than host, port and path; the token is given by itself"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_[]/~%".contains(c);
        if !rest.chars().all(plain) {
            return Err(bad("it holds characters that no address has; write http://host:port"));
        }
        let rest = rest.trim_end_matches('/');
        let rest = rest.strip_suffix(LINK).unwrap_or(rest).trim_end_matches('/');
        let (authority, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| bad("its port is no number from 0 to 65535"))?)
            }
            _ => (authority, usual_port),
        };
        if host.is_empty() {
            return Err(bad("it names no host"));
        }
        Ok(Self { encrypted, host: host.to_owned(), port, base: base.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encrypted { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_understood() {
        for form in ["h:1", "ws://h:1", "http://h:1/", " HTTP://h:1", "ws://h:1/link/runner"] {
            let address: Address = form.parse().unwrap();
            assert_eq!(address.link(), "ws://h:1/link/runner", "{form}");
            assert_eq!(address.to_string(), "http://h:1", "{form}");
        }
    }

    #[test]
    fn what_a_server_tells_of_itself_is_reached_below_its_own_address() {
        let address: Address = "https://h/base/link/runner".parse().unwrap();
        assert_eq!(address.reach("/mcp"), "https://h:443/base/mcp");
        assert_eq!(address.reach("https://public.example.org/mcp"), "https://public.example.org/mcp");
    }

    #[test]
    fn an_encrypted_server_may_stand_below_a_path() {
        for form in ["https://h/base", "wss://h/base/", "https://h:443/base/link/runner"] {
            let address: Address = form.parse().unwrap();
            assert_eq!(address.link(), "wss://h:443/base/link/runner", "{form}");
            assert_eq!((address.path("/api/me"), address.port()), ("/base/api/me".to_owned(), 443), "{form}");
        }
    }

    #[test]
    fn a_number_of_six_parts_stands_in_brackets() {
        let address: Address = "http://[::1]:7420".parse().unwrap();
        assert_eq!((address.host(), address.port()), ("::1", 7420));
        assert_eq!(address.authority(), "[::1]:7420");
        assert_eq!("https://[::1]".parse::<Address>().unwrap().port(), 443);
    }

    #[test]
    fn mistakes_are_named() {
        for form in ["", "ftp://h", "ws:///x", "ws://h?token=x", "ws://me:pass@h", "a b", "h:port", "h:65536"] {
            assert!(matches!(form.parse::<Address>(), Err(RunnerError::Address { .. })), "{form}");
        }
    }
}
