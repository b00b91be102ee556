/*
 * Runs for C++17 and later: bulk transfers that survive crashes, and send nothing twice by themselves.
 * Header-only, over runs.h; for a library that was built with runs (make install RUNS=1).
 *
 *     calltransfer::client client;
 *     calltransfer::run run(client, "evac.db", {.rate = 20}); // makes it, or goes on with it (C++20)
 *     run.add(transfers);
 *     auto summary = run.execute();
 *
 * Handles, text, exceptions and threads: as in calltransfer.hpp; what can fail throws
 * calltransfer::run_error, or sets it where `failure` is the last argument.
 */
#ifndef CALLTRANSFER_RUNS_HPP
#define CALLTRANSFER_RUNS_HPP

#include <calltransfer/calltransfer.hpp>
#include <calltransfer/runs.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace calltransfer {

/// The state of a row. Several states are combined with `|`.
enum class run_state : std::int32_t {
    all = 0,
    planned = CALLTRANSFER_RUN_PLANNED,
    sending = CALLTRANSFER_RUN_SENDING,
    applied = CALLTRANSFER_RUN_APPLIED,
    not_applied = CALLTRANSFER_RUN_NOT_APPLIED,
    not_sent = CALLTRANSFER_RUN_NOT_SENT,
    unknown = CALLTRANSFER_RUN_UNKNOWN,
};

constexpr run_state operator|(run_state a, run_state b) noexcept
{
    return static_cast<run_state>(static_cast<std::int32_t>(a) | static_cast<std::int32_t>(b));
}

/// The name that every language uses, such as "not_sent".
inline const char *name(run_state state) noexcept
{
    return calltransfer_run_state_name(static_cast<std::int32_t>(state));
}

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
        std::vector<refused_row> rows;
        const std::size_t count = calltransfer_run_error_refused_count(get());
        rows.reserve(count);
        for (std::size_t i = 0; i < count; i++) {
            rows.push_back({calltransfer_run_error_refused_number(get(), i),
                            detail::copy_or_empty(calltransfer_run_error_refused_call_id(get(), i)),
                            detail::copy_or_empty(calltransfer_run_error_refused_reason(get(), i))});
        }
        return rows;
    }
    /// The known outcomes that could not be written to the ledger; their rows become unknown.
    std::vector<unwritten_row> unwritten() const
    {
        std::vector<unwritten_row> rows;
        const std::size_t count = calltransfer_run_error_unwritten_count(get());
        rows.reserve(count);
        for (std::size_t i = 0; i < count; i++) {
            rows.push_back({detail::copy_or_empty(calltransfer_run_error_unwritten_call_id(get(), i)),
                            static_cast<run_state>(calltransfer_run_error_unwritten_state(get(), i)),
                            detail::copy(calltransfer_run_error_unwritten_new_call_id(get(), i))});
        }
        return rows;
    }

    /// The handle of the C interface, borrowed; NULL if there is no error.
    const calltransfer_run_error *get() const noexcept { return handle_.get(); }

private:
    std::shared_ptr<const calltransfer_run_error> handle_;
};

/// Options of a run, stored when it is created. Options that aren't set have the defaults in runs.h.
struct run_options {
    std::optional<double> rate{};                        ///< Most transfers a second of all workers together.
    std::optional<std::chrono::milliseconds> deadline{}; ///< How long the run may take, from its making on.
    std::optional<std::chrono::milliseconds> lease{};    ///< How long a silent worker keeps its rows; 10 s.
    std::optional<std::int32_t> max_attempts{};          ///< How many times a row is tried; 10.
};

/// A run at one moment.
class run_summary {
public:
    /// Takes a summary of the C interface.
    explicit run_summary(calltransfer_run_summary *owned) noexcept : handle_(owned) {}

