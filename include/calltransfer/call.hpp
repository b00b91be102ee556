/* A call as the platform describes it, and what it shows of a transfer. */
#ifndef CALLTRANSFER_CALL_HPP
#define CALLTRANSFER_CALL_HPP

#include <calltransfer/handle.hpp>
#include <calltransfer/outcome.hpp>

#include <optional>
#include <string>
#include <utility>

namespace calltransfer {

/// A call as the platform describes it, borrowed from a finding: valid as long as the finding.
class call_view {
public:
    /// Refers to a call of the C interface, without owning it.
    explicit call_view(const calltransfer_call *borrowed) noexcept : borrowed_(borrowed) {}

    std::string id() const { return detail::copy_or_empty(calltransfer_call_id(borrowed_)); }
    /// v1: "started", "rejected", "active", "completed" or "transferring"; v2: "queued", "initiated",
    /// "answered" or "disconnected"; later versions may add others.
    std::string state() const { return detail::copy_or_empty(calltransfer_call_state(borrowed_)); }
    /// v1: "in" or "out"; v2: "inbound" or "outbound".
    std::optional<std::string> direction() const { return detail::copy(calltransfer_call_direction(borrowed_)); }
    /// The calling number or SIP address, in full: personal data.
    std::optional<std::string> from() const { return detail::copy(calltransfer_call_from(borrowed_)); }
    /// The called number or SIP address, in full: personal data.
    std::optional<std::string> to() const { return detail::copy(calltransfer_call_to(borrowed_)); }
    /// When the call began, was answered and ended, in ISO 8601.
    std::optional<std::string> start_time() const { return detail::copy(calltransfer_call_start_time(borrowed_)); }
    std::optional<std::string> active_time() const { return detail::copy(calltransfer_call_active_time(borrowed_)); }
    std::optional<std::string> end_time() const { return detail::copy(calltransfer_call_end_time(borrowed_)); }
    /// All fields of the call, under the platform's names, as JSON.
    std::string json() const { return detail::copy_or_empty(calltransfer_call_json(borrowed_)); }

    /// The handle of the C interface, borrowed.
    const calltransfer_call *get() const noexcept { return borrowed_; }

protected:
    const calltransfer_call *borrowed_; ///< NULL once moved from.
};

/// A call as the platform describes it.
class call : public call_view {
public:
    /// Takes a call of the C interface.
    explicit call(calltransfer_call *owned) noexcept : call_view(owned), handle_(owned) {}
    call(call &&other) noexcept : call_view(other.get()), handle_(std::move(other.handle_))
    {
        other.borrowed_ = nullptr;
    }
    call &operator=(call &&other) noexcept
    {
        handle_ = std::move(other.handle_);
        other.borrowed_ = nullptr;
        borrowed_ = handle_.get();
        return *this;
    }

private:
    detail::handle<calltransfer_call> handle_;
};

/// What is known of a transfer after reading its call.
class finding {
public:
    /// Takes a finding of the C interface.
    explicit finding(calltransfer_finding *owned) noexcept : handle_(owned) {}

    /// The most likely outcome of the transfer.
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_finding_outcome(get()));
    }
    /// The reason for the outcome.
    std::string reason() const { return detail::copy_or_empty(calltransfer_finding_reason(get())); }
    /// Why the outcome may be wrong, if there is a known reason.
    std::optional<std::string> doubt() const { return detail::copy(calltransfer_finding_doubt(get())); }
    /// The call that was read; none if the platform has no such call. Valid as long as this finding.
    std::optional<call_view> call() const &
    {
        const calltransfer_call *call = calltransfer_finding_call(get());
        return call == nullptr ? std::nullopt : std::optional(call_view(call));
    }
    std::optional<call_view> call() && = delete;
    /// The new call that shows the transfer, if there is one. v2 only.
    std::optional<std::string> new_call_id() const { return detail::copy(calltransfer_finding_new_call_id(get())); }

    /// The handle of the C interface, borrowed.
    const calltransfer_finding *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_finding> handle_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_CALL_HPP
