//! What a worker writes and takes, in one transaction.

use tokio_postgres::Row as Columns;

use super::connection::{Connection, Values};
use crate::clock;
use crate::error::Error;
use crate::ledger::{
    EarlierAttempts, EndedAttempt, LEASE_EXPIRED, PaceRule, TakenRow, TransactionResult,
    WorkerTransaction, damaged_row, pace_columns,
};
use crate::pace::Pace;
use crate::row::NewRow;

pub(super) fn run_transaction(
    connection: &mut Connection,
    boot: &str,
    stored: Pace,
    now: i64,
    given: &WorkerTransaction<'_>,
    rule: &mut PaceRule<'_>,
) -> Result<TransactionResult, Error> {
    let mut result = TransactionResult {
        now_us: now,
        local_us: clock::machine_us(),
        lease_lost: !renew_lease(connection, given, now)?,
        ..TransactionResult::default()
    };
    write_results(connection, given.ended, now)?;
    if given.housekeeping {
        expire_leases(connection, now)?;
        result.workers = Some(count_workers(connection, now)?);
    }
    let is_past = |deadline| now / 1000 >= deadline;
    result.is_past_deadline = given.deadline_ms.is_some_and(is_past);
    let candidates = planned_rows(connection, now, result.most_rows(given))?;
    let mut pace = stored.clone();
    let at = rule(&mut pace, candidates.len(), now);
    if pace != stored {
        write_pace(connection, &pace)?;
    }
    result.take(candidates, at);
    mark_sending(connection, boot, given.worker, &result, now)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM calltransfer_rows WHERE state = 0), \
               EXISTS (SELECT 1 FROM calltransfer_rows WHERE state = 1)";
    let left = connection.one(sql, &[])?;
    result.planned = left.get(0);
    result.sending = left.get(1);
    Ok(result)
}

/// Whether the worker holds its lease, as far as is known without a renewal.
fn renew_lease(
    connection: &mut Connection,
    given: &WorkerTransaction<'_>,
    now: i64,
) -> Result<bool, Error> {
    let Some(lease) = given.lease else {
        return Ok(true);
    };
    let until = now + clock::micros(lease);
    let sql = "UPDATE calltransfer_workers SET until_us = $1 WHERE id = $2 AND until_us > $3";
    Ok(connection.execute(sql, &[&until, &given.worker, &now])? > 0)
}

fn mark_sending(
    connection: &mut Connection,
    boot: &str,
    worker: i64,
    result: &TransactionResult,
    now: i64,
) -> Result<(), Error> {
    if result.taken.is_empty() {
        return Ok(());
    }
    let rows: Vec<i64> = result.taken.iter().map(|taken| taken.row).collect();
    let sql = "UPDATE calltransfer_rows SET state = 1, worker = $2, attempt = attempt + 1, \
               changed_ms = $3, \
               sent_boot = CASE WHEN sent_us IS NULL OR sent_boot = $4 THEN $4 ELSE '' END, \
               sent_us = coalesce(sent_us, $5), ended_us = NULL WHERE id = ANY($1)";
    let values: Values<'_> = &[&rows, &worker, &(now / 1000), &boot, &result.local_us];
    connection.execute(sql, values).map(drop)
}

/// As the function of the same name for SQLite.
fn write_results(connection: &mut Connection, all: &[EndedAttempt], now: i64) -> Result<(), Error> {
    let sql = "UPDATE calltransfer_rows SET state = $3::BIGINT, worker = abs(worker), \
               tries = tries + CASE WHEN ended_us IS NULL THEN $4::BIGINT ELSE 0 END, \
               reached = greatest(reached, $5), not_before_us = $6, \
               kind = CASE $3::BIGINT WHEN 0 THEN coalesce($7::TEXT, kind) ELSE $7 END, \
               message = CASE $3 WHEN 0 THEN coalesce($8::TEXT, message) ELSE $8 END, \
               http_status = $9, code = $10, new_call_id = $11, changed_ms = $12, found = NULL, \
               reason = NULL, doubt = NULL, found_ms = NULL, \
               sent_us = CASE WHEN $3 IN (2, 5) THEN sent_us END, ended_us = $13 \
               WHERE id = $1 AND attempt = $2 AND (state IN (0, 1, 5) OR found IS NOT NULL)";
    for ended in all {
        let EndedAttempt {
            row,
            attempt,
            result,
        } = ended;
        connection.execute(
            sql,
            &[
                row,
                attempt,
                &result.state.number(),
                &i64::from(result.counts),
                &result.earlier.number(),
                &ended.not_before(now),
                &result.kind,
                &result.message,
                &result.http_status.map(i64::from),
                &result.platform_code,
                &result.new_call_id,
                &(now / 1000),
                &clock::machine_us(),
            ],
        )?;
    }
    Ok(())
}

fn planned_rows(
    connection: &mut Connection,
    now: i64,
    want: usize,
) -> Result<Vec<TakenRow>, Error> {
    if want == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, attempt, tries, call_id, target, options, timeout_ms, reached \
               FROM calltransfer_rows WHERE state = 0 AND not_before_us <= $1 ORDER BY id LIMIT $2 \
               FOR UPDATE";
    let want = i64::try_from(want).unwrap_or(i64::MAX);
    let rows = connection.query(sql, &[&now, &want])?;
    let taken = |row: &Columns| {
        let id: i64 = row.get(0);
        let request = NewRow::stored(row.get(3), row.get(4), row.get(5), row.get(6));
        Ok(TakenRow {
            row: id,
            attempt: row.get::<_, i64>(1) + 1,
            tries: row.get(2),
            request: request.ok_or_else(|| damaged_row(id))?,
            earlier: EarlierAttempts::from_number(row.get(7)),
            at_us: 0,
        })
    };
    rows.iter().map(taken).collect()
}

pub(super) fn expire_leases(connection: &mut Connection, now: i64) -> Result<u64, Error> {
    let sql = "UPDATE calltransfer_rows SET state = 5, worker = -worker, \
               kind = 'outcome_unknown', message = $1, changed_ms = $2 WHERE state = 1 AND worker NOT IN \
               (SELECT id FROM calltransfer_workers WHERE until_us > $3)";
    connection.execute(sql, &[&LEASE_EXPIRED, &(now / 1000), &now])
}

pub(super) fn count_workers(connection: &mut Connection, now: i64) -> Result<i64, Error> {
    let sql = "SELECT count(*) FROM calltransfer_workers WHERE until_us > $1";
    Ok(connection.one(sql, &[&now])?.get(0))
}

fn write_pace(connection: &mut Connection, pace: &Pace) -> Result<(), Error> {
    let sql = concat!(
        "UPDATE calltransfer_pace SET (",
        pace_columns!(),
        ") = ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );
    connection
        .execute(
            sql,
            &[
                &pace.found,
                &pace.found_us,
                &pace.next_us,
                &pace.held_us,
                &pace.since_us,
                &pace.accepted,
                &pace.since_before_us,
                &pace.accepted_before,
                &pace.total,
            ],
        )
        .map(drop)
}
