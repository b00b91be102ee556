/* What is known of a run at one moment, and what a check found. */
#ifndef CALLTRANSFER_RUN_SUMMARY_HPP
#define CALLTRANSFER_RUN_SUMMARY_HPP

#include <calltransfer/run_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace calltransfer {

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
        return detail::duration(calltransfer_run_summary_time_left_ms(get()));
    }
    /// The run's deadline.
    std::optional<std::chrono::system_clock::time_point> deadline() const noexcept
    {
        return detail::moment(calltransfer_run_summary_deadline_ms(get()));
    }
    /// Workers that hold a lease, on all machines.
    std::uint64_t workers() const noexcept { return calltransfer_run_summary_workers(get()); }
    /// Notes for people: for example that the file is on a network file system, or that the run is stopped.
    std::vector<std::string> notes() const
    {
        return detail::collect(calltransfer_run_summary_note_count(get()), [this](std::size_t i) {
            return detail::copy_or_empty(calltransfer_run_summary_note(get(), i));
        });
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

} // namespace calltransfer

#endif // CALLTRANSFER_RUN_SUMMARY_HPP
