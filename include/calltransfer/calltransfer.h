/*
 * calltransfer: transfer a live phone call to another number, and know the
 * outcome.
 *
 * This file is generated from ffi-c/src; do not edit.
 *
 * Handles: every handle has its own _free function, which accepts NULL. Freeing
 * a handle twice, or using it after that, can't be detected and is undefined, as
 * with free(). Every other function accepts NULL for any pointer and never
 * crashes because of it; the NULL line of its comment says what it does then.
 *
 * Text: UTF-8, ends in NUL. What you pass in is copied. What a getter returns
 * is borrowed from its handle, and valid until the handle is freed.
 *
 * Numbers: each enumeration has a range of its own, so that its numbers can't be
 * taken for those of another. Functions take and return int32_t; the
 * enumerations are there for the compiler, debuggers and other languages.
 *
 * Errors: a function that can fail returns CALLTRANSFER_OK or the kind of the
 * error, and stores an error object that you free. The status of a setter may be
 * ignored: the first value that can't be read is reported when the handle is
 * used.
 *
 * Threads: a handle that a function takes as a const first argument may be used
 * by many threads at once; any other handle by one thread at a time. There is no
 * per-thread state.
 *
 * Signals and processes: a closed connection raises no SIGPIPE. A forked child
 * may continue to use its handles, except queues: it makes its own. Never unload
 * the library with dlclose().
 *
 * Cancellation: no function is a cancellation point. A thread that is cancelled
 * with pthread_cancel() while it waits in the library gets its result first. A log
 * callback must return: leaving it with pthread_exit(), longjmp() or a C++
 * exception is undefined, and ends the process in most cases.
 */
#ifndef CALLTRANSFER_CALLTRANSFER_H
#define CALLTRANSFER_CALLTRANSFER_H

#include <stddef.h>
#include <stdint.h>

#ifndef CALLTRANSFER_API
#  if defined(_WIN32) && defined(CALLTRANSFER_SHARED)
#    define CALLTRANSFER_API __declspec(dllimport)
#  else
#    define CALLTRANSFER_API
#  endif
#endif

/* MUST_USE: the result must not be ignored. DEPRECATED: a later version will no longer have the function. */
#if defined(__GNUC__) && !defined(CALLTRANSFER_NO_WARNINGS)
#  define CALLTRANSFER_MUST_USE __attribute__((warn_unused_result))
#  define CALLTRANSFER_DEPRECATED(reason) __attribute__((deprecated(reason)))
#else
#  define CALLTRANSFER_MUST_USE
#  define CALLTRANSFER_DEPRECATED(reason)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* version ----------------------------------------------------------------- */

/**
 * The version that a program is compiled with.
 *
 * Since: 0.1.0
 */
#define CALLTRANSFER_VERSION "0.1.0"

/**
 * The same as a number, in the form of calltransfer_version_number().
 *
 * Since: 0.1.0
 */
#define CALLTRANSFER_VERSION_NUM 0x000100

/**
 * Return the version of the loaded library, such as "0.1.0". CALLTRANSFER_VERSION is the version
 * that a program was compiled with.
 *
 * NULL: never returned.
 * Memory: static, not to be freed.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_version(void);

/**
 * Return the version of the loaded library as a number, 0x000100 for 0.1.0: major, minor and patch
 * with a byte each, so that a later version is greater. CALLTRANSFER_VERSION_NUM is the version
 * that a program was compiled with.
 *
 * NULL: takes no pointer.
 * Memory: none.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_version_number(void);

/* status ------------------------------------------------------------------ */

/**
 * What functions return: that it was done, or the kind of the error.
 *
 * Since: 0.1.0
 */
enum calltransfer_statuses {
    /** It was done. Every other status is the kind of an error. */
    CALLTRANSFER_OK = 0,
    /** An argument can't be sent; calltransfer_error_field() names it. */
    CALLTRANSFER_E_INVALID_ARGUMENT = 1,
    /** A setting is missing or wrong; calltransfer_error_field() names it. */
    CALLTRANSFER_E_CONFIGURATION = 2,
    /**
     * The host's name could not be resolved, no connection could be made, or the process has no file
     * descriptors or threads left for one.
     */
    CALLTRANSFER_E_CONNECTION = 3,
    /** The time ran out before the request was sent. */
    CALLTRANSFER_E_TIMEOUT = 4,
    /**
     * The TLS handshake failed: the certificate or host name is not trusted, or the connection was
     * lost.
     */
    CALLTRANSFER_E_TLS = 5,
    /** The proxy refused or failed. */
    CALLTRANSFER_E_PROXY = 6,
    /** The caller stopped the request before it was sent, or while it only read. */
    CALLTRANSFER_E_CANCELLED = 7,
    /** A bug in this library; please report it. */
    CALLTRANSFER_E_INTERNAL = 8,
    /** The request may have arrived, and nothing shows whether it was carried out. */
    CALLTRANSFER_E_OUTCOME_UNKNOWN = 9,
    /** The response was a redirect, which is never followed. */
    CALLTRANSFER_E_REDIRECT_REFUSED = 10,
    /** The platform rejected the request as invalid. */
    CALLTRANSFER_E_BAD_REQUEST = 11,
    /** The platform rejected the credentials. */
    CALLTRANSFER_E_AUTHENTICATION = 12,
    /** The account may not do this, or not with this number. */
    CALLTRANSFER_E_AUTHORIZATION = 13,
    /** The account has no credit left. */
    CALLTRANSFER_E_INSUFFICIENT_CREDIT = 14,
    /** The platform forbids this transfer. */
    CALLTRANSFER_E_FORBIDDEN = 15,
    /** The platform has no such call. */
    CALLTRANSFER_E_CALL_NOT_FOUND = 16,
    /** The call isn't active: not answered yet, already transferred, or ended. */
    CALLTRANSFER_E_CALL_NOT_ACTIVE = 17,
    /** Another update of this call is in progress. */
    CALLTRANSFER_E_CONFLICT = 18,
    /** Too many requests; calltransfer_error_retry_after_ms() says when the limit clears. */
    CALLTRANSFER_E_RATE_LIMITED = 19,
    /** The call is still being set up. */
    CALLTRANSFER_E_UNAVAILABLE = 20,
    /**
     * The platform refused for a reason that has no kind of its own, or another server responded with
     * 404.
     */
    CALLTRANSFER_E_REJECTED = 21
};

/**
 * Whether the call was transferred.
 *
 * Since: 0.1.0
 */
enum calltransfer_outcomes {
    /** No byte of the request body left this process. */
    CALLTRANSFER_OUTCOME_NOT_SENT = 101,
    /** The platform received the request and did nothing. */
    CALLTRANSFER_OUTCOME_NOT_APPLIED = 102,
    /** The transfer was made. */
    CALLTRANSFER_OUTCOME_APPLIED = 103,
    /** It may or may not have been made: check the call before sending it again. */
    CALLTRANSFER_OUTCOME_UNKNOWN = 104
};

/**
 * Return the name of a kind, such as "rate_limited": the same in every language.
 *
 * CALLTRANSFER_OK is "ok"; any other number is "no_such_kind".
 *
 * NULL: never returned.
 * Memory: static, not to be freed.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_kind_name(int32_t kind);

/**
 * Return the name of an outcome, such as "not_applied": the same in every language.
 *
 * Any other number is "no_such_outcome".
 *
 * NULL: never returned.
 * Memory: static, not to be freed.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_outcome_name(int32_t outcome);

/* handles ----------------------------------------------------------------- */

/**
 * A call as the platform describes it. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_call calltransfer_call;

/**
 * A list of calls, read page by page.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_call_list calltransfer_call_list;

/**
 * The conditions of a list of calls. It may be used for several lists.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_call_query calltransfer_call_query;

/**
 * A handle to stop requests that other threads wait for.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_cancel calltransfer_cancel;

/**
 * A client of one account. Create one and use it for all requests, because it keeps connections
 * open.
 * Since: 0.1.0
 */
typedef struct calltransfer_client calltransfer_client;

/**
 * The completion of one submitted request.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_completion calltransfer_completion;

/**
 * The settings of a client or queue: account, base URL, timeouts and more.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_config calltransfer_config;

/**
 * An error: its kind, and whether the call was transferred. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_error calltransfer_error;

/**
 * What the platform sent to a callback URL about a call. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_event calltransfer_event;

/**
 * What is known of a transfer after reading its call. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_finding calltransfer_finding;

/**
 * The result for all targets. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_first calltransfer_first;

/**
 * A transfer that is followed: whether a target answers, and how it ends.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_follow calltransfer_follow;

/**
 * One attempt to send a request. Read-only, and without secrets and phone numbers.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_log_record calltransfer_log_record;

/**
 * Requests without a waiting thread, and their completions.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_queue calltransfer_queue;

/**
 * A transfer that was made. Read-only.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_result calltransfer_result;

/**
 * A call, and the targets that it is transferred to. It may be used several times.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_targets calltransfer_targets;

/**
 * A transfer request. It may be sent several times; each time is a new request.
 *
 * Since: 0.1.0
 */
typedef struct calltransfer_transfer calltransfer_transfer;

/**
 * A function of the program that gets the lines of a log.
 *
 * Since: 0.1.0
 */
typedef void (*calltransfer_log_line_function)(const char *line, void *user_data);

/**
 * A function of the program that gets the records of a log.
 *
 * Since: 0.1.0
 */
typedef void (*calltransfer_log_function)(const calltransfer_log_record *record,
                                          void *user_data);

/* config ------------------------------------------------------------------ */

