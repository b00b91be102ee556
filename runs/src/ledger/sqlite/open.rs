//! Opening a file, and its errors.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::Sqlite;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::ledger::{FORMAT, other_version};

const TABLES: &str = include_str!("tables.sql");
/// "ctrn": marks the file as a run.
const APPLICATION: i64 = 0x6374_726e;
/// How long another process is waited for.
const BUSY: Duration = Duration::from_secs(15);
/// A larger file is not read through when it is opened.
const CHECKED_BYTES: u64 = 32 * 1024 * 1024;

impl Sqlite {
    pub(in crate::ledger) fn open(path: &Path, create: bool) -> Result<Self, Error> {
        let failed = |error| error_of(path, "could not be opened", &error);
        if create {
            create_private(path)?;
        } else if !path.exists() {
            let message = format!("run: {} does not exist", path.display());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection
            .busy_handler(Some(wait_for_others))
            .map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        if connection.is_readonly("main").map_err(failed)? {
            let message = format!("run: {} can't be written", path.display());
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        let mut opened = Self {
            connection,
            path: path.to_owned(),
            boot: clock::boot_id(),
        };
        opened.identify(create)?;
        Ok(opened)
    }

    /// Refuses what isn't a run of this version, before anything of it is changed.
    fn identify(&mut self, create: bool) -> Result<(), Error> {
        let (application, format, tables) = self.identity()?;
        if (application, format, tables) == (0, 0, 0) && create {
            self.set_up()?;
            self.create()?;
        } else if application != APPLICATION {
            let message = format!("run: {} is not a run of calltransfer", self.path.display());
            return Err(Error::new(ErrorKind::Damaged, message));
        } else if format != FORMAT {
            let place = self.path.display().to_string();
            return Err(other_version(&place, &format.to_string()));
        } else {
            self.set_up()?;
        }
        self.check()
    }

    fn identity(&self) -> Result<(i64, i64, i64), Error> {
        let number = |sql| {
            let read = self.connection.query_row(sql, [], |row| row.get(0));
            read.map_err(|error| error_of(&self.path, "could not be read", &error))
        };
        Ok((
            number("PRAGMA application_id")?,
            number("PRAGMA user_version")?,
            number("SELECT count(*) FROM sqlite_schema")?,
        ))
    }

    fn set_up(&self) -> Result<(), Error> {
        let begin = Instant::now();
        loop {
            let set = self.connection.execute_batch(
                // 16 MB of changes are copied into the file at once, instead of 4.
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; \
                 PRAGMA wal_autocheckpoint = 4000;",
            );
            match set {
                // The change to WAL does not wait for others by itself.
                Err(error) if is_busy(&error) && begin.elapsed() < BUSY => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(error) => return Err(self.failed(&error)),
                Ok(()) => return Ok(()),
            }
        }
    }

    fn create(&mut self) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |error| error_of(&path, "could not be created", &error);
        let transaction = write(&mut self.connection).map_err(failed)?;
        let made: i64 = transaction
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(failed)?;
        if made == 0 {
            transaction.execute_batch(TABLES).map_err(failed)?;
            let mark =
                format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT};");
            transaction.execute_batch(&mark).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    /// Reads a small file through, so that damage is found before anything is sent.
    fn check(&self) -> Result<(), Error> {
        let size = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if size > CHECKED_BYTES {
            return Ok(());
        }
        let sound: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.failed(&error))?;
        if sound == "ok" {
            return Ok(());
        }
        let message = format!("run: {} is damaged: {sound}", self.path.display());
        Err(Error::new(ErrorKind::Damaged, message))
    }
}

/// A transaction that writes, from its beginning: two that read first would block each other.
pub(super) fn write(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Another process writes: its transactions are short.
fn wait_for_others(times: i32) -> bool {
    const PAUSE: Duration = Duration::from_millis(1);
    std::thread::sleep(PAUSE);
    Duration::from_millis(u64::try_from(times).unwrap_or_default()) < BUSY
}

/// A new file is its owner's alone: it holds phone numbers. SQLite gives its side files the same
/// permissions.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => {
            let kind = match error.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    ErrorKind::ReadOnly
                }
                std::io::ErrorKind::StorageFull => ErrorKind::Full,
                _ => ErrorKind::InvalidArgument,
            };
            let message = format!("run: {} could not be created: {error}", path.display());
            Err(Error::new(kind, message))
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// SQLite's own words name tables and columns, never what is in them.
pub(super) fn error_of(path: &Path, what: &str, error: &rusqlite::Error) -> Error {
    let path = path.display();
    let (kind, why) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (ErrorKind::Full, "the disk is full".to_owned()),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            (ErrorKind::ReadOnly, "it can't be written".to_owned())
        }
        Some(ErrorCode::NotADatabase) => {
            let message = format!("run: {path} is not a run of calltransfer");
            return Error::new(ErrorKind::Damaged, message);
        }
        Some(ErrorCode::DatabaseCorrupt) => (ErrorKind::Damaged, "it is damaged".to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let why = "another process holds it for too long".to_owned();
            (ErrorKind::Unreachable, why)
        }
        Some(_) => (ErrorKind::Unreachable, error.to_string()),
        None => (ErrorKind::Damaged, error.to_string()),
    };
    Error::new(kind, format!("run: {path} {what}: {why}"))
}
