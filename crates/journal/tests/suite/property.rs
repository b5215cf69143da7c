//! Random commits against a model in plain maps: after any sequence, and after reopening, both say the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tenure_journal::engine::MemoryEngine;
use tenure_journal::{Commit, EffectId, NewRecord, Position, Snapshot, Store, Timer, TimerChange};
use tenure_model::Timestamp;
use uuid::Uuid;

use crate::kit::{Home, delta, id, session};

/// One commit, in small numbers.
#[derive(Clone, Debug)]
struct Step {
    entity: u8,
    record: Option<(usize, u8, Vec<u8>)>,
    deltas: Vec<(u8, usize)>,
    close: Option<u8>,
    snapshot: Option<usize>,
    timer: Option<Option<u8>>,
    strike: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![0..50_usize, 3_900..4_100_usize, 65_000..66_000_usize];
    let record = proptest::option::weighted(0.7, (length.clone(), 0..3_u8, proptest::collection::vec(0..3_u8, 0..3)));
    let deltas = proptest::collection::vec((0..3_u8, prop_oneof![0..50_usize, 3_900..9_000_usize]), 0..4);
    let close = proptest::option::weighted(0.2, 0..3_u8);
    let snapshot = proptest::option::weighted(0.2, length);
    let timer = proptest::option::weighted(0.5, proptest::option::of(0..9_u8));
    (0..4_u8, record, deltas, close, snapshot, timer, any::<bool>()).prop_map(
        |(entity, record, deltas, close, snapshot, timer, strike)| Step {
            entity,
            record,
            deltas,
            close,
            snapshot,
            timer,
            strike,
        },
    )
}

/// What one entity should hold.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    records: Vec<(Position, Vec<u8>)>,
    deltas: BTreeMap<(Uuid, u64), (Position, String)>,
    snapshot: Option<Snapshot>,
    timer: Option<Timer>,
    outbox: Vec<(EffectId, Vec<u8>)>,
    pages: BTreeMap<Uuid, Vec<u64>>,
    /// Streams are numbered anew when one is closed: a closed stream stays closed.
    lives: [u64; 3],
}

#[derive(Default)]
struct World {
    entities: BTreeMap<u8, Model>,
    position: u64,
    deltas: u64,
}