/**
 * Make a configuration with nothing set.
 *
 * The status of the setters may be ignored: calltransfer_client_new() reports the first value that
 * could not be read. It also checks which values are allowed.
 *
 * NULL: returned only after a bug in the library (a panic).
 * Memory: free it with calltransfer_config_free(), at any time: clients have a copy.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_config *calltransfer_config_new(void);

/**
 * Set the account's user ID, such as "u-abc123". Needed for the v1 API.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `user_id` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `user_id` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_user_id(calltransfer_config *config,
                                        const char *user_id);

/**
 * Set the API token. Needed for the v1 API.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `token` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `token` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_token(calltransfer_config *config,
                                      const char *token);

/**
 * Set the API secret. Needed for the v1 API.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `secret` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `secret` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_secret(calltransfer_config *config,
                                       const char *secret);

/**
 * Set the URL of the platform: https, or http to this machine. By default the platform's own URL.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `base_url` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `base_url` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_base_url(calltransfer_config *config,
                                         const char *base_url);

/**
 * Set a PEM file of certificates to trust, instead of the system's.
 *
 * By default the system's certificates are trusted, or those that SSL_CERT_FILE and SSL_CERT_DIR
 * name. The file has at most 16 MiB. It is read once for a client or a queue, before its first
 * https request and within the timeout of that request, on a thread of the library, so that a file
 * that blocks does not delay other requests.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `ca_file` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `ca_file` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_ca_file(calltransfer_config *config,
                                        const char *ca_file);

/**
 * Set the timeout of one transfer, including all attempts and waits.
 *
 * 1 ms to 1 hour; by default 10 seconds.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_timeout_ms(calltransfer_config *config,
                                           int64_t timeout_ms);

/**
 * Set how many times a transfer is retried at most; only if that can't make it twice.
 *
 * By default 2; 0 turns retries off. There is no highest number: the timeout ends the retries.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_max_retries(calltransfer_config *config,
                                            int32_t max_retries);

/**
 * Set an http proxy for the https connection, such as "http://user:password@proxy:3128".
 *
 * It gets a CONNECT request, and sees neither credentials nor calls. None by default: of the
 * environment, only CALLTRANSFER_PROXY is read, by calltransfer_config_use_environment(), not
 * HTTPS_PROXY and similar variables. Write a backslash in the user name as %5C.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `proxy` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `proxy` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_proxy(calltransfer_config *config,
                                      const char *proxy);

/**
 * Set whether a connection is used again for the next request.
 *
 * By default 1: a connection is kept for at most 50 seconds, or for less if the server is known to
 * close it earlier. If the server closes a connection just when a request is sent on it, the
 * outcome may be unknown; 0 opens a connection for each request, so that this can't happen.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_keep_alive(calltransfer_config *config,
                                           int32_t keep_alive);

/**
 * Set whether a client or a queue keeps a connection open while it is idle, and renews it.
 *
 * By default 0. With 1 a transfer takes one round trip at any time; a token of v2 is renewed as
 * well. This costs a TLS handshake about every 40 seconds, and in a client one thread. It ends
 * with the client or the queue. Requires calltransfer_config_set_keep_alive() to be 1.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_keep_ready(calltransfer_config *config,
                                           int32_t keep_ready);

/**
 * Set a function that is called for each attempt with one line: request, host, outcome, time.
 *
 * The line is that of calltransfer_log_record_line(): it contains no secret and no phone number. Of
 * a queue's requests it comes inside calltransfer_queue_next(); to get it at once, or with its
 * level, use calltransfer_config_set_log_function(). `log` must not call longjmp() or throw, and
 * should not block, because requests wait for it. It must not use or free the client or queue whose
 * requests it logs, except that it may call calltransfer_queue_wake().
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `log` switches it off;
 * `user_data` may be NULL and is passed on as it is.
 * Memory: `line` is the library's, valid until `log` returns; `user_data` stays yours, and must
 * live as long as any client or queue of this configuration: to free one waits for a function that
 * runs, and none runs after.
 * Threads: one at a time per configuration; `log` runs on the threads that use a client, many at
 * once, and for a queue's requests on those that are in calltransfer_queue_next().
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_log(calltransfer_config *config,
                                    calltransfer_log_line_function log,
                                    void *user_data);

/**
 * Read the settings that aren't set from the environment.
 *
 * For v1 BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET; for v2 BW_ACCOUNT_ID,
 * BW_CLIENT_ID and BW_CLIENT_SECRET, or BW_USERNAME and BW_PASSWORD; CALLTRANSFER_API,
 * CALLTRANSFER_BASE_URL, and with an https base URL CALLTRANSFER_PROXY. An empty variable counts
 * as absent. In a set-user-id program, and in one with file capabilities, the environment is
 * ignored, because the user who started the program controls it.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: the values are copied.
 * Threads: one at a time per configuration, and none that changes the environment meanwhile.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_use_environment(calltransfer_config *config);

/**
 * Free a configuration; clients that were made with it stay valid.
 *
 * NULL: does nothing.
 * Memory: frees `config`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_config_free(calltransfer_config *config);

/**
 * Set how many connections one queue has open at most, and so how many requests are in progress at
 * the same time.
 *
 * 1 to 10,000; by default 64. Further requests wait for a free connection within their own
 * timeout. A request that gets none in the first nine tenths of it ends with
 * CALLTRANSFER_E_TIMEOUT, and was not sent. A client has as many connections as threads that use
 * it.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_max_connections(calltransfer_config *config,
                                                int32_t max_connections);

/**
 * Set how many transfers a client or a queue begins per second at most, evenly spread.
 *
 * 0.001 to 1,000,000; by default no limit. Further attempts aren't counted. If the platform
 * reports a rate limit, all transfers wait until the limit clears, and then continue more slowly.
 * A transfer that can't begin within its timeout ends with CALLTRANSFER_E_TIMEOUT at once, and was
 * not sent.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_rate(calltransfer_config *config,
                                     double rate);

/**
 * Check a configuration: return the error that calltransfer_client_new() reports for it. Opens and
 * sends nothing.
 *
 * NULL: returned if nothing is wrong; a NULL `config` gives an error of the kind
 * CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `config` is only read; free the error with calltransfer_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_error *calltransfer_config_check(const calltransfer_config *config);

/**
 * Make a copy of a configuration, with the same log functions.
 *
 * NULL: returned for a NULL `config`.
 * Memory: copies everything but `user_data` of the logs; free the copy with
 * calltransfer_config_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_config *calltransfer_config_copy(const calltransfer_config *config);

/**
 * Set a function that gets a record of each attempt when it ends, also of a queue's requests.
 *
 * It must not call longjmp() or throw, and should not block, because requests wait for it. It must
 * not use or free the client or queue whose requests it logs, except that it may call
 * calltransfer_queue_wake(). It may be used together with calltransfer_config_set_log().
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `function` switches it off;
 * `user_data` may be NULL and is passed on as it is.
 * Memory: the record is the library's, valid until `function` returns; `user_data` stays yours, and
 * must live as long as any client or queue of this configuration: to free one waits for a function
 * that runs, and none runs after.
 * Threads: one at a time per configuration; `function` runs on the threads that use a client, and
 * for a queue's requests on the library's own threads, many at once, with all signals blocked.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_log_function(calltransfer_config *config,
                                             calltransfer_log_function function,
                                             void *user_data);

/**
 * Set the account's ID, such as "5500099". Needed for the v2 API.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `account_id` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `account_id` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_account_id(calltransfer_config *config,
                                           const char *account_id);

/**
 * Set the ID of a client that may fetch OAuth2 tokens, for the v2 API.
 *
 * Together with client_secret.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `client_id` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `client_id` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_client_id(calltransfer_config *config,
                                          const char *client_id);

/**
 * Set the secret of that client. It is sent only to the token endpoint.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `client_secret` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `client_secret` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_client_secret(calltransfer_config *config,
                                              const char *client_secret);

/**
 * Set the name of an API user, for the v2 API with basic authentication.
 *
 * Together with password, instead of client_id and client_secret. The platform is phasing it out.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `username` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `username` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_username(calltransfer_config *config,
                                         const char *username);

/**
 * Set the password of that API user.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `password` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `password` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_password(calltransfer_config *config,
                                         const char *password);

/**
 * Set the API to use: "v1" or "v2".
 *
 * By default the credentials decide; it is needed only if there are credentials for both.
 *
 * NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `api` is
 * CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
 * Memory: `api` is copied.
 * Threads: one at a time per configuration.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_config_set_api(calltransfer_config *config,
                                    const char *api);

/* transfer ---------------------------------------------------------------- */

