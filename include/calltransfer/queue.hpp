/* Requests in progress that no thread waits for, and the descriptor to watch. */
#ifndef CALLTRANSFER_QUEUE_HPP
#define CALLTRANSFER_QUEUE_HPP

#include <calltransfer/coroutine.hpp>
#include <calltransfer/transfer.hpp>
#include <calltransfer/waiters.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace calltransfer {

/// A request that is not submitted yet; each of its functions submits it. If its queue was destroyed, it is
/// refused as an invalid argument.
template <class T> class [[nodiscard]] pending {
public:
    pending(std::shared_ptr<detail::waiters> target, detail::submission submits)
        : waiters_(std::move(target)), submission_(std::move(submits))
    {
    }

    /// Submits it. `handler(std::optional<T>, const error &)` is called within poll() when the request has
    /// ended (for answer and hang_up, `handler(bool, const error &)`). Returns an ID for queue::cancel(). If
    /// the request is refused, it returns 0 and sets the error, and the handler is not called.
    template <class Handler> [[nodiscard]] std::uint64_t then(Handler handler, calltransfer::error &failure) &&
    {
        using waiter = detail::handler_waiter<T, Handler>;
        return waiters_->submit(std::make_unique<waiter>(std::move(handler)), submission_, failure);
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /// As above, but throws if the request is refused.
    template <class Handler> std::uint64_t then(Handler handler) &&
    {
        return detail::or_throw(
            [&](calltransfer::error &failure) { return std::move(*this).then(std::move(handler), failure); });
    }

    /// Submits it. The future is fulfilled within poll(), or at once if the request is refused. If the queue
    /// is destroyed first, the future throws std::future_error (broken_promise).
    [[nodiscard]] std::future<T> future() &&
    {
        const auto promise = std::make_shared<std::promise<T>>();
        auto future = promise->get_future();
        error refused;
        if (waiters_->submit(std::make_unique<detail::promise_waiter<T>>(promise), submission_, refused) == 0) {
            promise->set_exception(std::make_exception_ptr(refused));
        }
        return future;
    }
#endif

#if defined(__cpp_impl_coroutine)
    /// `co_await queue.transfer(request).with_error(error)`: as the functions that throw nothing.
    [[nodiscard]] detail::nothrow_awaiter<T> with_error(calltransfer::error &failure) &&
    {
        return {std::move(waiters_), std::move(submission_), failure};
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /// `co_await queue.transfer(request)`: throws what the blocking function throws.
    detail::throwing_awaiter<T> operator co_await() && { return {std::move(waiters_), std::move(submission_)}; }
#endif
#endif

private:
    std::shared_ptr<detail::waiters> waiters_; // a handler may destroy the queue
    detail::submission submission_;
};

/// Requests in progress, and a descriptor that is readable when one has ended.
///
/// If it is destroyed while requests are in progress, it stops them, as cancel_all() does, and does not
/// report their outcomes: handlers are not called, coroutines are not resumed, futures throw. To get the
/// outcomes, call cancel_all() and run() first. A handler may destroy it; poll() and run() then return, in
/// every thread, and until then the log may be called. It belongs to the process that made it: a forked child
/// may only destroy it.
class queue {
public:
    /// Makes a queue; empty, with the error set, if a setting is missing or wrong.
    [[nodiscard]] static std::optional<queue> make(const config &config, calltransfer::error &failure) noexcept
    {
        queue made(nullptr);
        const bool done = detail::invoke(failure, [&](auto **failed) { return made.waiters_->open(config, failed); });
        return done ? std::optional<queue>(std::move(made)) : std::nullopt;
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    explicit queue(const config &config = {}) : queue(nullptr)
    {
        detail::or_throw([&](calltransfer::error &failure) {
            return detail::invoke(failure, [&](auto **failed) { return waiters_->open(config, failed); });
        });
    }
#endif

    queue(queue &&) noexcept = default;
    queue(const queue &) = delete;
    queue &operator=(const queue &) = delete;
    queue &operator=(queue &&other) noexcept
    {
        std::swap(waiters_, other.waiters_);
        return *this;
    }
    ~queue()
    {
        if (waiters_ != nullptr) {
            waiters_->close();
        }
    }

    /// Watch it for reading with poll(), epoll, libuv or GLib; then call poll(). Do not read or close it.
    int fd() const noexcept { return calltransfer_queue_fd(get()); }

    /// Calls the handlers of completed requests, on this thread; waits up to `timeout` for the first, without
    /// limit if it is negative. Returns how many requests had ended. An exception of a handler leaves this
    /// function.
    std::size_t poll(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const
    {
        const auto kept = waiters_; // a handler may destroy this queue
        return kept == nullptr ? 0 : kept->poll(timeout);
    }

    /// Polls until no request is in progress. Several threads may run it; each returns when no request is in
    /// progress.
    void run() const
    {
        const auto kept = waiters_;
        if (kept != nullptr) {
            kept->run();
        }
    }

    /// How many requests have not completed yet.
    std::size_t in_flight() const { return waiters_ == nullptr ? 0 : waiters_->count(); }

    /// Makes one poll() that waits return. If none waits, the next poll() returns at once.
    void wake() const noexcept { calltransfer_queue_wake(get()); }

    /// Stops one request; false if it has ended. It ends as cancelled, with an unknown outcome, or with its
    /// response.
    bool cancel(std::uint64_t id) const noexcept { return calltransfer_queue_cancel(get(), id) != 0; }

    /// Stops every request that is in progress. Returns how many.
    std::size_t cancel_all() const noexcept { return calltransfer_queue_cancel_all(get()); }

    /* What a client does, without waiting: see there. `timeout` is the time of this request. */

    pending<transferred> transfer(const calltransfer::transfer &request) const
    {
        const std::shared_ptr<calltransfer_transfer> native(detail::native(request));
        return {target(), [native](auto *handle, auto *data, auto *id, auto **failed) {
                    return calltransfer_queue_submit_transfer(handle, native.get(), data, id, failed);
                }};
    }
    pending<call> get_call(const std::string &call_id, std::optional<std::chrono::milliseconds> timeout = {}) const
    {
        return of<call>(CALLTRANSFER_REQUEST_GET_CALL, call_id, timeout);
    }
    pending<void> answer(const std::string &call_id, std::optional<std::chrono::milliseconds> timeout = {}) const
    {
        return of<void>(CALLTRANSFER_REQUEST_ANSWER, call_id, timeout);
    }
    pending<void> hang_up(const std::string &call_id, std::optional<std::chrono::milliseconds> timeout = {}) const
    {
        return of<void>(CALLTRANSFER_REQUEST_HANG_UP, call_id, timeout);
    }
    pending<finding> check(const std::string &call_id, std::optional<std::chrono::milliseconds> timeout = {}) const
    {
        return of<finding>(CALLTRANSFER_REQUEST_CHECK, call_id, timeout);
    }
    pending<finding> check(const error &failed, std::optional<std::chrono::milliseconds> timeout = {}) const
    {
        const std::int64_t time = detail::milliseconds(timeout);
        return {target(), [failed, time](auto *handle, auto *data, auto *id, auto **refused) {
                    return calltransfer_queue_submit_check_transfer(handle, failed.get(), time, data, id, refused);
                }};
    }

    pending<void> prepare() const
    {
        return {target(), [](auto *handle, auto *data, auto *id, auto **failed) {
                    return calltransfer_queue_submit_prepare(handle, data, id, failed);
                }};
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_queue *get() const noexcept { return waiters_ == nullptr ? nullptr : waiters_->get(); }

private:
    friend class async_client;

    explicit queue(std::nullptr_t) : waiters_(std::make_shared<detail::waiters>()) {}

    std::shared_ptr<detail::waiters> target() const
    {
        return waiters_ == nullptr ? std::make_shared<detail::waiters>() : waiters_;
    }

    template <class T>
    pending<T> of(std::int32_t kind, const std::string &call_id, std::optional<std::chrono::milliseconds> timeout) const
    {
        const std::int64_t time = detail::milliseconds(timeout);
        return {target(),
                [kind, time, text = detail::without_nul(call_id)](auto *handle, auto *data, auto *id, auto **failed) {
                    return calltransfer_queue_submit_request(handle, kind, text.c_str(), time, data, id, failed);
                }};
    }

    std::shared_ptr<detail::waiters> waiters_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_QUEUE_HPP
