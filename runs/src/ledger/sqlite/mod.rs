//! A ledger in one SQLite file, which the processes of one machine may share.
//!
//! Its clock is the machine's own, which all of them read alike; see [`crate::clock`]. A worker of
//! an earlier start of the machine has ended. With `synchronous=FULL` in WAL mode a commit is on
//! disk when it returns.

mod open;
mod transaction;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, Transaction, params};

use super::{
    Conflict, ConflictReason, Ledger, PaceRule, RowParts, STAGED, TransactionResult,
    WorkerTransaction, row_columns,
};
use open::{error_of, write};
use transaction::{count_workers, expire_leases, read_pace, run_transaction};

use crate::clock;
use crate::error::Error;
use crate::file_system;
use crate::pace::Pace;
use crate::row::{NewRow, Row, RowFinding, State};
use crate::settings::STOPPED;

pub(super) struct Sqlite {
    connection: Connection,
    path: PathBuf,
    boot: String,
}

impl Sqlite {
    fn failed(&self, error: &rusqlite::Error) -> Error {
        error_of(&self.path, "failed", error)
    }

    /// As [`change`](Self::change), but it may not be on disk before the next change is, by any
    /// process: SQLite keeps the order of changes, also through a loss of power.
    fn change_soon<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &str) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let set = |connection: &Connection, how: &str| {
            let sql = format!("PRAGMA synchronous = {how}");
            connection.execute_batch(&sql)
        };
        set(&self.connection, "NORMAL").map_err(|error| self.failed(&error))?;
        let result = self.change(work);
        set(&self.connection, "FULL").map_err(|error| self.failed(&error))?;
        result
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
        result.map_err(|error| error_of(&self.path, "failed", &error))
    }
}

impl Ledger for Sqlite {
    fn settings(&mut self) -> Result<Vec<(String, String)>, Error> {
        read_settings(&self.connection).map_err(|error| self.failed(&error))
    }

    fn create_settings(
        &mut self,
        settings: &[(String, String)],
    ) -> Result<Vec<(String, String)>, Error> {
        self.change(|transaction, _| {
            if read_settings(transaction)?.is_empty() {
                for (name, value) in settings {
                    transaction.execute("INSERT INTO settings VALUES (?, ?)", [name, value])?;
                }
            }
            read_settings(transaction)
        })
    }

    fn set_stopped(&mut self, stopped: bool) -> Result<(), Error> {
        let sql = match stopped {
            true => "INSERT INTO settings VALUES (?, '1') ON CONFLICT (name) DO NOTHING",
            false => "DELETE FROM settings WHERE name = ?",
        };
        self.change(|transaction, _| transaction.execute(sql, [STOPPED]).map(drop))
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

    fn stage(&mut self, load: i64, rows: &[NewRow]) -> Result<Vec<Conflict>, Error> {
        // No worker sees these rows before a later change, which `finish_load` makes.
        self.change_soon(|transaction, _| {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO rows (call_id, target, options, timeout_ms, load, state, changed_ms) \
                 VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id) DO NOTHING",
            )?;
            let now = clock::wall_ms();
            let mut conflicts = Vec::new();
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
                    && let Some(reason) = conflict_reason(transaction, load, row)?
                {
                    conflicts.push(Conflict { index, reason });
                }
            }
            Ok(conflicts)
        })
    }

    fn finish_load(&mut self, load: i64, limit: usize) -> Result<u64, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let begun = self.change(|transaction, _| {
            let sql = "UPDATE rows SET state = 0 WHERE id IN \
                       (SELECT id FROM rows WHERE state = ? AND load = ? ORDER BY id LIMIT ?)";
            transaction
                .prepare_cached(sql)?
                .execute([STAGED, load, limit])
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

    fn unregister(&mut self, worker: i64) -> Result<(), Error> {
        self.change(|transaction, _| {
            transaction
                .execute("DELETE FROM workers WHERE id = ?", [worker])
                .map(drop)
        })
    }

    fn transact(
        &mut self,
        given: &WorkerTransaction<'_>,
        rule: &mut PaceRule<'_>,
    ) -> Result<TransactionResult, Error> {
        self.change(|transaction, boot| run_transaction(transaction, boot, given, rule))
    }

    fn release(&mut self, worker: i64, known: &HashSet<(i64, i64)>) -> Result<(), Error> {
        self.change(|transaction, _| {
            let sql = "SELECT id, attempt FROM rows \
                       WHERE (state = 1 AND worker = ?1) OR (state = 5 AND worker = -?1)";
            let mut statement = transaction.prepare_cached(sql)?;
            let taken = statement.query_map([worker], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let taken = taken.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
            let sql = "UPDATE rows SET state = 0, kind = NULL, message = NULL WHERE id = ?";
            let mut update = transaction.prepare_cached(sql)?;
            for taken in taken.iter().filter(|taken| !known.contains(taken)) {
                update.execute([taken.0])?;
            }
            Ok(())
        })
    }

    fn expire_leases(&mut self) -> Result<u64, Error> {
        self.change(|transaction, boot| expire_leases(transaction, boot, clock::machine_us()))
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
            "SELECT {} FROM rows WHERE state IN ({}) AND id > ? ORDER BY id LIMIT ?",
            row_columns!(),
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

    fn new_call_ids(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, String)>, Error> {
        let read = || {
            let sql = "SELECT id, new_call_id FROM rows \
                       WHERE state = 2 AND id > ? AND new_call_id IS NOT NULL ORDER BY id LIMIT ?";
            let mut statement = self.connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let found =
                statement.query_map([after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.failed(&error))
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
            // See `EarlierAttempts`.
            transaction.execute(
                "UPDATE rows SET state = CASE reached WHEN 0 THEN 4 WHEN 1 THEN 3 ELSE 5 END, \
                 kind = coalesce(kind, 'timeout'), message = coalesce(message, ?1), \
                 changed_ms = ?2 WHERE state = 0",
                params![message, clock::wall_ms()],
            )
        })?;
        Ok(ended as u64)
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<String> {
        file_system::notes(&self.path)
    }
}

fn read_settings(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached("SELECT name, value FROM settings")?;
    let settings = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    settings.collect()
}

/// Why a row of this load could not be inserted. A row of a load that was never finished is replaced,
/// which is no conflict.
fn conflict_reason(
    transaction: &Transaction<'_>,
    load: i64,
    row: &NewRow,
) -> rusqlite::Result<Option<ConflictReason>> {
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
        (true, _) => ConflictReason::DuplicateInLoad,
        (false, true) => ConflictReason::AlreadyPresent,
        (false, false) => ConflictReason::DifferentRow,
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
        sent_boot: row.get(17)?,
        sent_us: row.get(18)?,
        ended_us: row.get(19)?,
    })
}