    /// How many rows are in these states.
    std::uint64_t count(run_state states = run_state::all) const noexcept
    {
        return calltransfer_run_summary_count(get(), static_cast<std::int32_t>(states));
    }
    /// Whether no row is left to send.
    bool is_done() const noexcept { return calltransfer_run_summary_is_done(get()) != 0; }
    /// The allowed requests per second, if known.
    std::optional<double> rate() const noexcept
    {
        const double rate = calltransfer_run_summary_rate(get());
        return rate < 0 ? std::nullopt : std::optional(rate);
    }
    /// How long sending is paused because of a rate limit.
    std::chrono::milliseconds held_for() const noexcept
    {
        return std::chrono::milliseconds(calltransfer_run_summary_held_ms(get()));
    }
    /// How long the planned rows will take, if it can be estimated.
    std::optional<std::chrono::milliseconds> time_left() const noexcept
    {
        const auto left = calltransfer_run_summary_time_left_ms(get());
        return left < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(left));
    }
    /// The run's deadline.
    std::optional<std::chrono::system_clock::time_point> deadline() const noexcept
    {
        const auto at = calltransfer_run_summary_deadline_ms(get());
        return at < 0 ? std::nullopt
                      : std::optional(std::chrono::system_clock::time_point(std::chrono::milliseconds(at)));
    }
    /// Workers that hold a lease, on all machines.
    std::uint64_t workers() const noexcept { return calltransfer_run_summary_workers(get()); }
    /// Notes for people: for example that the file is on a network file system, or that the run is stopped.
    std::vector<std::string> notes() const
    {
        std::vector<std::string> notes;
        const std::size_t count = calltransfer_run_summary_note_count(get());
        notes.reserve(count);
        for (std::size_t i = 0; i < count; i++) {
            notes.push_back(detail::copy_or_empty(calltransfer_run_summary_note(get(), i)));
        }
        return notes;
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_run_summary *get() const noexcept { return handle_.get(); }

private:
    detail::run_handle<calltransfer_run_summary> handle_;
};

/// The result of a check.
class run_findings {
public:
    /// Takes findings of the C interface.
    explicit run_findings(calltransfer_run_findings *owned) noexcept : handle_(owned) {}

    /// How many rows that were unknown are now applied, not_applied or still unknown; of sending, how
    /// many a worker is sending.
    std::uint64_t count(run_state state) const noexcept
    {
        return calltransfer_run_findings_count(get(), static_cast<std::int32_t>(state));
    }
    /// How many calls could not be read; their rows stay unknown.
    std::uint64_t failed() const noexcept { return calltransfer_run_findings_failed(get()); }
    /// Why the first of these could not be read.
    std::optional<std::string> first_error() const
    {
        return detail::copy(calltransfer_run_findings_first_error(get()));
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_run_findings *get() const noexcept { return handle_.get(); }

private:
    detail::run_handle<calltransfer_run_findings> handle_;
};

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
        const auto time = calltransfer_run_row_timeout_ms(get());
        return time < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(time));
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

namespace detail {

/// Calls `ask(&failed)`, and sets its error.
template <class Ask> bool invoke_run(run_error &failure, Ask &&ask) noexcept
{
    calltransfer_run_error *failed = nullptr;
    const std::int32_t status = ask(&failed);
    failure = failed == nullptr ? run_error() : run_error(failed);
    return status == CALLTRANSFER_OK;
}

/// The same for a function that makes an object.
template <class T, class Handle, class Ask> std::optional<T> invoke_run_for(run_error &failure, Ask &&ask) noexcept
{
    Handle *made = nullptr;
    const bool done = invoke_run(failure, [&](auto **failed) { return ask(&made, failed); });
    return done && made != nullptr ? std::optional<T>(T(made)) : std::nullopt;
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/// Calls `ask(failure)`, and throws the failure if there is one.
template <class Ask> auto run_or_throw(Ask &&ask)
{
    run_error failure;
    auto made = ask(failure);
    if (failure) {
        throw failure;
    }
    return made;
}
#endif

} // namespace detail

/// Rows, read page by page: a range that can be read once, by one thread.
class run_rows {
public:
    /// Takes rows of the C interface.
    explicit run_rows(calltransfer_run_rows *owned) noexcept : handle_(owned) {}

    /// The next row; none after the last one, and none with the error set if it can't be read.
    std::optional<run_row> next(run_error &failure) noexcept
    {
        return detail::invoke_run_for<run_row, calltransfer_run_row>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_rows_next(handle_.get(), made, failed);
        });
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing; and for loops. */

    std::optional<run_row> next()
    {
        return detail::run_or_throw([&](auto &failure) { return next(failure); });
    }

    /// The end of a loop.
    struct sentinel {};

    /// A place among the rows. All iterators of one range are at the same place.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = run_row;
        using difference_type = std::ptrdiff_t;
        using pointer = run_row *;
        using reference = run_row &;

        iterator() = default;
        explicit iterator(run_rows &rows) : rows_(&rows) { ++*this; }

        run_row &operator*() const noexcept { return *rows_->current_; }
        run_row *operator->() const noexcept { return &*rows_->current_; }
        iterator &operator++()
        {
            rows_->current_ = rows_->next();
            return *this;
        }
        void operator++(int) { ++*this; }

