//! A repository to clone from, and a web server that shows it to whoever knows the password.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tenure_model::step::RepoContext;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Runs git in a folder and returns what it printed.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let person = ["user.name=Ann", "user.email=ann@example.org", "init.defaultBranch=main", "commit.gpgSign=false"];
    let ran = Command::new("git")
        .current_dir(folder)
        .args(person.iter().flat_map(|setting| ["-c", setting]))
        .args(arguments)
        .output()
        .unwrap();
    assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// A repository with the branches `main` and `side` and the tag `v1`.
pub struct Repo {
    pub folder: TempDir,
}

impl Repo {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        git(at, &["init", "--quiet"]);
        fs::write(at.join("a.txt"), "one\ntwo\n").unwrap();
        fs::write(at.join(".gitignore"), "ignored\n").unwrap();
        git(at, &["add", "."]);
        git(at, &["commit", "--quiet", "-m", "first"]);
        git(at, &["tag", "v1"]);
        fs::write(at.join("a.txt"), "one\ntwo\nthree\n").unwrap();
        git(at, &["commit", "--quiet", "-am", "second"]);
        git(at, &["checkout", "--quiet", "-b", "side"]);
        fs::write(at.join("side.txt"), "side\n").unwrap();
        git(at, &["add", "."]);
        git(at, &["commit", "--quiet", "-m", "on the side"]);
        git(at, &["checkout", "--quiet", "main"]);
        Self { folder }
    }

    /// Returns it as works name it.
    pub fn context(&self) -> RepoContext {
        RepoContext { url: self.folder.path().to_str().unwrap().to_owned(), branch: None, reference: None }
    }
}

/// Serves a repository's files to whoever knows the password, and looks at every process's arguments and variables meanwhile.
pub struct Guarded {
    pub url: String,
    pub host: String,
    /// Where the password was seen that it must not be.
    pub leaks: Arc<Mutex<Vec<String>>>,
}

impl Guarded {
    pub async fn serve(repo: &Repo, user: &str, password: &str) -> Self {
        let git_dir = repo.folder.path().join(".git");
        git(repo.folder.path(), &["update-server-info"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let leaks = Arc::new(Mutex::new(Vec::new()));
        let expected = format!("Basic {}", base64(&format!("{user}:{password}")));
        let (secret, seen) = (password.to_owned(), Arc::clone(&leaks));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock().unwrap().extend(leaked(&secret));
                tokio::spawn(answer(stream, git_dir.clone(), expected.clone()));
            }
        });
        Self { url: format!("http://{host}/repo.git"), host, leaks }
    }
}

async fn answer(mut stream: TcpStream, git_dir: PathBuf, expected: String) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split_whitespace().nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().trim_start_matches("/repo.git/").to_owned();
    let signed = request.lines().any(|line| line.split_once(": ").is_some_and(|(_, value)| value == expected));
    let (status, body) = match (signed, fs::read(git_dir.join(&path))) {
        (false, _) => ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"repo\"", vec![]),
        (true, Ok(body)) => ("200 OK", body),
        (true, Err(_)) => ("404 Not Found", vec![]),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Git may have hung up by now.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body).await;
}

fn leaked(secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        for place in ["cmdline", "environ"] {
            let text = fs::read(entry.path().join(place)).unwrap_or_default();
            if String::from_utf8_lossy(&text).contains(secret) {
                found.push(format!("{} of {}", place, entry.path().display()));
            }
        }
    }
    found
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let triple = |bytes: &[u8]| {
        let number = (0..3).fold(0u32, |number, at| number << 8 | u32::from(bytes.get(at).copied().unwrap_or(0)));
        let letter = |at: usize| match at <= bytes.len() {
            true => char::from(LETTERS[(number >> (18 - 6 * at) & 63) as usize]),
            false => '=',
        };
        (0..4).map(letter).collect::<String>()
    };
    text.as_bytes().chunks(3).map(triple).collect()
}
