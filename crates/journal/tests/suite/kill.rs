//! Kill -9 at random moments: every acknowledged commit is there, whole, in order, without a hole.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use tenure_journal::{Commit, Position, Store};

use crate::kit::{Dice, child, child_folder, commit, delta, id, long, options, record, session};

const ENTITIES: u128 = 8;

#[test]
fn every_acknowledged_commit_survives_a_kill() {
    let mut dice = Dice::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = Acknowledged::default();
    for round in 0..if long() { 300 } else { 15 } {
        run_and_kill(folder.path(), &mut dice, &mut acknowledged);
        let store = Store::open(options(folder.path())).unwrap_or_else(|error| panic!("round {round}: {error}"));
        acknowledged.check(&store, round);
    }
    assert!(acknowledged.position > 100, "the children wrote something");
}

#[derive(Default)]
struct Acknowledged {
    position: u64,
    seqs: BTreeMap<u128, u64>,
}

impl Acknowledged {
    fn check(&self, store: &Store, round: u32) {
        assert!(store.position().0 >= self.position, "round {round}: an acknowledged position is gone");
        let mut positions = vec![];
        for n in 0..ENTITIES {
            let loaded = store.load(session(n)).unwrap_or_else(|error| panic!("round {round}: {error}"));
            let expected = self.seqs.get(&n).copied().unwrap_or(0);
            assert!(loaded.seq >= expected, "round {round}: entity {n} ends at {}, not {expected}", loaded.seq);
            positions.extend(loaded.records.iter().map(|record| record.position.0));
            for stored in loaded.records {
                assert!(stored.body == filled(n, stored.seq).body, "round {round}: {n}/{} is another", stored.seq);
            }
            // Each commit carries one delta of the open stream; a stream is closed by every tenth.
            assert_eq!(loaded.deltas.len() as u64, loaded.seq % 10, "round {round}: entity {n}");
        }
        positions.sort_unstable();
        let whole: Vec<_> = (1..=store.position().0).collect();
        assert_eq!(positions, whole, "round {round}: positions have no hole");
    }
}

/// Runs a child until it has acknowledged a random number of commits, or is about to open the store; then kills it.
fn run_and_kill(folder: &Path, dice: &mut Dice, acknowledged: &mut Acknowledged) {
    let mut child = child("kill::child_commits", folder).stdout(Stdio::piped()).spawn().expect("the child starts");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut left = match dice.below(4) {
        0 => 0,
        _ => dice.below(400),
    };
    for line in lines {
        let line = line.expect("a line");
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["ack", entity, seq, position] => {
                let number = |text: &str| text.parse::<u64>().expect("a number");
                acknowledged.seqs.insert(number(entity).into(), number(seq));
                acknowledged.position = number(position);
                left = left.saturating_sub(1);
            }
            // From here on it opens the store.
            ["opening"] => {}
            _ => continue,
        }
        // What stands in the pipe after the kill was acknowledged before it, so reading goes on to the end.
        if left == 0 {
            child.kill().expect("the child is killed");
        }
    }
    child.wait().expect("the child ends");
}

fn filled(n: u128, seq: u64) -> tenure_journal::NewRecord {
    let filling = match seq % 7 {
        0 => 70_000,
        1 => 9_000,
        more => 20 * more as usize + n as usize,
    };
    record(seq, filling)
}

#[test]
#[ignore = "runs as a child of the test above"]
fn child_commits() {
    let Some(folder) = child_folder() else { return };
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}").expect("somebody listens");
        out.flush().expect("somebody listens");
    };
    say("\nopening".into());
    let store = Store::open(options(&folder)).expect("it opens");
    let mut lives: Vec<_> =
        (0..ENTITIES).map(|n| (store.fence(session(n)), store.load(session(n)).expect("it loads").seq)).collect();
    let mut dice = Dice::new();
    loop {
        let mut group = vec![];
        let mut names = vec![];
        for _ in 0..=dice.below(6) {
            let n = dice.below(ENTITIES as u64) as usize;
            let (epoch, seq) = &mut lives[n];
            *seq += 1;
            let stream = id(n as u128 * 1_000_000 + u128::from(*seq / 10));
            let closes = (*seq % 10 == 0).then(|| id(n as u128 * 1_000_000 + u128::from((*seq - 1) / 10)));
            let deltas = match closes {
                Some(_) => vec![],
                None => vec![delta(stream, *seq, "text")],
            };
            let plain = commit(session(n as u128), *epoch, *seq);
            let record = Some(filled(n as u128, *seq));
            group.push(Commit { record, deltas, closes: closes.into_iter().collect(), ..plain });
            names.push((n, *seq));
        }
        let answers = store.commit(&group, &[]).expect("it writes");
        for ((n, seq), answer) in names.into_iter().zip(answers) {
            let Position(position) = answer.expect("it is taken");
            say(format!("ack {n} {seq} {position}"));
        }
    }
}
