/* The logs of a client or a queue: lines, and records with a level and fields. */
#ifndef CALLTRANSFER_LOG_HPP
#define CALLTRANSFER_LOG_HPP

#include <calltransfer/handle.hpp>
#include <calltransfer/outcome.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace calltransfer {

/// Called for each attempt with one line: request, host, outcome, time; without secrets and numbers.
using log_function = std::function<void(std::string_view line)>;

/// The level of a record, the most serious first.
enum class log_level : std::int32_t {
    error = CALLTRANSFER_LOG_ERROR,     ///< The outcome is unknown: look at the call.
    warning = CALLTRANSFER_LOG_WARNING, ///< It failed and changed nothing; perhaps it is tried again.
    info = CALLTRANSFER_LOG_INFO,       ///< It succeeded.
};

/// One attempt to send a request; without secrets and phone numbers.
struct log_record {
    log_level level = log_level::info;
    std::string line;
    std::string action;  ///< "transfer", "get_call" and so on.
    std::string call_id; ///< Empty where the request is about no call.
    std::string host;
    std::int32_t attempt = 0; ///< From 1.
    calltransfer::outcome outcome = calltransfer::outcome::unknown;
    std::int32_t kind = CALLTRANSFER_OK; ///< CALLTRANSFER_E_*, or CALLTRANSFER_OK.
    std::int32_t http_status = 0;        ///< 0 where no response was read.
    std::chrono::milliseconds elapsed{};
};

/// Called when an attempt ends; for a queue on a thread of the library.
using log_record_function = std::function<void(const log_record &record)>;

namespace detail {

/// The log functions, which must live as long as the handle that calls them.
struct logs {
    log_function lines{};
    log_record_function records{};
};

/// Exceptions of a log function are dropped: a log that fails must not hide the outcome.
template <class Call> void without_throwing(Call &&call) noexcept
{
#ifndef CALLTRANSFER_NO_EXCEPTIONS
    try {
        call();
    } catch (...) { // NOLINT
    }
#else
    call();
#endif
}

inline void write_log(const char *line, void *user_data) noexcept
{
    without_throwing([&] { static_cast<const logs *>(user_data)->lines(line); });
}

inline void write_record(const calltransfer_log_record *record, void *user_data) noexcept
{
    without_throwing([&] {
        log_record made;
        made.level = static_cast<log_level>(calltransfer_log_record_level(record));
        made.line = copy_or_empty(calltransfer_log_record_line(record));
        made.action = copy_or_empty(calltransfer_log_record_action(record));
        made.call_id = copy_or_empty(calltransfer_log_record_call_id(record));
        made.host = copy_or_empty(calltransfer_log_record_host(record));
        made.attempt = calltransfer_log_record_attempt(record);
        made.outcome = static_cast<outcome>(calltransfer_log_record_outcome(record));
        made.kind = calltransfer_log_record_kind(record);
        made.http_status = calltransfer_log_record_http_status(record);
        made.elapsed = std::chrono::milliseconds(calltransfer_log_record_elapsed_ms(record));
        static_cast<const logs *>(user_data)->records(made);
    });
}

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_LOG_HPP
