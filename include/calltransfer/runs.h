/*
 * calltransfer, runs: bulk transfers that survive crashes, are shared by
 * several workers, and send nothing twice unless you say so.
 *
 * This file is generated from ffi-c/src; do not edit. It belongs to a library
 * that was built with runs (make install RUNS=1); pkg-config's variable `runs`
 * and CMake's component `runs` say whether it was.
 *
 * A run is a list of transfers, its rows, in a ledger: a file, or a database.
 * Each row has a state: planned, sending, applied, not_applied, not_sent,
 * unknown. It is sending on disk before the first byte of its request body
 * can leave, and its outcome is on disk before it is counted. After a crash
 * calltransfer_run_execute() continues the run; rows that were being sent become
 * unknown, and calltransfer_run_check() reads their calls.
 *
 * Handles, text and threads: as in calltransfer.h. Errors of a run are objects
 * of their own, calltransfer_run_error.
 *
 * Processes: a run that was opened before fork() is refused in the child with
 * CALLTRANSFER_RUN_E_FORKED; free it there, and open it again.
 */
#ifndef CALLTRANSFER_RUNS_H
#define CALLTRANSFER_RUNS_H


#include <calltransfer/calltransfer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* status ------------------------------------------------------------------ */

/**
 * What functions of runs return beside the statuses of calltransfer.h.
 *
 * Since: 0.1.0
 */
enum calltransfer_run_statuses {
    /** Some rows can't be added, so no row of the same function call was added; the error lists them. */
    CALLTRANSFER_RUN_E_ROWS_REFUSED = 51,
    /** The run was made for another account, with other options or by another version of the library. */
    CALLTRANSFER_RUN_E_OTHER_RUN = 52,
    /** The file or database contains something else than a run, or a damaged run. */
    CALLTRANSFER_RUN_E_DAMAGED = 53,
    /** The run can't be written: permissions, a read-only file or file system. */
    CALLTRANSFER_RUN_E_READ_ONLY = 54,
    /** The disk of the ledger is full. */
    CALLTRANSFER_RUN_E_FULL = 55,
    /** The ledger can't be reached, or did not respond in time. */
    CALLTRANSFER_RUN_E_UNREACHABLE = 56,
    /** The platform does not accept the credentials; the rows stay planned. */
    CALLTRANSFER_RUN_E_ACCOUNT = 57,
    /** No row can be sent again; the error lists them. */
    CALLTRANSFER_RUN_E_RETRY_REFUSED = 58,
    /** The run was opened by the parent of this process: open it again after a fork. */
    CALLTRANSFER_RUN_E_FORKED = 59
};

/**
 * The state of a row; a bit each.
 *
 * Since: 0.1.0
 */
enum calltransfer_run_states {
    /**
     * A row that is not sent yet, or whose request is proved to have changed nothing and is sent
     * again.
     */
    CALLTRANSFER_RUN_PLANNED = 65536,
    /** A row that a worker has; its request may have left. Never sent again unless you say so. */
    CALLTRANSFER_RUN_SENDING = 131072,
    /** A row whose transfer was made. */
    CALLTRANSFER_RUN_APPLIED = 262144,
    /** A row whose request the platform received, and did nothing. */
    CALLTRANSFER_RUN_NOT_APPLIED = 524288,
    /** A row of which no byte of the request body left. */
    CALLTRANSFER_RUN_NOT_SENT = 1048576,
    /** A row whose transfer may or may not have been made. Never sent again unless you say so. */
    CALLTRANSFER_RUN_UNKNOWN = 2097152
};

/**
 * Return the name of a state, such as "not_sent": the same in every language.
 *
 * Any other number is "no_such_state".
 *
 * NULL: never returned.
 * Memory: static, not to be freed.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_state_name(int32_t state);

/**
 * How rows are written into a file.
 *
 * Since: 0.1.0
 */
enum calltransfer_export_formats {
    /** Comma-separated values, with a line of names first. */
    CALLTRANSFER_EXPORT_CSV = 1001,
    /** A JSON object on each line. */
    CALLTRANSFER_EXPORT_JSON_LINES = 1002
};

/* handles ----------------------------------------------------------------- */