/**
 * Make a transfer of the call `call_id` to the number or SIP address `to`.
 *
 * `call_id`: 1 to 128 letters, digits, '-', '_', '.', '~'. `to`: an E.164 number ('+' and 2 to 15
 * digits), a sip: or sips: URI, or user@host. Spaces, hyphens, dots and parentheses in a number
 * are removed: "+1 (838) 294-7878" is sent as "+18382947878". If one of them, or the value of a
 * setter, is invalid, calltransfer_client_transfer() and calltransfer_transfer_to_json() report
 * it.
 *
 * NULL: returned only after a bug in the library (a panic); a NULL `call_id` or `to` is an error that is reported when the transfer is
 * sent.
 * Memory: both texts are copied; free the transfer with calltransfer_transfer_free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_transfer *calltransfer_transfer_new(const char *call_id,
                                                 const char *to);

/**
 * Set the number that the new party sees: "private" or an E.164 number, in the form of
 * calltransfer_transfer_new().
 *
 * The platform allows the number of the calling party and numbers of the account. If it is not
 * set, the platform shows the calling party's number.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `caller_id`, which is
 * reported again when the transfer is sent.
 * Memory: `caller_id` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_caller_id(calltransfer_transfer *transfer,
                                            const char *caller_id);

/**
 * Set the http or https URL that gets the events of the new call.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `callback_url`, which
 * is reported again when the transfer is sent.
 * Memory: `callback_url` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_callback_url(calltransfer_transfer *transfer,
                                               const char *callback_url);

/**
 * Set whether the call is recorded: 0 is no, anything else is yes.
 *
 * 0 is sent too: it ends a recording.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_recording_enabled(calltransfer_transfer *transfer,
                                                    int32_t recording_enabled);

/**
 * Set the file format of a recording: "mp3" or "wav".
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL
 * `recording_file_format`, which is reported again when the transfer is sent.
 * Memory: `recording_file_format` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_recording_file_format(calltransfer_transfer *transfer,
                                                        const char *recording_file_format);

/**
 * Set how Diversion headers are treated: "none", "propagate" or "stack".
 *
 * Use "stack" for incoming calls only: the vendor warns that an outbound call may drop with it.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `diversion_treatment`,
 * which is reported again when the transfer is sent.
 * Memory: `diversion_treatment` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_diversion_treatment(calltransfer_transfer *transfer,
                                                      const char *diversion_treatment);

/**
 * Set why the call is diverted, such as "do-not-disturb"; only with the treatment "stack".
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `diversion_reason`,
 * which is reported again when the transfer is sent.
 * Memory: `diversion_reason` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_diversion_reason(calltransfer_transfer *transfer,
                                                   const char *diversion_reason);

/**
 * Add fields to the body that this library doesn't know: a JSON object with the platform's names.
 *
 * They are sent unchanged and unchecked. May be called several times. A field that is in the body
 * already is refused.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `extra_json`, which is
 * reported again when the transfer is sent.
 * Memory: `extra_json` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_extra_json(calltransfer_transfer *transfer,
                                             const char *extra_json);

/**
 * Set the timeout of this transfer, including all attempts and waits, instead of the client's.
 *
 * 1 ms to 1 hour.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_timeout_ms(calltransfer_transfer *transfer,
                                             int64_t timeout_ms);

/**
 * Set the sentence that the new party hears before being connected: 1 to 1000 characters.
 *
 * A whisper has a sentence or a file_url; every other field of it needs one of them.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `sentence`, which is
 * reported again when the transfer is sent.
 * Memory: `sentence` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_sentence(calltransfer_transfer *transfer,
                                                         const char *sentence);

/**
 * Set the audio file that the new party hears before being connected: an http or https URL.
 *
 * Instead of a sentence.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `file_url`, which is
 * reported again when the transfer is sent.
 * Memory: `file_url` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_file_url(calltransfer_transfer *transfer,
                                                         const char *file_url);

/**
 * Set the gender of the voice: "male" or "female"; only with a sentence.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `gender`, which is
 * reported again when the transfer is sent.
 * Memory: `gender` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_gender(calltransfer_transfer *transfer,
                                                       const char *gender);

/**
 * Set the language and accent of the voice, such as "en_US"; only with a sentence.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `locale`, which is
 * reported again when the transfer is sent.
 * Memory: `locale` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_locale(calltransfer_transfer *transfer,
                                                       const char *locale);

/**
 * Set the voice by its name, such as "Julie"; only with a sentence.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `voice`, which is
 * reported again when the transfer is sent.
 * Memory: `voice` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_voice(calltransfer_transfer *transfer,
                                                      const char *voice);

/**
 * Set whether the whisper is repeated: 0 is no, anything else is yes.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_loop_enabled(calltransfer_transfer *transfer,
                                                             int32_t loop_enabled);

/**
 * Set a text that is contained in the events of the whisper.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `tag`, which is
 * reported again when the transfer is sent.
 * Memory: `tag` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_tag(calltransfer_transfer *transfer,
                                                    const char *tag);

/**
 * Set the volume of the whisper: -4 to 4.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_whisper_audio_volume(calltransfer_transfer *transfer,
                                                       int32_t volume);

/**
 * Set the name that the new party sees: 1 to 256 characters. v2 API only.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `caller_display_name`,
 * which is reported again when the transfer is sent.
 * Memory: `caller_display_name` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_caller_display_name(calltransfer_transfer *transfer,
                                                      const char *caller_display_name);

/**
 * Set a text that is contained in the events of the transfer: at most 256 characters. v2 API only.
 *
 * An empty one clears an earlier tag.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `tag`, which is
 * reported again when the transfer is sent.
 * Memory: `tag` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_tag(calltransfer_transfer *transfer,
                                      const char *tag);

/**
 * Set the User-To-User header (RFC 7433) for the targets that are SIP addresses. v2 API only.
 *
 * A value and its encoding (base64, jwt or hex), such as "bXktdXVp;encoding=base64": at most 256
 * characters.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `uui`, which is
 * reported again when the transfer is sent.
 * Memory: `uui` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_uui(calltransfer_transfer *transfer,
                                      const char *uui);

/**
 * Set the http or https URL to which the platform sends a request when the target answers; the
 * response says what the new party hears first. v2 API only.
 *
 * calltransfer_transfer_to_whisper_bxml() makes that response.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `transfer_answer_url`,
 * which is reported again when the transfer is sent.
 * Memory: `transfer_answer_url` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_transfer_answer_url(calltransfer_transfer *transfer,
                                                      const char *transfer_answer_url);

/**
 * Set whether the caller's number is hidden: 0 is no, anything else is yes. v2 API only.
 *
 * Only if the caller ID is a number or not set. The caller display name may then only be one of
 * "Restricted", "Anonymous", "Private" and "Unavailable".
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_privacy(calltransfer_transfer *transfer,
                                          int32_t privacy);

/**
 * Set how many seconds the new party's phone rings: 1 to 300; decimals are allowed. v2 API only.
 *
 * By default 30.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NaN or an infinity, which is
 * reported again when the transfer is sent.
 * Memory: copies nothing, keeps nothing.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set_call_timeout(calltransfer_transfer *transfer,
                                               double call_timeout);

/**
 * Write the body of a transfer as it would be sent; nothing is sent.
 *
 * Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT as when the transfer is sent.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `json` the transfer is
 * only checked; with a NULL `error` only the status is returned.
 * Memory: `transfer` is only read; free `*json` with calltransfer_string_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_to_json(const calltransfer_transfer *transfer,
                                      char **json,
                                      calltransfer_error **error);

/**
 * Free a transfer.
 *
 * NULL: does nothing.
 * Memory: frees `transfer`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_transfer_free(calltransfer_transfer *transfer);

/**
 * Add a target, which rings at the same time: a number or SIP address. v2 API only.
 *
 * The first to answer is connected. At most 8 targets in all.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `to`, which is reported
 * again when the transfer is sent.
 * Memory: `to` is copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_also_to(calltransfer_transfer *transfer,
                                      const char *to);

/**
 * Write the BXML document of a transfer as it would be sent to the v2 API; nothing is sent.
 *
 * Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT as when the transfer is sent.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `bxml` the transfer is
 * only checked; with a NULL `error` only the status is returned.
 * Memory: `transfer` is only read; free `*bxml` with calltransfer_string_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_to_bxml(const calltransfer_transfer *transfer,
                                      char **bxml,
                                      calltransfer_error **error);

/**
 * Write the BXML document for the whisper that a transfer's whisper_audio setters describe.
 *
 * For the v2 API, in which the request can't contain the whisper: your web server returns the
 * document, as application/xml, at the URL of calltransfer_transfer_set_transfer_answer_url().
 * Only the whisper of `transfer` is used, if all its setters succeeded; `transfer` need not be sent. Locales and voices are v2's
 * own and are not checked; loop_enabled, tag and volume exist only in v1 and are refused.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `bxml` the whisper is
 * only checked; with a NULL `error` only the status is returned.
 * Memory: `transfer` is only read; free `*bxml` with calltransfer_string_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_to_whisper_bxml(const calltransfer_transfer *transfer,
                                              char **bxml,
                                              calltransfer_error **error);

/**
 * Set an option by its name, such as "caller_id", "whisper_audio.voice" or "recording_enabled".
 *
 * The names are those of the setters, without their common prefix; "also_to" adds a target.
 * A field of the whisper may also be written with a dot, and "extra_json" as "extra". Pass a text as
 * it is, and any other value as JSON: "true" or "false", "-4", "1.5", for "extra" an object. For
 * "whisper_audio" pass a JSON object of its fields; any other text is a sentence. Returns
 * CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT for an unknown name or a value of the wrong
 * type, which is reported again when the transfer is sent. What a value may be is checked then, as
 * with the setters.
 *
 * NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `name` or `value`,
 * which is reported again when the transfer is sent.
 * Memory: both texts are copied.
 * Threads: one at a time per transfer.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_transfer_set(calltransfer_transfer *transfer,
                                  const char *name,
                                  const char *value);

/**
 * Return the value of an option by its name, in the form that calltransfer_transfer_set() takes.
 *
 * Also of "call_id" and "to". A value that isn't a text is returned as JSON; "whisper_audio" is an
 * object, and "also_to" a list.
 *
 * NULL: returned if the option isn't set, if there is none of this name, and for a NULL `transfer`
 * or `name`.
 * Memory: `name` is only read; free the text with calltransfer_string_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
char *calltransfer_transfer_get(const calltransfer_transfer *transfer,
                                const char *name);

/**
 * Make a copy of a transfer.
 *
 * NULL: returned for a NULL `transfer`.
 * Memory: copies everything; free the copy with calltransfer_transfer_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_transfer *calltransfer_transfer_copy(const calltransfer_transfer *transfer);

/**
 * Free a string that a function of this library returned and that you own.
 *
 * NULL: does nothing.
 * Memory: frees the string; a second time is undefined, as with free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_string_free(char *string);

/* client ------------------------------------------------------------------ */

