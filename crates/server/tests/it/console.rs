//! The web console as browsers get it: the page, its files, what they are told about both, and what stays a problem.

use reqwest::{Client, Response};
use tokio::time::timeout;

use crate::world::{BOUND, World};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// A server whose console is a folder.
struct Console {
    world: World,
    folder: tempfile::TempDir,
    /// Shows what comes as it comes, compressed or not.
    client: Client,
}

impl Console {
    async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dist");
        let world = World::with(|options| options.console_folder = Some(path.to_string_lossy().into())).await;
        let client = Client::builder().no_gzip().no_brotli().build().expect("a client");
        Self { world, folder, client }
    }

    async fn start() -> Self {
        let console = Self::empty().await;
        for (name, text) in [
            ("dist/index.html", "the page"),
            ("dist/index.html.br", "the page in brotli"),
            ("dist/favicon.svg", "<svg/>"),
            ("dist/assets/app-1.js", "app"),
            ("dist/assets/app-1.js.br", "app in brotli"),
            ("dist/assets/app-1.js.gz", "app in gzip"),
            ("secret.txt", "secret"),
        ] {
            console.write(name, text);
        }
        console
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let method = method.parse().expect("a method");
        let request = self.client.request(method, format!("http://{}{path}", self.world.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        timeout(BOUND, request.send()).await.expect("in time").expect("an answer")
    }

    async fn get(&self, path: &str, accept: &str, encodings: &str) -> Response {
        self.ask("GET", path, &[("accept", accept), ("accept-encoding", encodings)]).await
    }
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

async fn text(answer: Response) -> String {
    timeout(BOUND, answer.text()).await.expect("in time").expect("a text")
}

#[actix_web::test]
async fn every_path_of_a_browser_is_the_page_and_kept_only_while_it_is_the_same() {
    let console = Console::start().await;
    for path in ["/", "/index.html", "/sessions/1", "/runs/a/steps/b"] {
        let answer = console.get(path, BROWSER, "identity").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "no-cache"), "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        let tag = header(&answer, "etag").to_owned();
        assert_eq!(text(answer).await, "the page");
        let again = console.ask("GET", path, &[("accept", BROWSER), ("if-none-match", &tag)]).await;
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, &*tag));
        assert_eq!(text(again).await, "");
        // Another encoding is another thing to keep.
        let packed = console.ask("GET", path, &[("accept", BROWSER), ("accept-encoding", "br")]).await;
        assert_ne!(header(&packed, "etag"), tag);
        assert_eq!(header(&packed, "content-encoding"), "br");
        assert_eq!(text(packed).await, "the page in brotli");
    }
    let tag = header(&console.get("/", BROWSER, "identity").await, "etag").to_owned();
    console.write("dist/index.html", "another page");
    let changed = console.ask("GET", "/", &[("if-none-match", &tag)]).await;
    assert_eq!((changed.status().as_u16(), text(changed).await.as_str()), (200, "another page"));
}

