/* A way to stop a request that another thread waits for, and the options of one request. */
#ifndef CALLTRANSFER_CANCEL_HPP
#define CALLTRANSFER_CANCEL_HPP

#include <calltransfer/handle.hpp>

#include <chrono>
#include <optional>

namespace calltransfer {

/// Stops requests that other threads wait for.
class cancel {
public:
    cancel() : handle_(calltransfer_cancel_new()) {}

    /// Stops every request that was started with this object, within 20 ms; a later one isn't begun. A request
    /// that was not sent or only reads ends with error_kind::cancelled, any other with outcome_unknown. Safe in
    /// a signal handler.
    void request() const noexcept { calltransfer_cancel_request(get()); }

    /// The handle of the C interface, borrowed.
    const calltransfer_cancel *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_cancel> handle_;
};

/// The timeout of one request, and an object to stop it.
struct request_options {
    std::optional<std::chrono::milliseconds> timeout{}; ///< 1 ms to 1 hour; the client's.
    const calltransfer::cancel *cancel = nullptr;       ///< Borrowed.
};

namespace detail {

inline const calltransfer_cancel *native(const cancel *cancel) noexcept
{
    return cancel == nullptr ? nullptr : cancel->get();
}

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_CANCEL_HPP
