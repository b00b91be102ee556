//! What a worker writes and takes, in one transaction.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};

use crate::clock;
use crate::ledger::{
    EarlierAttempts, EndedAttempt, LEASE_EXPIRED, PaceRule, TakenRow, TransactionResult,
    WorkerTransaction, damaged_row, pace_columns,
};
use crate::pace::Pace;
use crate::row::{NewRow, State};

pub(super) fn run_transaction(
    transaction: &Transaction<'_>,
    boot: &str,
    given: &WorkerTransaction<'_>,
    rule: &mut PaceRule<'_>,
) -> rusqlite::Result<TransactionResult> {
    let now = clock::machine_us();
    let mut result = TransactionResult {
        now_us: now,
        local_us: now,
        lease_lost: !renew_lease(transaction, boot, given, now)?,
        ..TransactionResult::default()
    };
    write_results(transaction, given.ended, now)?;
    if given.housekeeping {
        expire_leases(transaction, boot, now)?;
        result.workers = Some(count_workers(transaction, boot, now)?);
    }
    let stored = read_pace(transaction)?;
    if stored.boot != boot {
        // Times of an earlier start of the machine mean nothing any more.
        let sql = "UPDATE rows SET not_before_us = 0 WHERE state = 0 AND not_before_us > 0";
        transaction.execute(sql, [])?;
    }
    let mut pace = stored.clone().of_boot(boot);
    let is_past = |deadline| clock::wall_ms() >= deadline;
    result.is_past_deadline = given.deadline_ms.is_some_and(is_past);
    let candidates = planned_rows(transaction, now, result.most_rows(given))?;
    let at = rule(&mut pace, candidates.len(), now);
    if pace != stored {
        write_pace(transaction, &pace)?;
    }
    result.take(candidates, at);
    mark_sending(transaction, boot, given.worker, &result.taken, now)?;
    result.planned = has_rows(transaction, State::Planned)?;
    result.sending = has_rows(transaction, State::Sending)?;
    Ok(result)
}

/// Whether the worker holds its lease, as far as is known without a renewal.
fn renew_lease(
    transaction: &Transaction<'_>,
    boot: &str,
    given: &WorkerTransaction<'_>,
    now: i64,
) -> rusqlite::Result<bool> {
    let Some(lease) = given.lease else {
        return Ok(true);
    };
    let until = now + clock::micros(lease);
    let sql = "UPDATE workers SET until_us = ?1 WHERE id = ?2 AND boot = ?3 AND until_us > ?4";
    let renewed =
        transaction
            .prepare_cached(sql)?
            .execute(params![until, given.worker, boot, now])?;
    Ok(renewed > 0)
}

fn mark_sending(
    transaction: &Transaction<'_>,
    boot: &str,
    worker: i64,
    taken: &[TakenRow],
    now: i64,
) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE rows SET state = 1, worker = ?2, attempt = ?3, changed_ms = ?4, \
         sent_boot = CASE WHEN sent_us IS NULL OR sent_boot = ?5 THEN ?5 ELSE '' END, \
         sent_us = coalesce(sent_us, ?6), ended_us = NULL WHERE id = ?1",
    )?;
    for row in taken {
        let changed = clock::wall_ms();
        update.execute(params![row.row, worker, row.attempt, changed, boot, now])?;
    }
    Ok(())
}

fn has_rows(transaction: &Transaction<'_>, state: State) -> rusqlite::Result<bool> {
    let found = transaction
        .prepare_cached("SELECT 1 FROM rows WHERE state = ? LIMIT 1")?
        .query_row([state.number()], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Writes the result of an attempt if the row's last attempt is this one, and its state does not come
/// from a response: a worker that returns late knows more than those that found its lease expired.
///
/// A result that is written again, because its commit was not seen, is counted once.
fn write_results(
    transaction: &Transaction<'_>,
    all: &[EndedAttempt],
    now: i64,
) -> rusqlite::Result<()> {
    let mut update: CachedStatement<'_> = transaction.prepare_cached(
        "UPDATE rows SET state = ?3, worker = abs(worker), \
         tries = tries + CASE WHEN ended_us IS NULL THEN ?4 ELSE 0 END, \
         reached = max(reached, ?5), not_before_us = ?6, kind = CASE ?3 WHEN 0 THEN coalesce(?7, kind) ELSE ?7 END, \
         message = CASE ?3 WHEN 0 THEN coalesce(?8, message) ELSE ?8 END, http_status = ?9, \
         code = ?10, new_call_id = ?11, changed_ms = ?12, found = NULL, reason = NULL, doubt = NULL, \
         found_ms = NULL, sent_us = CASE WHEN ?3 IN (2, 5) THEN sent_us END, ended_us = ?13 \
         WHERE id = ?1 AND attempt = ?2 AND (state IN (0, 1, 5) OR found IS NOT NULL)",
    )?;
    for ended in all {
        let EndedAttempt {
            row,
            attempt,
            result,
        } = ended;
        update.execute(params![
            row,
            attempt,
            result.state.number(),
            i64::from(result.counts),
            result.earlier.number(),
            ended.not_before(now),
            result.kind,
            result.message,
            result.http_status,
            result.platform_code,
            result.new_call_id,
            clock::wall_ms(),
            now,
        ])?;
    }
    Ok(())
}

fn planned_rows(
    transaction: &Transaction<'_>,
    now: i64,
    want: usize,
) -> rusqlite::Result<Vec<TakenRow>> {
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
        Ok(TakenRow {
            row: id,
            attempt: row.get::<_, i64>(1)? + 1,
            tries: row.get(2)?,
            request: request.ok_or_else(damaged)?,
            earlier: EarlierAttempts::from_number(row.get(7)?),
            at_us: 0,
        })
    })?;
    rows.collect()
}

pub(super) fn expire_leases(
    transaction: &Transaction<'_>,
    boot: &str,
    now: i64,
) -> rusqlite::Result<u64> {
    let taken = transaction
        .prepare_cached(
            "UPDATE rows SET state = 5, worker = -worker, kind = 'outcome_unknown', message = ?1, \
             changed_ms = ?2 \
             WHERE state = 1 AND worker NOT IN \
             (SELECT id FROM workers WHERE boot = ?3 AND until_us > ?4)",
        )?
        .execute(params![LEASE_EXPIRED, clock::wall_ms(), boot, now])?;
    Ok(taken as u64)
}

pub(super) fn count_workers(
    connection: &Connection,
    boot: &str,
    now: i64,
) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM workers WHERE boot = ? AND until_us > ?";
    connection
        .prepare_cached(sql)?
        .query_row(params![boot, now], |row| row.get(0))
}

pub(super) fn read_pace(connection: &Connection) -> rusqlite::Result<Pace> {
    let sql = concat!("SELECT ", pace_columns!(), ", boot FROM pace");
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
        .prepare_cached(concat!(
            "UPDATE pace SET (",
            pace_columns!(),
            ", boot) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?
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
