/* Kinds of errors and outcomes, by number and by name. */
#ifndef CALLTRANSFER_OUTCOME_HPP
#define CALLTRANSFER_OUTCOME_HPP

#include <calltransfer/calltransfer.h>

#include <cstdint>

namespace calltransfer {

/// The kind of an error. Whether the call was transferred is error::outcome().
enum class error_kind : std::int32_t {
    ok = CALLTRANSFER_OK, ///< There is no error.
    invalid_argument = CALLTRANSFER_E_INVALID_ARGUMENT,
    configuration = CALLTRANSFER_E_CONFIGURATION,
    connection = CALLTRANSFER_E_CONNECTION,
    timeout = CALLTRANSFER_E_TIMEOUT,
    tls = CALLTRANSFER_E_TLS,
    proxy = CALLTRANSFER_E_PROXY,
    cancelled = CALLTRANSFER_E_CANCELLED,
    internal = CALLTRANSFER_E_INTERNAL,
    outcome_unknown = CALLTRANSFER_E_OUTCOME_UNKNOWN,
    redirect_refused = CALLTRANSFER_E_REDIRECT_REFUSED,
    bad_request = CALLTRANSFER_E_BAD_REQUEST,
    authentication = CALLTRANSFER_E_AUTHENTICATION,
    authorization = CALLTRANSFER_E_AUTHORIZATION,
    insufficient_credit = CALLTRANSFER_E_INSUFFICIENT_CREDIT,
    forbidden = CALLTRANSFER_E_FORBIDDEN,
    call_not_found = CALLTRANSFER_E_CALL_NOT_FOUND,
    call_not_active = CALLTRANSFER_E_CALL_NOT_ACTIVE,
    conflict = CALLTRANSFER_E_CONFLICT,
    rate_limited = CALLTRANSFER_E_RATE_LIMITED,
    unavailable = CALLTRANSFER_E_UNAVAILABLE,
    rejected = CALLTRANSFER_E_REJECTED,
};

/// Whether the call was transferred.
enum class outcome : std::int32_t {
    none = 0,                                       ///< Nothing was asked for.
    not_sent = CALLTRANSFER_OUTCOME_NOT_SENT,       ///< No byte of the request body left this process.
    not_applied = CALLTRANSFER_OUTCOME_NOT_APPLIED, ///< The platform received the request and did nothing.
    applied = CALLTRANSFER_OUTCOME_APPLIED,         ///< The transfer was made.
    unknown = CALLTRANSFER_OUTCOME_UNKNOWN,         ///< Look at the call before trying again.
};

/// Returns the name of a kind, as "rate_limited": the same in every language.
inline const char *name(error_kind kind) noexcept { return calltransfer_kind_name(static_cast<std::int32_t>(kind)); }

/// Returns the name of an outcome, as "not_applied": the same in every language.
inline const char *name(outcome outcome) noexcept
{
    return calltransfer_outcome_name(static_cast<std::int32_t>(outcome));
}

} // namespace calltransfer

#endif // CALLTRANSFER_OUTCOME_HPP