        friend bool operator==(const iterator &at, sentinel) noexcept { return at.is_at_end(); }
        friend bool operator!=(const iterator &at, sentinel) noexcept { return !at.is_at_end(); }

    private:
        bool is_at_end() const noexcept { return rows_ == nullptr || !rows_->current_; }

        run_rows *rows_ = nullptr;
    };

    /// Reads the next row that was not returned yet.
    iterator begin() { return iterator(*this); }
    sentinel end() const noexcept { return {}; }
#endif

    /// The handle of the C interface, borrowed.
    calltransfer_run_rows *get() const noexcept { return handle_.get(); }

private:
    detail::run_handle<calltransfer_run_rows> handle_;
    std::optional<run_row> current_; ///< What a loop looks at.
};

/// The result of add().
struct run_added {
    std::uint64_t added;   ///< Rows that are new in the run.
    std::uint64_t present; ///< Rows that were there already, with the same target and options.
};

/// The result of retry().
struct run_retried {
    std::uint64_t planned; ///< Rows that are planned again.
    std::uint64_t refused; ///< Rows that are not, counted up to 1,000.
};

/// The format of a report.
enum class export_format : std::int32_t {
    csv = CALLTRANSFER_EXPORT_CSV,
    json_lines = CALLTRANSFER_EXPORT_JSON_LINES,
};

