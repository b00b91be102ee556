//! A ledger in one SQLite file, which the processes of one machine may share.
//!
//! Its clock is the machine's own, which all of them read alike; see [`crate::clock`]. A worker of
//! an earlier start of the machine has ended. With `synchronous=FULL` in WAL mode a commit is on
//! disk when it returns.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{
    CachedStatement, Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction,
    TransactionBehavior, params,
};

use super::{
    Before, Clash, FORMAT, Ledger, Outcome, PaceRule, RowParts, Taken, Turn, Turned, Why,
    damaged_row, other_version,
};
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::file_system;
use crate::pace::Pace;
use crate::row::{NewRow, Row, RowFinding, State};

const TABLES: &str = include_str!("sqlite.sql");
/// "ctrn": marks the file as a run.
const APPLICATION: i64 = 0x6374_726e;
/// The state of rows that no worker sees yet.
const STAGED: i64 = 9;
/// How long another process is waited for.
const BUSY: Duration = Duration::from_secs(15);
/// A larger file is not read through when it is opened.
const CHECKED_BYTES: u64 = 32 * 1024 * 1024;

const COLUMNS: &str = "id, call_id, target, options, timeout_ms, state, attempt, kind, message, \
     http_status, code, new_call_id, found, reason, doubt, found_ms, changed_ms";

pub(super) struct Sqlite {
    connection: Connection,
    path: PathBuf,
    boot: String,
}

impl Sqlite {
    pub(super) fn open(path: &Path, create: bool) -> Result<Self, Error> {
        let failed = |error| named(path, "could not be opened", &error);
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
            read.map_err(|error| named(&self.path, "could not be read", &error))
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
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;",
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
        let failed = |error| named(&path, "could not be created", &error);
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

    fn failed(&self, error: &rusqlite::Error) -> Error {
        named(&self.path, "failed", error)
    }

    /// Does `work` in a transaction that is on disk when this returns.
    fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &str) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let result = (|| {
            let transaction = write(&mut self.connection)?;
            let value = work(&transaction, &self.boot)?;
            transaction.commit()?;
            Ok(value)
        })();
        result.map_err(|error| named(&self.path, "failed", &error))
    }
}

impl Ledger for Sqlite {
    fn settings(&mut self) -> Result<Vec<(String, String)>, Error> {
        read_settings(&self.connection).map_err(|error| self.failed(&error))
    }

    fn found(&mut self, settings: &[(String, String)]) -> Result<Vec<(String, String)>, Error> {
        self.change(|transaction, _| {
            if read_settings(transaction)?.is_empty() {
                for (name, value) in settings {
                    transaction.execute("INSERT INTO settings VALUES (?, ?)", [name, value])?;
                }
            }
            read_settings(transaction)
        })
    }

    fn wall_ms(&mut self) -> Result<i64, Error> {
        Ok(clock::wall_ms())
    }

    fn begin_load(&mut self) -> Result<i64, Error> {
        self.change(|transaction, _| {
            transaction.execute(
                "INSERT INTO settings VALUES ('loads', '1') \
                 ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
                [],
            )?;
            let sql = "SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'loads'";
            transaction.query_row(sql, [], |row| row.get(0))
        })
    }

