/* What a completion makes: the value of its request, or none. */
#ifndef CALLTRANSFER_COMPLETION_HPP
#define CALLTRANSFER_COMPLETION_HPP

#include <calltransfer/call.hpp>
#include <calltransfer/handle.hpp>
#include <calltransfer/transferred.hpp>

#include <memory>
#include <optional>

namespace calltransfer {

namespace detail {

struct queue_deleter {
    void operator()(calltransfer_queue *handle) const noexcept { calltransfer_queue_free(handle); }
    void operator()(calltransfer_completion *handle) const noexcept { calltransfer_completion_free(handle); }
};

using completion_pointer = std::unique_ptr<calltransfer_completion, queue_deleter>;

/// The value of a completion: an optional value, or a bool for a request without a result.
template <class T> struct taken;
template <> struct taken<transferred> {
    using type = std::optional<transferred>;
    static type from(calltransfer_completion *completion)
    {
        auto *made = calltransfer_completion_take_result(completion);
        return made == nullptr ? type() : type(transferred(made));
    }
};
template <> struct taken<call> {
    using type = std::optional<call>;
    static type from(calltransfer_completion *completion)
    {
        auto *made = calltransfer_completion_take_call(completion);
        return made == nullptr ? type() : type(call(made));
    }
};
template <> struct taken<finding> {
    using type = std::optional<finding>;
    static type from(calltransfer_completion *completion)
    {
        auto *made = calltransfer_completion_take_finding(completion);
        return made == nullptr ? type() : type(finding(made));
    }
};
template <> struct taken<void> {
    using type = bool;
    static type from(calltransfer_completion *completion)
    {
        return calltransfer_completion_status(completion) == CALLTRANSFER_OK;
    }
};

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_COMPLETION_HPP
