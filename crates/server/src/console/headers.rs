//! What browsers are told about the console's files: what they are, how long they keep them, and what pages may do.

use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use tenure_console::ASSETS;

use super::{FoundFile, joined};

/// What pages may do: run and load what this server has, and nothing of others. Pages of others may not show them.
pub const SAFETY: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// How long a browser may keep a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// The page: asked for each time. It depends on who asks whether a path leads to it.
    Page,
    /// Never another one under its name.
    Asset,
    /// Asked for each time.
    Other,
}

impl Life {
    fn cache(self) -> &'static str {
        match self {
            Life::Page | Life::Other => "no-cache",
            Life::Asset => "public, max-age=31536000, immutable",
        }
    }

    fn vary(self) -> &'static str {
        match self {
            Life::Page | Life::Other => "accept, accept-encoding",
            Life::Asset => "accept-encoding",
        }
    }
}

/// Sends a file, or says that the browser has it already.
pub fn respond(request: &HttpRequest, found: FoundFile) -> HttpResponse {
    let FoundFile { path, file, encoding, life } = found;
    let tag = tag(&file.hash);
    let known = is_among(&joined(request.headers(), &IF_NONE_MATCH), &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    SAFETY.iter().for_each(|header| {
        response.insert_header(*header);
    });
    response.insert_header((ETAG, tag)).insert_header(("cache-control", life.cache()));
    response.insert_header(("vary", life.vary()));
    if known {
        return response.finish();
    }
    if let Some(name) = encoding.name() {
        response.insert_header(("content-encoding", name));
    }
    response.content_type(content_type(&path)).body(file.bytes)
}

/// Names the very bytes that are sent, so that each encoding has a name of its own.
fn tag(hash: &[u8]) -> String {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Tells whether an `If-None-Match` header names what would be sent.
fn is_among(header: &str, tag: &str) -> bool {
    header.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn content_type(path: &str) -> &'static str {
    let name = path.strip_prefix(ASSETS).unwrap_or(path);
    match name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_of_its_names() {
        for header in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(is_among(header, "\"a\""), "{header}");
        }
        for header in ["", "a", "\"b\"", "\"a"] {
            assert!(!is_among(header, "\"a\""), "{header}");
        }
    }

    #[test]
    fn a_type_is_told_by_the_last_ending() {
        assert_eq!(content_type("assets/index-D.x.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("assets/inter-latin.woff2"), "font/woff2");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
