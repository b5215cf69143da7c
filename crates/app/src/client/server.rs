//! The address of a server, as people write it.

use std::fmt;
use std::str::FromStr;

/// A server: scheme, host and port, without a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    authority: String,
}

impl Server {
    /// Returns the address of an HTTP path of this server.
    pub fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    /// Returns the address of a websocket path of this server.
    pub fn socket(&self, path: &str) -> String {
        format!("ws://{}{path}", self.authority)
    }
}

impl FromStr for Server {
    type Err = String;

    /// Reads `host:port`, `http://host:port` or `ws://host:port`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        if matches!(scheme, "https" | "wss") {
            return Err(format!(
                "\"{text}\" asks for TLS, which this client does not speak; use a tunnel (ssh -L) and http://127.0.0.1"
            ));
        }
        if !matches!(scheme, "http" | "ws") {
            return Err(format!("\"{text}\" is not the address of a server; write http://host:port"));
        }
        let authority = rest.trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || ".:-_[]".contains(c);
        if authority.is_empty() || !authority.chars().all(plain) {
            return Err(format!("\"{text}\" is not the address of a server; write http://host:port, without a path"));
        }
        Ok(Self { authority: authority.to_owned() })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_every_form() {
        for text in ["127.0.0.1:7420", "http://127.0.0.1:7420", "http://127.0.0.1:7420/", "ws://127.0.0.1:7420"] {
            let server: Server = text.parse().unwrap();
            assert_eq!(server.http("/healthz"), "http://127.0.0.1:7420/healthz");
            assert_eq!(server.socket("/x"), "ws://127.0.0.1:7420/x");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "https://tenure.example", "ftp://host", "http://host/path", "http://user@host", "a b"] {
            assert!(text.parse::<Server>().is_err(), "{text}");
        }
    }
}
