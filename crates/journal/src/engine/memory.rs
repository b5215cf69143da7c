//! The memory engine: an ordered map behind a lock, with faults that tests can switch on. Nothing survives the process.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Engine, EngineError, EngineStats, KeyRange, Op, Order, Row};

/// An engine in memory. A clone is the same engine, so a test can drop a store and open another over what it left.
#[derive(Clone, Default)]
pub struct MemoryEngine(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    writes: u64,
    full: bool,
    fail_after: Option<u64>,
    failed: Option<String>,
}

impl MemoryEngine {
    /// Returns an empty engine.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `after` more writes succeed and the next one fail.
    pub fn fail_after(&self, after: u64) {
        self.inner().fail_after = Some(after);
    }

    /// Makes every write fail with a full disk until it is called with `false`.
    pub fn set_full(&self, full: bool) {
        self.inner().full = full;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for MemoryEngine {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn write(&self, ops: &[Op]) -> Result<(), EngineError> {
        let mut inner = self.inner();
        if let Some(why) = &inner.failed {
            return Err(EngineError::Waiting { why: why.clone() });
        }
        if let Err(error) = inner.fault() {
            inner.failed = Some(error.to_string());
            return Err(error);
        }
        inner.writes += 1;
        for op in ops {
            match op.clone() {
                Op::Put(key, value) | Op::PutOverShort(key, value) => drop(inner.rows.insert(key, value)),
                Op::Delete(key) | Op::DeleteShort(key) => drop(inner.rows.remove(&key)),
            }
        }
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.inner().rows.get(key).cloned())
    }

    fn scan(&self, range: KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        if range.is_empty() {
            return Ok(vec![]);
        }
        let inner = self.inner();
        let rows = inner.rows.range(range.from..range.to).map(|(key, value)| (key.clone(), value.clone()));
        Ok(match order {
            Order::Up => rows.take(limit).collect(),
            Order::Down => rows.rev().take(limit).collect(),
        })
    }

    fn revive(&self) -> Result<(), EngineError> {
        let mut inner = self.inner();
        if inner.failed.is_none() {
            return Ok(());
        }
        if inner.full {
            return Err(EngineError::Full(Error::from(ErrorKind::StorageFull)));
        }
        inner.failed = None;
        Ok(())
    }

    fn stats(&self) -> EngineStats {
        let inner = self.inner();
        let bytes = inner.rows.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum();
        EngineStats {
            bytes_on_disk: bytes,
            writes: inner.writes,
            syncs: inner.writes,
            last_error: inner.failed.clone(),
        }
    }
}

impl Inner {
    fn fault(&mut self) -> Result<(), EngineError> {
        if self.full {
            return Err(EngineError::Full(Error::from(ErrorKind::StorageFull)));
        }
        match &mut self.fail_after {
            Some(0) => {
                self.fail_after = None;
                Err(EngineError::io("write to the memory engine", Error::other("a fault that a test asked for")))
            }
            Some(more) => {
                *more -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::contract::{self, Place};

    impl Place for MemoryEngine {
        fn open(&self) -> Box<dyn Engine> {
            Box::new(self.clone())
        }
    }

    #[test]
    fn it_passes_the_contract() {
        contract::check(MemoryEngine::new);
    }

    #[test]
    fn a_fault_stays_until_it_is_revived_and_leaves_nothing_behind() {
        let engine = MemoryEngine::new();
        engine.fail_after(1);
        engine.write(&[Op::Put(vec![1], vec![1])]).expect("the first write is fine");
        engine.write(&[Op::Put(vec![2], vec![2])]).expect_err("the second fails");
        assert!(matches!(engine.write(&[Op::Put(vec![3], vec![3])]), Err(EngineError::Waiting { .. })));
        assert_eq!(engine.get(&[2]).expect("reads go on"), None);
        engine.revive().expect("the fault is over");
        engine.write(&[Op::Put(vec![2], vec![2])]).expect("writes go on");
    }

    #[test]
    fn a_full_disk_is_not_revived_while_it_is_full() {
        let engine = MemoryEngine::new();
        engine.set_full(true);
        assert!(matches!(engine.write(&[Op::Delete(vec![1])]), Err(EngineError::Full(_))));
        assert!(matches!(engine.revive(), Err(EngineError::Full(_))));
        engine.set_full(false);
        engine.revive().expect("there is room again");
    }
}
