//! The keys of every row, in one place. Numbers are big-endian, so that the order of bytes is the order of numbers.
//!
//! ```text
//!   family     key                                            value                            truth?
//!   b blob     b entity sha256 piece:u32                      bytes                            yes
//!   d delta    d entity stream number:u64                     crc position body                yes
//!   f floor    f entity                                       crc seq                          yes
//!   g page     g entity page seq:u64                          (nothing)                        index
//!   m meta     m name                                         position: crc u64                yes
//!   n snapshot n entity                                       crc seq form body                base
//!   o outbox   o entity seq:u64 n:u32                         (nothing; the record holds it)   index
//!   r record   r entity seq:u64                               crc position at form body        yes
//!   s summary  s owner list 0 rank:u64 id                     crc entity json                  index
//!   t timer    t entity                                       crc at claims                    index
//!   x sweep    x entity what:u8 (stream | sha256)             (nothing)                        what nothing names
//! ```
//! `entity` is 17 bytes (kind, id), ids are 16. The format number stands in a row of the engine's own, which `migrations`
//! writes. A timer stands under its entity, not under its time: a change is one row, and a start sorts them in memory.

use tenure_model::{EntityKey, Kind, SummaryKey, Timestamp};
use uuid::Uuid;

use super::EffectId;

pub(super) const BLOB: u8 = b'b';
pub(super) const DELTA: u8 = b'd';
pub(super) const FLOOR: u8 = b'f';
pub(super) const PAGE: u8 = b'g';
pub(super) const META: u8 = b'm';
pub(super) const SNAPSHOT: u8 = b'n';
pub(super) const OUTBOX: u8 = b'o';
pub(super) const RECORD: u8 = b'r';
pub(super) const SUMMARY: u8 = b's';
pub(super) const TIMER: u8 = b't';
pub(super) const SWEEP: u8 = b'x';

/// The length of a family and an entity, with which most keys start.
pub(super) const ENTITY_LEN: usize = 18;

fn key(family: u8, entity: EntityKey, rest: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(ENTITY_LEN + rest.iter().map(|part| part.len()).sum::<usize>());
    key.push(family);
    key.extend_from_slice(&entity.to_bytes());
    rest.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// Returns the start of every key of a family and an entity; for floors, snapshots and timers, the whole key.
pub(super) fn of_entity(family: u8, entity: EntityKey) -> Vec<u8> {
    key(family, entity, &[])
}

/// Returns the start of every key of a family and a kind.
pub(super) fn of_kind(family: u8, kind: Kind) -> Vec<u8> {
    vec![family, kind as u8]
}

pub(super) fn record(entity: EntityKey, seq: u64) -> Vec<u8> {
    key(RECORD, entity, &[&seq.to_be_bytes()])
}

pub(super) fn stream(entity: EntityKey, stream: Uuid) -> Vec<u8> {
    key(DELTA, entity, &[stream.as_bytes()])
}

pub(super) fn delta(entity: EntityKey, stream: Uuid, number: u64) -> Vec<u8> {
    key(DELTA, entity, &[stream.as_bytes(), &number.to_be_bytes()])
}

pub(super) fn page(entity: EntityKey, page: Uuid) -> Vec<u8> {
    key(PAGE, entity, &[page.as_bytes()])
}

pub(super) fn page_row(entity: EntityKey, page: Uuid, seq: u64) -> Vec<u8> {
    key(PAGE, entity, &[page.as_bytes(), &seq.to_be_bytes()])
}

pub(super) fn outbox(id: EffectId) -> Vec<u8> {
    key(OUTBOX, id.key, &[&id.seq.to_be_bytes(), &id.n.to_be_bytes()])
}

pub(super) fn blob(entity: EntityKey, hash: &[u8; 32]) -> Vec<u8> {
    key(BLOB, entity, &[hash])
}

pub(super) fn blob_piece(entity: EntityKey, hash: &[u8; 32], piece: u32) -> Vec<u8> {
    key(BLOB, entity, &[hash, &piece.to_be_bytes()])
}

pub(super) fn sweep(entity: EntityKey, what: u8, id: &[u8]) -> Vec<u8> {
    key(SWEEP, entity, &[&[what], id])
}

pub(super) fn position() -> Vec<u8> {
    [&[META], &b"position"[..]].concat()
}

/// Returns the start of every key of one list of one owner.
pub(super) fn list(owner: Uuid, list: &str) -> Vec<u8> {
    [&[SUMMARY], &owner.as_bytes()[..], list.as_bytes(), &[0]].concat()
}

pub(super) fn ranked(start: &[u8], rank: Timestamp, id: Uuid) -> Vec<u8> {
    [start, &rank.0.to_be_bytes(), id.as_bytes()].concat()
}

pub(super) fn summary(key: &SummaryKey) -> Vec<u8> {
    ranked(&list(key.owner.0, &key.list), key.rank, key.id)
}

/// Reads a summary's key back.
pub(super) fn read_summary(key: &[u8]) -> Option<SummaryKey> {
    let rest = key.strip_prefix(&[SUMMARY])?;
    let (owner, rest) = rest.split_at_checked(16)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (rank, id) = rest[end + 1..].split_at_checked(8)?;
    Some(SummaryKey {
        owner: Uuid::from_slice(owner).ok()?.into(),
        list: std::str::from_utf8(&rest[..end]).ok()?.to_owned(),
        rank: Timestamp(number(rank)?),
        id: Uuid::from_slice(id).ok()?,
    })
}

/// Reads the entity of a key that starts with a family and an entity.
pub(super) fn read_entity(key: &[u8]) -> Option<EntityKey> {
    EntityKey::from_bytes(key.get(1..ENTITY_LEN)?)
}

/// Reads the number with which a record's or a page row's key ends.
pub(super) fn read_seq(key: &[u8]) -> Option<u64> {
    number(key.last_chunk::<8>()?)
}

/// Reads a delta's stream and number.
pub(super) fn read_delta(key: &[u8]) -> Option<(Uuid, u64)> {
    let (stream, rest) = key.get(ENTITY_LEN..)?.split_at_checked(16)?;
    Some((Uuid::from_slice(stream).ok()?, number(rest)?))
}

/// Reads the effect of an outbox row.
pub(super) fn read_outbox(key: &[u8]) -> Option<EffectId> {
    let (seq, n) = key.get(ENTITY_LEN..)?.split_at_checked(8)?;
    Some(EffectId { key: read_entity(key)?, seq: number(seq)?, n: u32::from_be_bytes(n.try_into().ok()?) })
}

/// Reads a big-endian number of eight bytes.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_bytes() {
        let entity = EntityKey::new(Kind::Session, Uuid::from_u128(7));
        let owner = Uuid::from_u128(9).into();
        let summary_key = SummaryKey { owner, list: "session".into(), rank: Timestamp(5), id: Uuid::from_u128(0) };
        assert_eq!(read_summary(&summary(&summary_key)), Some(summary_key));
        let effect = EffectId { key: entity, seq: 300, n: 2 };
        assert_eq!(read_outbox(&outbox(effect)), Some(effect));
        assert_eq!(read_delta(&delta(entity, Uuid::from_u128(3), 4)), Some((Uuid::from_u128(3), 4)));
        assert_eq!(read_entity(&record(entity, 4)), Some(entity));
        assert_eq!(read_seq(&record(entity, 4)), Some(4));
    }

    #[test]
    fn records_sort_by_their_numbers() {
        let entity = EntityKey::new(Kind::Session, Uuid::from_u128(7));
        assert!(record(entity, 255) < record(entity, 256));
    }
}