/**
 * A durable bulk transfer. It is stored in its ledger: a file, or a database.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run calltransfer_run;

/**
 * An error of a run; an error of a row is stored in the row. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_error calltransfer_run_error;

/**
 * The result of calltransfer_run_check(). Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_findings calltransfer_run_findings;

/**
 * Options of a run, for calltransfer_run_open().
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_options calltransfer_run_options;

/**
 * A row as it was in the ledger when it was read. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_row calltransfer_run_row;

/**
 * The rows of a run, read page by page.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_rows calltransfer_run_rows;

/**
 * A run at one moment. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_run_summary calltransfer_run_summary;

/* options ----------------------------------------------------------------- */

/**
 * Make options of a run, with none set.
 *
 * They are stored when the run is created. Open an existing run with the same options, or with
 * none set; others are an error that names them. If a value is invalid, calltransfer_run_open()
 * reports it.
 *
 * NULL: returned only after a bug in the library (a panic).
 * Memory: free the options with calltransfer_run_options_free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_run_options *calltransfer_run_options_new(void);

/**
 * Set how many transfers per second all workers begin together at most: 0.001 to 1,000,000.
 *
 * If it is not set, the run finds the account's limit by itself.
 *
 * NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per handle.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_options_set_rate(calltransfer_run_options *options,
                                          double rate);

/**
 * Set the deadline of the run, in milliseconds after its creation: more than 0, at most 30 days.
 *
 * Rows that were not sent by then are not sent any more. By default there is no deadline.
 *
 * NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per handle.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_options_set_deadline_ms(calltransfer_run_options *options,
                                                 int64_t deadline_ms);

/**
 * Set the lease in milliseconds, for which a worker keeps its rows without renewing it: 1,000 to
 * 300,000, by default 10,000.
 *
 * When it has expired, the rows that the worker was sending become unknown.
 *
 * NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per handle.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_options_set_lease_ms(calltransfer_run_options *options,
                                              int64_t lease_ms);

/**
 * Set how many times a row that could not be sent is tried: 1 to 1,000, by default 10.
 *
 * With a deadline it is tried until the deadline. Attempts that end with a rate limit don't count.
 *
 * NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per handle.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_options_set_max_attempts(calltransfer_run_options *options,
                                                  int32_t max_attempts);

/**
 * Free options of a run.
 *
 * NULL: does nothing.
 * Memory: frees `options`; a second time is undefined, as with free(). Runs that were opened with
 * them stay valid.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_options_free(calltransfer_run_options *options);

/* run --------------------------------------------------------------------- */

