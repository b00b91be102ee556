//! A ledger in a PostgreSQL database, which several machines may share.
//!
//! The database's clock is the only one that workers share. Every change holds the one row of
//! `calltransfer_pace` first, so that changes are made one after the other.

mod connection;
mod stage;
mod tls;
mod transaction;

use std::collections::HashSet;
use std::time::Duration;

use tokio_postgres::Row as Columns;

use super::{
    Conflict, FORMAT, Ledger, PaceRule, RowParts, STAGED, TransactionResult, WorkerTransaction,
    other_version, pace_columns, row_columns,
};
use connection::{Connection, Values};
use stage::stage;
use transaction::{count_workers, expire_leases, run_transaction};

use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::pace::Pace;
use crate::place::Place;
use crate::row::{NewRow, Row, RowFinding, State};
use crate::settings::STOPPED;

const TABLES: &str = include_str!("tables.sql");

/// The pace with the database's time in microseconds.
const READ_PACE: &str = concat!(
    "SELECT ",
    pace_columns!(),
    ", (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT FROM calltransfer_pace"
);

/// The same, and the lock.
const LOCK_PACE: &str = concat!(
    "SELECT ",
    pace_columns!(),
    ", (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT FROM calltransfer_pace FOR UPDATE"
);

pub(super) struct Postgres {
    connection: Connection,
    url: String,
    place: String,
    boot: String,
}

impl Postgres {
    pub(super) fn open(url: &str, create: bool) -> Result<Self, Error> {
        let place = Place::Postgres(url.to_owned()).to_string();
        let connection = Connection::open(url, &place)?;
        let mut opened = Self {
            connection,
            url: url.to_owned(),
            place,
            boot: clock::boot_id(),
        };
        opened.identify(create)?;
        Ok(opened)
    }

