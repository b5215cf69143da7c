//! What a browser wants by a path: a page, a file of the console, or nothing that the console has.

use actix_web::http::Method;
use tenure_console::{ASSETS, PAGE, is_name};

/// The parts of the server that programs talk to. Nothing below them is ever a page, so that a mistaken path is told as one.
const PROGRAMS: [&str; 6] = ["api", "admin", "link", "schema", "webhooks", "mcp"];

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The page; which one of its pages it shows, it reads off the path itself.
    Page,
    /// A file whose name changes with its contents.
    Asset(String),
    /// A file of the top, or nothing.
    File(String),
    /// A file of the top when there is one, else the page.
    FileOrPage(String),
    Nothing,
}

/// Reads a request. `accept` says what its sender takes: programs that take just anything want no page.
pub fn wanted(method: &Method, path: &str, accept: &str) -> Wanted {
    let path = path.strip_prefix('/').unwrap_or(path);
    let first = path.split('/').next().unwrap_or_default();
    if ![Method::GET, Method::HEAD].contains(method) || PROGRAMS.contains(&first) {
        return Wanted::Nothing;
    }
    if path.is_empty() || path == PAGE {
        return Wanted::Page;
    }
    if path.strip_prefix(ASSETS).is_some_and(is_name) {
        return Wanted::Asset(path.to_owned());
    }
    let page = takes_pages(accept) && first != ASSETS.trim_end_matches('/');
    match (is_name(path), page) {
        (true, true) => Wanted::FileOrPage(path.to_owned()),
        (true, false) => Wanted::File(path.to_owned()),
        (false, true) => Wanted::Page,
        (false, false) => Wanted::Nothing,
    }
}

/// Tells whether HTML is asked for by its name.
fn takes_pages(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let (media, parameters) = range.split_once(';').unwrap_or((range, ""));
        media.trim().eq_ignore_ascii_case("text/html") && !super::encoding::is_refused(parameters)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
    const ANYTHING: &str = "*/*";

    fn get(path: &str, accept: &str) -> Wanted {
        wanted(&Method::GET, path, accept)
    }

    #[test]
    fn browsers_get_the_page_wherever_nothing_else_is() {
        for accept in [BROWSER, ANYTHING, ""] {
            assert_eq!(get("/", accept), Wanted::Page);
            assert_eq!(get("/index.html", accept), Wanted::Page);
        }
        for path in ["/sessions/0190f1c2-7a3b", "/runs/a/steps/b", "/a//b", "/%2e%2e/x", "//", "/../x"] {
            assert_eq!(get(path, BROWSER), Wanted::Page, "{path}");
            for accept in [ANYTHING, "application/json", "", "text/html;q=0", "image/*"] {
                assert_eq!(get(path, accept), Wanted::Nothing, "{path} {accept}");
            }
        }
        assert_eq!(wanted(&Method::HEAD, "/runs/a", "TEXT/HTML ; q=0.5"), Wanted::Page);
        assert_eq!(wanted(&Method::POST, "/runs/a", BROWSER), Wanted::Nothing);
    }

    #[test]
    fn files_of_the_top_are_for_everybody() {
        assert_eq!(get("/favicon.svg", "image/*"), Wanted::File("favicon.svg".into()));
        assert_eq!(get("/favicon.svg", BROWSER), Wanted::FileOrPage("favicon.svg".into()));
        assert_eq!(get("/runs", BROWSER), Wanted::FileOrPage("runs".into()));
    }

    #[test]
    fn assets_are_files_and_never_pages() {
        assert_eq!(get("/assets/a-1.js", ANYTHING), Wanted::Asset("assets/a-1.js".into()));
        assert_eq!(get("/assets/a-1.js", BROWSER), Wanted::Asset("assets/a-1.js".into()));
        for path in ["/assets/", "/assets/../index.html", "/assets/a/b.js", "/assets/%2e%2e", "/assets/.env"] {
            assert_eq!(get(path, BROWSER), Wanted::Nothing, "{path}");
        }
    }

    #[test]
    fn what_programs_talk_to_has_no_pages() {
        for path in ["/api", "/api/", "/api/nothing", "/admin/x", "/link/x", "/schema/x.json", "/webhooks", "/mcp/x"] {
            assert_eq!(get(path, BROWSER), Wanted::Nothing, "{path}");
        }
        assert_eq!(get("/administration", BROWSER), Wanted::FileOrPage("administration".into()));
    }
}
