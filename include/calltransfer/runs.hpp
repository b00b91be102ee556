/*
 * Runs for C++17 and later: bulk transfers that survive crashes, and send nothing twice by themselves.
 * Header-only, over runs.h; for a library that was built with runs (make install RUNS=1).
 *
 *     calltransfer::client client;
 *     calltransfer::run run(client, "evac.db", {.rate = 20}); // creates or continues it (C++20)
 *     run.add(transfers);
 *     auto summary = run.execute();
 *
 * Handles, text, exceptions and threads: as in calltransfer.hpp; what can fail throws
 * calltransfer::run_error, or sets it where `failure` is the last argument.
 */
#ifndef CALLTRANSFER_RUNS_HPP
#define CALLTRANSFER_RUNS_HPP

#include <calltransfer/calltransfer.hpp>
#include <calltransfer/run_error.hpp>
#include <calltransfer/run_rows.hpp>
#include <calltransfer/run_state.hpp>
#include <calltransfer/run_summary.hpp>
#include <calltransfer/runs.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace calltransfer {

/// Options of a run, stored when it is created. Options that aren't set have the defaults in runs.h.
struct run_options {
    std::optional<double> rate{};                        ///< Most transfers a second of all workers together.
    std::optional<std::chrono::milliseconds> deadline{}; ///< How long the run may take after its creation.
    std::optional<std::chrono::milliseconds> lease{};    ///< How long a silent worker keeps its rows; 10 s.
    std::optional<std::int32_t> max_attempts{};          ///< How many times a row is tried; 10.
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
    [[nodiscard]] static std::optional<run> open(const client &client, const std::string &place,
                                                 const run_options &options, run_error &failure) noexcept
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
        return detail::invoke_for<run>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_open(client.get(), path.c_str(), native.get(), made, failed);
        });
    }

    /// Opens an existing run to read it, without an account: nothing can be added, sent or checked.
    [[nodiscard]] static std::optional<run> view(const std::string &place, run_error &failure) noexcept
    {
        const std::string path = detail::without_nul(place);
        return detail::invoke_for<run>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_view(path.c_str(), made, failed); });
    }

    /// Takes a run of the C interface.
    explicit run(calltransfer_run *owned) noexcept : handle_(owned) {}

    /// The API that it is for: "v1" or "v2".
    std::string api() const { return detail::copy_or_empty(calltransfer_run_api(get())); }
    /// The account that it is for.
    std::string account() const { return detail::copy_or_empty(calltransfer_run_account(get())); }

    /// Adds transfers: all of them, or none if one is refused. A call can be in a run only once.
    [[nodiscard]] run_added add(const std::vector<transfer> &transfers, run_error &failure) const noexcept
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
        detail::invoke(failure, [&](auto **failed) {
            return calltransfer_run_add_all(get(), borrowed.data(), borrowed.size(), &made.added, &made.present,
                                            failed);
        });
        return made;
    }

    /// Sends the rows that are planned, as one worker, and returns when no row of the run is left to send.
    /// `concurrency` is how many transfers may be in progress at once, 1 to 10,000; 0 is 16. Rows that fail
    /// are counted in the summary.
    [[nodiscard]] std::optional<run_summary> execute(std::int32_t concurrency, run_error &failure) const noexcept
    {
        return detail::invoke_for<run_summary>(failure, [&](auto **made, auto **failed) {
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
        detail::invoke(failure, [&](auto **failed) { return calltransfer_run_stop_all(get(), failed); });
    }
    /// Lets workers work again, but starts none.
    void resume_all(run_error &failure) const noexcept
    {
        detail::invoke(failure, [&](auto **failed) { return calltransfer_run_resume_all(get(), failed); });
    }

    /// Counts the rows, and returns how fast they are sent and how long the rest will take.
    [[nodiscard]] std::optional<run_summary> summary(run_error &failure) const noexcept
    {
        return detail::invoke_for<run_summary>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_summarize(get(), made, failed); });
    }

    /// Reads the call of every row that is unknown, and stores what that shows.
    [[nodiscard]] std::optional<run_findings> check(run_error &failure) const noexcept
    {
        return detail::invoke_for<run_findings>(
            failure, [&](auto **made, auto **failed) { return calltransfer_run_check(get(), made, failed); });
    }

    /// Plans ended rows (not_sent, not_applied or unknown) again. Unknown rows only after a check; they may
    /// then be transferred twice.
    [[nodiscard]] run_retried retry(run_state state, run_error &failure) const noexcept
    {
        run_retried retried{};
        detail::invoke(failure, [&](auto **failed) {
            return calltransfer_run_retry(get(), static_cast<std::int32_t>(state), &retried.planned, &retried.refused,
                                          failed);
        });
        return retried;
    }

    /// The rows in these states whose numbers are greater than `after`.
    [[nodiscard]] std::optional<run_rows> rows(run_state states, std::int64_t after, run_error &failure) const noexcept
    {
        return detail::invoke_for<run_rows>(failure, [&](auto **made, auto **failed) {
            return calltransfer_run_list_rows(get(), static_cast<std::int32_t>(states), after, made, failed);
        });
    }

    /// Writes rows to the file `path`, and returns how many; numbers are redacted unless `show_numbers`.
    [[nodiscard]] std::uint64_t export_to(const std::string &path, export_format format, run_state states,
                                          bool show_numbers, run_error &failure) const noexcept
    {
        std::uint64_t count = 0;
        const std::string target = detail::without_nul(path);
        detail::invoke(failure, [&](auto **failed) {
            return calltransfer_run_export(get(), target.c_str(), static_cast<std::int32_t>(format),
                                           static_cast<std::int32_t>(states), show_numbers, &count, failed);
        });
        return count;
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing run_error. */

    run(const client &client, const std::string &place, const run_options &options = {})
        : run(std::move(*detail::without_failure<run_error>(
              [&](auto &failure) { return open(client, place, options, failure); })))
    {
    }
    static run view(const std::string &place)
    {
        return std::move(*detail::without_failure<run_error>([&](auto &failure) { return view(place, failure); }));
    }
    run_added add(const std::vector<transfer> &transfers) const
    {
        return detail::without_failure<run_error>([&](auto &failure) { return add(transfers, failure); });
    }
    run_summary execute(std::int32_t concurrency = 0) const
    {
        return std::move(
            *detail::without_failure<run_error>([&](auto &failure) { return execute(concurrency, failure); }));
    }
    void stop_all() const
    {
        detail::without_failure<run_error>([&](auto &failure) { return stop_all(failure), true; });
    }
    void resume_all() const
    {
        detail::without_failure<run_error>([&](auto &failure) { return resume_all(failure), true; });
    }
    run_summary summary() const
    {
        return std::move(*detail::without_failure<run_error>([&](auto &failure) { return summary(failure); }));
    }
    run_findings check() const
    {
        return std::move(*detail::without_failure<run_error>([&](auto &failure) { return check(failure); }));
    }
    run_retried retry(run_state state) const
    {
        return detail::without_failure<run_error>([&](auto &failure) { return retry(state, failure); });
    }
    run_rows rows(run_state states = run_state::all, std::int64_t after = 0) const
    {
        return std::move(
            *detail::without_failure<run_error>([&](auto &failure) { return rows(states, after, failure); }));
    }
    std::uint64_t export_to(const std::string &path, export_format format, run_state states = run_state::all,
                            bool show_numbers = false) const
    {
        return detail::without_failure<run_error>(
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
