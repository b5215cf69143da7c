//! The secrets with which repositories are reached: for one call of git, in a file that nobody else may read, which is gone
//! when the call is over. They stand in no argument, address, variable or message.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tenure_model::step::RepoContext;

use super::git::Git;
use crate::config::GitCredential;
use crate::identity::fresh_id;

/// What one call of git is given to sign in with.
pub struct SignIn {
    helper: Option<String>,
    file: Option<SecretFile>,
}

/// A file that is removed when it is dropped.
struct SecretFile(PathBuf);

impl SignIn {
    /// Prepares what the repository's host asks for, when the configuration names it.
    pub fn prepare(credentials: &[GitCredential], repo: &RepoContext, data: &Path) -> Result<Self, String> {
        let host = repo.host().unwrap_or_default();
        let Some(known) = credentials.iter().find(|known| known.host == host) else {
            return Ok(Self { helper: None, file: None });
        };
        if let Some(helper) = &known.helper {
            return Ok(Self { helper: Some(helper.clone()), file: None });
        }
        let password = password(known)?;
        let scheme = repo.protocol().map_err(|bad| bad.to_string())?;
        let (user, secret) = (encoded(&known.username), encoded(&password));
        let line = format!("{scheme}://{user}:{secret}@{host}\n");
        let file =
            SecretFile::write(data, &line).map_err(|error| format!("failed to hand git its credential: {error}"))?;
        let helper = format!("store --file={}", quoted(&file.0));
        Ok(Self { helper: Some(helper), file: Some(file) })
    }

    /// Lets a call sign in.
    pub fn add_to<'a>(&self, git: Git<'a>) -> Git<'a> {
        match &self.helper {
            // A helper of the operator's finds its own things at home.
            Some(helper) if self.file.is_none() => git.at_home().setting(format!("credential.helper={helper}")),
            Some(helper) => git.setting(format!("credential.helper={helper}")),
            None => git,
        }
    }
}

fn password(known: &GitCredential) -> Result<String, String> {
    let unread = |what: &str, error: &dyn std::fmt::Display| {
        format!("the credential for {} cannot be used: {what}: {error}", known.host)
    };
    match (&known.password_env, &known.password_file) {
        (Some(name), _) => std::env::var(name).map_err(|error| unread(name, &error)),
        (None, Some(file)) => {
            let read = fs::read_to_string(file).map_err(|error| unread(&file.display().to_string(), &error))?;
            Ok(read.trim_end_matches(['\n', '\r']).to_owned())
        }
        (None, None) => Err(format!("the credential for {} names neither a password nor a helper", known.host)),
    }
}

impl SecretFile {
    fn write(data: &Path, line: &str) -> io::Result<Self> {
        let folder = data.join("git/secret");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let path = folder.join(fresh_id().to_string());
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let secret = Self(path);
        file.write_all(line.as_bytes())?;
        Ok(secret)
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        // Whatever keeps it here is told by the next start, which empties the folder.
        let _ = fs::remove_file(&self.0);
    }
}

/// Removes what a killed runner left.
pub fn forget_all(data: &Path) {
    // Most often there is nothing to remove.
    let _ = fs::remove_dir_all(data.join("git/secret"));
}

/// Writes a text as a part of an address.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Writes a path as one word of a shell: git runs helpers in one.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_stands_in_a_private_file_for_as_long_as_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        fs::write(&password, "p@ss/word\n").unwrap();
        let known = GitCredential {
            host: "host.example".into(),
            username: "me".into(),
            password_file: Some(password),
            ..GitCredential::default()
        };
        let repo = RepoContext { url: "https://host.example/a".into(), branch: None, reference: None };
        let sign_in = SignIn::prepare(&[known], &repo, folder.path()).unwrap();
        let file = fs::read_dir(folder.path().join("git/secret")).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read_to_string(&file).unwrap(), "https://me:p%40ss%2Fword@host.example\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!sign_in.helper.as_ref().unwrap().contains("word"));
        drop(sign_in);
        assert!(!file.exists());
    }

    #[test]
    fn another_host_gets_no_secret_and_a_missing_one_is_told_by_name() {
        let known = GitCredential {
            host: "host.example".into(),
            password_env: Some("TENURE_TEST_NOT_SET".into()),
            ..GitCredential::default()
        };
        let at = |url: &str| RepoContext { url: url.into(), branch: None, reference: None };
        let data = tempfile::tempdir().unwrap();
        let prepared = |url: &str| SignIn::prepare(std::slice::from_ref(&known), &at(url), data.path());
        assert!(prepared("https://other.example/a").unwrap().helper.is_none());
        let refused = prepared("https://host.example/a").err().unwrap();
        assert!(refused.contains("TENURE_TEST_NOT_SET"), "{refused}");
    }
}
