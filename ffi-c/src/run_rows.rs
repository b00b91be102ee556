//! The rows of a run, one after the other, and their export.

use std::ffi::c_char;
use std::path::Path;
use std::sync::Arc;
use std::vec;

use calltransfer_runs::{Error, Export, Row, Run, State};

use crate::argument_error::ArgumentError;
use crate::handle::{Handle, clear, hand_out, take_back};
use crate::run::{calltransfer_run, known, store, text, zero};
use crate::run_error::{calltransfer_run_error, guard_with_run_error};
use crate::run_row::calltransfer_run_row;
use crate::run_state::states;

/// How many rows are read at once.
const PAGE: usize = 500;

/// Comma-separated values, with a line of names first.
pub const CALLTRANSFER_EXPORT_CSV: i32 = 1001;
/// A JSON object on each line.
pub const CALLTRANSFER_EXPORT_JSON_LINES: i32 = 1002;

/// The rows of a run, read page by page.
pub struct calltransfer_run_rows {
    run: Arc<Run>,
    states: Vec<State>,
    after: i64,
    page: vec::IntoIter<Row>,
    is_done: bool,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_rows {}

impl calltransfer_run_rows {
    fn next_row(&mut self) -> Result<Option<Row>, Error> {
        if self.page.len() == 0 && !self.is_done {
            // Done also where the page can't be read: an error ends the rows.
            self.is_done = true;
            let rows = self.run.rows_after(self.after, &self.states).take(PAGE);
            let page = rows.collect::<Result<Vec<_>, _>>()?;
            self.is_done = page.len() < PAGE;
            self.after = page.last().map_or(self.after, |row| row.number);
            self.page = page.into_iter();
        }
        Ok(self.page.next())
    }
}

/// Begin to read the rows in these states, in the order in which they were added.
///
/// `states` are CALLTRANSFER_RUN_* combined with `|`, 0 for all. Only rows whose number is greater
/// than `after` are read: 0 for all. calltransfer_run_rows_next() reads them in pages, so a run of
/// any size takes little memory, and a row may change after it was read.
///
/// NULL: a NULL `run` or `rows` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status
/// is returned.
/// Memory: free `*rows` with calltransfer_run_rows_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL. The rows may outlive
/// `run`.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_list_rows(
    run: *const calltransfer_run,
    states: i32,
    after: i64,
    rows: *mut *mut calltransfer_run_rows,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(rows);
        guard_with_run_error(error, || {
            let run = known(run)?;
            let states = wanted(states)?;
            if rows.is_null() {
                return Err(ArgumentError::null("rows").into());
            }
            let made = calltransfer_run_rows {
                run: Arc::clone(run),
                states,
                after,
                page: Vec::new().into_iter(),
                is_done: false,
            };
            hand_out(rows, Box::new(made));
            Ok(())
        })
    }
}

/// Return the next row; after the last one `*row` is NULL.
///
/// Returns CALLTRANSFER_OK, or the kind of an error, which ends the rows.
///
/// NULL: a NULL `rows` or `row` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status
/// is returned.
/// Memory: free `*row` with calltransfer_run_row_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL. A row may outlive its
/// rows.
/// Threads: one at a time per handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_rows_next(
    rows: *mut calltransfer_run_rows,
    row: *mut *mut calltransfer_run_row,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(row);
        guard_with_run_error(error, || {
            let rows = rows.as_mut().ok_or_else(|| ArgumentError::null("rows"))?;
            if row.is_null() {
                // The row would be lost.
                return Err(ArgumentError::null("row").into());
            }
            if let Some(next) = rows.next_row()? {
                hand_out(row, Box::new(calltransfer_run_row::from(next)));
            }
            Ok(())
        })
    }
}

/// End the reading of rows.
///
/// NULL: does nothing.
/// Memory: frees `rows`; a second time is undefined, as with free(). Rows that it gave stay valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_rows_free(rows: *mut calltransfer_run_rows) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(rows) };
}

/// Write the rows in these states to the file `path`: a report for people and other programs.
///
/// `format` is CALLTRANSFER_EXPORT_CSV or CALLTRANSFER_EXPORT_JSON_LINES, `states` is as in
/// calltransfer_run_list_rows(). Phone numbers are redacted unless `show_numbers` is not 0. The
/// file can be read by its owner only; an existing one is replaced when the whole report is
/// written, and is not changed after an error. `*count` is how many rows were written.
///
/// NULL: a NULL `run` or `path` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `count` or `error` only
/// the status is returned.
/// Memory: `path` is copied; free `*error` with calltransfer_run_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_export(
    run: *const calltransfer_run,
    path: *const c_char,
    format: i32,
    states: i32,
    show_numbers: i32,
    count: *mut u64,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        zero(count);
        guard_with_run_error(error, || {
            let run = known(run)?;
            let path = text("path", path)?;
            let export = match format {
                CALLTRANSFER_EXPORT_CSV => Export::csv(),
                CALLTRANSFER_EXPORT_JSON_LINES => Export::json_lines(),
                _ => {
                    let reason = "expected CALLTRANSFER_EXPORT_CSV or _JSON_LINES";
                    return Err(ArgumentError::argument("format", reason).into());
                }
            };
            let export = export.states(wanted(states)?);
            let export = export.show_numbers(show_numbers != 0);
            store(count, run.export_file(Path::new(path), &export)?);
            Ok(())
        })
    }
}

fn wanted(bits: i32) -> Result<Vec<State>, ArgumentError> {
    let reason = "expected CALLTRANSFER_RUN_* joined with |, or 0";
    states(bits).ok_or_else(|| ArgumentError::argument("states", reason))
}
