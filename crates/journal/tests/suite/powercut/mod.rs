//! Power cuts: a child commits over a recorder; at many points of its recording the images that a disk with a volatile
//! cache could hold are built and opened. Every acknowledged commit must be there and verify.

mod disk;
mod recording;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use tenure_journal::{Commit, NewRecord, OpenOptions, Position, Snapshot, Store};

use self::disk::{Disk, Trust};
use self::recording::Note;
use crate::kit::{Dice, child, child_folder, delta, id, long, options, record, session};

const ENTITIES: u64 = 5;

/// The file in which the child notes what was acknowledged; a write to it stands in the recording where it happened.
const ACKNOWLEDGED: &str = "acknowledged";

#[test]
fn no_power_cut_takes_what_was_acknowledged() {
    let mut dice = Dice::new();
    let rig = Rig::new();
    // The later runs go on with what the first one left: reopening writes snapshots and removes old ones.
    for _ in 0..if long() { 6 } else { 2 } {
        let notes = rig.record();
        let lost = rig.cut(&notes, Trust::Everything, if long() { 200 } else { 30 }, &mut dice);
        assert_eq!(lost, Vec::<String>::new());
    }
}

#[test]
fn the_same_cuts_take_something_when_our_own_sync_is_left_out() {
    let rig = Rig::new();
    let notes = rig.record();
    let lost = rig.cut(&notes, Trust::NoDataSync, 30, &mut Dice::new());
    assert!(!lost.is_empty(), "the test above could not fail");
}

struct Rig {
    folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("store")).expect("created");
        Self { folder }
    }

    /// Runs the child on the store folder; the notes of former runs come first.
    fn record(&self) -> Vec<Note> {
        let library = recording::build(self.folder.path());
        let store = self.folder.path().canonicalize().expect("it is there").join("store");
        recording::record(child("powercut::child_commits", &store), &library, &store, &self.folder.path().join("log"))
    }

    /// Builds and opens images at random points; returns what was wrong with them.
    fn cut(&self, notes: &[Note], trust: Trust, cuts: u64, dice: &mut Dice) -> Vec<String> {
        let image = self.folder.path().join("image");
        let mut points: Vec<_> = (0..cuts).map(|_| dice.below(notes.len() as u64) as usize).collect();
        points.sort_unstable();
        let mut disk = Disk::new(trust);
        let mut acknowledged = Position(0);
        let mut wrong = vec![];
        for (at, note) in notes.iter().enumerate() {
            while points.first() == Some(&at) {
                points.remove(0);
                disk.cut(&image, dice);
                // The library panics at some damage that our own sync keeps away.
                let judged = std::panic::catch_unwind(|| judge(&image, acknowledged));
                let judged = judged.unwrap_or_else(|_| Err("the store panicked".to_owned()));
                wrong.extend(judged.err().map(|why| format!("cut at note {at}: {why}")));
            }
            match note {
                Note::Write { path, data, .. } if path == ACKNOWLEDGED => {
                    acknowledged = Position(u64::from_be_bytes(data[..].try_into().expect("a position")));
                }
                other => disk.play(other),
            }
        }
        wrong
    }
}

/// Opens an image; it must hold every commit up to the acknowledged position, and be able to go on.
fn judge(image: &Path, acknowledged: Position) -> Result<(), String> {
    let store = Store::open(options(image)).map_err(|error| format!("it does not open: {error}"))?;
    let reached = store.position();
    if reached < acknowledged {
        return Err(format!("position {acknowledged} was acknowledged, and the store ends at {reached}"));
    }
    let mut positions = vec![];
    for n in 0..ENTITIES {
        let records = store.records(session(n.into()), 1, usize::MAX).map_err(|error| error.to_string())?;
        store.load(session(n.into())).map_err(|error| error.to_string())?;
        if let Some(other) = records.iter().find(|stored| stored.body != filled(n, stored.seq).body) {
            return Err(format!("record {n}/{} is another", other.seq));
        }
        positions.extend(records.iter().map(|stored| stored.position.0));
    }
    positions.sort_unstable();
    if !positions.iter().copied().eq(1..=reached.0) {
        return Err(format!("the positions up to {reached} have a hole"));
    }
    let epoch = store.fence(session(99));
    let next = Commit { record: Some(record(1, 0)), ..Commit::new(session(99), epoch) };
    let answers = store.commit(&[next], &[]).map_err(|error| error.to_string())?;
    answers.into_iter().next().expect("one answer").map(drop).map_err(|error| error.to_string())
}

fn filled(n: u64, seq: u64) -> NewRecord {
    let filling = match (n + seq) % 9 {
        0 => 70_000,
        1 => 12_000,
        more => 100 * more as usize,
    };
    record(seq, filling)
}

#[test]
#[ignore = "runs as a child of the tests above"]
fn child_commits() {
    let Some(folder) = child_folder() else { return };
    let flush_every = Duration::from_millis(20);
    let store = Store::open(OpenOptions { flush_every, ..options(&folder) }).expect("it opens");
    let mut acknowledged = File::options().create(true).append(true).open(folder.join(ACKNOWLEDGED)).expect("it opens");
    let mut dice = Dice::new();
    let mut lives: Vec<_> = (0..ENTITIES)
        .map(|n| (store.fence(session(n.into())), store.load(session(n.into())).expect("it loads").seq))
        .collect();
    for round in 0..250 {
        let mut group = vec![];
        for n in 0..ENTITIES {
            if dice.below(3) == 0 {
                continue;
            }
            let (epoch, seq) = &mut lives[n as usize];
            *seq += 1;
            let mut commit = Commit::new(session(n.into()), *epoch);
            commit.record = Some(filled(n, *seq));
            commit.deltas = (0..20).map(|k| delta(id((*seq / 4).into()), *seq * 100 + k, "streamed text")).collect();
            commit.closes = (*seq % 4 == 0).then(|| id(((*seq / 4) - 1).into())).into_iter().collect();
            let body = record(*seq, (round * 400) % 90_000).body;
            commit.snapshot = (round % 10 == 9).then_some(Snapshot { seq: *seq, body });
            group.push(commit);
        }
        let answers = store.commit(&group, &[]).expect("it writes");
        assert!(answers.iter().all(Result::is_ok));
        acknowledged.write_all(&store.position().0.to_be_bytes()).expect("it is noted");
    }
}