/**
 * Open a run, or create it if there is none.
 *
 * `place` is the path of a file, or a postgresql:// URL if the library was built with PostgreSQL.
 * A new file can be read and written by its owner only, because it contains phone numbers. A run
 * belongs to one account and one API: those of `client`, whose connections it doesn't share.
 * Returns CALLTRANSFER_OK, or the kind of an error: CALLTRANSFER_RUN_E_OTHER_RUN if the run was
 * created with other settings; the message names them.
 *
 * NULL: a NULL `options` sets none; a NULL `client`, `place` or `run` is
 * CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is returned.
 * Memory: `client`, `place` and `options` are copied; free `*run` with calltransfer_run_free() and
 * `*error` with calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_run_open(const calltransfer_client *client,
                              const char *place,
                              const calltransfer_run_options *options,
                              calltransfer_run **run,
                              calltransfer_run_error **error);

/**
 * Open an existing run to read it, without an account: nothing can be added, sent or checked.
 *
 * NULL: a NULL `place` or `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the
 * status is returned.
 * Memory: `place` is copied; free `*run` with calltransfer_run_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_view(const char *place,
                              calltransfer_run **run,
                              calltransfer_run_error **error);

/**
 * Return the API of a run: "v1" or "v2".
 *
 * NULL: a NULL `run` gives NULL.
 * Memory: borrowed from `run`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_api(const calltransfer_run *run);

/**
 * Return the account of a run.
 *
 * NULL: a NULL `run` gives NULL.
 * Memory: borrowed from `run`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_account(const calltransfer_run *run);

/**
 * Add one transfer to a run; `*added` is 1, or 0 if the run already has the same one.
 *
 * It is checked as when it is sent. Returns CALLTRANSFER_OK, or CALLTRANSFER_RUN_E_ROWS_REFUSED if
 * it can't be sent, or if its call is in the run with another target or other options. Adding many
 * at once with calltransfer_run_add_all() is much faster.
 *
 * NULL: a NULL `run` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `added` or `error`
 * only the status is returned.
 * Memory: `transfer` is copied; free `*error` with calltransfer_run_error_free().
 * Threads: many at once; `transfer` may be shared too.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_run_add(const calltransfer_run *run,
                             const calltransfer_transfer *transfer,
                             uint64_t *added,
                             calltransfer_run_error **error);

/**
 * Add `count` transfers to a run: all of them, or none if one is refused.
 *
 * A call can be in a run only once. `*added` is how many are new, `*present` how many the run
 * already had. No worker sees one of them before all are checked and stored. Returns
 * CALLTRANSFER_OK, or CALLTRANSFER_RUN_E_ROWS_REFUSED: the error lists the refused ones with their
 * numbers, from 0.
 *
 * NULL: a NULL `run`, or a NULL `transfers` or an element of it with a `count` above 0, is
 * CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `added`, `present` or `error` only the others are
 * given.
 * Memory: the transfers are copied; free `*error` with calltransfer_run_error_free().
 * Threads: many at once; the transfers may be shared too.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_run_add_all(const calltransfer_run *run,
                                 const calltransfer_transfer *const *transfers,
                                 size_t count,
                                 uint64_t *added,
                                 uint64_t *present,
                                 calltransfer_run_error **error);

/**
 * Send the rows that are planned, as one worker, and return when no row of the run is left to send.
 *
 * `concurrency` is how many transfers may be in progress at once, 1 to 10,000; 0 is 16. `name` is
 * how people know this worker. Each transfer is on disk before it is sent, and its outcome before
 * it is counted; nothing is sent twice unless you say so, also after a crash. May be called again,
 * and by many threads and processes at once: no row is taken twice. Another thread can read the
 * progress with calltransfer_run_summarize(), and end it early with calltransfer_run_stop().
 * Returns CALLTRANSFER_OK also if rows failed: the summary counts them. Returns
 * CALLTRANSFER_RUN_E_ACCOUNT if the platform refuses the credentials. If the ledger fails, the
 * error lists the known outcomes that could not be written.
 *
 * NULL: a NULL `name` is the process ID; a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL
 * `summary` or `error` only the status is returned.
 * Memory: `name` is copied; free `*summary` with calltransfer_run_summary_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once. It is not a cancellation point.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_run_execute(const calltransfer_run *run,
                                 int32_t concurrency,
                                 const char *name,
                                 calltransfer_run_summary **summary,
                                 calltransfer_run_error **error);

/**
 * End every calltransfer_run_execute() and calltransfer_run_check() of this handle soon.
 *
 * No further row is begun, and rows in progress end, at the latest after the client's timeout.
 * This is permanent: open the run again to continue.
 *
 * NULL: does nothing.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once, and safe in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_stop(const calltransfer_run *run);

/**
 * Stop all workers of a run, in all processes and on all machines, within about a second.
 *
 * Until calltransfer_run_resume_all() a calltransfer_run_execute() ends at once.
 *
 * NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
 * returned.
 * Memory: free `*error` with calltransfer_run_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_stop_all(const calltransfer_run *run,
                                  calltransfer_run_error **error);

/**
 * Return whether calltransfer_run_stop() was called for this handle: 1 or 0.
 *
 * NULL: a NULL `run` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once, and safe in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_is_stopped(const calltransfer_run *run);

/**
 * Let workers work again after calltransfer_run_stop_all(). It starts no worker.
 *
 * NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
 * returned.
 * Memory: free `*error` with calltransfer_run_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_resume_all(const calltransfer_run *run,
                                    calltransfer_run_error **error);

/**
 * Read the call of every row that is unknown, and store what that shows. Sends only reads.
 *
 * First, rows of workers whose lease has expired become unknown. Then each row takes the state of
 * its finding; if the call does not show it, the row stays unknown.
 *
 * NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `findings` or `error` only the
 * status is returned.
 * Memory: free `*findings` with calltransfer_run_findings_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_check(const calltransfer_run *run,
                               calltransfer_run_findings **findings,
                               calltransfer_run_error **error);

/**
 * Plan ended rows again, by decision of a person; calltransfer_run_execute() sends them.
 *
 * `state` is CALLTRANSFER_RUN_NOT_SENT, CALLTRANSFER_RUN_NOT_APPLIED or CALLTRANSFER_RUN_UNKNOWN.
 * Unknown rows are planned again only if they were checked and no finding says that the transfer
 * was made; they may then be transferred twice. `*planned` is how many rows are planned again,
 * `*refused` how many are not, counted up to 1,000. Returns CALLTRANSFER_RUN_E_RETRY_REFUSED if
 * there are such rows and all are refused: the error lists them.
 *
 * NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `planned`, `refused` or
 * `error` only the others are set.
 * Memory: free `*error` with calltransfer_run_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_retry(const calltransfer_run *run,
                               int32_t state,
                               uint64_t *planned,
                               uint64_t *refused,
                               calltransfer_run_error **error);

/**
 * Write the rows in these states to the file `path`: a report for people and other programs.
 *
 * `format` is CALLTRANSFER_EXPORT_CSV or CALLTRANSFER_EXPORT_JSON_LINES, `states` is as in
 * calltransfer_run_list_rows(). Phone numbers are redacted unless `show_numbers` is not 0. The
 * file can be read by its owner only; an existing one is replaced when the whole report is
 * written, and is not changed after an error. `*count` is how many rows were written.
 *
 * NULL: a NULL `run` or `path` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `count` or `error` only
 * the status is returned.
 * Memory: `path` is copied; free `*error` with calltransfer_run_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_export(const calltransfer_run *run,
                                const char *path,
                                int32_t format,
                                int32_t states,
                                int32_t show_numbers,
                                uint64_t *count,
                                calltransfer_run_error **error);

/**
 * Close a run. Its ledger is not changed.
 *
 * NULL: does nothing.
 * Memory: frees `run`; a second time is undefined, as with free(). Rows, summaries and errors that
 * it gave stay valid.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_free(calltransfer_run *run);

/* rows -------------------------------------------------------------------- */

