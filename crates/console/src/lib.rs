//! The web console as files: built into the binary, or read from a folder. What a file means to browsers, the server knows.
//!
//! `web/` holds the sources, and `cargo xtask console` builds them into `dist/`: `index.html`, other files of the top, and
//! `assets/`, whose names change with their contents. A release build takes `dist/` in; a debug build reads it from the disk
//! each time, so that it shows a new console without being built anew.

mod name;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use name::is_name;

/// The page that everything begins with.
pub const PAGE: &str = "index.html";
/// The folder of files whose names change with their contents.
pub const ASSETS: &str = "assets/";

#[derive(rust_embed::Embed)]
#[folder = "dist"]
#[allow_missing = true]
struct BuiltIn;

/// Where the console's files come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Files {
    BuiltIn,
    Folder(PathBuf),
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    pub bytes: Cow<'static, [u8]>,
    /// The SHA-256 of the bytes.
    pub hash: [u8; 32],
}

impl Files {
    /// Returns a file by its path: a name, or a name below [`ASSETS`]. Nothing else is a path, so that none leads elsewhere.
    pub fn get(&self, path: &str) -> Option<File> {
        if !is_name(path.strip_prefix(ASSETS).unwrap_or(path)) {
            return None;
        }
        match self {
            Files::BuiltIn => {
                let file = BuiltIn::get(path)?;
                Some(File { hash: file.metadata.sha256_hash(), bytes: file.data })
            }
            Files::Folder(folder) => read(folder, path),
        }
    }
}

/// Reads a file of a folder. A link that leads out of it is not followed.
fn read(folder: &Path, path: &str) -> Option<File> {
    let (folder, path) = (folder.canonicalize().ok()?, folder.join(path).canonicalize().ok()?);
    if !path.starts_with(folder) {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(File { hash: Sha256::digest(&bytes).into(), bytes: bytes.into() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> (tempfile::TempDir, Files) {
        let outer = tempfile::tempdir().expect("a folder");
        let dist = outer.path().join("dist");
        fs::create_dir_all(dist.join("assets/inner")).expect("folders");
        for (path, text) in
            [("secret.txt", "s"), ("dist/index.html", "page"), ("dist/assets/a-1.js", "a"), ("dist/.env", "e")]
        {
            fs::write(outer.path().join(path), text).expect("a file");
        }
        fs::write(dist.join("assets/inner/b.js"), "b").expect("a file");
        let files = Files::Folder(dist);
        (outer, files)
    }

    #[test]
    fn files_are_found_at_the_top_and_among_the_assets() {
        let (_outer, files) = folder();
        let page = files.get(PAGE).expect("the page");
        assert_eq!((&*page.bytes, page.hash), (&b"page"[..], Sha256::digest(b"page").into()));
        assert_eq!(&*files.get("assets/a-1.js").expect("an asset").bytes, b"a");
        for nothing in ["a-1.js", "assets", "assets/", "assets/b.js", "none.txt", ""] {
            assert_eq!(files.get(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let (outer, files) = folder();
        std::os::unix::fs::symlink(outer.path().join("secret.txt"), outer.path().join("dist/link.txt"))
            .expect("a link");
        let whole = outer.path().join("secret.txt");
        for way_out in [
            "../secret.txt",
            "assets/../../secret.txt",
            "..%2fsecret.txt",
            "..\\secret.txt",
            "link.txt",
            ".env",
            ".",
            "..",
            "assets/..",
            "assets/inner/b.js",
            "index.html\0",
            whole.to_str().expect("a path"),
        ] {
            assert_eq!(files.get(way_out), None, "{way_out}");
            assert_eq!(Files::BuiltIn.get(way_out), None, "{way_out}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_files() {
        assert_eq!(Files::Folder("/nowhere/at/all".into()).get(PAGE), None);
    }
}
