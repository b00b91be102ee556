//! Counts of a run, and the result of a check.

use std::ffi::{CString, c_char};

use calltransfer_runs::{Checked, State, Summary};

use crate::handle::{Handle, get, take_back};
use crate::run_state::{
    CALLTRANSFER_RUN_APPLIED, CALLTRANSFER_RUN_NOT_APPLIED, CALLTRANSFER_RUN_SENDING,
    CALLTRANSFER_RUN_UNKNOWN, states,
};
use crate::text::{c_string, lend, milliseconds, optional};

/// A run at one moment. Read-only.
pub struct calltransfer_run_summary {
    summary: Summary,
    notes: Vec<CString>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_summary {}

impl From<Summary> for calltransfer_run_summary {
    fn from(summary: Summary) -> Self {
        let notes = summary.notes.iter().map(|note| c_string(note)).collect();
        Self { summary, notes }
    }
}

/// Return how many rows are in these states: CALLTRANSFER_RUN_* combined with `|`, 0 for all rows.
///
/// NULL: a NULL `summary` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_count(
    summary: *const calltransfer_run_summary,
    states: i32,
) -> u64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, 0, |s| count(&s.summary, states)) }
}

fn count(summary: &Summary, bits: i32) -> u64 {
    let wanted = states(bits).unwrap_or_default();
    wanted
        .iter()
        .map(|state: &State| summary.count(*state))
        .sum()
}

/// Return whether no row is left to send: 1 or 0.
///
/// NULL: a NULL `summary` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_is_done(
    summary: *const calltransfer_run_summary,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, 0, |s| i32::from(s.summary.is_done())) }
}

/// Return how many requests per second are allowed, by the run's rate or by the account's limit as
/// far as it was found; -1 if neither is known.
///
/// NULL: a NULL `summary` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_rate(
    summary: *const calltransfer_run_summary,
) -> f64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, -1.0, |s| s.summary.rate.unwrap_or(-1.0)) }
}

/// Return for how many milliseconds sending is paused because of a rate limit; 0 if it is not.
///
/// NULL: a NULL `summary` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_held_ms(
    summary: *const calltransfer_run_summary,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, 0, |s| s.summary.held_for.map_or(0, milliseconds)) }
}

/// Return how many milliseconds the planned rows will take, or -1 if it can't be estimated.
///
/// If no rate is known, it is estimated from two summaries of a run, so the first summary has none.
///
/// NULL: a NULL `summary` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_time_left_ms(
    summary: *const calltransfer_run_summary,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(summary, -1, |s| {
            s.summary.time_left.map_or(-1, milliseconds)
        })
    }
}

/// Return the run's deadline, in milliseconds since 1970; -1 if it has none.
///
/// NULL: a NULL `summary` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_deadline_ms(
    summary: *const calltransfer_run_summary,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, -1, |s| s.summary.deadline_ms.unwrap_or(-1)) }
}

/// Return how many workers hold a lease, on all machines.
///
/// NULL: a NULL `summary` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_workers(
    summary: *const calltransfer_run_summary,
) -> u64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, 0, |s| s.summary.workers) }
}

/// Return how many notes for people there are: for example that the file is on a network file
/// system, or that the run is stopped.
///
/// NULL: a NULL `summary` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_note_count(
    summary: *const calltransfer_run_summary,
) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, 0, |s| s.notes.len()) }
}

/// Return one note, from 0.
///
/// NULL: returned for an `index` beyond the last, and for a NULL `summary`.
/// Memory: borrowed from `summary`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_note(
    summary: *const calltransfer_run_summary,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(summary, std::ptr::null(), |s| lend(s.notes.get(index))) }
}

/// Free a summary, and with it every text borrowed from it.
///
/// NULL: does nothing.
/// Memory: frees `summary`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summary_free(summary: *mut calltransfer_run_summary) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(summary) };
}

/// The result of calltransfer_run_check(). Read-only.
pub struct calltransfer_run_findings {
    checked: Checked,
    first_error: Option<CString>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_findings {}

impl From<Checked> for calltransfer_run_findings {
    fn from(checked: Checked) -> Self {
        let first_error = optional(checked.first_error.as_deref());
        Self {
            checked,
            first_error,
        }
    }
}

/// Return how many rows that were unknown are now CALLTRANSFER_RUN_APPLIED,
/// CALLTRANSFER_RUN_NOT_APPLIED or, though their call was read, CALLTRANSFER_RUN_UNKNOWN.
///
/// For CALLTRANSFER_RUN_SENDING it is how many rows a worker is sending. 0 for any other state.
///
/// NULL: a NULL `findings` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_findings_count(
    findings: *const calltransfer_run_findings,
    state: i32,
) -> u64 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(findings, 0, |c| match state {
            CALLTRANSFER_RUN_APPLIED => c.checked.applied,
            CALLTRANSFER_RUN_NOT_APPLIED => c.checked.not_applied,
            CALLTRANSFER_RUN_UNKNOWN => c.checked.unknown,
            CALLTRANSFER_RUN_SENDING => c.checked.sending,
            _ => 0,
        })
    }
}

/// Return how many calls could not be read; their rows stay unknown.
///
/// NULL: a NULL `findings` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_findings_failed(
    findings: *const calltransfer_run_findings,
) -> u64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(findings, 0, |c| c.checked.failed) }
}

/// Return why the first of these calls could not be read.
///
/// NULL: returned where all could be read, and for a NULL `findings`.
/// Memory: borrowed from `checked`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_findings_first_error(
    findings: *const calltransfer_run_findings,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(findings, std::ptr::null(), |c| lend(c.first_error.as_ref())) }
}

/// Free the result of a check.
///
/// NULL: does nothing.
/// Memory: frees `findings`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_findings_free(findings: *mut calltransfer_run_findings) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(findings) };
}
