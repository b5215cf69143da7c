//! Format 2: a journal may have a floor, below which its records are gone. A version that does not know of floors would take
//! such a journal for a damaged one; the rows of format 1 stay as they are.

use sled::Db;

use crate::MigrationError;

pub(crate) fn migrate(_: &Db) -> Result<(), MigrationError> {
    Ok(())
}
