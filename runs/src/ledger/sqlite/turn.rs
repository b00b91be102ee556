//! One turn of a worker, in one transaction.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};

use crate::clock;
use crate::ledger::{Before, Outcome, PaceRule, Taken, Turn, Turned, damaged_row};
use crate::pace::Pace;
use crate::row::{NewRow, State};

pub(super) fn take_turn(
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
    let candidates = planned_rows(transaction, now, turned.wanted(turn))?;
    let at = rule(&mut pace, candidates.len(), now);
    if pace != stored {
        write_pace(transaction, &pace)?;
    }
    turned.take(candidates, at);
    let mut begin = transaction.prepare_cached(
        "UPDATE rows SET state = 1, worker = ?2, attempt = ?3, changed_ms = ?4, \
         sent_boot = CASE WHEN sent_us IS NULL OR sent_boot = ?5 THEN ?5 ELSE '' END, \
         sent_us = coalesce(sent_us, ?6), ended_us = NULL WHERE id = ?1",
    )?;
    for taken in &turned.taken {
        begin.execute(params![
            taken.row,
            turn.worker,
            taken.attempt,
            clock::wall_ms(),
            boot,
            now
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
        "UPDATE rows SET state = ?3, worker = abs(worker), tries = tries + CASE WHEN ended_us IS NULL THEN ?4 ELSE 0 END, reached = max(reached, ?5), \
         not_before_us = ?6, kind = CASE ?3 WHEN 0 THEN coalesce(?7, kind) ELSE ?7 END, \
         message = CASE ?3 WHEN 0 THEN coalesce(?8, message) ELSE ?8 END, http_status = ?9, \
         code = ?10, new_call_id = ?11, changed_ms = ?12, found = NULL, reason = NULL, doubt = NULL, \
         found_ms = NULL, sent_us = CASE WHEN ?3 IN (2, 5) THEN sent_us END, ended_us = ?13 WHERE id = ?1 AND attempt = ?2 AND (state IN (0, 1, 5) OR found IS NOT NULL)",
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
            now,
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

pub(super) fn take_over(
    transaction: &Transaction<'_>,
    boot: &str,
    now: i64,
) -> rusqlite::Result<u64> {
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