    fn stage(&mut self, load: i64, rows: &[NewRow]) -> Result<Vec<Clash>, Error> {
        self.change(|transaction, _| {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO rows (call_id, target, options, timeout_ms, load, state, changed_ms) \
                 VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id) DO NOTHING",
            )?;
            let now = clock::wall_ms();
            let mut clashes = Vec::new();
            for (index, row) in rows.iter().enumerate() {
                let (options, timeout) = (row.options_json(), row.timeout_ms());
                let inserted = insert.execute(params![
                    row.call_id,
                    row.to,
                    options,
                    timeout,
                    load,
                    STAGED,
                    now
                ])?;
                if inserted == 0
                    && let Some(why) = clash(transaction, load, row)?
                {
                    clashes.push(Clash { index, why });
                }
            }
            Ok(clashes)
        })
    }

    fn finish_load(&mut self, load: i64) -> Result<u64, Error> {
        let begun = self.change(|transaction, _| {
            let sql = "UPDATE rows SET state = 0 WHERE load = ? AND state = ?";
            transaction.execute(sql, [load, STAGED])
        })?;
        Ok(begun as u64)
    }

    fn discard_load(&mut self, load: i64) -> Result<(), Error> {
        self.change(|transaction, _| {
            let sql = "DELETE FROM rows WHERE load = ? AND state = ?";
            transaction.execute(sql, [load, STAGED]).map(drop)
        })
    }

    fn register(&mut self, name: &str, lease: Duration) -> Result<i64, Error> {
        self.change(|transaction, boot| {
            let until = clock::machine_us() + clock::micros(lease);
            transaction.execute(
                "INSERT INTO workers (name, boot, until_us) VALUES (?, ?, ?)",
                params![name, boot, until],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    fn resign(&mut self, worker: i64) -> Result<(), Error> {
        self.change(|transaction, _| {
            transaction
                .execute("DELETE FROM workers WHERE id = ?", [worker])
                .map(drop)
        })
    }

    fn turn(&mut self, turn: &Turn<'_>, rule: &mut PaceRule<'_>) -> Result<Turned, Error> {
        self.change(|transaction, boot| take_turn(transaction, boot, turn, rule))
    }

    fn release(&mut self, worker: i64, known: &HashSet<i64>) -> Result<(), Error> {
        self.change(|transaction, _| {
            let sql = "SELECT id FROM rows \
                       WHERE (state = 1 AND worker = ?1) OR (state = 5 AND worker = -?1)";
            let mut statement = transaction.prepare_cached(sql)?;
            let taken = statement.query_map([worker], |row| row.get(0))?;
            let taken = taken.collect::<rusqlite::Result<Vec<i64>>>()?;
            let sql = "UPDATE rows SET state = 0, kind = NULL, message = NULL WHERE id = ?";
            let mut update = transaction.prepare_cached(sql)?;
            for row in taken.iter().filter(|row| !known.contains(row)) {
                update.execute([row])?;
            }
            Ok(())
        })
    }

    fn take_over(&mut self) -> Result<u64, Error> {
        self.change(|transaction, boot| take_over(transaction, boot, clock::machine_us()))
    }

    fn counts(&mut self) -> Result<Vec<(State, u64)>, Error> {
        let read = || {
            let sql = "SELECT state, count(*) FROM rows WHERE state < 9 GROUP BY state";
            let mut statement = self.connection.prepare_cached(sql)?;
            let counts = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
            counts.collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        };
        let counts = read().map_err(|error| self.failed(&error))?;
        let known = |(state, count)| Some((State::from_number(state)?, u64::try_from(count).ok()?));
        Ok(counts.into_iter().filter_map(known).collect())
    }

    fn pace(&mut self) -> Result<(Pace, i64, i64), Error> {
        let now = clock::machine_us();
        let read = || {
            let pace = read_pace(&self.connection)?.of_boot(&self.boot);
            Ok((pace, count_workers(&self.connection, &self.boot, now)?, now))
        };
        read().map_err(|error| self.failed(&error))
    }

    fn rows(&mut self, after: i64, states: &[State], limit: usize) -> Result<Vec<Row>, Error> {
        let which: Vec<_> = states.iter().map(|s| s.number().to_string()).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM rows WHERE state IN ({}) AND id > ? ORDER BY id LIMIT ?",
            which.join(", ")
        );
        let read = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map([after, limit], row_parts)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let parts = read().map_err(|error| self.failed(&error))?;
        parts.into_iter().map(RowParts::into_row).collect()
    }

    fn store_findings(&mut self, findings: &[(i64, i64, RowFinding)]) -> Result<(), Error> {
        self.change(|transaction, _| {
            let mut update = transaction.prepare_cached(
                "UPDATE rows SET state = ?3, found = ?3, reason = ?4, doubt = ?5, found_ms = ?6, \
                 changed_ms = ?6 WHERE id = ?1 AND attempt = ?2 AND state = 5",
            )?;
            for (row, attempt, finding) in findings {
                let found = State::of(finding.outcome).number();
                let (reason, doubt) = (&finding.reason, &finding.doubt);
                update.execute(params![row, attempt, found, reason, doubt, finding.at_ms])?;
            }
            Ok(())
        })
    }

    fn plan_again(&mut self, rows: &[(i64, i64, State)]) -> Result<u64, Error> {
        self.change(|transaction, _| {
            let mut update = transaction.prepare_cached(
                "UPDATE rows SET state = 0, tries = 0, not_before_us = 0, \
                 reached = CASE WHEN state = 5 THEN 2 WHEN state = 3 THEN max(reached, 1) \
                 ELSE reached END, found = NULL, \
                 reason = NULL, doubt = NULL, found_ms = NULL, changed_ms = ?4 \
                 WHERE id = ?1 AND attempt = ?2 AND state = ?3",
            )?;
            let mut planned = 0;
            for (row, attempt, state) in rows {
                let now = clock::wall_ms();
                planned += update.execute([*row, *attempt, state.number(), now])? as u64;
            }
            Ok(planned)
        })
    }

    fn end_planned(&mut self, message: &str) -> Result<u64, Error> {
        let ended = self.change(|transaction, _| {
            // See `Before`.
            transaction.execute(
                "UPDATE rows SET state = CASE reached WHEN 0 THEN 4 WHEN 1 THEN 3 ELSE 5 END, \
                 kind = coalesce(kind, 'timeout'), message = coalesce(message, ?1), \
                 changed_ms = ?2 WHERE state = 0",
                params![message, clock::wall_ms()],
            )
        })?;
        Ok(ended as u64)
    }

    fn is_there(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<String> {
        file_system::notes(&self.path)
    }
}

fn take_turn(
    transaction: &Transaction<'_>,
    boot: &str,
    turn: &Turn<'_>,
    rule: &mut PaceRule<'_>,
) -> rusqlite::Result<Turned> {
    let now = clock::machine_us();
    let mut turned = Turned {
        now_us: now,
        local_us: now,
        ..Turned::default()
    };
    if let Some(lease) = turn.lease {
        let until = now + clock::micros(lease);
        let renewed = transaction
            .prepare_cached(
                "UPDATE workers SET until_us = ?1 WHERE id = ?2 AND boot = ?3 AND until_us > ?4",
            )?
            .execute(params![until, turn.worker, boot, now])?;
        turned.lease_lost = renewed == 0;
    }
    write_outcomes(transaction, turn.outcomes, now)?;
    if turn.housekeeping {
        take_over(transaction, boot, now)?;
        turned.workers = Some(count_workers(transaction, boot, now)?);
    }
    let stored = read_pace(transaction)?;
    if stored.boot != boot {
        // Times of an earlier start of the machine mean nothing any more.
        let sql = "UPDATE rows SET not_before_us = 0 WHERE state = 0 AND not_before_us > 0";
        transaction.execute(sql, [])?;
    }
    let mut pace = stored.clone().of_boot(boot);
    turned.is_past_deadline = turn
        .deadline_ms
        .is_some_and(|deadline| clock::wall_ms() >= deadline);
    let want = match turned.lease_lost || turned.is_past_deadline {
        true => 0,
        false => turn.want,
    };
    let candidates = planned_rows(transaction, now, want)?;
    let at = rule(&mut pace, candidates.len(), now);
    if pace != stored {
        write_pace(transaction, &pace)?;
    }
    turned.taken = candidates
        .into_iter()
        .zip(at)
        .map(|(taken, at_us)| Taken { at_us, ..taken })
        .collect();
    let mut begin = transaction.prepare_cached(
        "UPDATE rows SET state = 1, worker = ?2, attempt = ?3, changed_ms = ?4 WHERE id = ?1",
    )?;
    for taken in &turned.taken {
        begin.execute(params![
            taken.row,
            turn.worker,
            taken.attempt,
            clock::wall_ms()
        ])?;
    }
    let exists = |state: i64| -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM rows WHERE state = ? LIMIT 1";
        let found = transaction
            .prepare_cached(sql)?
            .query_row([state], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    };
    turned.planned = exists(State::Planned.number())?;
    turned.sending = Some(exists(State::Sending.number())?);
    Ok(turned)
}

/// The outcome of an attempt counts where the row is still of this attempt, and what is known of it
/// is no response: a worker that comes back late knows more than those that judged it to have ended.
fn write_outcomes(
    transaction: &Transaction<'_>,
    outcomes: &[Outcome],
    now: i64,
) -> rusqlite::Result<()> {
    let mut update: CachedStatement<'_> = transaction.prepare_cached(
        "UPDATE rows SET state = ?3, worker = abs(worker), tries = tries + ?4, reached = max(reached, ?5), \
         not_before_us = ?6, kind = CASE ?3 WHEN 0 THEN coalesce(?7, kind) ELSE ?7 END, \
         message = CASE ?3 WHEN 0 THEN coalesce(?8, message) ELSE ?8 END, http_status = ?9, \
         code = ?10, new_call_id = ?11, changed_ms = ?12, found = NULL, reason = NULL, doubt = NULL, \
         found_ms = NULL WHERE id = ?1 AND attempt = ?2 AND (state IN (0, 1, 5) OR found IS NOT NULL)",
    )?;
    for Outcome {
        row,
        attempt,
        ended,
    } in outcomes
    {
        let wait = clock::micros(ended.wait);
        update.execute(params![
            row,
            attempt,
            ended.state.number(),
            i64::from(ended.counts),
            ended.before.number(),
            if wait > 0 { now + wait } else { 0 },
            ended.kind,
            ended.message,
            ended.http_status,
            ended.platform_code,
            ended.new_call_id,
            clock::wall_ms(),
        ])?;
    }
    Ok(())
}

fn planned_rows(
    transaction: &Transaction<'_>,
    now: i64,
    want: usize,
) -> rusqlite::Result<Vec<Taken>> {
    if want == 0 {
        return Ok(Vec::new());
    }
    let mut statement = transaction.prepare_cached(
        "SELECT id, attempt, tries, call_id, target, options, timeout_ms, reached FROM rows \
         WHERE state = 0 AND not_before_us <= ? ORDER BY id LIMIT ?",
    )?;
    let want = i64::try_from(want).unwrap_or(i64::MAX);
    let rows = statement.query_map([now, want], |row| {
        let id: i64 = row.get(0)?;
        let options: String = row.get(5)?;
        let request = NewRow::stored(row.get(3)?, row.get(4)?, &options, row.get(6)?);
        let damaged = || rusqlite::Error::ToSqlConversionFailure(Box::new(damaged_row(id)));
        Ok(Taken {
            row: id,
            attempt: row.get::<_, i64>(1)? + 1,
            tries: row.get(2)?,
            request: request.ok_or_else(damaged)?,
            before: Before::from_number(row.get(7)?),
            at_us: 0,
        })
    })?;
    rows.collect()
}

fn take_over(transaction: &Transaction<'_>, boot: &str, now: i64) -> rusqlite::Result<u64> {
    let message = "the worker that was sending it ended or lost its lease";
    let taken = transaction
        .prepare_cached(
            "UPDATE rows SET state = 5, worker = -worker, kind = 'outcome_unknown', message = ?1, \
             changed_ms = ?2 \
             WHERE state = 1 AND worker NOT IN \
             (SELECT id FROM workers WHERE boot = ?3 AND until_us > ?4)",
        )?
        .execute(params![message, clock::wall_ms(), boot, now])?;
    Ok(taken as u64)
}

fn count_workers(connection: &Connection, boot: &str, now: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM workers WHERE boot = ? AND until_us > ?";
    connection
        .prepare_cached(sql)?
        .query_row(params![boot, now], |row| row.get(0))
}

fn read_settings(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached("SELECT name, value FROM settings")?;
    let settings = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    settings.collect()
}

fn read_pace(connection: &Connection) -> rusqlite::Result<Pace> {
    let sql = "SELECT found, found_us, next_us, held_us, since_us, accepted, since_before_us, \
               accepted_before, total, boot FROM pace";
    connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(Pace {
            found: row.get(0)?,
            found_us: row.get(1)?,
            next_us: row.get(2)?,
            held_us: row.get(3)?,
            since_us: row.get(4)?,
            accepted: row.get(5)?,
            since_before_us: row.get(6)?,
            accepted_before: row.get(7)?,
            total: row.get(8)?,
            boot: row.get(9)?,
        })
    })
}