/**
 * Make a client with a configuration. Unless keep_ready is set, no connection is opened before the
 * first request.
 *
 * Returns CALLTRANSFER_OK, or the kind of the error: CALLTRANSFER_E_CONFIGURATION names the first
 * setting that could not be read, all settings that are missing, or the first one that is wrong.
 *
 * NULL: a NULL `config` or `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
 * the status is returned.
 * Memory: `config` is copied; free `*client` with calltransfer_client_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_client_new(const calltransfer_config *config,
                                calltransfer_client **client,
                                calltransfer_error **error);

/**
 * Make a client, and return it: calltransfer_client_new() for languages in which pointers to
 * pointers are difficult to use.
 *
 * NULL: returned for a NULL `config`, and if calltransfer_config_check() returns an error.
 * Memory: `config` is copied; free the client with calltransfer_client_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_client *calltransfer_client_open(const calltransfer_config *config);

/**
 * Return the API that a client uses, as its credentials or calltransfer_config_set_api() decided:
 * "v1" or "v2".
 *
 * NULL: a NULL `client` gives NULL.
 * Memory: borrowed from `client`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_client_api(const calltransfer_client *client);

/**
 * Ask the platform to connect a live call to someone else, and wait for the outcome.
 *
 * The request is sent at most once, unless the platform is known to have done nothing, because the
 * platform cannot distinguish a retry from a new request. Returns CALLTRANSFER_OK if the transfer
 * was made, otherwise the kind of the error; calltransfer_error_outcome() says whether the call
 * was transferred.
 *
 * NULL: a NULL `client` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `result` or
 * `error` only the status is returned.
 * Memory: `transfer` is only read, and may be sent again; free `*result` with
 * calltransfer_result_free() and `*error` with calltransfer_error_free(). The one that doesn't
 * apply is set to NULL.
 * Threads: many at once, each waits only for its own transfer; `transfer` may be shared too.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_client_transfer(const calltransfer_client *client,
                                     const calltransfer_transfer *transfer,
                                     calltransfer_result **result,
                                     calltransfer_error **error);

/**
 * As calltransfer_client_transfer(), but another thread can stop it with `cancel`.
 *
 * NULL: as calltransfer_client_transfer(); a NULL `cancel` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: as calltransfer_client_transfer(); `cancel` is only read.
 * Threads: many at once; `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_client_transfer_cancellable(const calltransfer_client *client,
                                                 const calltransfer_transfer *transfer,
                                                 const calltransfer_cancel *cancel,
                                                 calltransfer_result **result,
                                                 calltransfer_error **error);

/**
 * Read a call. A read changes nothing, so it is retried after every failure that may be temporary.
 *
 * NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `call` or
 * `error` only the status is returned.
 * Memory: `call_id` is copied; free `*call` with calltransfer_call_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_get_call(const calltransfer_client *client,
                                     const char *call_id,
                                     calltransfer_call **call,
                                     calltransfer_error **error);

/**
 * Answer an incoming call, so that it can be transferred.
 *
 * NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
 * the status is returned.
 * Memory: `call_id` is copied; free `*error` with calltransfer_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_answer(const calltransfer_client *client,
                                   const char *call_id,
                                   calltransfer_error **error);

/**
 * End a call.
 *
 * NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
 * the status is returned.
 * Memory: `call_id` is copied; free `*error` with calltransfer_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_hang_up(const calltransfer_client *client,
                                    const char *call_id,
                                    calltransfer_error **error);

/**
 * Open a connection, so that the next transfer takes one round trip.
 *
 * Call it when a call arrives, before it is decided where the call is transferred to. It resolves
 * the name, connects, makes the TLS handshake and, for v2, gets an access token. It does nothing
 * if there is an open connection, changes nothing at the platform, and never makes a later
 * transfer fail. The connection is kept for as long as the server keeps it open, at most 50
 * seconds, and the next request of any thread uses it. The outcome of an error is
 * CALLTRANSFER_OUTCOME_NOT_SENT.
 *
 * NULL: a NULL `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
 * returned.
 * Memory: free `*error` with calltransfer_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_prepare(const calltransfer_client *client,
                                    calltransfer_error **error);

/**
 * Look at a call after an outcome that was unknown, and say whether it was transferred at all.
 *
 * Reads the call, and where its state leaves it open the list of its events (v1) or the list of calls (v2);
 * all within one timeout. Never sends the transfer again. It may find an earlier transfer of the same
 * call: use calltransfer_client_check_transfer() to leave that out.
 *
 * NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `finding` or
 * `error` only the status is returned.
 * Memory: `call_id` is copied; free `*finding` with calltransfer_finding_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_check(const calltransfer_client *client,
                                  const char *call_id,
                                  calltransfer_finding **finding,
                                  calltransfer_error **error);

/**
 * Look at the call of a transfer whose outcome is unknown, and say what is now known of that transfer.
 *
 * `failed` is the error of the transfer. As calltransfer_client_check(), but only what can belong to
 * that transfer counts, by its targets and by its time on the platform's clock; what can belong to
 * several leaves it unknown. An error that was not of an unknown outcome gives the call's ID only.
 *
 * NULL: a NULL `client` or `failed` is CALLTRANSFER_E_INVALID_ARGUMENT, and so is an error that is about
 * no call; with a NULL `finding` or `error` only the status is returned.
 * Memory: `failed` is only read; free `*finding` with calltransfer_finding_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL. `failed` and `*error` must not
 * be the same.
 * Threads: many at once; `failed` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_check_transfer(const calltransfer_client *client,
                                           const calltransfer_error *failed,
                                           calltransfer_finding **finding,
                                           calltransfer_error **error);

/**
 * Free a client and close its connections.
 *
 * NULL: does nothing.
 * Memory: frees `client`; a second time is undefined, as with free(). Results, errors and lists
 * that it returned stay valid; a list keeps its connections open, but logs nothing any more.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_client_free(calltransfer_client *client);

/**
 * Send a request of any kind except a transfer, wait for it, and return its completion.
 *
 * `request` is one of CALLTRANSFER_REQUEST_*: calltransfer_client_get_call(), _answer(),
 * _hang_up(), _check() and _prepare() in one function, for languages in which pointers to pointers
 * are difficult to use. `timeout_ms` is the timeout of this request, including all attempts and
 * waits: 1 ms to 1 hour, or 0 for the client's. Another thread can stop it with `cancel`, within
 * 20 ms. Get the result and the error from the completion, whose ID is 0.
 *
 * NULL: returned only after a bug in the library (a panic); a NULL `client` or `call_id` gives a
 * completion with CALLTRANSFER_E_INVALID_ARGUMENT; of CALLTRANSFER_REQUEST_PREPARE `call_id` may be NULL;
 * `cancel` may be NULL.
 * Memory: `call_id` is copied, `cancel` only read; free the completion with
 * calltransfer_completion_free().
 * Threads: many at once; `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_completion *calltransfer_client_request(const calltransfer_client *client,
                                                     int32_t request,
                                                     const char *call_id,
                                                     int64_t timeout_ms,
                                                     const calltransfer_cancel *cancel);

/**
 * Send a transfer, wait for it, and return its completion; otherwise as
 * calltransfer_client_transfer().
 *
 * Another thread can stop it with `cancel`, within 20 ms. Get the result and the error from the
 * completion, whose ID is 0.
 *
 * NULL: returned only after a bug in the library (a panic); a NULL `client` or `transfer` gives a
 * completion with CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL.
 * Memory: `transfer` and `cancel` are only read; free the completion with
 * calltransfer_completion_free().
 * Threads: many at once; `transfer` and `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_completion *calltransfer_client_request_transfer(const calltransfer_client *client,
                                                              const calltransfer_transfer *transfer,
                                                              const calltransfer_cancel *cancel);

/**
 * Check a transfer whose outcome is unknown, wait, and return what it ended with:
 * calltransfer_client_check_transfer() in one form.
 *
 * `timeout_ms` and `cancel` as with calltransfer_client_request(). Get the finding and the error
 * from the completion, whose ID is 0.
 *
 * NULL: returned only after a bug in the library (a panic); a NULL `client` or `failed` gives a
 * completion with CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL.
 * Memory: `failed` and `cancel` are only read; free the completion with calltransfer_completion_free().
 * Threads: many at once; `failed` and `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_completion *calltransfer_client_request_check_transfer(const calltransfer_client *client,
                                                                    const calltransfer_error *failed,
                                                                    int64_t timeout_ms,
                                                                    const calltransfer_cancel *cancel);

/**
 * List the account's calls: calltransfer_call_list_next() reads them, page by page. This function
 * sends nothing.
 *
 * Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT for a condition that can't be sent.
 *
 * NULL: a NULL `query` lists all calls; a NULL `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a
 * NULL `list` or `error` only the status is returned.
 * Memory: `query` is copied; free `*list` with calltransfer_call_list_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL. The list stays valid after
 * `client` is freed.
 * Threads: many at once; `query` may be shared too.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_list_calls(const calltransfer_client *client,
                                       const calltransfer_call_query *query,
                                       calltransfer_call_list **list,
                                       calltransfer_error **error);

/**
 * Follow a transfer that this client made. Nothing is sent.
 *
 * NULL: a NULL `client` or `result` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `follow` or `error`
 * only the status is returned.
 * Memory: `result` is only read; free `*follow` with calltransfer_follow_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL. It may outlive `client`.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_follow(const calltransfer_client *client,
                                   const calltransfer_result *result,
                                   calltransfer_follow **follow,
                                   calltransfer_error **error);

/**
 * Wait until a target has answered, or until the transfer has ended, by reading calls.
 *
 * `until` is CALLTRANSFER_UNTIL_ANSWERED or CALLTRANSFER_UNTIL_ENDED, `timeout_ms` 0 to 604800000 (7
 * days); with 0 it reads once. It reads at once, again after 0.25 seconds, and then at growing intervals of at most 2 seconds;
 * a read that fails is repeated. If there is no result when the time is over, it is
 * CALLTRANSFER_FOLLOW_UNKNOWN and calltransfer_follow_evidence() says why; call it again to
 * continue. Another thread can stop it with `cancel`, within 20 ms. Returns CALLTRANSFER_OK, or the
 * kind of an error that another read would return too, or CALLTRANSFER_E_CANCELLED; `follow` is
 * then unchanged.
 *
 * NULL: a NULL `client` or `follow` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
 * NULL `error` only the status is returned.
 * Memory: `cancel` is only read; free `*error` with calltransfer_error_free(); it is set to NULL where nothing went wrong. Texts
 * that were borrowed from `follow` are freed.
 * Threads: many at once per client; one at a time per follow; `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_wait(const calltransfer_client *client,
                                 calltransfer_follow *follow,
                                 int32_t until,
                                 int64_t timeout_ms,
                                 const calltransfer_cancel *cancel,
                                 calltransfer_error **error);

/**
 * Read the list of a call's events, as JSON. v1 only.
 *
 * `timeout_ms` is the timeout of this read, including all attempts and waits: 1 ms to 1 hour, or 0
 * for the client's. Another thread can stop it with `cancel`, within 20 ms. Returns
 * CALLTRANSFER_OK, or the kind of the error: CALLTRANSFER_E_CONFIGURATION with the v2 API, which has
 * no such list.
 *
 * NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
 * NULL `json` or `error` only the status is returned.
 * Memory: `call_id` is copied, `cancel` only read; free `*json` with calltransfer_string_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once; `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_client_get_call_events(const calltransfer_client *client,
                                            const char *call_id,
                                            int64_t timeout_ms,
                                            const calltransfer_cancel *cancel,
                                            char **json,
                                            calltransfer_error **error);

/**
 * Transfer a call to the first of several targets that answers, and wait for the result.
 *
 * In v1 the targets are called one after the other: the next one only if it is certain that the
 * previous one did not get the call, and that the caller's call is active. If this is not known,
 * it stops, so that no two targets get the same caller. In v2 one request calls all targets at the
 * same time. Returns CALLTRANSFER_OK with a result, also if no target answered or this is not
 * known. Otherwise it returns the kind of the error: of an argument, or of the first target if it
 * is refused for a reason that applies to all.
 *
 * Another thread can stop it with `cancel`, within 20 ms: it returns CALLTRANSFER_E_CANCELLED if
 * nothing was sent, otherwise CALLTRANSFER_E_OUTCOME_UNKNOWN. A target that rings goes on ringing.
 *
 * NULL: a NULL `client` or `targets` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
 * NULL `first` or `error` only the status is returned.
 * Memory: `targets` and `cancel` are only read; free `*first` with calltransfer_first_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once; `targets` and `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_client_transfer_to_first(const calltransfer_client *client,
                                              const calltransfer_targets *targets,
                                              const calltransfer_cancel *cancel,
                                              calltransfer_first **first,
                                              calltransfer_error **error);

/* result ------------------------------------------------------------------ */

/**
 * Return the ID of the new call, the leg to the new party.
 *
 * NULL: returned where the platform named no usable id, which calltransfer_result_note()
 * explains, and for a NULL `result`.
 * Memory: borrowed from `result`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_result_new_call_id(const calltransfer_result *result);

/**
 * Return the ID of the call that was transferred.
 *
 * NULL: returned for a NULL `result`.
 * Memory: borrowed from `result`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_result_call_id(const calltransfer_result *result);

/**
 * Return the outcome: always CALLTRANSFER_OUTCOME_APPLIED.
 *
 * NULL: a NULL `result` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_result_outcome(const calltransfer_result *result);

/**
 * Return the HTTP status of the response, usually 201.
 *
 * NULL: a NULL `result` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_result_http_status(const calltransfer_result *result);

/**
 * Return the number of attempts.
 *
 * NULL: a NULL `result` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_result_attempts(const calltransfer_result *result);

/**
 * Return the time in milliseconds that it took, including the waits between attempts.
 *
 * NULL: a NULL `result` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_result_elapsed_ms(const calltransfer_result *result);

/**
 * Return what was unusual about the response.
 *
 * NULL: returned where nothing was odd, and for a NULL `result`.
 * Memory: borrowed from `result`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_result_note(const calltransfer_result *result);

/**
 * Free a result, and with it every text borrowed from it.
 *
 * NULL: does nothing.
 * Memory: frees `result`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_result_free(calltransfer_result *result);

/* error ------------------------------------------------------------------- */

/**
 * Return the kind of the error: one of CALLTRANSFER_E_*, the status of the function that failed.
 *
 * NULL: a NULL `error` gives 0, CALLTRANSFER_OK.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_error_kind(const calltransfer_error *error);

/**
 * Return the name of the kind, such as "rate_limited".
 *
 * NULL: a NULL `error` gives NULL.
 * Memory: static, not to be freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_kind_name(const calltransfer_error *error);

/**
 * Return the outcome for the call: one of CALLTRANSFER_OUTCOME_*.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_error_outcome(const calltransfer_error *error);

/**
 * Return the name of the outcome, such as "not_sent".
 *
 * NULL: a NULL `error` gives NULL.
 * Memory: static, not to be freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_outcome_name(const calltransfer_error *error);

/**
 * Return 1 if sending the same transfer again can't make it twice, otherwise 0.
 *
 * 1 after not_sent and not_applied. It doesn't mean that the next attempt succeeds.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_error_is_safe_to_repeat(const calltransfer_error *error);

/**
 * Return the message with its causes, in one line.
 *
 * It may be logged: it contains no secret and no whole phone number.
 *
 * NULL: a NULL `error` gives NULL.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_message(const calltransfer_error *error);

/**
 * Return how many causes the error has; the message contains all of them.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_error_cause_count(const calltransfer_error *error);

/**
 * Return the message of one cause, from 0: the nearest first, that of the system or TLS last.
 *
 * NULL: returned for an `index` beyond the last, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_cause(const calltransfer_error *error,
                                     size_t index);

/**
 * Return the invalid argument or setting, such as "whisper_audio.voice".
 *
 * NULL: returned if the error is not about an argument or setting, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_field(const calltransfer_error *error);

/**
 * Return the ID of the call that the request was about.
 *
 * NULL: returned where no request was made for a call, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_call_id(const calltransfer_error *error);

/**
 * Return how far the request had come when it failed.
 *
 * "token" (v2: fetching an access token), "resolve", "connect", "tls", "proxy", "write", "read" or
 * "status".
 *
 * NULL: returned where it had not begun, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_stage(const calltransfer_error *error);

/**
 * Return the HTTP status of the response, or 0 if none was read.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_error_http_status(const calltransfer_error *error);

/**
 * Return the platform's category, such as "bad-request".
 *
 * NULL: returned where it gave none, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_platform_category(const calltransfer_error *error);

/**
 * Return the platform's code, such as "call-invalid-state".
 *
 * NULL: returned where it gave none, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_platform_code(const calltransfer_error *error);

/**
 * Return the platform's message, for people.
 *
 * NULL: returned where it gave none, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_platform_message(const calltransfer_error *error);

/**
 * Return how many details the platform gave.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_error_platform_detail_count(const calltransfer_error *error);

/**
 * Return the name of a detail, such as "callId"; `index` counts from 0.
 *
 * NULL: returned where there is no such detail, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_platform_detail_name(const calltransfer_error *error,
                                                    size_t index);

/**
 * Return the value of a detail; `index` counts from 0.
 *
 * NULL: returned where there is no such detail, and for a NULL `error`.
 * Memory: borrowed from `error`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_error_platform_detail_value(const calltransfer_error *error,
                                                     size_t index);

/**
 * Return the time in milliseconds until the platform's limit clears, or -1 if it is not known.
 *
 * NULL: a NULL `error` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_error_retry_after_ms(const calltransfer_error *error);

/**
 * Return the number of attempts; 0 if the request was refused before the first one.
 *
 * NULL: a NULL `error` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_error_attempts(const calltransfer_error *error);

/**
 * Return the time in milliseconds that it took, including the waits between attempts.
 *
 * NULL: a NULL `error` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_error_elapsed_ms(const calltransfer_error *error);

/**
 * Make a copy of an error, such as one that is borrowed from another handle.
 *
 * NULL: returned for a NULL `error`.
 * Memory: copies everything; free the copy with calltransfer_error_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_error *calltransfer_error_copy(const calltransfer_error *error);

/**
 * Free an error, and with it every text borrowed from it.
 *
 * NULL: does nothing.
 * Memory: frees `error`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_error_free(calltransfer_error *error);

/* list of calls ----------------------------------------------------------- */