/// A durable bulk transfer, in a file or a database. Several threads and processes may work on it at the same
/// time.
class run {
public:
    /// Opens the run at `place`, or creates it if there is none. `place` is the path of a file, or a
    /// postgresql:// URL if the library was built with PostgreSQL. Empty, with the error set, if that fails.
    static std::optional<run> open(const client &client, const std::string &place, const run_options &options,
                                   run_error &failure) noexcept
    {
        const detail::run_handle<calltransfer_run_options> native(calltransfer_run_options_new());
        if (options.rate) {
            calltransfer_run_options_set_rate(native.get(), *options.rate);
        }
        if (options.deadline) {
            calltransfer_run_options_set_deadline_ms(native.get(), options.deadline->count());
        }
        if (options.lease) {
            calltransfer_run_options_set_lease_ms(native.get(), options.lease->count());
        }
        if (options.max_attempts) {
            calltransfer_run_options_set_max_attempts(native.get(), *options.max_attempts);
        }
        const std::string path = detail::without_nul(place);
        return detail::invoke_run_for<run, calltransfer_run>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_open(client.get(), path.c_str(), native.get(), made, failed);
        });
    }

    /// Opens an existing run to read it, without an account: nothing can be added, sent or checked.
    static std::optional<run> view(const std::string &place, run_error &failure) noexcept
    {
        const std::string path = detail::without_nul(place);
        return detail::invoke_run_for<run, calltransfer_run>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_view(path.c_str(), made, failed); });
    }

    /// Takes a run of the C interface.
    explicit run(calltransfer_run *owned) noexcept : handle_(owned) {}

    /// The API that it is for: "v1" or "v2".
    std::string api() const { return detail::copy_or_empty(calltransfer_run_api(get())); }
    /// The account that it is for.
    std::string account() const { return detail::copy_or_empty(calltransfer_run_account(get())); }

    /// Adds transfers: all of them, or none if one is refused. A call can be in a run only once.
    run_added add(const std::vector<transfer> &transfers, run_error &failure) const noexcept
    {
        std::vector<detail::handle<calltransfer_transfer>> owned;
        std::vector<const calltransfer_transfer *> borrowed;
        owned.reserve(transfers.size());
        borrowed.reserve(transfers.size());
        for (const auto &request : transfers) {
            owned.push_back(detail::native(request));
            borrowed.push_back(owned.back().get());
        }
        run_added made{};
        detail::invoke_run(failure, [&](auto **failed) {
            return calltransfer_run_add_all(get(), borrowed.data(), borrowed.size(), &made.added, &made.present,
                                            failed);
        });
        return made;
    }

    /// Sends the rows that are planned, as one worker, and returns when no row of the run is left to send.
    /// `concurrency` is how many transfers may be in progress at once, 1 to 10,000; 0 is 16. Rows that fail
    /// are counted in the summary.
    std::optional<run_summary> execute(std::int32_t concurrency, run_error &failure) const noexcept
    {
        return detail::invoke_run_for<run_summary, calltransfer_run_summary>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_execute(get(), concurrency, nullptr, made, failed);
        });
    }

    /// Ends every execute() and check() of this object soon, permanently: open the run again to continue.
    /// Safe in a signal handler.
    void stop() const noexcept { calltransfer_run_stop(get()); }
    /// Whether stop() was called.
    bool is_stopped() const noexcept { return calltransfer_run_is_stopped(get()) != 0; }
    /// Stops all workers, in all processes and on all machines, until resume_all().
    void stop_all(run_error &failure) const noexcept
    {
        detail::invoke_run(failure, [&](auto **failed) { return calltransfer_run_stop_all(get(), failed); });
    }
    /// Lets workers work again, but starts none.
    void resume_all(run_error &failure) const noexcept
    {
        detail::invoke_run(failure, [&](auto **failed) { return calltransfer_run_resume_all(get(), failed); });
    }

    /// Counts the rows, and returns how fast they are sent and how long the rest will take.
    std::optional<run_summary> summary(run_error &failure) const noexcept
    {
        return detail::invoke_run_for<run_summary, calltransfer_run_summary>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_summarize(get(), made, failed); });
    }

    /// Reads the call of every row that is unknown, and stores what that shows.
    std::optional<run_findings> check(run_error &failure) const noexcept
    {
        return detail::invoke_run_for<run_findings, calltransfer_run_findings>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_check(get(), made, failed); });
    }

    /// Plans ended rows (not_sent, not_applied or unknown) again. Unknown rows only after a check; they may
    /// then be transferred twice.
    run_retried retry(run_state state, run_error &failure) const noexcept
    {
        run_retried retried{};
        detail::invoke_run(failure, [&](auto **failed) {
            return calltransfer_run_retry(get(), static_cast<std::int32_t>(state), &retried.planned, &retried.refused,
                                          failed);
        });
        return retried;
    }

    /// The rows in these states whose numbers are greater than `after`.
    std::optional<run_rows> rows(run_state states, std::int64_t after, run_error &failure) const noexcept
    {
        return detail::invoke_run_for<run_rows, calltransfer_run_rows>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_list_rows(get(), static_cast<std::int32_t>(states), after, made, failed);
        });
    }

    /// Writes rows to the file `path`, and returns how many; numbers are redacted unless `show_numbers`.
    std::uint64_t export_to(const std::string &path, export_format format, run_state states, bool show_numbers,
                            run_error &failure) const noexcept
    {
        std::uint64_t count = 0;
        const std::string target = detail::without_nul(path);
        detail::invoke_run(failure, [&](auto **failed) {
            return calltransfer_run_export(get(), target.c_str(), static_cast<std::int32_t>(format),
                                           static_cast<std::int32_t>(states), show_numbers, &count, failed);
        });
        return count;
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing run_error. */

    run(const client &client, const std::string &place, const run_options &options = {})
        : run(std::move(*detail::run_or_throw([&](auto &failure) { return open(client, place, options, failure); })))
    {
    }
    static run view(const std::string &place)
    {
        return std::move(*detail::run_or_throw([&](auto &failure) { return view(place, failure); }));
    }
    run_added add(const std::vector<transfer> &transfers) const
    {
        return detail::run_or_throw([&](auto &failure) { return add(transfers, failure); });
    }
    run_summary execute(std::int32_t concurrency = 0) const
    {
        return std::move(*detail::run_or_throw([&](auto &failure) { return execute(concurrency, failure); }));
    }
    void stop_all() const
    {
        detail::run_or_throw([&](auto &failure) { return stop_all(failure), true; });
    }
    void resume_all() const
    {
        detail::run_or_throw([&](auto &failure) { return resume_all(failure), true; });
    }
    run_summary summary() const
    {
        return std::move(*detail::run_or_throw([&](auto &failure) { return summary(failure); }));
    }
    run_findings check() const
    {
        return std::move(*detail::run_or_throw([&](auto &failure) { return check(failure); }));
    }
    run_retried retry(run_state state) const
    {
        return detail::run_or_throw([&](auto &failure) { return retry(state, failure); });
    }
    run_rows rows(run_state states = run_state::all, std::int64_t after = 0) const
    {
        return std::move(*detail::run_or_throw([&](auto &failure) { return rows(states, after, failure); }));
    }
    std::uint64_t export_to(const std::string &path, export_format format, run_state states = run_state::all,
                            bool show_numbers = false) const
    {
        return detail::run_or_throw(
            [&](auto &failure) { return export_to(path, format, states, show_numbers, failure); });
    }
#endif

    /// The handle of the C interface, borrowed.
    const calltransfer_run *get() const noexcept { return handle_.get(); }

private:
    detail::run_handle<calltransfer_run> handle_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_RUNS_HPP
