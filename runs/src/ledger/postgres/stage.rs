//! Rows that no worker sees yet.

use std::collections::HashSet;

use super::connection::{Connection, Values};
use crate::error::Error;
use crate::ledger::{Conflict, ConflictReason, STAGED};
use crate::row::NewRow;

pub(super) fn stage(
    connection: &mut Connection,
    load: i64,
    rows: &[NewRow],
    now: i64,
) -> Result<Vec<Conflict>, Error> {
    let calls: Vec<&str> = rows.iter().map(|row| row.call_id.as_str()).collect();
    let targets: Vec<&str> = rows.iter().map(|row| row.to.as_str()).collect();
    let options: Vec<String> = rows.iter().map(NewRow::options_json).collect();
    let timeouts: Vec<Option<i64>> = rows.iter().map(NewRow::timeout_ms).collect();
    // A row of a load that was never finished is taken over.
    let sql = "INSERT INTO calltransfer_rows \
               (call_id, target, options, timeout_ms, load, state, changed_ms) \
               SELECT c, t, o, m, $5, $6, $7 \
               FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[], $4::BIGINT[]) AS given (c, t, o, m) \
               ON CONFLICT (call_id) DO UPDATE SET target = excluded.target, \
               options = excluded.options, timeout_ms = excluded.timeout_ms, load = excluded.load \
               WHERE calltransfer_rows.state = $6 AND calltransfer_rows.load <> $5 \
               RETURNING call_id";
    let staged = connection.query(
        sql,
        &[
            &calls,
            &targets,
            &options,
            &timeouts,
            &load,
            &STAGED,
            &(now / 1000),
        ],
    )?;
    if staged.len() == rows.len() {
        return Ok(Vec::new());
    }
    let staged: HashSet<&str> = staged.iter().map(|row| row.get(0)).collect();
    let sql = "SELECT load = $1, target = $2 AND options = $3 AND timeout_ms IS NOT DISTINCT FROM $4 \
               FROM calltransfer_rows WHERE call_id = $5";
    let mut conflicts = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if staged.contains(row.call_id.as_str()) {
            continue;
        }
        let (options, timeout) = (row.options_json(), row.timeout_ms());
        let values: Values<'_> = &[&load, &row.to, &options, &timeout, &row.call_id];
        let found = connection.one(sql, values)?;
        let reason = match (found.get(0), found.get(1)) {
            (true, _) => ConflictReason::DuplicateInLoad,
            (false, true) => ConflictReason::AlreadyPresent,
            (false, false) => ConflictReason::DifferentRow,
        };
        conflicts.push(Conflict { index, reason });
    }
    Ok(conflicts)
}