/**
 * Make a query of all calls.
 *
 * If a condition is invalid, calltransfer_client_list_calls() reports it.
 *
 * NULL: returned only after a bug in the library (a panic).
 * Memory: free the query with calltransfer_call_query_free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_call_query *calltransfer_call_query_new(void);

/**
 * List only calls in this state: in v1 "started", "rejected", "active", "completed" or
 * "transferring", in v2 "queued", "initiated", "answered" or "disconnected".
 *
 * The platform has no such filter: calls in other states are read too, and the library leaves them
 * out.
 *
 * NULL: a NULL `query` or `state` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `state` is copied.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_state(calltransfer_call_query *query,
                                          const char *state);

/**
 * List only calls from this E.164 number or SIP address.
 *
 * NULL: a NULL `query` or `from` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `from` is copied.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_from(calltransfer_call_query *query,
                                         const char *from);

/**
 * List only calls to this E.164 number or SIP address.
 *
 * NULL: a NULL `query` or `to` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `to` is copied.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_to(calltransfer_call_query *query,
                                       const char *to);

/**
 * List only calls that began at this time or later, in ISO 8601, such as "2026-01-31T08:00:00Z".
 * v2 only.
 *
 * v2 also lists calls that ended long ago: without this condition, all of them are read to find
 * the live ones.
 *
 * NULL: a NULL `query` or `min_start_time` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `min_start_time` is copied.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_min_start_time(calltransfer_call_query *query,
                                                   const char *min_start_time);

/**
 * List only calls that began at this time or before, in ISO 8601, such as "2026-01-31T08:00:00Z".
 * v2 only.
 *
 * NULL: a NULL `query` or `max_start_time` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `max_start_time` is copied.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_max_start_time(calltransfer_call_query *query,
                                                   const char *max_start_time);

/**
 * Set how many calls are requested at once: 1 to 1000, by default 1000.
 *
 * Each page is one request.
 *
 * NULL: a NULL `query` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per query.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_query_set_page_size(calltransfer_call_query *query,
                                              int32_t page_size);

/**
 * Free a query.
 *
 * NULL: does nothing.
 * Memory: frees `query`; a second time is undefined, as with free(). Lists that it was used for
 * stay valid.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_call_query_free(calltransfer_call_query *query);

/**
 * Return the next call of a list; after the last one `*call` is NULL.
 *
 * Sends a request when the next page is needed, and retries it after every failure that may be
 * temporary. `timeout_ms` is the timeout of that request, including all attempts and waits: 1 ms to
 * 1 hour, or 0 for the client's. Another thread can stop it with `cancel`, within 20 ms. Returns CALLTRANSFER_OK, or the kind of an error, which ends the list: the calls
 * before it are correct, but there may be more. A list is not a snapshot: calls begin and end
 * while it is read. A call that appears on two pages is returned once.
 *
 * NULL: a NULL `list` or `call` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a NULL
 * `error` only the status is returned.
 * Memory: `cancel` is only read; free `*call` with calltransfer_call_free() and `*error` with calltransfer_error_free().
 * The one that doesn't apply is set to NULL. A call stays valid after its list is freed.
 * Threads: one at a time per list; `cancel` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_call_list_next(calltransfer_call_list *list,
                                    int64_t timeout_ms,
                                    const calltransfer_cancel *cancel,
                                    calltransfer_call **call,
                                    calltransfer_error **error);

/**
 * Free a list.
 *
 * NULL: does nothing.
 * Memory: frees `list`; a second time is undefined, as with free(). Calls that it returned stay
 * valid.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_call_list_free(calltransfer_call_list *list);

/* call -------------------------------------------------------------------- */

/**
 * Return the call's id.
 *
 * NULL: returned for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_id(const calltransfer_call *call);

/**
 * Return the call's state: in v1 "started", "rejected", "active", "completed" or "transferring",
 * in v2 "queued", "initiated", "answered" or "disconnected"; later versions may add others.
 *
 * NULL: returned for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_state(const calltransfer_call *call);

/**
 * Return the direction: in v1 "in" or "out", in v2 "inbound" or "outbound".
 *
 * NULL: returned if the platform doesn't say, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_direction(const calltransfer_call *call);

/**
 * Return the calling number or SIP address, in full: personal data.
 *
 * NULL: returned if the platform doesn't say, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_from(const calltransfer_call *call);

/**
 * Return the called number or SIP address, in full: personal data.
 *
 * NULL: returned if the platform doesn't say, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_to(const calltransfer_call *call);

/**
 * Return when the call began, in ISO 8601.
 *
 * NULL: returned if the platform doesn't say, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_start_time(const calltransfer_call *call);

/**
 * Return when the call was answered, in ISO 8601.
 *
 * NULL: returned if it was not answered, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_active_time(const calltransfer_call *call);

/**
 * Return when the call ended, in ISO 8601.
 *
 * NULL: returned if it has not ended, and for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_end_time(const calltransfer_call *call);

/**
 * Return all fields of the call, under the platform's names, as JSON.
 *
 * NULL: returned for a NULL `call`.
 * Memory: borrowed from `call`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_call_json(const calltransfer_call *call);

/**
 * Free a call.
 *
 * NULL: does nothing.
 * Memory: frees `call`; a second time is undefined, as with free(). A call that is borrowed from a
 * finding is freed with the finding; do not free it here.
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_call_free(calltransfer_call *call);

/* finding ----------------------------------------------------------------- */

/**
 * Return the most likely outcome of the transfer: one of CALLTRANSFER_OUTCOME_*.
 *
 * NULL: a NULL `finding` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_finding_outcome(const calltransfer_finding *finding);

/**
 * Return the reason for the outcome.
 *
 * NULL: returned for a NULL `finding`.
 * Memory: borrowed from `finding`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_finding_reason(const calltransfer_finding *finding);

/**
 * Return why the outcome may be wrong.
 *
 * NULL: returned where nothing does, and for a NULL `finding`.
 * Memory: borrowed from `finding`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_finding_doubt(const calltransfer_finding *finding);

/**
 * Return the call that was read.
 *
 * NULL: returned where the platform has no such call, and for a NULL `finding`.
 * Memory: borrowed from `finding`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_call *calltransfer_finding_call(const calltransfer_finding *finding);

/**
 * Return the ID of the new call that shows the transfer. v2 only.
 *
 * NULL: returned where none does, and for a NULL `finding`.
 * Memory: borrowed from `finding`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_finding_new_call_id(const calltransfer_finding *finding);

/**
 * Free a finding, and the call in it.
 *
 * NULL: does nothing.
 * Memory: frees `finding`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_finding_free(calltransfer_finding *finding);

/* event ------------------------------------------------------------------- */

/**
 * What happened to a call.
 *
 * Since: 0.1.0
 */
enum calltransfer_events {
    /** A call comes in. v1: incomingcall; v2: initiate, which expects BXML. */
    CALLTRANSFER_EVENT_INCOMING_CALL = 301,
    /** A call, or in v1 the new leg, was answered. v1 and v2: answer, which expects BXML in v2. */
    CALLTRANSFER_EVENT_ANSWER = 302,
    /** v1 timeout: the leg was not answered in time. */
    CALLTRANSFER_EVENT_TIMEOUT = 303,
    /** The call ended. v1: hangup; v2: disconnect. */
    CALLTRANSFER_EVENT_HANGUP = 304,
    /** v1 speak: a sentence, such as the whisper, begins or has ended. */
    CALLTRANSFER_EVENT_SPEAK = 305,
    /** v1 playback: an audio file begins or has ended. */
    CALLTRANSFER_EVENT_PLAYBACK = 306,
    /** v1 recording: a recording was saved, or failed. */
    CALLTRANSFER_EVENT_RECORDING = 307,
    /** v2 transferAnswer: a target has answered; expects the BXML of its whisper. */
    CALLTRANSFER_EVENT_TRANSFER_ANSWER = 308,
    /** v2 transferComplete: a transfer is over; expects BXML for the original call, which goes on. */
    CALLTRANSFER_EVENT_TRANSFER_COMPLETE = 309,
    /** v2 transferDisconnect: the leg to a target ended. */
    CALLTRANSFER_EVENT_TRANSFER_DISCONNECT = 310,
    /** v2 redirect: the call was redirected by a request; expects BXML. */
    CALLTRANSFER_EVENT_REDIRECT = 311,
    /** An event that this library doesn't know: calltransfer_event_type() names it. */
    CALLTRANSFER_EVENT_UNKNOWN = 399
};

/**
 * Why a leg or a transfer ended.
 *
 * Since: 0.1.0
 */
enum calltransfer_causes {
    /** The call was answered, and one side hung up. v1: NORMAL_CLEARING; v2: hangup. */
    CALLTRANSFER_CAUSE_ANSWERED = 401,
    /** The target was busy. v1: USER_BUSY; v2: busy. */
    CALLTRANSFER_CAUSE_BUSY = 402,
    /** The target did not answer in time. v1: NO_ANSWER, and the event timeout; v2: timeout. */
    CALLTRANSFER_CAUSE_NO_ANSWER = 403,
    /** The target rejected the call. v1: CALL_REJECTED; v2: rejected. */
    CALLTRANSFER_CAUSE_REJECTED = 404,
    /** The calling side hung up before the call was answered. v1: ORIGINATOR_CANCEL; v2: cancel. */
    CALLTRANSFER_CAUSE_CANCELLED = 405,
    /** The number is not in use. v1: UNALLOCATED_NUMBER. */
    CALLTRANSFER_CAUSE_UNALLOCATED = 406,
    /** The platform, a limit of the account or the program's own BXML ended it. */
    CALLTRANSFER_CAUSE_FAILED = 407,
    /** The platform gives no cause, or one that this library doesn't know. */
    CALLTRANSFER_CAUSE_UNKNOWN = 408
};

