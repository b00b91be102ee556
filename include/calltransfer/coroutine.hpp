/* How a coroutine (C++20) waits for a completion. */
#ifndef CALLTRANSFER_COROUTINE_HPP
#define CALLTRANSFER_COROUTINE_HPP

#include <calltransfer/waiters.hpp>

#if defined(__cpp_impl_coroutine)

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <utility>

namespace calltransfer {

namespace detail {

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

/// Submits the request when awaited. A coroutine that is destroyed while it waits isn't resumed; its request
/// continues.
template <class T> class awaiter_base {
public:
    awaiter_base(std::shared_ptr<waiters> target, submission submits)
        : waiters_(std::move(target)), submission_(std::move(submits))
    {
    }
    awaiter_base(const awaiter_base &) = delete;
    awaiter_base &operator=(const awaiter_base &) = delete;
    ~awaiter_base() { resumption_->abandoned = true; }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine)
    {
        // After the submission another thread may resume the coroutine, and destroy this object.
        const auto kept = resumption_;
        const auto target = waiters_;
        const auto submits = std::move(submission_);
        kept->coroutine = coroutine;
        error failed;
        if (target->submit(std::make_unique<coroutine_waiter<T>>(kept), submits, failed) != 0) {
            return true;
        }
        kept->failed = failed;
        return false;
    }

protected:
    std::shared_ptr<waiters> waiters_;
    submission submission_;
    std::shared_ptr<resumption<T>> resumption_ = std::make_shared<resumption<T>>();
};

template <class T> class nothrow_awaiter : public awaiter_base<T> {
public:
    nothrow_awaiter(std::shared_ptr<waiters> target, submission submits, calltransfer::error &failure)
        : awaiter_base<T>(std::move(target), std::move(submits)), failure_(&failure)
    {
    }
    typename taken<T>::type await_resume()
    {
        *failure_ = this->resumption_->failed;
        return std::move(this->resumption_->made);
    }

private:
    calltransfer::error *failure_;
};

#ifndef CALLTRANSFER_NO_EXCEPTIONS
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
#endif

} // namespace detail

} // namespace calltransfer

#endif

#endif // CALLTRANSFER_COROUTINE_HPP
