//! A disk with a volatile cache: what is on it for certain, and what may or may not be there after a power cut.
//!
//! A file's changes since its last sync may each be lost, or torn at a sector. A folder's changes (names made, renamed,
//! removed) since its last sync may be lost from some point on, as a journalling file system loses them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::recording::Note;
use crate::kit::Dice;

const SECTOR: usize = 512;

/// What a sync is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    Everything,
    /// As if our own sync of the log were left out: what plain sled offers.
    NoDataSync,
}

/// A file apart from its names.
#[derive(Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

type Names = BTreeMap<String, usize>;

enum NameChange {
    Make(String, usize),
    Rename(String, String),
    Remove(String),
}

/// The disk while notes are played.
pub struct Disk {
    trust: Trust,
    files: Vec<File>,
    /// Names as the program sees them.
    live: Names,
    /// Names that are on disk for certain.
    durable: Names,
    pending: Vec<NameChange>,
}

impl Disk {
    pub fn new(trust: Trust) -> Self {
        Self { trust, files: vec![], live: Names::new(), durable: Names::new(), pending: vec![] }
    }

    /// Does what a note says.
    pub fn play(&mut self, note: &Note) {
        match note {
            Note::Create(path) => {
                self.files.push(File::default());
                let file = self.files.len() - 1;
                self.live.insert(path.clone(), file);
                self.pending.push(NameChange::Make(path.clone(), file));
            }
            // Folders are made once; sled's have nothing in them.
            Note::Folder => {}
            Note::Write { path, offset, data } => self.change(path, Change::Write(*offset as usize, data.clone())),
            Note::Truncate { path, len } => self.change(path, Change::Truncate(*len as usize)),
            Note::Sync(path) if path.is_empty() => {
                for change in std::mem::take(&mut self.pending) {
                    apply_name(&mut self.durable, &change);
                }
            }
            Note::Sync(path) => self.sync(path),
            Note::SyncData(path) if self.trust == Trust::Everything => self.sync(path),
            Note::SyncData(_) => {}
            Note::Rename { from, to } => {
                if let Some(file) = self.live.remove(from) {
                    self.live.insert(to.clone(), file);
                }
                self.pending.push(NameChange::Rename(from.clone(), to.clone()));
            }
            Note::Remove(path) => {
                self.live.remove(path);
                self.pending.push(NameChange::Remove(path.clone()));
            }
        }
    }

    fn change(&mut self, path: &str, change: Change) {
        if let Some(file) = self.live.get(path) {
            self.files[*file].pending.push(change);
        }
    }

    fn sync(&mut self, path: &str) {
        if let Some(file) = self.live.get(path) {
            let file = &mut self.files[*file];
            for change in std::mem::take(&mut file.pending) {
                apply(&mut file.durable, &change);
            }
        }
    }

    /// Writes one image that the disk could hold if the power went now.
    pub fn cut(&self, image: &Path, dice: &mut Dice) {
        let _ = fs::remove_dir_all(image);
        fs::create_dir_all(image.join("blobs")).expect("the image is made");
        let mut names = self.durable.clone();
        let kept = dice.below(self.pending.len() as u64 + 1) as usize;
        self.pending[..kept].iter().for_each(|change| apply_name(&mut names, change));
        // Each cut has a mood: little is lost, much is lost, or all.
        let keep_of_4 = dice.below(5);
        for (name, file) in names {
            let file = &self.files[file];
            let mut data = file.durable.clone();
            for change in &file.pending {
                if dice.below(4) < keep_of_4 {
                    apply(&mut data, &torn(change, dice));
                }
            }
            fs::write(image.join(name), data).expect("the image is written");
        }
    }
}

/// Returns the change, or now and then only some of its sectors' worth.
fn torn(change: &Change, dice: &mut Dice) -> Change {
    match change {
        Change::Write(offset, data) if data.len() > SECTOR && dice.below(4) == 0 => {
            let sectors = dice.below((data.len() / SECTOR) as u64) as usize;
            Change::Write(*offset, data[..sectors * SECTOR].to_vec())
        }
        Change::Write(offset, data) => Change::Write(*offset, data.clone()),
        Change::Truncate(len) => Change::Truncate(*len),
    }
}

fn apply(data: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(offset, new) => {
            let end = offset + new.len();
            if data.len() < end {
                data.resize(end, 0);
            }
            data[*offset..end].copy_from_slice(new);
        }
        Change::Truncate(len) => data.resize(*len, 0),
    }
}

fn apply_name(names: &mut Names, change: &NameChange) {
    match change {
        NameChange::Make(name, file) => drop(names.insert(name.clone(), *file)),
        NameChange::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        NameChange::Remove(name) => drop(names.remove(name)),
    }
}
