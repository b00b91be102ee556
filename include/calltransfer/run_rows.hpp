/* The rows of a run, and one after the other. */
#ifndef CALLTRANSFER_RUN_ROWS_HPP
#define CALLTRANSFER_RUN_ROWS_HPP

#include <calltransfer/outcome.hpp>
#include <calltransfer/range.hpp>
#include <calltransfer/run_error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace calltransfer {

/// A row as it was in the ledger when it was read.
class run_row {
public:
    /// Takes a row of the C interface.
    explicit run_row(calltransfer_run_row *owned) noexcept : handle_(owned) {}

    /// Its number in the run, from 1, in the order in which rows were added.
    std::int64_t number() const noexcept { return calltransfer_run_row_number(get()); }
    std::string call_id() const { return detail::copy_or_empty(calltransfer_run_row_call_id(get())); }
    /// The target: a phone number in full.
    std::string to() const { return detail::copy_or_empty(calltransfer_run_row_to(get())); }
    /// The options of the transfer, as a JSON object; numbers in it are in full.
    std::string options_json() const { return detail::copy_or_empty(calltransfer_run_row_options_json(get())); }
    /// The timeout for one request of this row, if it was given.
    std::optional<std::chrono::milliseconds> timeout() const noexcept
    {
        return detail::duration(calltransfer_run_row_timeout_ms(get()));
    }
    run_state state() const noexcept { return static_cast<run_state>(calltransfer_run_row_state(get())); }
    /// How many times a worker has taken the row.
    std::int64_t attempts() const noexcept { return calltransfer_run_row_attempts(get()); }
    /// The kind of the last error, such as "rate_limited".
    std::optional<std::string> error_kind() const { return detail::copy(calltransfer_run_row_error_kind(get())); }
    /// The message of the last error; it has no phone number.
    std::optional<std::string> message() const { return detail::copy(calltransfer_run_row_message(get())); }
    /// The HTTP status of the last response, or 0 if none was read.
    int http_status() const noexcept { return calltransfer_run_row_http_status(get()); }
    /// The platform's own code for the last error.
    std::optional<std::string> platform_code() const { return detail::copy(calltransfer_run_row_platform_code(get())); }
    /// The new call, if the platform named it.
    std::optional<std::string> new_call_id() const { return detail::copy(calltransfer_run_row_new_call_id(get())); }
    /// The most likely outcome according to a check, if the row was checked.
    std::optional<outcome> finding() const noexcept
    {
        const auto found = calltransfer_run_row_finding_outcome(get());
        return found == 0 ? std::nullopt : std::optional(static_cast<outcome>(found));
    }
    /// The reason for that outcome.
    std::optional<std::string> finding_reason() const
    {
        return detail::copy(calltransfer_run_row_finding_reason(get()));
    }
    /// Why it may be wrong, if there is a known reason.
    std::optional<std::string> finding_doubt() const { return detail::copy(calltransfer_run_row_finding_doubt(get())); }
    /// When the row changed last.
    std::chrono::system_clock::time_point changed() const noexcept
    {
        return std::chrono::system_clock::time_point(std::chrono::milliseconds(calltransfer_run_row_changed_ms(get())));
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_run_row *get() const noexcept { return handle_.get(); }

private:
    detail::run_handle<calltransfer_run_row> handle_;
};

/// Rows, read page by page: a range that can be read once, by one thread.
class run_rows {
public:
    /// Takes rows of the C interface.
    explicit run_rows(calltransfer_run_rows *owned) noexcept : handle_(owned) {}

    /// The next row; none after the last one, and none with the error set if it can't be read.
    [[nodiscard]] std::optional<run_row> next(run_error &failure) noexcept
    {
        return detail::invoke_for<run_row>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_rows_next(handle_.get(), made, failed);
        });
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing; and for loops. */

    std::optional<run_row> next()
    {
        return detail::without_failure<run_error>([&](auto &failure) { return next(failure); });
    }

    using sentinel = detail::range_end;
    using iterator = detail::range_iterator<run_rows, run_row>;

    /// Reads the next row that was not returned yet.
    iterator begin() { return iterator(*this); }
    sentinel end() const noexcept { return {}; }
#endif

    /// The handle of the C interface, borrowed.
    calltransfer_run_rows *get() const noexcept { return handle_.get(); }

private:
#ifndef CALLTRANSFER_NO_EXCEPTIONS
    friend iterator;
#endif

    detail::run_handle<calltransfer_run_rows> handle_;
    std::optional<run_row> current_; ///< What a loop looks at.
};

} // namespace calltransfer

#endif // CALLTRANSFER_RUN_ROWS_HPP
