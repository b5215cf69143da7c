//! Which pages of browsers may reach `/mcp`. A page can have its own name lead to this machine (DNS rebinding), so that
//! it counts as the server's own; therefore only addresses that no name service gives out count as such.

use std::net::IpAddr;

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

use crate::options::ServerOptions;
use crate::problem::{Rejection, problem};

/// Refuses a page that is neither the server's own nor listed. Callers without an `Origin` are no browsers.
pub fn check(headers: &HeaderMap, options: &ServerOptions) -> Result<(), Rejection> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, authority)| authority == host && is_never_rebound(host));
    let public = options.public_address.as_deref().is_some_and(|address| origin == origin_of(address));
    if own || public || options.origins_allowed.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    let detail = format!("pages of {origin} may not reach this; add it to origins_allowed if they should");
    Err(problem(403, "origin_refused", detail))
}

/// Tells whether this host is named by a number, or by the one name that always means this machine.
fn is_never_rebound(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok()
}

/// Returns scheme, host and port of an address, without its path.
fn origin_of(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else { return address };
    let authority = rest.split('/').next().unwrap_or_default();
    &address[..scheme.len() + "://".len() + authority.len()]
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn is_let_in(origin: Option<&'static str>, host: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        let options = ServerOptions {
            public_address: Some("https://tenure.example.org/below".into()),
            origins_allowed: vec!["https://chat.example.org".into()],
            ..ServerOptions::default()
        };
        check(&headers, &options).is_ok()
    }

    #[test]
    fn programs_and_known_pages_are_let_in() {
        assert!(is_let_in(None, "anything.example.org"));
        for (origin, host) in [
            ("http://127.0.0.1:7420", "127.0.0.1:7420"),
            ("http://localhost:7420", "localhost:7420"),
            ("http://[::1]:7420", "[::1]:7420"),
            ("https://tenure.example.org", "127.0.0.1:7420"),
            ("https://chat.example.org", "tenure.example.org"),
        ] {
            assert!(is_let_in(Some(origin), host), "{origin}");
        }
    }

    #[test]
    fn a_page_whose_name_was_led_here_is_a_stranger() {
        for (origin, host) in [
            ("http://evil.example.com:7420", "evil.example.com:7420"),
            ("http://127.0.0.1.evil.example.com", "127.0.0.1.evil.example.com"),
            ("http://evil.example.com", "127.0.0.1:7420"),
            ("https://tenure.example.org.evil.com", "127.0.0.1:7420"),
            ("null", "127.0.0.1:7420"),
            ("", ""),
        ] {
            assert!(!is_let_in(Some(origin), host), "{origin}");
        }
    }
}
