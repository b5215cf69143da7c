//! Format 1: the first layout, which any empty store has.

use sled::Db;

use crate::MigrationError;

pub(crate) fn migrate(db: &Db) -> Result<(), MigrationError> {
    if db.is_empty() {
        return Ok(());
    }
    Err(MigrationError::Foreign { rows: db.iter().take(1_000).count() })
}