#[actix_web::test]
async fn pages_run_nothing_of_others() {
    let console = Console::start().await;
    for path in ["/", "/favicon.svg", "/assets/app-1.js"] {
        let answer = console.get(path, BROWSER, "identity").await;
        assert_eq!(
            header(&answer, "content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(header(&answer, "permissions-policy"), "camera=(), microphone=(), geolocation=()");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    }
}

#[actix_web::test]
async fn assets_are_kept_for_ever_and_sent_as_small_as_they_are_taken() {
    let console = Console::start().await;
    for (encodings, encoding, expected) in [
        ("gzip, deflate, br, zstd", "br", "app in brotli"),
        ("gzip, br;q=0", "gzip", "app in gzip"),
        ("identity", "", "app"),
    ] {
        let answer = console.get("/assets/app-1.js", "*/*", encodings).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(header(&answer, "content-encoding"), encoding);
        assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        assert_eq!(text(answer).await, expected);
    }
    let icon = console.get("/favicon.svg", "image/*", "br").await;
    assert_eq!((header(&icon, "content-type"), header(&icon, "cache-control")), ("image/svg+xml", "no-cache"));
    assert_eq!(text(icon).await, "<svg/>");
}

#[actix_web::test]
async fn a_head_is_an_answer_without_its_body() {
    let console = Console::start().await;
    for path in ["/", "/assets/app-1.js", "/runs/1"] {
        let (whole, head) = (
            console.get(path, BROWSER, "identity").await,
            console.ask("HEAD", path, &[("accept", BROWSER), ("accept-encoding", "identity")]).await,
        );
        for name in ["etag", "content-length", "content-type", "cache-control"] {
            assert_eq!(header(&head, name), header(&whole, name), "{path} {name}");
        }
        assert_eq!((head.status(), text(head).await.as_str()), (whole.status(), ""));
    }
}

#[actix_web::test]
async fn what_is_not_there_is_a_problem() {
    let console = Console::start().await;
    for (method, path, accept) in [
        ("GET", "/assets/gone-1.js", "*/*"),
        ("GET", "/assets/gone-1.js", BROWSER),
        ("GET", "/assets/", BROWSER),
        ("GET", "/robots.txt", "*/*"),
        ("GET", "/sessions/1", "application/json"),
        ("GET", "/sessions/1", "*/*"),
        ("POST", "/", BROWSER),
        ("PUT", "/sessions/1", BROWSER),
        ("GET", "/api/nothing", BROWSER),
        ("GET", "/api", BROWSER),
        ("GET", "/admin/nothing", BROWSER),
        ("GET", "/link/nothing", BROWSER),
        ("GET", "/schema/nothing.json", BROWSER),
    ] {
        let answer = console.ask(method, path, &[("accept", accept)]).await;
        assert_eq!(header(&answer, "content-type"), "application/problem+json", "{method} {path}");
        let problem: serde_json::Value = serde_json::from_str(&text(answer).await).expect("JSON");
        assert_eq!((&problem["status"], &problem["code"]), (&404.into(), &"route_unknown".into()), "{method} {path}");
    }
    // Who these are asked by must show first that it may ask.
    for (path, status) in [("/webhooks/nothing", 404), ("/mcp", 401), ("/api/me", 401)] {
        assert_eq!(console.get(path, BROWSER, "").await.status().as_u16(), status, "{path}");
    }
}

#[actix_web::test]
async fn no_path_leads_out_of_the_folder() {
    let console = Console::start().await;
    let secret = console.folder.path().join("secret.txt");
    std::os::unix::fs::symlink(&secret, console.folder.path().join("dist/link.txt")).expect("a link");
    let absolute = format!("/assets/{}", secret.display());
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "//secret.txt",
        "/link.txt",
        absolute.as_str(),
    ] {
        let said = raw(&console.world.address, path).await;
        assert!(said.starts_with("HTTP/1.1 404") && !said.ends_with("secret"), "{path}: {said}");
    }
}

/// Asks for a path exactly as it is written; clients would tidy it up.
async fn raw(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let talk = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it connects");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\naccept: */*\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is sent");
        let mut said = String::new();
        stream.read_to_string(&mut said).await.expect("an answer");
        said
    };
    timeout(BOUND, talk).await.expect("in time")
}

#[actix_web::test]
async fn a_server_without_a_console_says_how_to_get_one() {
    let console = Console::empty().await;
    for path in ["/", "/sessions/1"] {
        let answer = console.get(path, BROWSER, "br").await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (503, "text/html; charset=utf-8"));
        assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert!(text(answer).await.contains("cargo xtask console"));
    }
    assert_eq!(console.get("/sessions/1", "application/json", "").await.status().as_u16(), 404);
    assert_eq!(console.get("/healthz", BROWSER, "").await.status().as_u16(), 200);
}
