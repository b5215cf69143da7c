//! How values are written: a checksum over key and content first, so that a row that is read is the row that was written.

use tenure_model::{EntityKey, Row, Timestamp};

use super::keys::number;
use super::{Position, Timer};

const INLINE: u8 = 0;
const BY_HASH: u8 = 1;

/// Where the bytes of a body are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Inline(Vec<u8>),
    /// In blob rows of the same entity, under the SHA-256 of the bytes.
    ByHash {
        hash: [u8; 32],
        len: u64,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct RecordRow {
    pub position: Position,
    pub at: Timestamp,
    pub body: Body,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct SnapshotRow {
    pub seq: u64,
    pub body: Body,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct DeltaRow {
    pub position: Position,
    pub body: String,
}

/// Puts a checksum over `key` and `parts` in front of `parts`.
fn seal(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    parts.iter().for_each(|part| hasher.update(part));
    [&[&hasher.finalize().to_be_bytes()[..]], parts].concat().concat()
}

/// Returns what was sealed, if it is what was sealed for this key.
fn unseal<'v>(key: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let (sum, rest) = value.split_at_checked(4)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(rest);
    (hasher.finalize().to_be_bytes() == sum).then_some(rest)
}

impl Body {
    fn form(&self) -> [&[u8]; 2] {
        match self {
            Body::Inline(bytes) => [&[INLINE], bytes],
            Body::ByHash { hash, .. } => [&[BY_HASH], hash],
        }
    }

    fn len_bytes(&self) -> Vec<u8> {
        match self {
            Body::Inline(_) => vec![],
            Body::ByHash { len, .. } => len.to_be_bytes().to_vec(),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&INLINE, rest) => Some(Body::Inline(rest.to_vec())),
            (&BY_HASH, rest) => {
                let (hash, len) = rest.split_at_checked(32)?;
                Some(Body::ByHash { hash: hash.try_into().ok()?, len: number(len)? })
            }
            _ => None,
        }
    }
}

pub(super) fn write_record(key: &[u8], row: &RecordRow) -> Vec<u8> {
    let [form, bytes] = row.body.form();
    let parts = [&row.position.0.to_be_bytes()[..], &row.at.0.to_be_bytes(), form, bytes, &row.body.len_bytes()];
    seal(key, &parts)
}

pub(super) fn read_record(key: &[u8], value: &[u8]) -> Option<RecordRow> {
    let (position, rest) = unseal(key, value)?.split_at_checked(8)?;
    let (at, body) = rest.split_at_checked(8)?;
    Some(RecordRow { position: Position(number(position)?), at: Timestamp(number(at)?), body: Body::read(body)? })
}

pub(super) fn write_snapshot(key: &[u8], row: &SnapshotRow) -> Vec<u8> {
    let [form, bytes] = row.body.form();
    seal(key, &[&row.seq.to_be_bytes(), form, bytes, &row.body.len_bytes()])
}

pub(super) fn read_snapshot(key: &[u8], value: &[u8]) -> Option<SnapshotRow> {
    let (seq, body) = unseal(key, value)?.split_at_checked(8)?;
    Some(SnapshotRow { seq: number(seq)?, body: Body::read(body)? })
}

pub(super) fn write_delta(key: &[u8], position: Position, body: &str) -> Vec<u8> {
    seal(key, &[&position.0.to_be_bytes(), body.as_bytes()])
}

pub(super) fn read_delta(key: &[u8], value: &[u8]) -> Option<DeltaRow> {
    let (position, body) = unseal(key, value)?.split_at_checked(8)?;
    Some(DeltaRow { position: Position(number(position)?), body: String::from_utf8(body.to_vec()).ok()? })
}

pub(super) fn write_timer(key: &[u8], timer: Timer) -> Vec<u8> {
    seal(key, &[&timer.at.0.to_be_bytes(), &[u8::from(timer.claims)]])
}

pub(super) fn read_timer(key: &[u8], value: &[u8]) -> Option<Timer> {
    let (at, claims) = unseal(key, value)?.split_at_checked(8)?;
    Some(Timer { at: Timestamp(number(at)?), claims: claims == [1] })
}

/// Writes a summary row; it names its entity, so that the rows of a kind can be found again.
pub(super) fn write_summary(key: &[u8], entity: EntityKey, row: &Row) -> Vec<u8> {
    seal(key, &[&entity.to_bytes(), row.as_json().as_bytes()])
}

pub(super) fn read_summary(key: &[u8], value: &[u8]) -> Option<(EntityKey, Row)> {
    let (entity, row) = unseal(key, value)?.split_at_checked(17)?;
    Some((EntityKey::from_bytes(entity)?, Row::written(std::str::from_utf8(row).ok()?)))
}

/// Writes a row that is a number: the last position, a floor.
pub(super) fn write_number(key: &[u8], value: u64) -> Vec<u8> {
    seal(key, &[&value.to_be_bytes()])
}

pub(super) fn read_number(key: &[u8], value: &[u8]) -> Option<u64> {
    number(unseal(key, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_their_bytes() {
        for body in [Body::Inline(b"{}".to_vec()), Body::ByHash { hash: [7; 32], len: 70_000 }] {
            let row = RecordRow { position: Position(9), at: Timestamp(4), body: body.clone() };
            assert_eq!(read_record(b"k", &write_record(b"k", &row)), Some(row));
            let row = SnapshotRow { seq: 3, body };
            assert_eq!(read_snapshot(b"k", &write_snapshot(b"k", &row)), Some(row));
        }
        let timer = Timer { at: Timestamp(5), claims: true };
        assert_eq!(read_timer(b"k", &write_timer(b"k", timer)), Some(timer));
    }

    #[test]
    fn any_flipped_bit_and_any_other_key_shows() {
        let value = write_delta(b"k", Position(2), "text");
        assert_eq!(read_delta(b"k", &value), Some(DeltaRow { position: Position(2), body: "text".into() }));
        assert_eq!(read_delta(b"l", &value), None, "a row under another key");
        for bit in 0..value.len() * 8 {
            let mut damaged = value.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read_delta(b"k", &damaged), None, "bit {bit}");
        }
        assert_eq!(read_delta(b"k", &[]), None);
    }
}
