//! One turn of a worker, in one transaction.

use tokio_postgres::Row as Columns;

use super::connection::{Connection, Values};
use crate::clock;
use crate::error::Error;
use crate::ledger::{Before, Outcome, PaceRule, Taken, Turn, Turned, damaged_row};
use crate::pace::Pace;
use crate::row::NewRow;

pub(super) fn take_turn(
    connection: &mut Connection,
    boot: &str,
    stored: Pace,
    now: i64,
    turn: &Turn<'_>,
    rule: &mut PaceRule<'_>,
) -> Result<Turned, Error> {
    let wall_ms = now / 1000;
    let mut turned = Turned {
        now_us: now,
        local_us: clock::machine_us(),
        ..Turned::default()
    };
    if let Some(lease) = turn.lease {
        let until = now + clock::micros(lease);
        let sql = "UPDATE calltransfer_workers SET until_us = $1 WHERE id = $2 AND until_us > $3";
        turned.lease_lost = connection.execute(sql, &[&until, &turn.worker, &now])? == 0;
    }
    write_outcomes(connection, turn.outcomes, now)?;
    if turn.housekeeping {
        take_over(connection, now)?;
        turned.workers = Some(count_workers(connection, now)?);
    }
    turned.is_past_deadline = turn.deadline_ms.is_some_and(|deadline| wall_ms >= deadline);
    let candidates = planned_rows(connection, now, turned.wanted(turn))?;
    let mut pace = stored.clone();
    let at = rule(&mut pace, candidates.len(), now);
    if pace != stored {
        write_pace(connection, &pace)?;
    }
    turned.take(candidates, at);
    if !turned.taken.is_empty() {
        let ids: Vec<i64> = turned.taken.iter().map(|taken| taken.row).collect();
        let sql = "UPDATE calltransfer_rows SET state = 1, worker = $2, attempt = attempt + 1, \
                   changed_ms = $3, \
                   sent_boot = CASE WHEN sent_us IS NULL OR sent_boot = $4 THEN $4 ELSE '' END, \
                   sent_us = coalesce(sent_us, $5), ended_us = NULL WHERE id = ANY($1)";
        let values: Values<'_> = &[&ids, &turn.worker, &wall_ms, &boot, &turned.local_us];
        connection.execute(sql, values)?;
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM calltransfer_rows WHERE state = 0), \
               EXISTS (SELECT 1 FROM calltransfer_rows WHERE state = 1)";
    let left = connection.one(sql, &[])?;
    turned.planned = left.get(0);
    turned.sending = Some(left.get(1));
    Ok(turned)
}

/// See the same function of the other ledger.
fn write_outcomes(
    connection: &mut Connection,
    outcomes: &[Outcome],
    now: i64,
) -> Result<(), Error> {
    let sql = "UPDATE calltransfer_rows SET state = $3::BIGINT, worker = abs(worker), \
               tries = tries + CASE WHEN ended_us IS NULL THEN $4::BIGINT ELSE 0 END, \
               reached = greatest(reached, $5), not_before_us = $6, \
               kind = CASE $3::BIGINT WHEN 0 THEN coalesce($7::TEXT, kind) ELSE $7 END, \
               message = CASE $3 WHEN 0 THEN coalesce($8::TEXT, message) ELSE $8 END, \
               http_status = $9, code = $10, new_call_id = $11, changed_ms = $12, found = NULL, \
               reason = NULL, doubt = NULL, found_ms = NULL, \
               sent_us = CASE WHEN $3 IN (2, 5) THEN sent_us END, ended_us = $13 \
               WHERE id = $1 AND attempt = $2 AND (state IN (0, 1, 5) OR found IS NOT NULL)";
    for Outcome {
        row,
        attempt,
        ended,
    } in outcomes
    {
        let wait = clock::micros(ended.wait);
        let not_before = if wait > 0 { now + wait } else { 0 };
        connection.execute(
            sql,
            &[
                row,
                attempt,
                &ended.state.number(),
                &i64::from(ended.counts),
                &ended.before.number(),
                &not_before,
                &ended.kind,
                &ended.message,
                &ended.http_status.map(i64::from),
                &ended.platform_code,
                &ended.new_call_id,
                &(now / 1000),
                &clock::machine_us(),
            ],
        )?;
    }
    Ok(())
}

fn planned_rows(connection: &mut Connection, now: i64, want: usize) -> Result<Vec<Taken>, Error> {
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
        Ok(Taken {
            row: id,
            attempt: row.get::<_, i64>(1) + 1,
            tries: row.get(2),
            request: request.ok_or_else(|| damaged_row(id))?,
            before: Before::from_number(row.get(7)),
            at_us: 0,
        })
    };
    rows.iter().map(taken).collect()
}

pub(super) fn take_over(connection: &mut Connection, now: i64) -> Result<u64, Error> {
    let message = "the worker that was sending it ended or lost its lease";
    let sql = "UPDATE calltransfer_rows SET state = 5, worker = -worker, \
               kind = 'outcome_unknown', message = $1, changed_ms = $2 WHERE state = 1 AND worker NOT IN \
               (SELECT id FROM calltransfer_workers WHERE until_us > $3)";
    connection.execute(sql, &[&message, &(now / 1000), &now])
}

pub(super) fn count_workers(connection: &mut Connection, now: i64) -> Result<i64, Error> {
    let sql = "SELECT count(*) FROM calltransfer_workers WHERE until_us > $1";
    Ok(connection.one(sql, &[&now])?.get(0))
}

fn write_pace(connection: &mut Connection, pace: &Pace) -> Result<(), Error> {
    let sql = "UPDATE calltransfer_pace SET found = $1, found_us = $2, next_us = $3, \
               held_us = $4, since_us = $5, accepted = $6, since_before_us = $7, \
               accepted_before = $8, total = $9";
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
