/*
 * Transfers that nobody's thread waits for, in C++17 and later: with a handler,
 * a std::future, or co_await (C++20). Over the queue of calltransfer.h.
 *
 *     calltransfer::queue queue;                          // watch queue.fd(), then queue.poll()
 *     queue.transfer(request).then(handler);              // the handler runs within poll()
 *     auto done = co_await queue.transfer(request);       // goes on within poll()
 *
 *     calltransfer::async_client client;                  // or have a thread that takes the answers
 *     std::future<calltransfer::transferred> done = client.transfer(request);
 *
 * Whose thread: of a queue, nothing of yours runs but within poll() and run(), on
 * the thread that calls them, the log of the configuration too. An async_client
 * has one thread, on which it fulfils futures and calls the log, nothing else.
 */
#ifndef CALLTRANSFER_ASYNC_HPP
#define CALLTRANSFER_ASYNC_HPP

#include <calltransfer/calltransfer.hpp>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <type_traits>
#include <unordered_map>

#if defined(__cpp_impl_coroutine)
#  include <coroutine>
#endif

namespace calltransfer {

namespace detail {

struct queue_deleter {
    void operator()(calltransfer_queue *handle) const noexcept { calltransfer_queue_free(handle); }
    void operator()(calltransfer_completion *handle) const noexcept { calltransfer_completion_free(handle); }
};

/// What a completion makes: an optional value, or for what makes nothing whether it was done.
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

/// What waits for a completion.
struct waiter {
    waiter() = default;
    waiter(const waiter &) = delete;
    waiter &operator=(const waiter &) = delete;
    virtual ~waiter() = default;
    virtual void end(calltransfer_completion *completion) = 0;
};

template <class T, class Handler> struct handler_waiter final : waiter {
    explicit handler_waiter(Handler handler) : handler_(std::move(handler)) {}
    void end(calltransfer_completion *completion) override
    {
        const error failed(calltransfer_completion_take_error(completion));
        handler_(taken<T>::from(completion), failed);
    }
    Handler handler_;
};

#ifndef CALLTRANSFER_NO_EXCEPTIONS
template <class T> struct promise_waiter final : waiter {
    explicit promise_waiter(std::shared_ptr<std::promise<T>> promise) : promise_(std::move(promise)) {}
    void end(calltransfer_completion *completion) override
    {
        const error failed(calltransfer_completion_take_error(completion));
        if (failed) {
            promise_->set_exception(std::make_exception_ptr(failed));
        } else if constexpr (std::is_void_v<T>) {
            promise_->set_value();
        } else {
            promise_->set_value(std::move(*taken<T>::from(completion)));
        }
    }
    std::shared_ptr<std::promise<T>> promise_;
};
#endif

using submission = std::function<std::int32_t(const calltransfer_queue *, void *, std::uint64_t *, calltransfer_error **)>;

/// A queue and what waits for its completions.
class waiters {
public:
    std::int32_t open(const config &config, calltransfer_error **failed)
    {
        log_ = config.log;
        calltransfer_queue *made = nullptr;
        const std::int32_t status = calltransfer_queue_new(native(config, &log_).get(), &made, failed);
        handle_.reset(made);
        return status;
    }

    /// The id of what was submitted; 0, and `into` is told, where it was refused.
    std::uint64_t submit(std::unique_ptr<waiter> waiter, const submission &submission, const into &into)
    {
        auto *const key = waiter.get();
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            waiting_.emplace(key, std::move(waiter));
        }
        std::uint64_t id = 0;
        const bool submitted = done(into, [&](calltransfer_error **failed) {
            return submission(handle_.get(), key, &id, failed);
        });
        if (!submitted) {
            take(key);
        }
        return submitted ? id : 0;
    }

    std::size_t poll(std::chrono::milliseconds timeout)
    {
        std::size_t ended = 0;
        while (const auto completion = next(ended == 0 ? timeout : std::chrono::milliseconds(0))) {
            ended++;
            const auto waiter = take(static_cast<detail::waiter *>(calltransfer_completion_user_data(completion.get())));
            if (waiter != nullptr) {
                waiter->end(completion.get());
            }
        }
        return ended;
    }

