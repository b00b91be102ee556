/* A transfer that was made. */
#ifndef CALLTRANSFER_TRANSFERRED_HPP
#define CALLTRANSFER_TRANSFERRED_HPP

#include <calltransfer/handle.hpp>
#include <calltransfer/outcome.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace calltransfer {

/// A transfer that was made.
class transferred {
public:
    /// Takes a result of the C interface.
    explicit transferred(calltransfer_result *owned) noexcept : handle_(owned) {}

    /// The ID of the new call, the leg to the new party; none if the platform gave none; note() then says
    /// why.
    std::optional<std::string> new_call_id() const { return detail::copy(calltransfer_result_new_call_id(get())); }
    /// The id of the call that was transferred.
    std::string call_id() const { return detail::copy_or_empty(calltransfer_result_call_id(get())); }
    /// Always outcome::applied.
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_result_outcome(get()));
    }
    /// The HTTP status of the response, usually 201.
    int http_status() const noexcept { return calltransfer_result_http_status(get()); }
    /// Number of attempts.
    int attempts() const noexcept { return calltransfer_result_attempts(get()); }
    /// The time that it took, including the waits between attempts.
    std::chrono::milliseconds elapsed() const noexcept
    {
        return std::chrono::milliseconds(calltransfer_result_elapsed_ms(get()));
    }
    /// What was unusual about the response, if anything.
    std::optional<std::string> note() const { return detail::copy(calltransfer_result_note(get())); }

    /// The handle of the C interface, borrowed.
    const calltransfer_result *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_result> handle_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_TRANSFERRED_HPP