/**
 * Begin to read the rows in these states, in the order in which they were added.
 *
 * `states` are CALLTRANSFER_RUN_* combined with `|`, 0 for all. Only rows whose number is greater
 * than `after` are read: 0 for all. calltransfer_run_rows_next() reads them in pages, so a run of
 * any size takes little memory, and a row may change after it was read.
 *
 * NULL: a NULL `run` or `rows` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status
 * is returned.
 * Memory: free `*rows` with calltransfer_run_rows_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL. The rows may outlive
 * `run`.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_list_rows(const calltransfer_run *run,
                                   int32_t states,
                                   int64_t after,
                                   calltransfer_run_rows **rows,
                                   calltransfer_run_error **error);

/**
 * Return the next row; after the last one `*row` is NULL.
 *
 * Returns CALLTRANSFER_OK, or the kind of an error, which ends the rows.
 *
 * NULL: a NULL `rows` or `row` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status
 * is returned.
 * Memory: free `*row` with calltransfer_run_row_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL. A row may outlive its
 * rows.
 * Threads: one at a time per handle.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_rows_next(calltransfer_run_rows *rows,
                                   calltransfer_run_row **row,
                                   calltransfer_run_error **error);

/**
 * End the reading of rows.
 *
 * NULL: does nothing.
 * Memory: frees `rows`; a second time is undefined, as with free(). Rows that it gave stay valid.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_rows_free(calltransfer_run_rows *rows);

/* row --------------------------------------------------------------------- */