    fn identify(&mut self, create: bool) -> Result<(), Error> {
        if create {
            self.create()?;
        } else if !self.has_tables()? {
            let message = format!("run: {} has no run", self.place);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let sql = "SELECT value FROM calltransfer_settings WHERE name = 'format'";
        let format: String = self.connection.one(sql, &[])?.get(0);
        match format == FORMAT.to_string() {
            true => Ok(()),
            false => Err(other_version(&self.place, &format)),
        }
    }

    fn has_tables(&mut self) -> Result<bool, Error> {
        let sql = "SELECT to_regclass('calltransfer_settings') IS NOT NULL";
        Ok(self.connection.one(sql, &[])?.get(0))
    }

    fn create(&mut self) -> Result<(), Error> {
        if self.has_tables()? {
            return Ok(());
        }
        self.connection.batch("BEGIN")?;
        let made = (|| {
            // "ctrn": others that make the tables wait here.
            let sql = "SELECT pg_advisory_xact_lock(1668575854)";
            self.connection.query(sql, &[])?;
            if !self.has_tables()? {
                let mark =
                    format!("INSERT INTO calltransfer_settings VALUES ('format', '{FORMAT}')");
                self.connection.batch(TABLES)?;
                self.connection.batch(&mark)?;
            }
            Ok(())
        })();
        self.end(made)
    }

    fn end<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        match result {
            Ok(value) => self.connection.batch("COMMIT").map(|()| value),
            Err(error) => {
                let _ = self.connection.batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// A database that was restarted is connected to again.
    fn connected(&mut self) -> Result<&mut Connection, Error> {
        if self.connection.is_closed() {
            self.connection = Connection::open(&self.url, &self.place)?;
        }
        Ok(&mut self.connection)
    }

    fn read(&mut self, sql: &'static str, values: Values<'_>) -> Result<Vec<Columns>, Error> {
        self.connected()?.query(sql, values)
    }

    /// Does `work` alone, with the pace and the database's time, in a transaction that is on disk
    /// when this returns.
    fn change<T>(
        &mut self,
        work: impl FnOnce(&mut Connection, Pace, i64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.connected()?.batch("BEGIN")?;
        let connection = &mut self.connection;
        let result = connection.one(LOCK_PACE, &[]).and_then(|columns| {
            let (pace, now) = (pace_of(&columns), columns.get(9));
            work(connection, pace, now)
        });
        self.end(result)
    }
}

impl Ledger for Postgres {
    fn settings(&mut self) -> Result<Vec<(String, String)>, Error> {
        read_settings(self.connected()?)
    }

    fn create_settings(
        &mut self,
        settings: &[(String, String)],
    ) -> Result<Vec<(String, String)>, Error> {
        self.change(|connection, _, _| {
            if read_settings(connection)?.is_empty() {
                for (name, value) in settings {
                    let sql = "INSERT INTO calltransfer_settings VALUES ($1, $2)";
                    connection.execute(sql, &[name, value])?;
                }
            }
            read_settings(connection)
        })
    }

    fn set_stopped(&mut self, stopped: bool) -> Result<(), Error> {
        let sql = match stopped {
            true => {
                "INSERT INTO calltransfer_settings VALUES ($1, '1') ON CONFLICT (name) DO NOTHING"
            }
            false => "DELETE FROM calltransfer_settings WHERE name = $1",
        };
        self.change(|connection, _, _| connection.execute(sql, &[&STOPPED]).map(drop))
    }

    fn wall_ms(&mut self) -> Result<i64, Error> {
        self.change(|_, _, now| Ok(now / 1000))
    }

    fn begin_load(&mut self) -> Result<i64, Error> {
        let sql = "INSERT INTO calltransfer_settings VALUES ('loads', '1') \
                   ON CONFLICT (name) DO UPDATE \
                   SET value = (calltransfer_settings.value::BIGINT + 1)::TEXT \
                   RETURNING value::BIGINT";
        Ok(self.connected()?.one(sql, &[])?.get(0))
    }

    fn stage(&mut self, load: i64, rows: &[NewRow]) -> Result<Vec<Conflict>, Error> {
        self.change(|connection, _, now| stage(connection, load, rows, now))
    }

    fn finish_load(&mut self, load: i64, limit: usize) -> Result<u64, Error> {
        let sql = "UPDATE calltransfer_rows SET state = 0 WHERE id IN \
                   (SELECT id FROM calltransfer_rows WHERE state = $1 AND load = $2 \
                   ORDER BY id LIMIT $3)";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connected()?.execute(sql, &[&STAGED, &load, &limit])
    }

    fn discard_load(&mut self, load: i64) -> Result<(), Error> {
        let sql = "DELETE FROM calltransfer_rows WHERE load = $1 AND state = $2";
        self.connected()?.execute(sql, &[&load, &STAGED]).map(drop)
    }

    fn register(&mut self, name: &str, lease: Duration) -> Result<i64, Error> {
        let sql = "INSERT INTO calltransfer_workers (name, until_us) VALUES ($1, $2) RETURNING id";
        self.change(|connection, _, now| {
            let until = now + clock::micros(lease);
            Ok(connection.one(sql, &[&name, &until])?.get(0))
        })
    }

    fn unregister(&mut self, worker: i64) -> Result<(), Error> {
        let sql = "DELETE FROM calltransfer_workers WHERE id = $1";
        self.change(|connection, _, _| connection.execute(sql, &[&worker]).map(drop))
    }

    fn transact(
        &mut self,
        given: &WorkerTransaction<'_>,
        rule: &mut PaceRule<'_>,
    ) -> Result<TransactionResult, Error> {
        let boot = self.boot.clone();
        self.change(|connection, pace, now| {
            run_transaction(connection, &boot, pace, now, given, rule)
        })
    }

    fn release(&mut self, worker: i64, known: &HashSet<(i64, i64)>) -> Result<(), Error> {
        let sql = "UPDATE calltransfer_rows SET state = 0, kind = NULL, message = NULL \
                   WHERE ((state = 1 AND worker = $1::BIGINT) OR (state = 5 AND worker = -$1)) \
                   AND (id, attempt) NOT IN (SELECT * FROM unnest($2::BIGINT[], $3::BIGINT[]))";
        let (rows, attempts): (Vec<i64>, Vec<i64>) = known.iter().copied().unzip();
        let values: Values<'_> = &[&worker, &rows, &attempts];
        self.change(|connection, _, _| connection.execute(sql, values).map(drop))
    }

    fn expire_leases(&mut self) -> Result<u64, Error> {
        self.change(|connection, _, now| expire_leases(connection, now))
    }

    fn counts(&mut self) -> Result<Vec<(State, u64)>, Error> {
        let sql = "SELECT state, count(*) FROM calltransfer_rows WHERE state < 9 GROUP BY state";
        let rows = self.read(sql, &[])?;
        let known = |row: &Columns| {
            let state = State::from_number(row.get(0))?;
            Some((state, u64::try_from(row.get::<_, i64>(1)).ok()?))
        };
        Ok(rows.iter().filter_map(known).collect())
    }

    fn pace(&mut self) -> Result<(Pace, i64, i64), Error> {
        let columns = self.connected()?.one(READ_PACE, &[])?;
        let (pace, now) = (pace_of(&columns), columns.get(9));
        Ok((pace, count_workers(&mut self.connection, now)?, now))
    }

    fn rows(&mut self, after: i64, states: &[State], limit: usize) -> Result<Vec<Row>, Error> {
        let sql = concat!(
            "SELECT ",
            row_columns!(),
            " FROM calltransfer_rows WHERE state = ANY($1) AND id > $2 ORDER BY id LIMIT $3"
        );
        let states: Vec<i64> = states.iter().map(|state| state.number()).collect();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.read(sql, &[&states, &after, &limit])?;
        rows.iter().map(|row| row_parts(row).into_row()).collect()
    }

    fn new_call_ids(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, String)>, Error> {
        let sql = "SELECT id, new_call_id FROM calltransfer_rows \
                   WHERE state = 2 AND id > $1 AND new_call_id IS NOT NULL ORDER BY id LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.read(sql, &[&after, &limit])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    fn store_findings(&mut self, findings: &[(i64, i64, RowFinding)]) -> Result<(), Error> {
        let sql = "UPDATE calltransfer_rows SET state = $3::BIGINT, found = $3, reason = $4, doubt = $5, \
                   found_ms = $6::BIGINT, changed_ms = $6 WHERE id = $1 AND attempt = $2 AND state = 5";
        self.change(|connection, _, _| {
            for (row, attempt, finding) in findings {
                let found = State::of(finding.outcome).number();
                let (reason, doubt, at) = (&finding.reason, &finding.doubt, &finding.at_ms);
                connection.execute(sql, &[row, attempt, &found, reason, doubt, at])?;
            }
            Ok(())
        })
    }

    fn plan_again(&mut self, rows: &[(i64, i64, State)]) -> Result<u64, Error> {
        let sql = "UPDATE calltransfer_rows SET state = 0, tries = 0, not_before_us = 0, \
                   reached = CASE WHEN state = 5 THEN 2 WHEN state = 3 THEN greatest(reached, 1) \
                   ELSE reached END, found = NULL, reason = NULL, doubt = NULL, found_ms = NULL, \
                   changed_ms = $4 WHERE id = $1 AND attempt = $2 AND state = $3";
        self.change(|connection, _, now| {
            let mut planned = 0;
            for (row, attempt, state) in rows {
                let values: Values<'_> = &[row, attempt, &state.number(), &(now / 1000)];
                planned += connection.execute(sql, values)?;
            }
            Ok(planned)
        })
    }

    fn end_planned(&mut self, message: &str) -> Result<u64, Error> {
        let sql = "UPDATE calltransfer_rows SET \
                   state = CASE reached WHEN 0 THEN 4 WHEN 1 THEN 3 ELSE 5 END, \
                   kind = coalesce(kind, 'timeout'), message = coalesce(message, $1::TEXT), \
                   changed_ms = $2 WHERE state = 0";
        self.change(|connection, _, now| connection.execute(sql, &[&message, &(now / 1000)]))
    }

    fn is_connected(&self) -> bool {
        !self.connection.is_closed()
    }

    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

fn read_settings(connection: &mut Connection) -> Result<Vec<(String, String)>, Error> {
    let sql = "SELECT name, value FROM calltransfer_settings WHERE name NOT IN ('format', 'loads')";
    let rows = connection.query(sql, &[])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn pace_of(columns: &Columns) -> Pace {
    Pace {
        found: columns.get(0),
        found_us: columns.get(1),
        next_us: columns.get(2),
        held_us: columns.get(3),
        since_us: columns.get(4),
        accepted: columns.get(5),
        since_before_us: columns.get(6),
        accepted_before: columns.get(7),
        total: columns.get(8),
        boot: String::new(),
    }
}

fn row_parts(row: &Columns) -> RowParts {
    RowParts {
        number: row.get(0),
        call_id: row.get(1),
        target: row.get(2),
        options: row.get(3),
        timeout_ms: row.get(4),
        state: row.get(5),
        attempts: row.get(6),
        kind: row.get(7),
        message: row.get(8),
        http_status: row.get(9),
        code: row.get(10),
        new_call_id: row.get(11),
        found: row.get(12),
        reason: row.get(13),
        doubt: row.get(14),
        found_ms: row.get(15),
        changed_ms: row.get(16),
        sent_boot: row.get(17),
        sent_us: row.get(18),
        ended_us: row.get(19),
    }
}