impl World {
    /// Makes the commit of a step, and does to the model what it should do to the store.
    fn play(&mut self, store: &Store, step: &Step) -> Commit {
        self.position += 1;
        let position = Position(self.position);
        let key = session(step.entity.into());
        let model = self.entities.entry(step.entity).or_default();
        let mut commit = Commit::new(key, store.fence(key));
        let stream = |lives: &[u64; 3], n: u8| id(u128::from(n) << 32 | u128::from(lives[n as usize]));
        for (n, length) in &step.deltas {
            self.deltas += 1;
            let delta = delta(stream(&model.lives, *n), self.deltas, &"d".repeat(*length));
            model.deltas.insert((delta.stream, delta.number), (position, delta.body.clone()));
            commit.deltas.push(delta);
        }
        if let Some(n) = step.close {
            let closed = stream(&model.lives, n);
            model.deltas.retain(|(stream, _), _| *stream != closed);
            model.lives[n as usize] += 1;
            commit.closes.push(closed);
        }
        if let Some((length, effects, pages)) = &step.record {
            let seq = model.records.len() as u64 + 1;
            let effects: Vec<_> = (0..*effects).map(|n| format!("\"{seq}.{n}\"")).collect();
            let filling = "r".repeat(*length);
            let body = format!(r#"{{"seq":{seq},"at":1,"events":["{filling}"],"effects":[{}]}}"#, effects.join(","));
            let pages: Vec<_> = pages.iter().map(|n| id((*n).into())).collect();
            let record = NewRecord {
                seq,
                at: Timestamp(1),
                body: body.clone().into_bytes(),
                effects: effects.len() as u32,
                pages: pages.clone(),
            };
            commit.record = Some(record);
            model.records.push((position, body.into_bytes()));
            let named = effects.into_iter().zip(0..);
            model.outbox.extend(named.map(|(effect, n)| (EffectId { key, seq, n }, effect.into_bytes())));
            let mut all = pages;
            all.extend((!all.is_empty()).then(Uuid::nil));
            all.sort();
            all.dedup();
            all.into_iter().for_each(|page| model.pages.entry(page).or_default().push(seq));
        }
        if let Some(length) = step.snapshot {
            let body = format!("\"{}\"", "s".repeat(length)).into_bytes();
            let snapshot = Snapshot { seq: model.records.len() as u64, body };
            model.snapshot = Some(snapshot.clone());
            commit.snapshot = Some(snapshot);
        }
        if let Some(timer) = step.timer {
            model.timer = timer.map(|at| Timer { at: Timestamp(at.into()), claims: at % 2 == 0 });
            commit.timer = Some(model.timer.map_or(TimerChange::Clear, TimerChange::Set));
        }
        commit
    }

    /// Takes an effect off the outbox of each entity whose step says so.
    fn strike(&mut self, steps: &[Step]) -> Vec<EffectId> {
        let struck = steps.iter().filter(|step| step.strike).filter_map(|step| {
            let outbox = &mut self.entities.get_mut(&step.entity)?.outbox;
            (!outbox.is_empty()).then(|| outbox.remove(0).0)
        });
        struck.collect()
    }

    fn check(&self, store: &Store) {
        assert_eq!(store.position(), Position(self.position));
        for (n, model) in &self.entities {
            let key = session((*n).into());
            let loaded = store.load(key).expect("it loads");
            let found: Vec<_> = store.records(key, 1, usize::MAX).expect("read");
            let found: Vec<_> = found.into_iter().map(|record| (record.position, record.body)).collect();
            assert!(found == model.records, "the records of {key}");
            assert_eq!(loaded.seq, model.records.len() as u64);
            assert!(loaded.snapshot == model.snapshot, "the snapshot of {key}");
            assert_eq!(loaded.timer, model.timer);
            let deltas =
                loaded.deltas.into_iter().map(|d| ((d.delta.stream, d.delta.number), (d.position, d.delta.body)));
            assert!(deltas.collect::<BTreeMap<_, _>>() == model.deltas, "the deltas of {key}");
            assert_eq!(store.outbox_of(key).expect("read"), model.outbox);
            for (page, seqs) in &model.pages {
                let page = store.page(key, *page, None, usize::MAX).expect("read");
                assert!(page.iter().map(|record| record.seq).eq(seqs.iter().rev().copied()));
            }
            for from in [0, self.position / 2, self.position] {
                let after = store.records_after(key, Position(from), usize::MAX).expect("read");
                assert_eq!(after.len(), model.records.iter().filter(|(position, _)| position.0 > from).count());
            }
        }
    }
}

fn run(home: &Home, steps: &[Step], reopen_every: usize) {
    let mut world = World::default();
    for steps in steps.chunks(reopen_every) {
        let store = home.store();
        for steps in steps.chunks(5) {
            // Only what an earlier group has written can have been carried out.
            let strikes = world.strike(steps);
            let mut group: Vec<Commit> = vec![];
            for step in steps {
                let commit = world.play(&store, step);
                let same = group.iter_mut().filter(|other| other.key == commit.key);
                same.for_each(|other| other.epoch = commit.epoch);
                group.push(commit);
            }
            let answers = store.commit(&group, &strikes).expect("it writes");
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        }
        world.check(&store);
    }
    world.check(&home.store());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_says_what_the_model_says(steps in proptest::collection::vec(step(), 1..60)) {
        run(&Home::Memory(MemoryEngine::new()), &steps, 20);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_embedded_store_says_what_the_model_says(steps in proptest::collection::vec(step(), 1..60)) {
        run(&Home::Sled(tempfile::tempdir().expect("a folder")), &steps, 20);
    }
}
