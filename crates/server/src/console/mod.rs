//! The web console: pages and files for browsers, on every path that nothing else answers. It may be missing: then a page
//! says so.

mod encoding;
mod headers;
mod wanted;

use std::sync::Arc;

use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use tenure_console::{File, Files, PAGE};

use self::encoding::Encoding;
use self::headers::Life;
use self::wanted::Wanted;
use crate::desk::Desk;
use crate::options::ServerOptions;
use crate::problem::{Rejection, problem, unavailable};

const WITHOUT: &str = include_str!("without.html");
const EMPTY_FOLDER: &str = include_str!("empty_folder.html");

/// Returns where the console comes from.
pub fn files(options: &ServerOptions) -> Arc<Files> {
    Arc::new(match &options.console_folder {
        Some(folder) => Files::Folder(folder.into()),
        None => Files::BuiltIn,
    })
}

/// Answers what no route answers: with the console, or by saying that there is nothing.
pub async fn answer(desk: Data<Desk>, request: HttpRequest) -> Result<HttpResponse, Rejection> {
    let wanted = wanted::wanted(request.method(), request.path(), &joined(request.headers(), &ACCEPT));
    if wanted == Wanted::Nothing {
        return Err(nothing_there(&request));
    }
    let accepted = encoding::accepted(&joined(request.headers(), &ACCEPT_ENCODING));
    let files = desk.console.clone();
    // Files of a folder are read from the disk.
    let found = web::block(move || find(&files, &wanted, &accepted)).await;
    match found.map_err(|_| unavailable("the server is stopping"))? {
        Found::File(found) => Ok(headers::respond(&request, found)),
        Found::NoConsole => Ok(without(&desk.console)),
        Found::Nothing => Err(nothing_there(&request)),
    }
}

fn nothing_there(request: &HttpRequest) -> Rejection {
    let detail = format!("there is nothing at {}; /api/openapi.json lists what there is", request.path());
    problem(404, "route_unknown", detail)
}

/// A header may stand there more than once.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<_> = headers.get_all(name).filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

enum Found {
    File(FoundFile),
    /// The page is wanted, and there is none.
    NoConsole,
    Nothing,
}

/// A file as it is sent.
struct FoundFile {
    /// What it is called when it is not compressed.
    path: String,
    file: File,
    encoding: Encoding,
    life: Life,
}

fn find(files: &Files, wanted: &Wanted, accepted: &[Encoding]) -> Found {
    let get = |path: &str, life| {
        let variant = |encoding: &Encoding| Some((*encoding, files.get(&format!("{path}{}", encoding.ending()))?));
        let (encoding, file) = accepted.iter().find_map(variant)?;
        Some(Found::File(FoundFile { path: path.to_owned(), file, encoding, life }))
    };
    let page = || get(PAGE, Life::Page).unwrap_or(Found::NoConsole);
    match wanted {
        Wanted::Page => page(),
        Wanted::Asset(path) => get(path, Life::Asset).unwrap_or(Found::Nothing),
        Wanted::FileOrPage(path) => get(path, Life::Other).unwrap_or_else(page),
        Wanted::File(path) => get(path, Life::Other).unwrap_or(Found::Nothing),
        Wanted::Nothing => Found::Nothing,
    }
}

/// Says that there is no console, and how to get it. It is 503 and no 200, so that whatever looks whether the console is there
/// sees that it is not.
fn without(files: &Files) -> HttpResponse {
    let text = match files {
        Files::BuiltIn => WITHOUT,
        Files::Folder(_) => EMPTY_FOLDER,
    };
    let mut response = HttpResponse::ServiceUnavailable();
    headers::SAFETY.iter().for_each(|header| {
        response.insert_header(*header);
    });
    response.insert_header(("cache-control", "no-store")).content_type("text/html; charset=utf-8").body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &Files, wanted: &Wanted, accepted: &[Encoding]) -> Option<(String, Encoding)> {
        match find(files, wanted, accepted) {
            Found::File(found) => Some((String::from_utf8_lossy(&found.file.bytes).into(), found.encoding)),
            Found::NoConsole | Found::Nothing => None,
        }
    }

    #[test]
    fn the_first_encoding_that_is_there_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("a.js", "plain"), ("a.js.gz", "gzip"), ("b.js", "plain"), ("b.js.br", "brotli")] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let files = Files::Folder(folder.path().into());
        let get = |name: &str, accepted: &[Encoding]| {
            found(&files, &Wanted::File(name.into()), accepted).expect("it is there")
        };
        let all = [Encoding::Brotli, Encoding::Gzip, Encoding::Plain];
        assert_eq!(get("a.js", &all), ("gzip".into(), Encoding::Gzip));
        assert_eq!(get("b.js", &all), ("brotli".into(), Encoding::Brotli));
        assert_eq!(get("b.js", &all[1..]), ("plain".into(), Encoding::Plain));
    }

    #[test]
    fn without_a_console_the_page_says_so_and_files_are_not_there() {
        let files = Files::Folder("/nowhere/at/all".into());
        let plain = [Encoding::Plain];
        assert!(matches!(find(&files, &Wanted::Page, &plain), Found::NoConsole));
        assert!(matches!(find(&files, &Wanted::FileOrPage("runs".into()), &plain), Found::NoConsole));
        assert!(matches!(find(&files, &Wanted::File("favicon.svg".into()), &plain), Found::Nothing));
        assert!(matches!(find(&files, &Wanted::Asset("assets/a.js".into()), &plain), Found::Nothing));
        for text in [WITHOUT, EMPTY_FOLDER] {
            assert!(text.contains("cargo xtask console") && !text.contains("<script"), "{text}");
        }
        assert_eq!(without(&Files::BuiltIn).status(), 503);
    }
}