    std::size_t count() const
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        return waiting_.size();
    }

    const calltransfer_queue *get() const noexcept { return handle_.get(); }

private:
    std::unique_ptr<calltransfer_completion, queue_deleter> next(std::chrono::milliseconds timeout)
    {
        calltransfer_completion *completion = nullptr;
        calltransfer_queue_next(get(), static_cast<std::int64_t>(timeout.count()), &completion, nullptr);
        return std::unique_ptr<calltransfer_completion, queue_deleter>(completion);
    }

    std::unique_ptr<waiter> take(waiter *key)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        auto found = waiting_.extract(key);
        return found.empty() ? nullptr : std::move(found.mapped());
    }

    log_function log_; // outlives the handle, which calls it
    mutable std::mutex mutex_;
    std::unordered_map<waiter *, std::unique_ptr<waiter>> waiting_;
    std::unique_ptr<calltransfer_queue, queue_deleter> handle_;
};

#if defined(__cpp_impl_coroutine)

template <class T> struct resumption {
    std::coroutine_handle<> coroutine;
    typename taken<T>::type made{};
    error failed;
    std::atomic<bool> abandoned{false};
};

template <class T> struct coroutine_waiter final : waiter {
    explicit coroutine_waiter(std::shared_ptr<resumption<T>> resumption) : resumption_(std::move(resumption)) {}
    void end(calltransfer_completion *completion) override
    {
        resumption_->failed = error(calltransfer_completion_take_error(completion));
        resumption_->made = taken<T>::from(completion);
        if (!resumption_->abandoned) {
            resumption_->coroutine.resume();
        }
    }
    std::shared_ptr<resumption<T>> resumption_;
};

/// Submits when awaited. A coroutine that is destroyed meanwhile isn't resumed; its request goes on.
template <class T> class awaiter_base {
public:
    awaiter_base(waiters &waiters, submission submission) : waiters_(&waiters), submission_(std::move(submission)) {}
    awaiter_base(const awaiter_base &) = delete;
    awaiter_base &operator=(const awaiter_base &) = delete;
    ~awaiter_base() { resumption_->abandoned = true; }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine)
    {
        // Once submitted it may be resumed by another thread, and this be gone.
        const auto resumption = resumption_;
        const auto submission = std::move(submission_);
        resumption->coroutine = coroutine;
        error failed;
        if (waiters_->submit(std::make_unique<coroutine_waiter<T>>(resumption), submission, failed) != 0) {
            return true;
        }
        resumption->failed = failed;
        return false;
    }

protected:
    waiters *waiters_;
    submission submission_;
    std::shared_ptr<resumption<T>> resumption_ = std::make_shared<resumption<T>>();
};

template <class T> class telling_awaiter : public awaiter_base<T> {
public:
    telling_awaiter(waiters &waiters, submission submission, into into)
        : awaiter_base<T>(waiters, std::move(submission)), into_(into)
    {
    }
    typename taken<T>::type await_resume()
    {
        into_.tell(this->resumption_->failed);
        return std::move(this->resumption_->made);
    }

private:
    into into_;
};

#  ifndef CALLTRANSFER_NO_EXCEPTIONS
template <class T> class throwing_awaiter : public awaiter_base<T> {
public:
    using awaiter_base<T>::awaiter_base;
    T await_resume()
    {
        if (this->resumption_->failed) {
            throw this->resumption_->failed;
        }
        if constexpr (!std::is_void_v<T>) {
            return std::move(*this->resumption_->made);
        }
    }
};
#  endif
#endif

} // namespace detail

