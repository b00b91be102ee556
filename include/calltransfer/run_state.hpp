/* The states of the rows of a run. */
#ifndef CALLTRANSFER_RUN_STATE_HPP
#define CALLTRANSFER_RUN_STATE_HPP

#include <calltransfer/runs.h>

#include <cstdint>

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

} // namespace calltransfer

#endif // CALLTRANSFER_RUN_STATE_HPP
