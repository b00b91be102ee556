/* What can go wrong with a run, and who frees its handles. */
#ifndef CALLTRANSFER_RUN_ERROR_HPP
#define CALLTRANSFER_RUN_ERROR_HPP

#include <calltransfer/error.hpp>
#include <calltransfer/run_state.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace calltransfer {

/// The kind of an error of a run.
enum class run_error_kind : std::int32_t {
    none = CALLTRANSFER_OK,
    invalid_argument = CALLTRANSFER_E_INVALID_ARGUMENT,
    internal = CALLTRANSFER_E_INTERNAL,
    rows_refused = CALLTRANSFER_RUN_E_ROWS_REFUSED,
    other_run = CALLTRANSFER_RUN_E_OTHER_RUN,
    damaged = CALLTRANSFER_RUN_E_DAMAGED,
    read_only = CALLTRANSFER_RUN_E_READ_ONLY,
    full = CALLTRANSFER_RUN_E_FULL,
    unreachable = CALLTRANSFER_RUN_E_UNREACHABLE,
    account = CALLTRANSFER_RUN_E_ACCOUNT,
    retry_refused = CALLTRANSFER_RUN_E_RETRY_REFUSED,
    forked = CALLTRANSFER_RUN_E_FORKED,
};

namespace detail {

struct run_deleter {
    void operator()(calltransfer_run *handle) const noexcept { calltransfer_run_free(handle); }
    void operator()(calltransfer_run_options *handle) const noexcept { calltransfer_run_options_free(handle); }
    void operator()(calltransfer_run_rows *handle) const noexcept { calltransfer_run_rows_free(handle); }
    void operator()(calltransfer_run_row *handle) const noexcept { calltransfer_run_row_free(handle); }
    void operator()(calltransfer_run_summary *handle) const noexcept { calltransfer_run_summary_free(handle); }
    void operator()(calltransfer_run_findings *handle) const noexcept { calltransfer_run_findings_free(handle); }
    void operator()(calltransfer_run_error *handle) const noexcept { calltransfer_run_error_free(handle); }
};

template <class T> using run_handle = std::unique_ptr<T, run_deleter>;

} // namespace detail

/// An error of a run; an error of a row is stored in the row. Cheap to copy; converts to false if there is no
/// error.
class run_error : public std::runtime_error {
public:
    /// A row that can't be added or sent again.
    struct refused_row {
        std::int64_t number; ///< Among the transfers to add, from 0; in the run after a retry.
        std::string call_id;
        std::string reason; ///< Field first, then what is wrong.
    };
    /// A known outcome that could not be written.
    struct unwritten_row {
        std::string call_id;
        run_state state; ///< The state that the row should have.
        std::optional<std::string> new_call_id;
    };

    run_error() : std::runtime_error("") {}
    /// Takes an error of the C interface; it is freed with the last copy.
    explicit run_error(calltransfer_run_error *owned) : std::runtime_error(""), handle_(owned, detail::run_deleter()) {}

    /// Whether there is an error.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    /// The message with its causes in one line, for a log: it contains no secret and no whole phone number.
    const char *what() const noexcept override
    {
        const char *message = calltransfer_run_error_message(get());
        return message == nullptr ? "no error" : message;
    }
    run_error_kind kind() const noexcept { return static_cast<run_error_kind>(calltransfer_run_error_kind(get())); }
    /// The rows that were refused, the first 1,000 of them.
    std::vector<refused_row> refused() const
    {
        return detail::collect(calltransfer_run_error_refused_count(get()), [this](std::size_t i) {
            return refused_row{calltransfer_run_error_refused_number(get(), i),
                               detail::copy_or_empty(calltransfer_run_error_refused_call_id(get(), i)),
                               detail::copy_or_empty(calltransfer_run_error_refused_reason(get(), i))};
        });
    }
    /// The known outcomes that could not be written to the ledger; their rows become unknown.
    std::vector<unwritten_row> unwritten() const
    {
        return detail::collect(calltransfer_run_error_unwritten_count(get()), [this](std::size_t i) {
            return unwritten_row{detail::copy_or_empty(calltransfer_run_error_unwritten_call_id(get(), i)),
                                 static_cast<run_state>(calltransfer_run_error_unwritten_state(get(), i)),
                                 detail::copy(calltransfer_run_error_unwritten_new_call_id(get(), i))};
        });
    }

    /// The handle of the C interface, borrowed; NULL if there is no error.
    const calltransfer_run_error *get() const noexcept { return handle_.get(); }

private:
    std::shared_ptr<const calltransfer_run_error> handle_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_RUN_ERROR_HPP
