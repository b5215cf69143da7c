//! Which repositories and names of branches can be asked for at all: nothing that git could take for an option, a command or
//! another protocol, and no secret in an address.

use crate::step::RepoContext;

/// The longest address, branch or ref.
const NAME_BYTES_MAX: usize = 2_000;
/// The ways in which a repository can be reached. Each runner says which of them it uses.
const PROTOCOLS: [&str; 4] = ["https", "http", "ssh", "file"];

/// Why a repository cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRepo {
    #[error(
        "the repository's address holds a user name or a password; name credentials in the runner's configuration instead"
    )]
    Credentials,
    #[error("\"{0}\" is no repository's address; use https://host/path or ssh://user@host/path")]
    Address(String),
    #[error("\"{0}\" is no name of a branch or commit")]
    Name(String),
}

impl RepoContext {
    /// Checks the address and the names.
    pub fn check(&self) -> Result<(), BadRepo> {
        self.protocol()?;
        self.branch.iter().chain(&self.reference).try_for_each(|name| check_name(name))
    }

    /// Returns how the repository is reached: `https`, `http`, `ssh` or `file`.
    pub fn protocol(&self) -> Result<&'static str, BadRepo> {
        let url = self.url.as_str();
        // What stands before an @ may be a secret.
        let bad = || BadRepo::Address(url.rsplit('@').next().unwrap_or_default().chars().take(200).collect());
        if url.len() > NAME_BYTES_MAX
            || url.starts_with('-')
            || url.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            return Err(bad());
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return of_short(url).ok_or_else(bad);
        };
        let protocol = PROTOCOLS.into_iter().find(|known| *known == scheme).ok_or_else(bad)?;
        let (authority, path) = rest.split_once('/').ok_or_else(bad)?;
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        match (protocol, user) {
            ("ssh", Some(user)) if user.contains(':') => return Err(BadRepo::Credentials),
            ("https" | "http" | "file", Some(_)) => return Err(BadRepo::Credentials),
            _ => {}
        }
        let hosted = protocol == "file" || !authority.is_empty();
        if !hosted || path.is_empty() || authority.starts_with('-') || user.is_some_and(|user| user.starts_with('-')) {
            return Err(bad());
        }
        Ok(protocol)
    }

    /// Returns the host and port, for those that have one.
    pub fn host(&self) -> Option<&str> {
        let authority = match self.url.split_once("://") {
            Some((_, rest)) => rest.split('/').next()?,
            None => self.url.split(':').next()?,
        };
        Some(authority.rsplit('@').next().unwrap_or(authority)).filter(|host| !host.is_empty())
    }
}

/// Reads `user@host:path` and absolute paths.
fn of_short(url: &str) -> Option<&'static str> {
    if url.starts_with('/') {
        return Some("file");
    }
    let (host, path) = url.split_once(':')?;
    // `name::address` would name a helper program of git's.
    let plain = |text: &str| !text.is_empty() && !text.starts_with('-') && !text.contains('/');
    let fits = host.split('@').all(plain) && host.matches('@').count() <= 1 && !path.is_empty();
    (fits && !path.starts_with(':')).then_some("ssh")
}

/// Checks a name as git does, and a little more strictly.
fn check_name(name: &str) -> Result<(), BadRepo> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let wrong = name.is_empty()
        || name.len() > NAME_BYTES_MAX
        || name.starts_with(['-', '/', '.'])
        || name.ends_with(['/', '.'])
        || name.ends_with(".lock")
        || ["..", "@{", "//", "/."].iter().any(|bad| name.contains(bad))
        || name == "@"
        || name.chars().any(forbidden);
    if wrong { Err(BadRepo::Name(name.chars().take(200).collect())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repo(url: &str) -> RepoContext {
        RepoContext { url: url.into(), branch: None, reference: None }
    }

    #[test]
    fn addresses_are_read_by_their_protocol_and_host() {
        for (url, protocol, host) in [
            ("https://github.com/a/b.git", "https", Some("github.com")),
            ("http://127.0.0.1:80/a", "http", Some("127.0.0.1:80")),
            ("ssh://git@host.example:22/a", "ssh", Some("host.example:22")),
            ("git@github.com:a/b.git", "ssh", Some("github.com")),
            ("file:///srv/a.git", "file", None),
            ("/srv/a.git", "file", None),
        ] {
            assert_eq!(repo(url).protocol(), Ok(protocol), "{url}");
            assert_eq!(repo(url).host().filter(|_| protocol != "file"), host, "{url}");
        }
    }

    #[test]
    fn addresses_that_git_could_take_for_something_else_are_refused() {
        for url in [
            "",
            "-x",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c id",
            "ext::sh",
            "fd::17",
            "ftp://host/a",
            "https://",
            "https://host",
            "https:///a",
            "ssh://-oProxyCommand=id/a",
            "-oProxyCommand=id:a",
            "a b:c",
            "host",
            "../up",
            "ssh://-x@host/a",
            "https://host/a\nb",
            "git@@host:a",
            "host:",
        ] {
            assert!(matches!(repo(url).check(), Err(BadRepo::Address(_))), "{url}");
        }
    }

    #[test]
    fn secrets_in_addresses_are_refused_without_repeating_them() {
        for url in ["https://user:secret@host/a", "https://secret@host/a", "ssh://git:secret@host/a"] {
            let refused = repo(url).check().unwrap_err();
            assert_eq!(refused, BadRepo::Credentials, "{url}");
            assert!(!refused.to_string().contains("secret"));
        }
    }

    #[test]
    fn names_are_those_of_branches_tags_and_commits() {
        let named = |name: &str| RepoContext { branch: Some(name.into()), ..repo("/a") }.check();
        for good in ["main", "feature/x-1", "v1.2.3", "0123456789abcdef", "HEAD"] {
            assert_eq!(named(good), Ok(()), "{good}");
        }
        for bad in ["", "-x", "--all", "a..b", "a b", "a:b", "HEAD~1", "a@{1}", "x.lock", "/a", "a/", ".a", "a/.b", "@"]
        {
            assert_eq!(named(bad), Err(BadRepo::Name(bad.into())), "{bad}");
        }
    }
}
