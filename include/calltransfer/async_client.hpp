/* A client whose answers come as futures. */
#ifndef CALLTRANSFER_ASYNC_CLIENT_HPP
#define CALLTRANSFER_ASYNC_CLIENT_HPP

#include <calltransfer/queue.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace calltransfer {

#ifndef CALLTRANSFER_NO_EXCEPTIONS

/// A client whose results are futures, which are fulfilled on a thread of its own.
///
/// If it is destroyed while requests are in progress, it stops them and waits for the outcome of each: every
/// future gets its value or its error. A forked child may destroy it, but not use it.
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
                // A request that is being refused is counted for a moment, and never completes. So a count of
                // 0 ends the loop only when stopping, and each poll has a time limit.
                if (stopping_ && queue_.in_flight() == 0) {
                    return;
                }
                lock.unlock();
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

    /// A moved-from object returns the errors of a queue that was never opened.
    template <class Submit> auto submitted(Submit &&submit) const
    {
        return state_ == nullptr ? submit(queue(nullptr)) : state_->submitted(std::forward<Submit>(submit));
    }

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
            // Its thread is the parent's, so there is nothing to wait for, and its memory is not freed.
            state_.release(); // NOLINT
        }
    }

    [[nodiscard]] std::future<transferred> transfer(const calltransfer::transfer &request) const
    {
        return submitted([&](const queue &queue) { return queue.transfer(request).future(); });
    }
    [[nodiscard]] std::future<call> get_call(const std::string &call_id) const
    {
        return submitted([&](const queue &queue) { return queue.get_call(call_id).future(); });
    }
    [[nodiscard]] std::future<void> answer(const std::string &call_id) const
    {
        return submitted([&](const queue &queue) { return queue.answer(call_id).future(); });
    }
    [[nodiscard]] std::future<void> hang_up(const std::string &call_id) const
    {
        return submitted([&](const queue &queue) { return queue.hang_up(call_id).future(); });
    }
    [[nodiscard]] std::future<void> prepare() const
    {
        return submitted([&](const queue &queue) { return queue.prepare().future(); });
    }
    [[nodiscard]] std::future<finding> check(const std::string &call_id) const
    {
        return submitted([&](const queue &queue) { return queue.check(call_id).future(); });
    }
    [[nodiscard]] std::future<finding> check(const error &failed) const
    {
        return submitted([&](const queue &queue) { return queue.check(failed).future(); });
    }

    /// Stops every request that is in progress. Returns how many.
    std::size_t cancel_all() const noexcept { return state_ == nullptr ? 0 : state_->queue_.cancel_all(); }

private:
    std::unique_ptr<state> state_;
};

#endif

} // namespace calltransfer

#endif // CALLTRANSFER_ASYNC_CLIENT_HPP
