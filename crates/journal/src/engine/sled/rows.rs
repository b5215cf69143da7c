//! How a value of any length stands in rows of at most 4 KiB: sled moves longer ones into files that it never syncs.
//!
//! ```text
//!   key                        0 | value
//!   key                        1 | pieces (u32) | crc32 of the value        followed by
//!   0xff | key | n (u32)       the n-th piece
//!   0xfe | "writes"            the number of the write that this row came with
//! ```
//! The piece number has a fixed length, so pieces of different keys never collide.

use std::collections::BTreeMap;

use ::sled::{Batch, Db, IVec};

use super::super::{EngineError, Op, ROW_BYTES_MAX};
use super::from_sled;

const WHOLE: u8 = 0;
const IN_PIECES: u8 = 1;
const PIECE: u8 = 0xff;
const WRITES: &[u8] = b"\xfewrites";

/// Returns the number of the last write that the log holds.
pub(super) fn last_write(db: &Db) -> Result<u64, EngineError> {
    let Some(row) = db.get(WRITES).map_err(|error| from_sled("read the number of the last write", error))? else {
        return Ok(0);
    };
    let number =
        row[..].try_into().map_err(|_| EngineError::Damaged { what: "the number of the last write".into() })?;
    Ok(u64::from_be_bytes(number))
}

/// Turns changes into the sled batch of write number `write`, and tells how many rows it touches.
pub(super) fn expand(db: &Db, ops: &[Op], write: u64) -> Result<(Batch, usize), EngineError> {
    // The last change of a key counts; the earlier ones must not leave pieces behind.
    let last: BTreeMap<&[u8], &Op> = ops.iter().map(|op| (op.key(), op)).collect();
    let mut batch = Batch::default();
    let mut rows = 1 + last.len();
    batch.insert(WRITES, &write.to_be_bytes());
    for (key, op) in last {
        let old = match op {
            Op::Put(..) | Op::Delete(_) => pieces_before(db, key)?,
            Op::PutOverShort(..) | Op::DeleteShort(_) => 0,
        };
        let new = match op {
            Op::Put(_, value) | Op::PutOverShort(_, value) => put(&mut batch, key, value),
            Op::Delete(_) | Op::DeleteShort(_) => {
                batch.remove(key);
                0
            }
        };
        for gone in new..old {
            batch.remove(piece_key(key, gone));
        }
        rows += old.max(new) as usize;
    }
    Ok((batch, rows))
}

/// Returns how many pieces the value has that a key holds now.
fn pieces_before(db: &Db, key: &[u8]) -> Result<u32, EngineError> {
    match db.get(key).map_err(|error| from_sled("read a row that changes", error))? {
        Some(stored) => pieces_of(key, &stored),
        None => Ok(0),
    }
}

/// Returns the value that a row stands for; nothing when it was deleted meanwhile.
pub(super) fn restore(db: &Db, key: &[u8], mut stored: IVec) -> Result<Option<Vec<u8>>, EngineError> {
    loop {
        let pieces = pieces_of(key, &stored)?;
        if pieces == 0 {
            return Ok(Some(stored[1..].to_vec()));
        }
        let mut value = Vec::with_capacity(pieces as usize * ROW_BYTES_MAX);
        for n in 0..pieces {
            let piece = db.get(piece_key(key, n)).map_err(|error| from_sled("read a piece of a value", error))?;
            value.extend_from_slice(&piece.unwrap_or_default());
        }
        if stored[5..] == crc32fast::hash(&value).to_be_bytes() {
            return Ok(Some(value));
        }
        // Either the value was replaced between two of its pieces, or it is damaged.
        match db.get(key).map_err(|error| from_sled("read a row again", error))? {
            Some(again) if again == stored => {
                return Err(EngineError::Damaged { what: format!("the pieces of the row {key:02x?} do not fit") });
            }
            Some(again) => stored = again,
            None => return Ok(None),
        }
    }
}

fn put(batch: &mut Batch, key: &[u8], value: &[u8]) -> u32 {
    if value.len() <= ROW_BYTES_MAX {
        let mut row = Vec::with_capacity(1 + value.len());
        row.push(WHOLE);
        row.extend_from_slice(value);
        batch.insert(key, row);
        return 0;
    }
    let pieces = value.len().div_ceil(ROW_BYTES_MAX) as u32;
    let mut row = vec![IN_PIECES];
    row.extend_from_slice(&pieces.to_be_bytes());
    row.extend_from_slice(&crc32fast::hash(value).to_be_bytes());
    batch.insert(key, row);
    for (n, piece) in value.chunks(ROW_BYTES_MAX).enumerate() {
        batch.insert(piece_key(key, n as u32), piece);
    }
    pieces
}

fn pieces_of(key: &[u8], stored: &IVec) -> Result<u32, EngineError> {
    match stored.split_first() {
        Some((&WHOLE, _)) => Ok(0),
        Some((&IN_PIECES, rest)) if rest.len() == 8 => {
            Ok(u32::from_be_bytes(rest[..4].try_into().expect("four bytes are a number")))
        }
        _ => Err(EngineError::Damaged { what: format!("the row {key:02x?} has no known form") }),
    }
}

fn piece_key(key: &[u8], n: u32) -> Vec<u8> {
    let mut piece = Vec::with_capacity(1 + key.len() + 4);
    piece.push(PIECE);
    piece.extend_from_slice(key);
    piece.extend_from_slice(&n.to_be_bytes());
    piece
}