/**
 * Read an event from the body of the request that the platform sent to a callback URL.
 *
 * `body` is JSON of either API, or the query string of a GET, and need not end in a NUL byte;
 * `length` is its length in bytes, at most 262144. `content_type` is the header Content-Type:
 * "application/json", or "application/x-www-form-urlencoded" for a query string. Types of events
 * and fields that this library doesn't know are accepted. Returns CALLTRANSFER_OK, or
 * CALLTRANSFER_E_INVALID_ARGUMENT, whose field is "content_type" or "body"; the message quotes
 * nothing of the body.
 *
 * NULL: a NULL `body` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `content_type` a body that
 * begins with a brace is JSON and one with '=' a query string; with a NULL `event` the body is only
 * checked; with a NULL `error` only the status is returned.
 * Memory: `body` and `content_type` are copied; free `*event` with calltransfer_event_free() and
 * `*error` with calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_event_parse(const char *body,
                                 size_t length,
                                 const char *content_type,
                                 calltransfer_event **event,
                                 calltransfer_error **error);

/**
 * Return what happened, such as CALLTRANSFER_EVENT_HANGUP; later versions may add kinds.
 *
 * NULL: 0 for a NULL `event`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_event_kind(const calltransfer_event *event);

/**
 * Return why a leg or a transfer ended, such as CALLTRANSFER_CAUSE_BUSY; 0 if the event gives no
 * cause. Later versions may add causes.
 *
 * NULL: 0 for a NULL `event`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_event_cause(const calltransfer_event *event);

/**
 * Return when it happened, in milliseconds since 1970, UTC; -1 if the text has no time zone or is
 * not a time.
 *
 * NULL: -1 for a NULL `event`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_event_time_ms(const calltransfer_event *event);

/**
 * Return the API that sent it: "v1" or "v2".
 *
 * NULL: returned for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_api(const calltransfer_event *event);

/**
 * Return the name of the kind, such as "transfer_complete": the same in every language.
 *
 * NULL: returned for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_kind_name(const calltransfer_event *event);

/**
 * Return the platform's name of the event, such as "incomingcall".
 *
 * NULL: returned for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_type(const calltransfer_event *event);

/**
 * Return the ID of the call, or leg, that it is about.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_call_id(const calltransfer_event *event);

/**
 * Return the ID of the call whose transfer made this leg. v2 only.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_parent_call_id(const calltransfer_event *event);

/**
 * Return the calling number or SIP address, in full: personal data.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_from(const calltransfer_event *event);

/**
 * Return the called number or SIP address, in full: personal data.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_to(const calltransfer_event *event);

/**
 * Return the time as received.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_time_text(const calltransfer_event *event);

/**
 * Return the name of the cause, such as "no_answer": the same in every language.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_cause_name(const calltransfer_event *event);

/**
 * Return the cause in the platform's word, such as "USER_BUSY".
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_cause_text(const calltransfer_event *event);

/**
 * Return the tag that the program set for the call, the whisper or the transfer.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_tag(const calltransfer_event *event);

/**
 * Return the state of the call after the event. v1 only.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_call_state(const calltransfer_event *event);

/**
 * Return all fields, under the platform's names, as JSON.
 *
 * NULL: returned for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_json(const calltransfer_event *event);

/**
 * Return one line for a log, without whole phone numbers.
 *
 * NULL: returned for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_line(const calltransfer_event *event);

/**
 * Free an event.
 *
 * NULL: does nothing.
 * Memory: frees `event`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_event_free(calltransfer_event *event);

/**
 * Return the ID of the application whose number was called; for the events incoming_call and
 * answer.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_application_id(const calltransfer_event *event);

/**
 * Return the Diversion header of the call, as JSON; for the events incoming_call and answer.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_diversion(const calltransfer_event *event);

/**
 * Return the status: "started" or "done" for speak and playback, "complete" or "error" for a
 * recording.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_status(const calltransfer_event *event);

/**
 * Return the ID of a recording.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_recording_id(const calltransfer_event *event);

/**
 * Return the URL of the platform's description of a recording.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_recording_uri(const calltransfer_event *event);

/**
 * Return when a recording began, as received.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_start_time(const calltransfer_event *event);

/**
 * Return when a recording ended, as received.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_end_time(const calltransfer_event *event);

/**
 * Return the caller ID that the target of a v2 transfer sees, in full: personal data.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_transfer_caller_id(const calltransfer_event *event);

/**
 * Return the target of a v2 transfer, in full: personal data.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_transfer_to(const calltransfer_event *event);

/**
 * Return the error as a text for people. v2 only.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_error_message(const calltransfer_event *event);

/**
 * Return the ID of the error, for the vendor's support. v2 only.
 *
 * NULL: returned where the event doesn't say, and for a NULL `event`.
 * Memory: borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_error_id(const calltransfer_event *event);

/**
 * Return any field by the platform's name, such as "recordingUri": a string as it is, anything
 * else as JSON.
 *
 * NULL: returned where the event has no such field or it is null, and for a NULL `event` or `name`.
 * Memory: `name` is only read; the result is borrowed from `event`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_event_field(const calltransfer_event *event,
                                     const char *name);

/* follow ------------------------------------------------------------------ */

/**
 * Whether a target answered, and if not, why.
 *
 * Since: 0.1.0
 */
enum calltransfer_follow_results {
    /** A target answered. It may have hung up later. */
    CALLTRANSFER_FOLLOW_ANSWERED = 501,
    /** The target was busy. */
    CALLTRANSFER_FOLLOW_BUSY = 502,
    /** The target did not answer in time. */
    CALLTRANSFER_FOLLOW_NO_ANSWER = 503,
    /** The target rejected the call. */
    CALLTRANSFER_FOLLOW_REJECTED = 504,
    /** The caller hung up, or the new call was ended, before a target answered. */
    CALLTRANSFER_FOLLOW_CANCELLED = 505,
    /** The new call failed; the cause gives the reason if the platform gave one. */
    CALLTRANSFER_FOLLOW_FAILED = 506,
    /** The new call has ended, or is no longer followed, and nothing shows whether it was answered. */
    CALLTRANSFER_FOLLOW_UNKNOWN = 507
};

/**
 * Where the caller is while a transfer is followed.
 *
 * Since: 0.1.0
 */
enum calltransfer_caller_states {
    /** The state of the caller's own call is not known yet. */
    CALLTRANSFER_CALLER_UNKNOWN = 601,
    /** It is being transferred, or connected to the target. */
    CALLTRANSFER_CALLER_TRANSFERRED = 602,
    /** It has not ended and has no target. */
    CALLTRANSFER_CALLER_ACTIVE = 603,
    /** It has not ended; v2 does not say whether it is connected to a target. */
    CALLTRANSFER_CALLER_ALIVE = 604,
    /** It has ended. */
    CALLTRANSFER_CALLER_ENDED = 605
};

/**
 * Until when a transfer is followed.
 *
 * Since: 0.1.0
 */
enum calltransfer_follow_untils {
    /** Follow until a target has answered, or no target can answer any more. */
    CALLTRANSFER_UNTIL_ANSWERED = 701,
    /** Follow until no target is connected or ringing any more. */
    CALLTRANSFER_UNTIL_ENDED = 702
};

/**
 * What an event or a read meant to a transfer that is followed.
 *
 * Since: 0.1.0
 */
enum calltransfer_follow_seens {
    /** An event is about another call, or an earlier transfer of this one. */
    CALLTRANSFER_SEEN_OTHER = 801,
    /** An event is about the transfer, and adds nothing, such as one that comes twice. */
    CALLTRANSFER_SEEN_KNOWN = 802,
    /** An event is about the transfer, and its status may have changed. */
    CALLTRANSFER_SEEN_NEW = 803
};

/**
 * Follow a transfer whose IDs are known, for example after a restart: `api` is "v1" or "v2",
 * `call_id` is the call that was transferred, and `new_call_id` is, in v1, the new call.
 *
 * Nothing is sent: pass events to calltransfer_follow_event(), in any order, or let
 * calltransfer_client_wait() read the calls. In v1 little can be found out without `new_call_id`;
 * in v2 the events name it. Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT, whose
 * field names the argument.
 *
 * NULL: a NULL `api` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `new_call_id` is not known
 * yet; with a NULL `follow` the arguments are only checked; with a NULL `error` only the status is
 * returned.
 * Memory: the texts are copied; free `*follow` with calltransfer_follow_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_new(const char *api,
                                const char *call_id,
                                const char *new_call_id,
                                calltransfer_follow **follow,
                                calltransfer_error **error);

/**
 * Return the ID of the new call that was answered; until then the ID of the new call, if exactly
 * one is known.
 *
 * NULL: returned if none is known, and for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_new_call_id(const calltransfer_follow *follow);

/**
 * Pass an event, in any order; it may come twice or late. Events of other calls change nothing.
 *
 * Returns CALLTRANSFER_SEEN_NEW, CALLTRANSFER_SEEN_KNOWN or CALLTRANSFER_SEEN_OTHER. An event that
 * came before the transfer returned is CALLTRANSFER_SEEN_OTHER to a follow that doesn't know the
 * new call's ID. Keep such events for some seconds, and pass them again when the follow exists.
 *
 * NULL: 0 for a NULL `follow` or `event`.
 * Memory: `event` is copied. Texts that were borrowed from `follow` are freed.
 * Threads: one at a time per follow.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_event(calltransfer_follow *follow,
                                  const calltransfer_event *event);

/**
 * Set the new call's ID, if it becomes known later.
 *
 * Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT if it is not a valid ID.
 *
 * NULL: a NULL `follow` or `new_call_id` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `new_call_id` is copied. Texts that were borrowed from `follow` are freed.
 * Threads: one at a time per follow.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_set_new_call_id(calltransfer_follow *follow,
                                            const char *new_call_id);

/**
 * Set how many targets the transfer has: 1 to 8. v2 only. Without it, the end of one new call does
 * not show whether another one is still ringing.
 *
 * NULL: a NULL `follow` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's. Texts that were borrowed from `follow` are freed.
 * Threads: one at a time per follow.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_set_targets(calltransfer_follow *follow,
                                        int32_t targets);

/**
 * Ignore events that happened before this time, in milliseconds since 1970, UTC, by the platform's
 * clock. For a v2 call that is transferred a second time, because the events of both transfers
 * name the same call.
 *
 * NULL: a NULL `follow` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's. Texts that were borrowed from `follow` are freed.
 * Threads: one at a time per follow.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_set_not_before_ms(calltransfer_follow *follow,
                                              int64_t not_before_ms);

/**
 * Stop following: if there is no result, it is CALLTRANSFER_FOLLOW_UNKNOWN from now on, for this
 * reason. Events that are passed later still change the result.
 *
 * NULL: a NULL `follow` or `reason` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `reason` is copied, with numbers redacted. Texts that were borrowed from `follow` are freed.
 * Threads: one at a time per follow.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_give_up(calltransfer_follow *follow,
                                    const char *reason);

/**
 * Free a follow.
 *
 * NULL: does nothing.
 * Memory: frees `follow`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_follow_free(calltransfer_follow *follow);

/**
 * Return whether a target answered, and if not, why, such as CALLTRANSFER_FOLLOW_BUSY; 0 until
 * this is known.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_result(const calltransfer_follow *follow);

/**
 * Return the name of the result, such as "no_answer": the same in every language.
 *
 * NULL: returned while there is none, and for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_result_name(const calltransfer_follow *follow);

/**
 * Return why the new call or the transfer ended, such as CALLTRANSFER_CAUSE_BUSY; 0 until it has
 * ended, and if the cause is not known.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_cause(const calltransfer_follow *follow);

/**
 * Return the cause in the platform's word.
 *
 * NULL: returned where there is none, and for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_cause_text(const calltransfer_follow *follow);

/**
 * Return when a target answered, in milliseconds since 1970, UTC; -1 if that is not known.
 *
 * NULL: -1 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_follow_answered_time_ms(const calltransfer_follow *follow);

/**
 * Return when the new call (in v2 the transfer) ended, in milliseconds since 1970, UTC; -1 if that
 * is not known.
 *
 * NULL: -1 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_follow_ended_time_ms(const calltransfer_follow *follow);

/**
 * Return whether no target is connected or ringing any more: 1 or 0.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_is_ended(const calltransfer_follow *follow);

/**
 * Return whether it is certain that no target was connected to the caller, and that none is
 * ringing any more: 1 or 0.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_is_certainly_unanswered(const calltransfer_follow *follow);

/**
 * Return whether the caller may be transferred to another target: 1 if
 * calltransfer_follow_is_certainly_unanswered() is 1 and the caller's call is active, otherwise 0.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_may_transfer_again(const calltransfer_follow *follow);

/**
 * Return the state of the caller's own call, such as CALLTRANSFER_CALLER_ACTIVE.
 *
 * NULL: 0 for a NULL `follow`.
 * Memory: nothing to free.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_follow_caller(const calltransfer_follow *follow);

/**
 * Return the name of the state of the caller's own call, such as "active": the same in every
 * language.
 *
 * NULL: returned for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_caller_name(const calltransfer_follow *follow);

/**
 * Return the reason for the result, as a text; if there is no result, what is missing.
 *
 * NULL: returned for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_evidence(const calltransfer_follow *follow);

/**
 * Return why the result may be wrong.
 *
 * NULL: returned where nothing does, and for a NULL `follow`.
 * Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
 * Threads: many at once, as long as none changes it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_follow_doubt(const calltransfer_follow *follow);

/* several targets --------------------------------------------------------- */

