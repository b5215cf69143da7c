//! Large bodies: written before the commit that names them, in batches of their own, and verified when they are read.
//!
//! A sweep marker stands as long as no row names the blob: it is written with the first piece and goes with the commit.

use sha2::{Digest, Sha256};
use tenure_model::EntityKey;

use super::rows::Body;
use super::sweep::{Named, Sweep};
use super::{Store, StoreError, keys, lock};
use crate::engine::{BATCH_ROWS_MAX, EngineError, KeyRange, Op, Order};

/// The length up to which a body stands in its own row.
pub(super) const INLINE_BYTES_MAX: usize = 64 << 10;

/// The bytes of a blob's piece.
const PIECE_BYTES: usize = 64 << 10;

impl Store {
    /// Returns how a body is named in its row, after writing it away when it is large.
    pub(super) fn keep_body(&self, entity: EntityKey, bytes: &[u8]) -> Result<Body, EngineError> {
        if bytes.len() <= INLINE_BYTES_MAX {
            return Ok(Body::Inline(bytes.to_vec()));
        }
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let sweep = Sweep { entity, named: Named::Blob(hash) };
        lock(&self.0.sweeps).cancel(&sweep);
        let mut ops = vec![Op::Put(sweep.marker(), vec![])];
        let mut rows = 1;
        for (n, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            let op = Op::Put(keys::blob_piece(entity, &hash, n as u32), piece.to_vec());
            if rows + op.rows() > BATCH_ROWS_MAX {
                self.0.engine.write(&ops)?;
                ops.clear();
                rows = 0;
            }
            rows += op.rows();
            ops.push(op);
        }
        self.0.engine.write(&ops)?;
        Ok(Body::ByHash { hash, len: bytes.len() as u64 })
    }

    /// Returns the bytes of a body, verified; `what` names it in the error.
    pub(super) fn fetch_body(&self, entity: EntityKey, body: Body, what: &str) -> Result<Vec<u8>, StoreError> {
        let (hash, len) = match body {
            Body::Inline(bytes) => return Ok(bytes),
            Body::ByHash { hash, len } => (hash, len),
        };
        let pieces = self.0.engine.scan(KeyRange::prefix(&keys::blob(entity, &hash)), Order::Up, usize::MAX)?;
        let bytes = pieces.into_iter().map(|(_, piece)| piece).collect::<Vec<_>>().concat();
        if bytes.len() as u64 != len || Sha256::digest(&bytes)[..] != hash {
            return Err(StoreError::damaged(entity, format!("the large body of {what} does not verify")));
        }
        Ok(bytes)
    }
}