fn write_pace(connection: &Connection, pace: &Pace) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE pace SET found = ?, found_us = ?, next_us = ?, held_us = ?, since_us = ?, \
             accepted = ?, since_before_us = ?, accepted_before = ?, total = ?, boot = ?",
        )?
        .execute(params![
            pace.found,
            pace.found_us,
            pace.next_us,
            pace.held_us,
            pace.since_us,
            pace.accepted,
            pace.since_before_us,
            pace.accepted_before,
            pace.total,
            pace.boot
        ])
        .map(drop)
}

/// Why a row of this load could not be inserted. A row of a load that was never finished is taken
/// over, and no reason is left.
fn clash(transaction: &Transaction<'_>, load: i64, row: &NewRow) -> rusqlite::Result<Option<Why>> {
    let adopt = "UPDATE rows SET target = ?, options = ?, timeout_ms = ?, load = ? \
                 WHERE call_id = ? AND state = 9 AND load <> ?";
    let (options, timeout) = (row.options_json(), row.timeout_ms());
    let adopted = transaction.prepare_cached(adopt)?.execute(params![
        row.to,
        options,
        timeout,
        load,
        row.call_id,
        load
    ])?;
    if adopted > 0 {
        return Ok(None);
    }
    let sql = "SELECT load = ?, target = ? AND options = ? AND timeout_ms IS ? FROM rows \
               WHERE call_id = ?";
    let (is_twice, is_same): (bool, bool) = transaction.prepare_cached(sql)?.query_row(
        params![load, row.to, options, timeout, row.call_id],
        |found| Ok((found.get(0)?, found.get(1)?)),
    )?;
    Ok(Some(match (is_twice, is_same) {
        (true, _) => Why::Twice,
        (false, true) => Why::Present,
        (false, false) => Why::Differs,
    }))
}

fn row_parts(row: &rusqlite::Row<'_>) -> rusqlite::Result<RowParts> {
    Ok(RowParts {
        number: row.get(0)?,
        call_id: row.get(1)?,
        target: row.get(2)?,
        options: row.get(3)?,
        timeout_ms: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        kind: row.get(7)?,
        message: row.get(8)?,
        http_status: row.get(9)?,
        code: row.get(10)?,
        new_call_id: row.get(11)?,
        found: row.get(12)?,
        reason: row.get(13)?,
        doubt: row.get(14)?,
        found_ms: row.get(15)?,
        changed_ms: row.get(16)?,
    })
}

/// A transaction that writes, from its beginning: two that read first would block each other.
fn write(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
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
fn named(path: &Path, what: &str, error: &rusqlite::Error) -> Error {
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
