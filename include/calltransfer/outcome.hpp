/* Kinds of errors and outcomes, by name and in a std::error_code. */
#ifndef CALLTRANSFER_OUTCOME_HPP
#define CALLTRANSFER_OUTCOME_HPP

#include <calltransfer/calltransfer.h>

#include <cstdint>
#include <string>
#include <system_error>
#include <type_traits>

namespace calltransfer {

/// What went wrong. Whether the call was transferred is error::outcome().
enum class error_kind : std::int32_t {
    ok = CALLTRANSFER_OK, ///< Nothing did.
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
    not_applied = CALLTRANSFER_OUTCOME_NOT_APPLIED, ///< The platform had the request and did nothing.
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

namespace detail {

class kind_category final : public std::error_category {
public:
    const char *name() const noexcept override { return "calltransfer kind"; }
    std::string message(int value) const override { return calltransfer_kind_name(value); }
};

class outcome_category final : public std::error_category {
public:
    const char *name() const noexcept override { return "calltransfer outcome"; }
    std::string message(int value) const override { return calltransfer_outcome_name(value); }
};

inline const std::error_category &kinds() noexcept
{
    static const kind_category category;
    return category;
}

inline const std::error_category &outcomes() noexcept
{
    static const outcome_category category;
    return category;
}

/// A code is a kind's number; which of these it is in says the outcome, since not every kind determines it.
class code_category final : public std::error_category {
public:
    explicit constexpr code_category(outcome outcome) noexcept : outcome_(outcome) {}
    const char *name() const noexcept override { return "calltransfer"; }
    std::string message(int value) const override
    {
        return std::string(calltransfer_outcome_name(static_cast<std::int32_t>(outcome_))) + ": " +
               calltransfer_kind_name(value);
    }
    bool equivalent(int value, const std::error_condition &condition) const noexcept override
    {
        if (condition.category() == outcomes()) {
            return condition.value() == static_cast<int>(outcome_);
        }
        return condition.category() == kinds() && condition.value() == value;
    }

private:
    outcome outcome_;
};

inline const std::error_category &codes(outcome outcome) noexcept
{
    static const code_category none(outcome::none);
    static const code_category not_sent(outcome::not_sent);
    static const code_category not_applied(outcome::not_applied);
    static const code_category applied(outcome::applied);
    static const code_category unknown(outcome::unknown);
    switch (outcome) {
    case outcome::none:
        return none;
    case outcome::not_sent:
        return not_sent;
    case outcome::not_applied:
        return not_applied;
    case outcome::applied:
        return applied;
    case outcome::unknown:
        break;
    }
    return unknown;
}

} // namespace detail

/// Makes a kind comparable with a std::error_code: `code == error_kind::rate_limited`.
inline std::error_condition make_error_condition(error_kind kind) noexcept
{
    return {static_cast<int>(kind), detail::kinds()};
}

/// Makes an outcome comparable with a std::error_code: `code == outcome::unknown`.
inline std::error_condition make_error_condition(outcome outcome) noexcept
{
    return {static_cast<int>(outcome), detail::outcomes()};
}

} // namespace calltransfer

template <> struct std::is_error_condition_enum<calltransfer::error_kind> : std::true_type {};
template <> struct std::is_error_condition_enum<calltransfer::outcome> : std::true_type {};

#endif // CALLTRANSFER_OUTCOME_HPP