/**
 * Why no further target was tried.
 *
 * Since: 0.1.0
 */
enum calltransfer_stop_reasons {
    /** A sequence of targets stopped because one answered. */
    CALLTRANSFER_STOP_ANSWERED = 901,
    /** Every target was tried, none answered, and the caller's call is still active. */
    CALLTRANSFER_STOP_ALL_TRIED = 902,
    /** The caller's call has ended, or can't be transferred. */
    CALLTRANSFER_STOP_CALLER_GONE = 903,
    /** It isn't known whether a target has the caller, so no other one may be tried. */
    CALLTRANSFER_STOP_UNKNOWN = 904,
    /** A request was refused for a reason that applies to every target. */
    CALLTRANSFER_STOP_REFUSED = 905
};

/**
 * Make a list of targets for a call. The first is the target of `transfer`; its options apply to
 * all targets.
 *
 * If a value is invalid, calltransfer_client_transfer_to_first() reports it.
 *
 * NULL: returned for a NULL `transfer`.
 * Memory: `transfer` is copied; free the targets with calltransfer_targets_free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_targets *calltransfer_targets_new(const calltransfer_transfer *transfer);

/**
 * Add the next target: a number or SIP address, as in calltransfer_transfer_new(). At most 100 in
 * all, in v2 at most 8.
 *
 * NULL: a NULL `targets` or `to` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: `to` is copied.
 * Threads: one at a time per targets.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_targets_or_to(calltransfer_targets *targets,
                                   const char *to);

/**
 * Set how long each target rings: 1000 to 300000 milliseconds.
 *
 * In v2 it is the option call_timeout. v1 has no such option, so the library ends the new call if
 * it still rings. If the target answers during the one round trip that this takes, the target and
 * the caller are both disconnected. If it is not set, the platform decides.
 *
 * NULL: a NULL `targets` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: keeps nothing of the caller's.
 * Threads: one at a time per targets.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_targets_set_ring_ms(calltransfer_targets *targets,
                                         int64_t ring_ms);

/**
 * Free targets.
 *
 * NULL: does nothing.
 * Memory: frees `targets`; a second time is undefined, as with free().
 * Threads: any, once no other uses them.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_targets_free(calltransfer_targets *targets);

/**
 * Return the number of the target that answered, from 0; -1 if none is known to have answered.
 *
 * NULL: -1 for a NULL `first`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_first_answered(const calltransfer_first *first);

/**
 * Return why no further target was tried, such as CALLTRANSFER_STOP_ANSWERED.
 *
 * NULL: 0 for a NULL `first`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_first_stopped(const calltransfer_first *first);

/**
 * Return the name of the reason why no further target was tried, such as "caller_gone": the same
 * in every language.
 *
 * NULL: returned for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_stopped_name(const calltransfer_first *first);

/**
 * Return the reason why no further target was tried, as a text.
 *
 * NULL: returned for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_reason(const calltransfer_first *first);

/**
 * Return the ID of the call that was transferred.
 *
 * NULL: returned for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_call_id(const calltransfer_first *first);

/**
 * Return how many targets there are.
 *
 * NULL: 0 for a NULL `first`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_first_target_count(const calltransfer_first *first);

/**
 * Return the target of this number, from 0, in full: personal data.
 *
 * NULL: returned beyond the last, and for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_target_to(const calltransfer_first *first,
                                         size_t index);

/**
 * Return whether the transfer to a target was made, such as CALLTRANSFER_OUTCOME_APPLIED; 0 if it
 * was not tried.
 *
 * NULL: 0 beyond the last, and for a NULL `first`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_first_target_outcome(const calltransfer_first *first,
                                          size_t index);

/**
 * Return whether a target answered, and if not, why, such as CALLTRANSFER_FOLLOW_BUSY; 0 if there
 * is no result.
 *
 * NULL: 0 beyond the last, and for a NULL `first`.
 * Memory: nothing to free.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_first_target_result(const calltransfer_first *first,
                                         size_t index);

/**
 * Return the ID of a target's new call.
 *
 * NULL: returned where there is none, beyond the last, and for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_target_new_call_id(const calltransfer_first *first,
                                                  size_t index);

/**
 * Return the reason for a target's result, as a text.
 *
 * NULL: returned where there is none, beyond the last, and for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_first_target_evidence(const calltransfer_first *first,
                                               size_t index);

/**
 * Return why the transfer to a target was not made, or is not known to have been made.
 *
 * NULL: returned where nothing went wrong, beyond the last, and for a NULL `first`.
 * Memory: borrowed from `first`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_error *calltransfer_first_target_error(const calltransfer_first *first,
                                                          size_t index);

/**
 * Free the result for all targets, and the errors in it.
 *
 * NULL: does nothing.
 * Memory: frees `first`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_first_free(calltransfer_first *first);

/* log --------------------------------------------------------------------- */

/**
 * How much a record of the log matters.
 *
 * Since: 0.1.0
 */
enum calltransfer_log_levels {
    /** The outcome is unknown: check the call. */
    CALLTRANSFER_LOG_ERROR = 1101,
    /** An attempt failed and changed nothing; it may be retried. */
    CALLTRANSFER_LOG_WARNING = 1102,
    /** An attempt succeeded. */
    CALLTRANSFER_LOG_INFO = 1103
};

/**
 * Return the level of the record: one of CALLTRANSFER_LOG_*, the most serious with the lowest
 * number.
 *
 * NULL: a NULL `record` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_log_record_level(const calltransfer_log_record *record);

/**
 * Return the record as one line.
 *
 * NULL: returned for a NULL `record`.
 * Memory: borrowed from `record`, valid until the log function returns.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_log_record_line(const calltransfer_log_record *record);

/**
 * Return the kind of the request: "transfer", "get_call", "answer", "hang_up" and so on.
 *
 * NULL: returned for a NULL `record`.
 * Memory: borrowed from `record`, valid until the log function returns.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_log_record_action(const calltransfer_log_record *record);

/**
 * Return the ID of the call; empty if the request is not about one call.
 *
 * NULL: returned for a NULL `record`.
 * Memory: borrowed from `record`, valid until the log function returns.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_log_record_call_id(const calltransfer_log_record *record);

/**
 * Return the host, with its port if it isn't the default port.
 *
 * NULL: returned for a NULL `record`.
 * Memory: borrowed from `record`, valid until the log function returns.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const char *calltransfer_log_record_host(const calltransfer_log_record *record);

/**
 * Return the number of the attempt, from 1.
 *
 * NULL: a NULL `record` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_log_record_attempt(const calltransfer_log_record *record);

/**
 * Return the outcome of the attempt: one of CALLTRANSFER_OUTCOME_*; for a read, applied means that
 * it was read.
 *
 * NULL: a NULL `record` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_log_record_outcome(const calltransfer_log_record *record);

/**
 * Return the kind of the error: one of CALLTRANSFER_E_*, or CALLTRANSFER_OK.
 *
 * NULL: a NULL `record` gives CALLTRANSFER_OK.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_log_record_kind(const calltransfer_log_record *record);

/**
 * Return the status of the HTTP response.
 *
 * NULL: 0 where none was read, and for a NULL `record`.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_log_record_http_status(const calltransfer_log_record *record);

/**
 * Return how long the attempt took, in milliseconds.
 *
 * NULL: a NULL `record` gives -1.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int64_t calltransfer_log_record_elapsed_ms(const calltransfer_log_record *record);

/* cancel ------------------------------------------------------------------ */

/**
 * Make a handle to stop requests with, for every function that waits and takes a `cancel`.
 *
 * NULL: returned only after a bug in the library (a panic).
 * Memory: free it with calltransfer_cancel_free().
 * Threads: any.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_cancel *calltransfer_cancel_new(void);

/**
 * Stop every request that was started with this handle, within 20 ms; a later one isn't begun.
 *
 * A request that was not sent yet, or that only reads, ends with CALLTRANSFER_E_CANCELLED; a
 * transfer, an answer or a hang-up that was sent ends with CALLTRANSFER_E_OUTCOME_UNKNOWN. A handle
 * that was used to stop requests can't be reset: make a new one for new requests.
 *
 * NULL: does nothing.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once, and safe in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_cancel_request(const calltransfer_cancel *cancel);

/**
 * Free a handle to stop requests with.
 *
 * NULL: does nothing.
 * Memory: frees `cancel`; a second time is undefined, as with free().
 * Threads: any, once no other uses it and no request waits with it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_cancel_free(calltransfer_cancel *cancel);

/* queue ------------------------------------------------------------------- */

