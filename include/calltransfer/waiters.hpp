/* What waits for the completions of a queue: handlers, futures, coroutines. */
#ifndef CALLTRANSFER_WAITERS_HPP
#define CALLTRANSFER_WAITERS_HPP

#include <calltransfer/completion.hpp>
#include <calltransfer/config.hpp>
#include <calltransfer/error.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace calltransfer {

namespace detail {

/// A waiter for a completion.
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

using submission =
    std::function<std::int32_t(const calltransfer_queue *, void *, std::uint64_t *, calltransfer_error **)>;

/// A queue and the waiters for its completions.
class waiters {
public:
    std::int32_t open(const config &config, calltransfer_error **failed)
    {
        logs_ = logs{config.log, config.log_records};
        calltransfer_queue *made = nullptr;
        const std::int32_t status = calltransfer_queue_new(native(config, &logs_).get(), &made, failed);
        handle_.reset(made);
        return status;
    }

    /// The ID of the submitted request; 0, with the error in `failure`, if it was refused.
    std::uint64_t submit(std::unique_ptr<waiter> waiting, const submission &submits, calltransfer::error &failure)
    {
        // A number that is never used again, not an address: a completion can't reach another's handler.
        std::uintptr_t key = 0;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            key = ++last_key_;
            waiting_.emplace(key, std::move(waiting));
        }
        std::uint64_t id = 0;
        const bool submitted = invoke(failure, [&](calltransfer_error **failed) {
            const use used(*this);
            return submits(used.handle(), reinterpret_cast<void *>(key), &id, failed);
        });
        if (!submitted) {
            take(key);
        }
        return submitted ? id : 0;
    }

    std::size_t poll(std::chrono::milliseconds timeout)
    {
        std::size_t ended = 0;
        completion_pointer completion;
        while (next(ended == 0 ? timeout : std::chrono::milliseconds(0), completion) && completion) {
            ended++;
            end(completion.get());
        }
        return ended;
    }

    void run()
    {
        // Several short waits instead of a long one: the last completion may go to another thread, and a
        // request that is being refused is counted for a moment and never completes.
        completion_pointer completion;
        while (count() > 0 && next(std::chrono::milliseconds(50), completion)) {
            if (completion) {
                end(completion.get());
            }
        }
    }

    /// The queue is destroyed, maybe by a handler: nothing more is dispatched or logged, and futures are
    /// broken, even if a pending request keeps this object. If another thread waits in poll(), the handle is
    /// freed when that returns. In a forked child no lock is taken: it may be locked for ever.
    void close() noexcept
    {
        const bool is_ours = calltransfer_queue_fd(get()) >= 0;
        {
            const use last(*this);
            uses_.fetch_or(closed);
            calltransfer_queue_cancel_all(last.handle()); // in a forked child, nothing
        }
        if (is_ours) {
            decltype(waiting_) dropped; // destroyed without the lock: a handler's captures are the program's
            const std::lock_guard<std::mutex> lock(mutex_);
            dropped.swap(waiting_);
        }
    }

    std::size_t count() const
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        return waiting_.size();
    }

    const calltransfer_queue *get() const noexcept { return handle_.get(); }

private:
    static constexpr std::size_t closed = 1, one_use = 2; // of uses_

    /// A use of the handle, which is not freed during it; NULL if the queue is closed.
    class use {
    public:
        explicit use(waiters &used) noexcept : used_(used)
        {
            std::size_t uses = used_.uses_;
            while ((uses & closed) == 0 && !is_counted_) {
                is_counted_ = used_.uses_.compare_exchange_weak(uses, uses + one_use);
            }
        }
        use(const use &) = delete;
        use &operator=(const use &) = delete;
        ~use()
        {
            if (!is_counted_) {
                return;
            }
            if ((used_.uses_ & closed) != 0) {
                calltransfer_queue_wake(handle()); // each that returns wakes the next
            }
            if (used_.uses_.fetch_sub(one_use) == (closed | one_use)) {
                used_.handle_.reset();
            }
        }
        const calltransfer_queue *handle() const noexcept { return is_counted_ ? used_.get() : nullptr; }

    private:
        waiters &used_;
        bool is_counted_ = false;
    };

    /// False if the queue can't be used: it was never opened, is closed, or belongs to the parent process.
    bool next(std::chrono::milliseconds timeout, completion_pointer &completion)
    {
        calltransfer_completion *taken = nullptr;
        const std::int64_t milliseconds = timeout.count();
        const use used(*this);
        const auto status = calltransfer_queue_next(used.handle(), milliseconds, &taken, nullptr);
        completion.reset(taken);
        return status == CALLTRANSFER_OK;
    }

    void end(calltransfer_completion *completion)
    {
        const auto found = take(reinterpret_cast<std::uintptr_t>(calltransfer_completion_user_data(completion)));
        if (found != nullptr) {
            found->end(completion);
        }
    }

    std::unique_ptr<waiter> take(std::uintptr_t key)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        auto found = waiting_.extract(key);
        return found.empty() ? nullptr : std::move(found.mapped());
    }

    logs logs_; // outlives the handle, which calls it
    mutable std::mutex mutex_;
    std::uintptr_t last_key_ = 0;
    std::atomic<std::size_t> uses_{0}; // one_use for each, and closed
    std::unordered_map<std::uintptr_t, std::unique_ptr<waiter>> waiting_;
    std::unique_ptr<calltransfer_queue, queue_deleter> handle_;
};

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_WAITERS_HPP
