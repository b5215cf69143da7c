//! Lists over all entities: timers, summaries, pages, the outbox, the entities themselves.

use tenure_journal::{Commit, EffectId, NewRecord, Position, Store, SummaryChange, Timer, TimerChange};
use tenure_model::{EntityKey, Kind, Row, SummaryKey, Timestamp};
use uuid::Uuid;

use crate::kit::{commit, id, on_both, record, session, take};

#[test]
fn timers_are_listed_by_time_as_they_were_last_set() {
    on_both(|home| {
        {
            let store = home.store();
            let set = |n: u128, at, claims| {
                let timer = Some(TimerChange::Set(Timer { at: Timestamp(at), claims }));
                take(&store, Commit { timer, ..Commit::new(session(n), store.fence(session(n))) });
            };
            set(1, 50, false);
            set(2, 40, true);
            set(3, 10, false);
            set(1, 30, false);
            take(
                &store,
                Commit { timer: Some(TimerChange::Clear), ..Commit::new(session(3), store.fence(session(3))) },
            );
        }
        let store = home.store();
        let timer = |at, claims| Timer { at: Timestamp(at), claims };
        assert_eq!(store.timers().expect("read"), [(timer(30, false), session(1)), (timer(40, true), session(2))]);
        assert_eq!(store.load(session(1)).expect("it loads").timer, Some(timer(30, false)));
        assert_eq!(store.load(session(3)).expect("it loads").timer, None);
    });
}

#[test]
fn summaries_are_listed_newest_first_in_pages_and_apart_from_other_lists_and_owners() {
    on_both(|home| {
        let store = home.store();
        let key = |owner: u128, list: &str, rank, n| SummaryKey {
            owner: Uuid::from_u128(owner).into(),
            list: list.into(),
            rank: Timestamp(rank),
            id: Uuid::from_u128(n),
        };
        let change = |key: SummaryKey, row| SummaryChange { key, row: Some(Row::of(&row)) };
        let mut summaries: Vec<_> = (0..10).map(|n| change(key(1, "session", 100 + n, n.into()), n)).collect();
        summaries.push(change(key(1, "session_x", 500, 1), 500));
        summaries.push(change(key(2, "session", 500, 1), 500));
        take(&store, Commit { summaries, ..Commit::new(session(1), store.fence(session(1))) });
        let changes =
            vec![SummaryChange { key: key(1, "session", 108, 8), row: None }, change(key(1, "session", 107, 7), 700)];
        take(&store, Commit { summaries: changes, ..Commit::new(session(1), store.fence(session(1))) });
        let owner = Uuid::from_u128(1);
        let page = store.summaries(owner, "session", None, 3).expect("read");
        assert_eq!(
            page.iter().map(|summary| summary.row.clone()).collect::<Vec<_>>(),
            [9, 700, 6].map(|n| Row::of(&n))
        );
        let last = &page[2].key;
        let next = store.summaries(owner, "session", Some((last.rank, last.id)), 100).expect("read");
        assert_eq!(
            next.iter().map(|summary| summary.row.clone()).collect::<Vec<_>>(),
            [5, 4, 3, 2, 1, 0].map(|n| Row::of(&n))
        );
        assert_eq!(store.summary(&key(1, "session", 107, 7)).expect("read"), Some(Row::of(&700)));
        assert_eq!(store.summary(&key(1, "session", 108, 8)).expect("read"), None);
    });
}

#[test]
fn a_transcript_is_read_backwards_by_page_and_as_a_whole() {
    on_both(|home| {
        let store = home.store();
        let epoch = store.fence(session(1));
        for seq in 1..=12 {
            let pages = match seq % 3 {
                0 => vec![],
                n => vec![id(n.into())],
            };
            take(
                &store,
                Commit { record: Some(NewRecord { pages, ..record(seq, 0) }), ..Commit::new(session(1), epoch) },
            );
        }
        let seqs = |page, before, limit| {
            let records = store.page(session(1), page, before, limit).expect("read");
            records.iter().map(|record| record.seq).collect::<Vec<_>>()
        };
        assert_eq!(seqs(id(1), None, 9), [10, 7, 4, 1]);
        assert_eq!(seqs(id(2), None, 2), [11, 8]);
        assert_eq!(seqs(id(2), Some(8), 9), [5, 2]);
        assert_eq!(seqs(Uuid::nil(), Some(8), 4), [7, 5, 4, 2], "the nil page is the whole transcript");
        assert!(seqs(id(3), None, 9).is_empty());
    });
}

/// A record with two effects.
fn asking(seq: u64) -> NewRecord {
    let body = format!(r#"{{"seq":{seq},"at":{seq},"events":[],"effects":["first {seq}",{{"second":{seq}}}]}}"#);
    NewRecord { body: body.into_bytes(), effects: 2, ..record(seq, 0) }
}

#[test]
fn effects_wait_in_order_until_they_are_struck_out() {
    on_both(|home| {
        let effect = |n, seq, place| EffectId { key: session(n), seq, n: place };
        {
            let store = home.store();
            for n in [2, 1] {
                let epoch = store.fence(session(n));
                take(&store, commit(session(n), epoch, 1));
                take(&store, Commit { record: Some(asking(2)), ..Commit::new(session(n), epoch) });
                take(&store, Commit { record: Some(asking(3)), ..Commit::new(session(n), epoch) });
            }
            store.commit(&[], &[effect(1, 2, 0), effect(2, 3, 1)]).expect("a strike needs no commit");
            assert_eq!(store.position(), Position(6));
        }
        let store = home.store();
        let texts = |rows: Vec<(EffectId, Vec<u8>)>| {
            rows.into_iter().map(|(id, body)| (id, String::from_utf8(body).expect("JSON"))).collect::<Vec<_>>()
        };
        let all = texts(store.outbox(None, 100).expect("read"));
        let expected = [
            (effect(1, 2, 1), r#"{"second":2}"#.to_owned()),
            (effect(1, 3, 0), r#""first 3""#.to_owned()),
            (effect(1, 3, 1), r#"{"second":3}"#.to_owned()),
            (effect(2, 2, 0), r#""first 2""#.to_owned()),
            (effect(2, 2, 1), r#"{"second":2}"#.to_owned()),
            (effect(2, 3, 0), r#""first 3""#.to_owned()),
        ];
        assert_eq!(all, expected);
        assert_eq!(texts(store.outbox(Some(effect(1, 3, 0)), 2).expect("read")), expected[2..4]);
        assert_eq!(texts(store.outbox_of(session(2)).expect("read")), expected[3..]);
    });
}

#[test]
fn entities_of_a_kind_are_listed_in_pages() {
    on_both(|home| {
        let store = home.store();
        let owner = EntityKey::new(Kind::Owner, Uuid::from_u128(5));
        take(&store, commit(owner, store.fence(owner), 1));
        for n in 0..25 {
            let epoch = store.fence(session(n));
            for seq in 1..=3 {
                take(&store, commit(session(n), epoch, seq));
            }
        }
        assert_eq!(pages_of(&store, 10), (0..25).map(Uuid::from_u128).collect::<Vec<_>>());
        assert_eq!(store.entities(Kind::Owner, None, 9).expect("read"), [Uuid::from_u128(5)]);
        assert!(store.entities(Kind::Realm, None, 9).expect("read").is_empty());
    });
}

/// Reads every session, `limit` at a time.
pub fn pages_of(store: &Store, limit: usize) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = vec![];
    loop {
        let page = store.entities(Kind::Session, all.last().copied(), limit).expect("read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