/**
 * Make a queue with a configuration. Unless keep_ready is set, only the descriptor is opened
 * before the first request.
 *
 * The library sends submitted requests from a few threads of its own. Of your code, only the
 * function of calltransfer_config_set_log_function() runs on them, and none of your signal handlers.
 * Completions, and the lines of calltransfer_config_set_log(), are reported inside
 * calltransfer_queue_next(), on a thread of yours. Returns the same as
 * calltransfer_client_new(), and CALLTRANSFER_E_CONNECTION if the process has no file descriptor
 * left.
 *
 * A queue belongs to the process that made it: a forked child can only free it. Every other
 * function does nothing there, or returns CALLTRANSFER_E_INVALID_ARGUMENT. Submitted requests
 * continue in the parent.
 *
 * NULL: a NULL `config` or `queue` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
 * the status is returned.
 * Memory: `config` is copied; free `*queue` with calltransfer_queue_free() and `*error` with
 * calltransfer_error_free(). The one that doesn't apply is set to NULL.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_new(const calltransfer_config *config,
                               calltransfer_queue **queue,
                               calltransfer_error **error);

/**
 * Return a file descriptor that is readable while there are completions to take.
 *
 * For poll(), epoll (level-triggered, or edge-triggered if you take until none is left), libuv's
 * uv_poll_t, GLib's g_unix_fd_add(). Only watch it: the library reads, writes and closes it. Stop
 * watching before calltransfer_queue_free(). Returns -1 if the system has none (Windows), and in a
 * forked child.
 *
 * NULL: a NULL `queue` gives -1.
 * Memory: the descriptor is the queue's, and is closed with it; not inherited by exec().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_queue_fd(const calltransfer_queue *queue);

/**
 * Submit a check of a transfer whose outcome is unknown, and return at once:
 * calltransfer_client_check_transfer() without waiting.
 *
 * `timeout_ms` is the time for it, 1 ms to 1 hour, or 0 for the client's.
 *
 * NULL: a NULL `queue` or `failed` is CALLTRANSFER_E_INVALID_ARGUMENT, and so is an error that is about
 * no call; the rest as with calltransfer_queue_submit_transfer().
 * Memory: `failed` is copied; the rest as there.
 * Threads: many at once; `failed` may be shared.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_check_transfer(const calltransfer_queue *queue,
                                                 const calltransfer_error *failed,
                                                 int64_t timeout_ms,
                                                 void *user_data,
                                                 uint64_t *id,
                                                 calltransfer_error **error);

/**
 * Submit a request of any kind except a transfer, with a timeout of its own, and return at once.
 *
 * As calltransfer_queue_submit_get_call() and similar functions; `request` and `timeout_ms` as
 * with calltransfer_client_request().
 *
 * NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; of
 * CALLTRANSFER_REQUEST_PREPARE `call_id` may be NULL; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: `call_id` is copied; the rest as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_request(const calltransfer_queue *queue,
                                          int32_t request,
                                          const char *call_id,
                                          int64_t timeout_ms,
                                          void *user_data,
                                          uint64_t *id,
                                          calltransfer_error **error);

/**
 * Submit a transfer, and return at once.
 *
 * It has the guarantees of calltransfer_client_transfer(). If it returns CALLTRANSFER_OK, exactly
 * one completion follows. With any other status nothing was sent, and no completion follows.
 *
 * NULL: a NULL `queue` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; `user_data` may be NULL;
 * so may `id`; with a NULL `error` only the status is returned.
 * Memory: `transfer` is copied; `user_data` stays yours, and comes back with the completion;
 * `*id` is a number that this queue never uses again, 0 where nothing was submitted; free
 * `*error` with calltransfer_error_free().
 * Threads: many at once; `transfer` may be shared too.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_transfer(const calltransfer_queue *queue,
                                           const calltransfer_transfer *transfer,
                                           void *user_data,
                                           uint64_t *id,
                                           calltransfer_error **error);

/**
 * Submit a read of a call, and return at once; otherwise as calltransfer_client_get_call().
 *
 * NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: `call_id` is copied; the rest as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_get_call(const calltransfer_queue *queue,
                                           const char *call_id,
                                           void *user_data,
                                           uint64_t *id,
                                           calltransfer_error **error);

/**
 * Submit a request that answers a call, and return at once; otherwise as
 * calltransfer_client_answer().
 *
 * NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: `call_id` is copied; the rest as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_answer(const calltransfer_queue *queue,
                                         const char *call_id,
                                         void *user_data,
                                         uint64_t *id,
                                         calltransfer_error **error);

/**
 * Submit a request that ends a call, and return at once; otherwise as
 * calltransfer_client_hang_up().
 *
 * NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: `call_id` is copied; the rest as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_hang_up(const calltransfer_queue *queue,
                                          const char *call_id,
                                          void *user_data,
                                          uint64_t *id,
                                          calltransfer_error **error);

/**
 * Submit a check of a call, and return at once; otherwise as calltransfer_client_check().
 *
 * NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: `call_id` is copied; the rest as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_check(const calltransfer_queue *queue,
                                        const char *call_id,
                                        void *user_data,
                                        uint64_t *id,
                                        calltransfer_error **error);

/**
 * Submit the opening of a connection, and return at once; otherwise as
 * calltransfer_client_prepare(). The connection is used by the next request that is submitted
 * while no other is in progress.
 *
 * NULL: a NULL `queue` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
 * calltransfer_queue_submit_transfer().
 * Memory: as there.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
int32_t calltransfer_queue_submit_prepare(const calltransfer_queue *queue,
                                          void *user_data,
                                          uint64_t *id,
                                          calltransfer_error **error);

/**
 * Make a queue, and return it: calltransfer_queue_new() for languages in which pointers to pointers
 * are difficult to use.
 *
 * NULL: returned for a NULL `config`, if calltransfer_config_check() returns an error, and if the
 * process has no file descriptor left.
 * Memory: `config` is copied; free the queue with calltransfer_queue_free().
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_queue *calltransfer_queue_open(const calltransfer_config *config);

/**
 * Take the next completion, in the order in which requests ended.
 *
 * Waits up to `timeout_ms`: 0 doesn't wait, a negative number waits without limit, even if nothing
 * was submitted. Returns CALLTRANSFER_OK with a NULL `*completion` if there is none in time, or
 * after calltransfer_queue_wake(). Log lines are passed to the log function before it returns.
 *
 * NULL: a NULL `queue` or `completion` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error`
 * only the status is returned.
 * Memory: free `*completion` with calltransfer_completion_free() and `*error` with
 * calltransfer_error_free(). What doesn't apply is set to NULL.
 * Threads: many at once; each completion goes to one of them.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_queue_next(const calltransfer_queue *queue,
                                int64_t timeout_ms,
                                calltransfer_completion **completion,
                                calltransfer_error **error);

/**
 * Take the next completion, and return it: calltransfer_queue_next() for languages in which pointers
 * to pointers are difficult to use.
 *
 * NULL: returned if there is none in time or after calltransfer_queue_wake(), for a NULL `queue`,
 * and in a forked child.
 * Memory: free the completion with calltransfer_completion_free().
 * Threads: many at once; each completion goes to one of them.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_completion *calltransfer_queue_take(const calltransfer_queue *queue,
                                                 int64_t timeout_ms);

/**
 * Make one calltransfer_queue_next() return at once with NULL: one that waits, otherwise the next
 * one.
 *
 * For programs in which the waiting thread has other work to do. Several wakes count as one until
 * calltransfer_queue_next() has returned. If there is a completion, it is returned first. The
 * descriptor is readable until then. Does nothing in a forked child.
 *
 * NULL: does nothing.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once, also in a log function; not in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_queue_wake(const calltransfer_queue *queue);

/**
 * Stop one request. Returns 1 if it was in progress, 0 if it has ended or there is no such
 * request.
 *
 * Exactly one completion follows soon, as always: CALLTRANSFER_E_CANCELLED if the request was not
 * sent, CALLTRANSFER_E_OUTCOME_UNKNOWN if it was sent (the platform may still carry it out), or
 * the result of the response if it came first.
 *
 * NULL: a NULL `queue` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once; not in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_queue_cancel(const calltransfer_queue *queue,
                                  uint64_t id);

/**
 * Stop every request that is in progress, as calltransfer_queue_cancel() does. Returns how many.
 *
 * NULL: a NULL `queue` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once; not in a signal handler.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_queue_cancel_all(const calltransfer_queue *queue);

/**
 * Return how many completions are still to be taken: of requests in progress, and of those that
 * have ended.
 *
 * NULL: a NULL `queue` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
size_t calltransfer_queue_in_flight(const calltransfer_queue *queue);

/**
 * Free a queue, whatever is in progress, and close its descriptor.
 *
 * Does not wait for responses, only for a log function that is running. Requests in progress are
 * stopped as by calltransfer_queue_cancel_all(), and their outcomes are not reported. The platform
 * may still carry out requests that were sent; to get the outcomes, first stop all requests and
 * take their completions. In a forked child it stops nothing, and some of its memory is not freed.
 *
 * NULL: does nothing.
 * Memory: frees `queue` and the completions that were not taken; those that were stay valid. No
 * `user_data` and no log is touched afterwards. A second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_queue_free(calltransfer_queue *queue);

/* completion -------------------------------------------------------------- */

/**
 * What was asked for.
 *
 * Since: 0.1.0
 */
enum calltransfer_requests {
    /** The request was a transfer. */
    CALLTRANSFER_REQUEST_TRANSFER = 201,
    /** A call was read. */
    CALLTRANSFER_REQUEST_GET_CALL = 202,
    /** A call was answered. */
    CALLTRANSFER_REQUEST_ANSWER = 203,
    /** A call was ended. */
    CALLTRANSFER_REQUEST_HANG_UP = 204,
    /** A call was checked after an unknown outcome. */
    CALLTRANSFER_REQUEST_CHECK = 205,
    /** A connection was opened in advance. */
    CALLTRANSFER_REQUEST_PREPARE = 206
};

/**
 * Return the ID of the request, as the submission wrote it.
 *
 * NULL: a NULL `completion` gives 0, which is never an ID.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
uint64_t calltransfer_completion_id(const calltransfer_completion *completion);

/**
 * Return the kind of the request: one of CALLTRANSFER_REQUEST_*.
 *
 * NULL: a NULL `completion` gives 0.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_completion_request(const calltransfer_completion *completion);

/**
 * Return the pointer that was submitted with the request.
 *
 * NULL: returned if it was NULL, and for a NULL `completion`.
 * Memory: yours; the library never reads or frees what it points to.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void *calltransfer_completion_user_data(const calltransfer_completion *completion);

/**
 * Return the status of the request: CALLTRANSFER_OK, or the kind of its error.
 *
 * It is the status that the blocking function of the same name returns.
 *
 * NULL: a NULL `completion` is CALLTRANSFER_E_INVALID_ARGUMENT.
 * Memory: copies nothing, keeps nothing.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_completion_status(const calltransfer_completion *completion);

/**
 * Return the transfer that was made.
 *
 * NULL: returned if none was made or requested, if it was taken, and for a NULL `completion`.
 * Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_result *calltransfer_completion_result(const calltransfer_completion *completion);

/**
 * Return the call that was read.
 *
 * NULL: returned if none was read, if it was taken, and for a NULL `completion`.
 * Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_call *calltransfer_completion_call(const calltransfer_completion *completion);

/**
 * Return the finding of a check.
 *
 * NULL: returned if none was requested, if the call couldn't be read, if it was taken, and for a
 * NULL `completion`.
 * Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_finding *calltransfer_completion_finding(const calltransfer_completion *completion);

/**
 * Return the error of the request.
 *
 * NULL: returned if there was no error, if it was taken, and for a NULL `completion`.
 * Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
 * Threads: many at once.
 * Since: 0.1.0
 */
CALLTRANSFER_API
const calltransfer_error *calltransfer_completion_error(const calltransfer_completion *completion);

/**
 * Take the result of a transfer out of a completion, so that it stays valid after the completion
 * is freed.
 *
 * NULL: returned where calltransfer_completion_result() returns it.
 * Memory: yours now; free it with calltransfer_result_free(). What was borrowed from it stays
 * valid.
 * Threads: one at a time per completion.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_result *calltransfer_completion_take_result(calltransfer_completion *completion);

/**
 * Take the call that was read out of a completion, so that it stays valid after the completion is
 * freed.
 *
 * NULL: returned where calltransfer_completion_call() returns it.
 * Memory: yours now; free it with calltransfer_call_free(). What was borrowed from it stays valid.
 * Threads: one at a time per completion.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_call *calltransfer_completion_take_call(calltransfer_completion *completion);

/**
 * Take the finding of a check out of a completion, so that it stays valid after the completion is
 * freed.
 *
 * NULL: returned where calltransfer_completion_finding() returns it.
 * Memory: yours now; free it with calltransfer_finding_free(). What was borrowed from it stays
 * valid.
 * Threads: one at a time per completion.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_finding *calltransfer_completion_take_finding(calltransfer_completion *completion);

/**
 * Take the error out of a completion, so that it stays valid after the completion is freed; the
 * completion's status stays.
 *
 * NULL: returned where calltransfer_completion_error() returns it.
 * Memory: yours now; free it with calltransfer_error_free(). What was borrowed from it stays
 * valid.
 * Threads: one at a time per completion.
 * Since: 0.1.0
 */
CALLTRANSFER_API
CALLTRANSFER_MUST_USE
calltransfer_error *calltransfer_completion_take_error(calltransfer_completion *completion);

/**
 * Free a completion, and what is still in it.
 *
 * NULL: does nothing.
 * Memory: frees `completion`; a second time is undefined, as with free().
 * Threads: any, once no other uses it.
 * Since: 0.1.0
 */
CALLTRANSFER_API
void calltransfer_completion_free(calltransfer_completion *completion);

/* shutdown ---------------------------------------------------------------- */

/**
 * End the library's threads, and close its descriptors, in a process that continues.
 *
 * For programs that unload a plug-in that uses the library, that end their main thread with
 * pthread_exit(), or that check for leaks. Free all queues, clients and lists before; requests of
 * a queue that wasn't freed end as if they were cancelled. Waits until the threads have ended, but
 * at most one second for those in a name look-up or in the read of a file. Returns the number of
 * threads that are still running; if it is 0, no thread, connection or descriptor is left. The
 * library can be used again afterwards, and starts its threads again.
 *
 * NULL: takes no pointer. Returns -1 if the library failed.
 * Memory: frees the library's own memory, except for some bytes.
 * Threads: one at a time, while no other thread is in the library; not in a log function.
 * Since: 0.1.0
 */
CALLTRANSFER_API
int32_t calltransfer_shutdown(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLTRANSFER_CALLTRANSFER_H */