/// A request that was not submitted yet: what you do with it submits it.
template <class T> class [[nodiscard]] pending {
public:
    pending(detail::waiters &waiters, detail::submission submission)
        : waiters_(&waiters), submission_(std::move(submission))
    {
    }

    /// Submits it; `handler(std::optional<T>, const error &)` runs within poll() once it has ended (of
    /// answer and hang_up, `handler(bool, const error &)`). Returns an id for queue::cancel(); 0, and
    /// tells the error, where it was refused: then no handler runs.
    template <class Handler> std::uint64_t then(Handler handler, into into) &&
    {
        using waiter = detail::handler_waiter<T, Handler>;
        return waiters_->submit(std::make_unique<waiter>(std::move(handler)), submission_, into);
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /// As above, but throws where it was refused.
    template <class Handler> std::uint64_t then(Handler handler) &&
    {
        return detail::or_throw([&](into into) { return std::move(*this).then(std::move(handler), into); });
    }

    /// Submits it; the future is fulfilled within poll(), or at once where it was refused. A queue that
    /// ends before breaks its promise.
    std::future<T> future() &&
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
    /// `co_await queue.transfer(request).told(error)`: as the functions that throw nothing.
    detail::telling_awaiter<T> told(into into) && { return {*waiters_, std::move(submission_), into}; }

#  ifndef CALLTRANSFER_NO_EXCEPTIONS
    /// `co_await queue.transfer(request)`: throws what the blocking function throws.
    detail::throwing_awaiter<T> operator co_await() && { return {*waiters_, std::move(submission_)}; }
#  endif
#endif

private:
    detail::waiters *waiters_;
    detail::submission submission_;
};

/// Requests under way, and a descriptor that is readable when one has ended.
///
/// Destroyed with requests under way it stops them, as cancel_all() does, and tells nobody: handlers
/// don't run, coroutines stay where they are, futures break. To know what became of them, call
/// cancel_all() and run() first. Belongs to the process that made it: a forked child may destroy it.
class queue {
public:
    /// Makes a queue; empty, and told, where a setting is missing or wrong.
    static std::optional<queue> make(const config &config, into into) noexcept
    {
        queue made(nullptr);
        const bool done = detail::done(into, [&](auto **failed) { return made.waiters_->open(config, failed); });
        return done ? std::optional<queue>(std::move(made)) : std::nullopt;
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    explicit queue(const config &config = {}) : queue(nullptr)
    {
        detail::or_throw([&](into into) {
            return detail::done(into, [&](auto **failed) { return waiters_->open(config, failed); });
        });
    }
#endif

    /// Watch it for reading with poll(), epoll, libuv or GLib; then call poll(). Not to be read or closed.
    int fd() const noexcept { return calltransfer_queue_fd(get()); }

    /// Takes what has ended and tells whom it concerns, on this thread; waits up to `timeout` for the
    /// first, for ever if that is negative. Returns how many had ended. What a handler throws leaves it.
    std::size_t poll(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const
    {
        return waiters_ == nullptr ? 0 : waiters_->poll(timeout);
    }

    /// Polls until nothing is under way.
    void run() const
    {
        while (in_flight() > 0 && poll(std::chrono::milliseconds(-1)) > 0) {
        }
    }

    /// How many requests nobody was told of yet.
    std::size_t in_flight() const { return waiters_ == nullptr ? 0 : waiters_->count(); }

    /// Stops one request; false if it has ended. It ends as cancelled, unknown, or with its answer.
    bool cancel(std::uint64_t id) const noexcept { return calltransfer_queue_cancel(get(), id) != 0; }

    /// Stops every request that is under way. Returns how many.
    std::size_t cancel_all() const noexcept { return calltransfer_queue_cancel_all(get()); }

    /* What a client does, without waiting: see there. */

    pending<transferred> transfer(const calltransfer::transfer &request) const
    {
        const std::shared_ptr<calltransfer_transfer> native(detail::native(request));
        return {*waiters_, [native](auto *queue, auto *data, auto *id, auto **failed) {
                    return calltransfer_queue_submit_transfer(queue, native.get(), data, id, failed);
                }};
    }
    pending<call> get_call(const std::string &call_id) const
    {
        return of<call>(calltransfer_queue_submit_get_call, call_id);
    }
    pending<void> answer(const std::string &call_id) const
    {
        return of<void>(calltransfer_queue_submit_answer, call_id);
    }
    pending<void> hang_up(const std::string &call_id) const
    {
        return of<void>(calltransfer_queue_submit_hang_up, call_id);
    }
    pending<finding> check(const std::string &call_id) const
    {
        return of<finding>(calltransfer_queue_submit_check, call_id);
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_queue *get() const noexcept { return waiters_ == nullptr ? nullptr : waiters_->get(); }

private:
    explicit queue(std::nullptr_t) : waiters_(std::make_unique<detail::waiters>()) {}

    template <class T, class Submit> pending<T> of(Submit submit, const std::string &call_id) const
    {
        return {*waiters_, [submit, text = detail::without_nul(call_id)](auto *queue, auto *data, auto *id, auto **failed) {
                    return submit(queue, text.c_str(), data, id, failed);
                }};
    }

    std::unique_ptr<detail::waiters> waiters_;
};

#ifndef CALLTRANSFER_NO_EXCEPTIONS

/// A client whose answers come as futures, fulfilled on a thread of its own.
///
/// Destroyed with requests under way it stops them, and waits for what became of each: every future
/// gets its value or its error. A forked child may destroy it, and use it for nothing else.
class async_client {
    struct state {
        explicit state(const config &config) : queue_(config), fd_(queue_.fd()), thread_([this] { take(); }) {}

        bool is_ours() const noexcept { return queue_.fd() == fd_; }

        template <class Submit> auto submitted(Submit &&submit)
        {
            auto future = submit(queue_);
            const std::lock_guard<std::mutex> lock(mutex_);
            changed_.notify_one();
            return future;
        }

        void take()
        {
            std::unique_lock<std::mutex> lock(mutex_);
            for (;;) {
                changed_.wait(lock, [this] { return stopping_ || queue_.in_flight() > 0; });
                if (queue_.in_flight() == 0) {
                    return;
                }
                lock.unlock();
                // Not for ever: what was just refused counts for a moment, and never ends.
                queue_.poll(std::chrono::seconds(1));
                lock.lock();
            }
        }

        void stop()
        {
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                stopping_ = true;
                changed_.notify_one();
            }
            queue_.cancel_all();
            thread_.join();
        }

        queue queue_;
        int fd_;
        std::mutex mutex_;
        std::condition_variable changed_;
        bool stopping_ = false;
        std::thread thread_; // last: it uses the others
    };

public:
    explicit async_client(const config &config = {}) : state_(std::make_unique<state>(config)) {}
    async_client(async_client &&) noexcept = default;
    async_client &operator=(async_client &&other) noexcept
    {
        std::swap(state_, other.state_);
        return *this;
    }
    ~async_client()
    {
        if (state_ != nullptr && state_->is_ours()) {
            state_->stop();
        } else if (state_ != nullptr) {
            // Its thread is the parent's: nothing can be waited for, and what it held stays.
            state_.release(); // NOLINT
        }
    }

    std::future<transferred> transfer(const calltransfer::transfer &request) const
    {
        return state_->submitted([&](queue &queue) { return queue.transfer(request).future(); });
    }
    std::future<call> get_call(const std::string &call_id) const
    {
        return state_->submitted([&](queue &queue) { return queue.get_call(call_id).future(); });
    }
    std::future<void> answer(const std::string &call_id) const
    {
        return state_->submitted([&](queue &queue) { return queue.answer(call_id).future(); });
    }
    std::future<void> hang_up(const std::string &call_id) const
    {
        return state_->submitted([&](queue &queue) { return queue.hang_up(call_id).future(); });
    }
    std::future<finding> check(const std::string &call_id) const
    {
        return state_->submitted([&](queue &queue) { return queue.check(call_id).future(); });
    }

    /// Stops every request that is under way. Returns how many.
    std::size_t cancel_all() const noexcept { return state_->queue_.cancel_all(); }

private:
    std::unique_ptr<state> state_;
};

#endif

} // namespace calltransfer

#endif // CALLTRANSFER_ASYNC_HPP
