/* A list of calls: which are wanted, and one after the other. */
#ifndef CALLTRANSFER_CALL_LIST_HPP
#define CALLTRANSFER_CALL_LIST_HPP

#include <calltransfer/call.hpp>
#include <calltransfer/cancel.hpp>
#include <calltransfer/error.hpp>
#include <calltransfer/range.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace calltransfer {

/// The conditions of a list of calls. A field that isn't set is no condition.
struct call_query {
    /// v1: "started", "rejected", "active", "completed" or "transferring"; v2: "queued", "initiated",
    /// "answered" or "disconnected". The library leaves out the other calls, because the platform has no such
    /// filter.
    std::optional<std::string> state{};
    std::optional<std::string> from{};           ///< The number or SIP address that calls.
    std::optional<std::string> to{};             ///< The number or SIP address that is called.
    std::optional<std::string> min_start_time{}; ///< v2: began then or later, as "2026-01-31T08:00:00Z".
    std::optional<std::string> max_start_time{}; ///< v2: began then or before.
    std::optional<std::int32_t> page_size{};     ///< Calls to ask for at once, 1 to 1000; 1000.
};

/// A list of calls, read page by page: a range that can be read once, by one thread.
///
/// It is not a snapshot: calls begin and end while it is read. A call that appears on two pages is returned
/// once. An error ends the list.
class call_list {
public:
    /// Takes a list of the C interface.
    explicit call_list(calltransfer_call_list *owned) noexcept : handle_(owned) {}

    /// The next call; none after the last one, and none with the error set if it can't be read.
    [[nodiscard]] std::optional<call> next(calltransfer::error &failure) noexcept
    {
        return next(request_options(), failure);
    }
    /// The same; the options are those of the request for the next page, if one is needed.
    [[nodiscard]] std::optional<call> next(const request_options &options, calltransfer::error &failure) noexcept
    {
        return detail::invoke_for<call>(failure, [&](auto **made, auto **failed) {
            return calltransfer_call_list_next(handle_.get(), detail::milliseconds(options.timeout),
                                               detail::native(options.cancel), made, failed);
        });
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing; and for loops. */

    std::optional<call> next()
    {
        return detail::without_failure<calltransfer::error>([&](auto &failure) { return next(failure); });
    }

    std::optional<call> next(const request_options &options)
    {
        return detail::without_failure<calltransfer::error>([&](auto &failure) { return next(options, failure); });
    }

    using sentinel = detail::range_end;
    using iterator = detail::range_iterator<call_list, call>;

    /// Reads the next call that was not returned yet.
    iterator begin() { return iterator(*this); }
    sentinel end() const noexcept { return {}; }
#endif

    /// The handle of the C interface, borrowed.
    calltransfer_call_list *get() const noexcept { return handle_.get(); }

private:
#ifndef CALLTRANSFER_NO_EXCEPTIONS
    friend iterator;
#endif

    detail::handle<calltransfer_call_list> handle_;
    std::optional<call> current_; ///< What a loop looks at.
};

namespace detail {

inline handle<calltransfer_call_query> native(const call_query &query)
{
    handle<calltransfer_call_query> native(calltransfer_call_query_new());
    set(native, calltransfer_call_query_set_state, query.state);
    set(native, calltransfer_call_query_set_from, query.from);
    set(native, calltransfer_call_query_set_to, query.to);
    set(native, calltransfer_call_query_set_min_start_time, query.min_start_time);
    set(native, calltransfer_call_query_set_max_start_time, query.max_start_time);
    set(native, calltransfer_call_query_set_page_size, query.page_size);
    return native;
}

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_CALL_LIST_HPP