/**
 * Return its number in the run, from 1, in the order in which rows were added.
 *
 * NULL: a NULL `row` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_row_number(const calltransfer_run_row *row);

/**
 * Return the call to transfer.
 *
 * NULL: returned for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_call_id(const calltransfer_run_row *row);

/**
 * Return the target: a phone number in full.
 *
 * NULL: returned for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_to(const calltransfer_run_row *row);

/**
 * Return the options of the transfer by their names, as a JSON object; numbers in it are in full.
 *
 * NULL: returned for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_options_json(const calltransfer_run_row *row);

/**
 * Return the timeout for one request of this row in milliseconds, or -1 if none was given.
 *
 * NULL: a NULL `row` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_row_timeout_ms(const calltransfer_run_row *row);

/**
 * Return its state: one of CALLTRANSFER_RUN_*.
 *
 * NULL: a NULL `row` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_row_state(const calltransfer_run_row *row);

/**
 * Return how many times a worker has taken the row.
 *
 * NULL: a NULL `row` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_row_attempts(const calltransfer_run_row *row);

/**
 * Return the kind of the last error, such as "rate_limited".
 *
 * NULL: returned after a transfer that was made, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_error_kind(const calltransfer_run_row *row);

/**
 * Return the message of the last error; it has no phone number.
 *
 * NULL: returned after a transfer that was made, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_message(const calltransfer_run_row *row);

/**
 * Return the HTTP status of the last response, or 0 if none was read.
 *
 * NULL: a NULL `row` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_row_http_status(const calltransfer_run_row *row);

/**
 * Return the platform's own code for the last error.
 *
 * NULL: returned where it gave none, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_platform_code(const calltransfer_run_row *row);

/**
 * Return the new call.
 *
 * NULL: returned where the platform named none, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_new_call_id(const calltransfer_run_row *row);

/**
 * Return the most likely outcome according to calltransfer_run_check(), one of
 * CALLTRANSFER_OUTCOME_*, or 0 if the row was not checked.
 *
 * NULL: a NULL `row` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_row_finding_outcome(const calltransfer_run_row *row);

/**
 * Return the reason for the outcome of calltransfer_run_check().
 *
 * NULL: returned where the row was not checked, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_finding_reason(const calltransfer_run_row *row);

/**
 * Return why the outcome of calltransfer_run_check() may be wrong.
 *
 * NULL: returned where nothing does, and for a NULL `row`.
 * Memory: borrowed from `row`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_row_finding_doubt(const calltransfer_run_row *row);

/**
 * Return when the row changed last, in milliseconds since 1970.
 *
 * NULL: a NULL `row` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_row_changed_ms(const calltransfer_run_row *row);

/**
 * Free a row, and with it every text borrowed from it.
 *
 * NULL: does nothing.
 * Memory: frees `row`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_row_free(calltransfer_run_row *row);

/* summary ----------------------------------------------------------------- */

/**
 * Count the rows of a run, and return how fast they are sent and how long the rest will take.
 *
 * NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `summary` or `error` only the
 * status is returned.
 * Memory: free `*summary` with calltransfer_run_summary_free() and `*error` with
 * calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_summarize(const calltransfer_run *run,
                                   calltransfer_run_summary **summary,
                                   calltransfer_run_error **error);

/**
 * Return how many rows are in these states: CALLTRANSFER_RUN_* combined with `|`, 0 for all rows.
 *
 * NULL: a NULL `summary` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
uint64_t calltransfer_run_summary_count(const calltransfer_run_summary *summary,
                                        int32_t states);

/**
 * Return whether no row is left to send: 1 or 0.
 *
 * NULL: a NULL `summary` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_summary_is_done(const calltransfer_run_summary *summary);

/**
 * Return how many requests per second are allowed, by the run's rate or by the account's limit as
 * far as it was found; -1 if neither is known.
 *
 * NULL: a NULL `summary` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
double calltransfer_run_summary_rate(const calltransfer_run_summary *summary);

/**
 * Return for how many milliseconds sending is paused because of a rate limit; 0 if it is not.
 *
 * NULL: a NULL `summary` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_summary_held_ms(const calltransfer_run_summary *summary);

/**
 * Return how many milliseconds the planned rows will take, or -1 if it can't be estimated.
 *
 * If no rate is known, it is estimated from two summaries of a run, so the first summary has none.
 *
 * NULL: a NULL `summary` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_summary_time_left_ms(const calltransfer_run_summary *summary);

/**
 * Return the run's deadline, in milliseconds since 1970; -1 if it has none.
 *
 * NULL: a NULL `summary` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_summary_deadline_ms(const calltransfer_run_summary *summary);

/**
 * Return how many workers hold a lease, on all machines.
 *
 * NULL: a NULL `summary` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
uint64_t calltransfer_run_summary_workers(const calltransfer_run_summary *summary);

/**
 * Return how many notes for people there are: for example that the file is on a network file
 * system, or that the run is stopped.
 *
 * NULL: a NULL `summary` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_run_summary_note_count(const calltransfer_run_summary *summary);

/**
 * Return one note, from 0.
 *
 * NULL: returned for an `index` beyond the last, and for a NULL `summary`.
 * Memory: borrowed from `summary`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_summary_note(const calltransfer_run_summary *summary,
                                          size_t index);

/**
 * Free a summary, and with it every text borrowed from it.
 *
 * NULL: does nothing.
 * Memory: frees `summary`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_summary_free(calltransfer_run_summary *summary);

/* findings ---------------------------------------------------------------- */

