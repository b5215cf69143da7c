//! Which pages may open sockets: browsers do not stop a page from connecting elsewhere, so the server looks.

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

use crate::problem::{Rejection, problem};

/// Refuses an upgrade that a page of another origin asks for. Callers without an `Origin` are no browsers.
pub fn check(headers: &HeaderMap, allowed: &[String]) -> Result<(), Rejection> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = origin.split_once("://").is_some_and(|(_, authority)| !host.is_empty() && authority == host);
    if own || allowed.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    let detail = format!("pages of {origin} may not open sockets here; add it to origins_allowed if they should");
    Err(problem(403, "origin_refused", detail))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("chat.example.org:7420"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn only_own_and_listed_pages_connect() {
        let allowed = ["https://other.example.org".to_owned()];
        assert!(check(&headers(None), &allowed).is_ok());
        assert!(check(&headers(Some("http://chat.example.org:7420")), &allowed).is_ok());
        assert!(check(&headers(Some("https://other.example.org")), &allowed).is_ok());
        for stranger in ["https://evil.example.org", "https://chat.example.org:7420.evil.org", "null", "https://"] {
            assert_eq!(check(&headers(Some(stranger)), &allowed).expect_err(stranger).0.code, "origin_refused");
        }
    }
}
