//! On-disk format changes: one numbered file each, frozen once released, run in order when a store is opened.
//!
//! Knows sled and JSON only, never the types of the other crates: those change, and a released migration must not.

mod m0001_layout;
mod m0002_floors;

use sled::Db;

/// The format that this version reads and writes.
pub const CURRENT: u32 = 2;

/// The row that holds the format: a JSON number, outside of the keys that the store uses.
const FORMAT_KEY: &[u8] = b"\xfeformat";

/// Every migration, by the format that it leads to.
const MIGRATIONS: [(u32, Migration); 2] = [(1, m0001_layout::migrate), (2, m0002_floors::migrate)];

type Migration = fn(&Db) -> Result<(), MigrationError>;

/// What a run of the migrations did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The format that was found; 0 when the store was new.
    pub from: u32,
    pub to: u32,
}

/// Why a store cannot be brought to the current format.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error(
        "the store was written in format {found}, and this version knows formats up to {known}; \
         start the newer version again, or restore a backup that was made before the upgrade"
    )]
    Newer { found: u32, known: u32 },
    #[error("the store holds {rows} rows or more but no format number; it is not a store of Tenure, or it is damaged")]
    Foreign { rows: usize },
    #[error("the format number of the store cannot be read: {text:?}")]
    Unreadable { text: String },
    #[error("sled refused")]
    Sled(#[from] sled::Error),
}

/// Returns the format of a store, or nothing when the store has none yet.
pub fn format(db: &Db) -> Result<Option<u32>, MigrationError> {
    let Some(row) = db.get(FORMAT_KEY)? else {
        return Ok(None);
    };
    let read = serde_json::from_slice(&row)
        .map_err(|_| MigrationError::Unreadable { text: String::from_utf8_lossy(&row).into_owned() })?;
    Ok(Some(read))
}

/// Brings a store to the current format. Each step is flushed before the next one; the caller makes the last one durable.
pub fn run(db: &Db) -> Result<Migrated, MigrationError> {
    let from = format(db)?.unwrap_or(0);
    if from > CURRENT {
        return Err(MigrationError::Newer { found: from, known: CURRENT });
    }
    for (to, migrate) in MIGRATIONS.into_iter().filter(|(to, _)| *to > from) {
        migrate(db)?;
        db.insert(FORMAT_KEY, serde_json::to_vec(&to).expect("a number is JSON"))?;
        db.flush()?;
    }
    Ok(Migrated { from, to: CURRENT })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let db = sled::open(folder.path()).expect("a fresh database");
        (folder, db)
    }

    #[test]
    fn a_new_store_gets_the_current_format() {
        let (_folder, db) = database();
        assert_eq!(format(&db).expect("readable"), None);
        assert_eq!(run(&db).expect("migrated"), Migrated { from: 0, to: CURRENT });
        assert_eq!(format(&db).expect("readable"), Some(CURRENT));
        assert_eq!(run(&db).expect("nothing to do"), Migrated { from: CURRENT, to: CURRENT });
    }

    #[test]
    fn a_store_of_the_first_format_keeps_its_rows() {
        let (_folder, db) = database();
        db.insert(FORMAT_KEY, b"1").expect("written");
        db.insert(b"r", b"a row").expect("written");
        assert_eq!(run(&db).expect("migrated"), Migrated { from: 1, to: CURRENT });
        assert_eq!(db.get(b"r").expect("read").as_deref(), Some(&b"a row"[..]));
    }

    #[test]
    fn a_newer_format_is_refused_with_both_numbers() {
        let (_folder, db) = database();
        db.insert(FORMAT_KEY, b"7").expect("written");
        let refusal = run(&db).expect_err("refused").to_string();
        assert!(refusal.contains("format 7") && refusal.contains(&format!("up to {CURRENT}")), "{refusal}");
        assert!(refusal.contains("newer version"), "it says what to do: {refusal}");
        assert_eq!(format(&db).expect("readable"), Some(7), "nothing was changed");
    }

    #[test]
    fn rows_without_a_format_are_not_taken_over() {
        let (_folder, db) = database();
        db.insert(b"someone", b"else's").expect("written");
        assert!(matches!(run(&db), Err(MigrationError::Foreign { rows: 1 })));
        assert_eq!(format(&db).expect("readable"), None);
    }

    #[test]
    fn a_broken_format_number_is_said() {
        let (_folder, db) = database();
        db.insert(FORMAT_KEY, b"one").expect("written");
        assert!(matches!(run(&db), Err(MigrationError::Unreadable { .. })));
    }

    #[test]
    fn migrations_are_numbered_without_holes() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|(to, _)| *to).collect();
        assert_eq!(numbers, (1..=CURRENT).collect::<Vec<_>>());
    }
}