/**
 * Return how many rows that were unknown are now CALLTRANSFER_RUN_APPLIED,
 * CALLTRANSFER_RUN_NOT_APPLIED or, though their call was read, CALLTRANSFER_RUN_UNKNOWN.
 *
 * For CALLTRANSFER_RUN_SENDING it is how many rows a worker is sending. 0 for any other state.
 *
 * NULL: a NULL `findings` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
uint64_t calltransfer_run_findings_count(const calltransfer_run_findings *findings,
                                         int32_t state);

/**
 * Return how many calls could not be read; their rows stay unknown.
 *
 * NULL: a NULL `findings` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
uint64_t calltransfer_run_findings_failed(const calltransfer_run_findings *findings);

/**
 * Return why the first of these calls could not be read.
 *
 * NULL: returned where all could be read, and for a NULL `findings`.
 * Memory: borrowed from `checked`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_findings_first_error(const calltransfer_run_findings *findings);

/**
 * Free the result of a check.
 *
 * NULL: does nothing.
 * Memory: frees `findings`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_findings_free(calltransfer_run_findings *findings);

/* error ------------------------------------------------------------------- */

/**
 * Return the kind of an error of a run: CALLTRANSFER_RUN_E_*, or a CALLTRANSFER_E_* of the library.
 *
 * NULL: a NULL `error` is CALLTRANSFER_OK.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_error_kind(const calltransfer_run_error *error);

/**
 * Return the name of an error's kind, such as "other_run": the same in every language.
 *
 * NULL: a NULL `error` gives NULL.
 * Memory: static, not to be freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_kind_name(const calltransfer_run_error *error);

/**
 * Return the message with its causes in one line, for a log: it contains no secret and no whole
 * phone number.
 *
 * NULL: a NULL `error` gives NULL.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_message(const calltransfer_run_error *error);

/**
 * Return how many refused rows the error lists: at most 1,000.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_run_error_refused_count(const calltransfer_run_error *error);

/**
 * Return which row was refused: when transfers were added, its index among them, from 0; after a
 * retry, its number in the run.
 *
 * NULL: a NULL `error` gives -1, as an `index` beyond the last does.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_run_error_refused_number(const calltransfer_run_error *error,
                                              size_t index);

/**
 * Return the call of a refused row.
 *
 * NULL: returned for an `index` beyond the last, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_refused_call_id(const calltransfer_run_error *error,
                                                   size_t index);

/**
 * Return why a row was refused: the field first, then what is wrong.
 *
 * NULL: returned for an `index` beyond the last, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_refused_reason(const calltransfer_run_error *error,
                                                  size_t index);

/**
 * Return how many known outcomes could not be written to the ledger.
 *
 * Their rows become unknown when the lease of this worker has expired, so store what the error
 * lists.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_run_error_unwritten_count(const calltransfer_run_error *error);

/**
 * Return the call of an outcome that could not be written.
 *
 * NULL: returned for an `index` beyond the last, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_unwritten_call_id(const calltransfer_run_error *error,
                                                     size_t index);

/**
 * Return the state that the row of such an outcome should have: one of CALLTRANSFER_RUN_*.
 *
 * NULL: a NULL `error` gives 0, as an `index` beyond the last does.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_run_error_unwritten_state(const calltransfer_run_error *error,
                                               size_t index);

/**
 * Return the new call of such an outcome.
 *
 * NULL: returned where the platform named none, for an `index` beyond the last, and for a NULL
 * `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_run_error_unwritten_new_call_id(const calltransfer_run_error *error,
                                                         size_t index);

/**
 * Free an error of a run, and with it every text borrowed from it.
 *
 * NULL: does nothing.
 * Memory: frees `error`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_run_error_free(calltransfer_run_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLTRANSFER_RUNS_H */
