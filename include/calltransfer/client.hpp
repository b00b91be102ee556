/* The client, whose functions wait for the outcome. */
#ifndef CALLTRANSFER_CLIENT_HPP
#define CALLTRANSFER_CLIENT_HPP

#include <calltransfer/call.hpp>
#include <calltransfer/call_list.hpp>
#include <calltransfer/cancel.hpp>
#include <calltransfer/completion.hpp>
#include <calltransfer/config.hpp>
#include <calltransfer/error.hpp>
#include <calltransfer/transfer.hpp>
#include <calltransfer/transferred.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace calltransfer {

/// A client of one account. Create one and use it for all requests, because it keeps connections open.
class client {
public:
    /// Makes a client. Unless keep_ready is set, no connection is opened before the first request. Empty,
    /// with the error set, if a setting is missing or wrong.
    [[nodiscard]] static std::optional<client> make(const calltransfer::config &config,
                                                    calltransfer::error &failure) noexcept
    {
        client made(config, nullptr);
        const bool done =
            detail::invoke(failure, [&](calltransfer_error **failed) { return made.open(config, failed); });
        return done ? std::optional<client>(std::move(made)) : std::nullopt;
    }

    /// The API that it uses, as the credentials or config::api decided: "v1" or "v2".
    std::string api() const { return detail::copy_or_empty(calltransfer_client_api(get())); }

    /// Asks the platform to connect a live call to someone else, and waits for the outcome.
    ///
    /// The request is sent at most once, unless the platform is known to have done nothing, because the
    /// platform cannot distinguish a retry from a new request. The error's outcome() says whether the call
    /// was transferred.
    [[nodiscard]] std::optional<transferred> transfer(const calltransfer::transfer &request,
                                                      calltransfer::error &failure) const noexcept
    {
        const auto native = detail::native(request);
        return detail::invoke_for<transferred>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_transfer(get(), native.get(), made, failed);
        });
    }

    /// As above; another thread can stop it with `cancel`.
    [[nodiscard]] std::optional<transferred> transfer(const calltransfer::transfer &request,
                                                      const calltransfer::cancel &cancel,
                                                      calltransfer::error &failure) const noexcept
    {
        const auto native = detail::native(request);
        return detail::invoke_for<transferred>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_transfer_cancellable(get(), native.get(), cancel.get(), made, failed);
        });
    }

    /// Reads a call. A read changes nothing, so it is retried after every failure that may be temporary.
    [[nodiscard]] std::optional<call> get_call(const std::string &call_id, calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::invoke_for<call>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_get_call(get(), id.c_str(), made, failed);
        });
    }

    /// Reads the list of a call's events, as JSON. v1 only: v2 has no such list.
    [[nodiscard]] std::optional<std::string> get_call_events(const std::string &call_id,
                                                             calltransfer::error &failure) const noexcept
    {
        return get_call_events(call_id, request_options(), failure);
    }
    [[nodiscard]] std::optional<std::string> get_call_events(const std::string &call_id, const request_options &options,
                                                             calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        char *json = nullptr;
        const bool is_read = detail::invoke(failure, [&](calltransfer_error **failed) {
            return calltransfer_client_get_call_events(get(), id.c_str(), detail::milliseconds(options.timeout),
                                                       detail::native(options.cancel), &json, failed);
        });
        const detail::handle<char> owned(json);
        return is_read ? detail::copy(owned.get()) : std::nullopt;
    }

    /// Lists the account's calls. A page is requested when its first call is needed; this function sends
    /// nothing. The list stays valid after the client is destroyed.
    [[nodiscard]] std::optional<call_list> list_calls(const call_query &query,
                                                      calltransfer::error &failure) const noexcept
    {
        const auto native = detail::native(query);
        return detail::invoke_for<call_list>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_list_calls(get(), native.get(), made, failed);
        });
    }

    /// Answers an incoming call, so that it can be transferred. Returns whether it was done.
    [[nodiscard]] bool answer(const std::string &call_id, calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::invoke(failure,
                              [&](auto **failed) { return calltransfer_client_answer(get(), id.c_str(), failed); });
    }

    /// Ends a call. Returns whether it was done.
    [[nodiscard]] bool hang_up(const std::string &call_id, calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::invoke(failure,
                              [&](auto **failed) { return calltransfer_client_hang_up(get(), id.c_str(), failed); });
    }

    /// Opens a connection, so that the next transfer takes one round trip. Returns whether there is an open
    /// connection. Changes nothing at the platform, and never makes a later transfer fail.
    [[nodiscard]] bool prepare(calltransfer::error &failure) const noexcept
    {
        return detail::invoke(failure, [&](auto **failed) { return calltransfer_client_prepare(get(), failed); });
    }

    /// Looks at a call after an outcome that was unknown, and says whether it was transferred at all.
    /// Reads the call, and where its state leaves it open a list, and never sends the transfer again.
    [[nodiscard]] std::optional<finding> check(const std::string &call_id, calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::invoke_for<finding>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_check(get(), id.c_str(), made, failed);
        });
    }

    /// The same for the transfer that failed with this error: only what can belong to that one counts, and
    /// not an earlier transfer of the same call. `failed` and `failure` may be the same object.
    [[nodiscard]] std::optional<finding> check(const calltransfer::error &failed,
                                               calltransfer::error &failure) const noexcept
    {
        return detail::invoke_for<finding>(failure, [&](auto **made, auto **refused) {
            return calltransfer_client_check_transfer(get(), failed.get(), made, refused);
        });
    }

    /* The same, each with a time of its own, and so that another thread can stop it. */

    [[nodiscard]] std::optional<call> get_call(const std::string &call_id, const request_options &options,
                                               calltransfer::error &failure) const noexcept
    {
        return request<call>(CALLTRANSFER_REQUEST_GET_CALL, call_id, options, failure);
    }
    [[nodiscard]] bool answer(const std::string &call_id, const request_options &options,
                              calltransfer::error &failure) const noexcept
    {
        return request<void>(CALLTRANSFER_REQUEST_ANSWER, call_id, options, failure);
    }
    [[nodiscard]] bool hang_up(const std::string &call_id, const request_options &options,
                               calltransfer::error &failure) const noexcept
    {
        return request<void>(CALLTRANSFER_REQUEST_HANG_UP, call_id, options, failure);
    }
    [[nodiscard]] std::optional<finding> check(const std::string &call_id, const request_options &options,
                                               calltransfer::error &failure) const noexcept
    {
        return request<finding>(CALLTRANSFER_REQUEST_CHECK, call_id, options, failure);
    }
    [[nodiscard]] std::optional<finding> check(const calltransfer::error &failed, const request_options &options,
                                               calltransfer::error &failure) const noexcept
    {
        const auto *const cancel = detail::native(options.cancel);
        return of_completion<finding>(calltransfer_client_request_check_transfer(
                                          get(), failed.get(), detail::milliseconds(options.timeout), cancel),
                                      failure);
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* All of them, throwing. */

    explicit client(const calltransfer::config &config = {}) : client(config, nullptr)
    {
        detail::or_throw([&](calltransfer::error &failure) {
            return detail::invoke(failure, [&](calltransfer_error **failed) { return open(config, failed); });
        });
    }

    transferred transfer(const calltransfer::transfer &request) const
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return transfer(request, failure); }));
    }
    transferred transfer(const calltransfer::transfer &request, const calltransfer::cancel &cancel) const
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return transfer(request, cancel, failure); }));
    }
    call get_call(const std::string &call_id) const
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return get_call(call_id, failure); }));
    }
    std::string get_call_events(const std::string &call_id) const
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return get_call_events(call_id, failure); }));
    }
    std::string get_call_events(const std::string &call_id, const request_options &options) const
    {
        return std::move(*detail::or_throw(
            [&](calltransfer::error &failure) { return get_call_events(call_id, options, failure); }));
    }
    call_list list_calls(const call_query &query = {}) const
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return list_calls(query, failure); }));
    }
    void answer(const std::string &call_id) const
    {
        detail::or_throw([&](calltransfer::error &failure) { return answer(call_id, failure); });
    }
    void hang_up(const std::string &call_id) const
    {
        detail::or_throw([&](calltransfer::error &failure) { return hang_up(call_id, failure); });
    }
    void prepare() const
    {
        detail::or_throw([&](calltransfer::error &failure) { return prepare(failure); });
    }
    call get_call(const std::string &call_id, const request_options &options) const
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return get_call(call_id, options, failure); }));
    }
    void answer(const std::string &call_id, const request_options &options) const
    {
        detail::or_throw([&](calltransfer::error &failure) { return answer(call_id, options, failure); });
    }
    void hang_up(const std::string &call_id, const request_options &options) const
    {
        detail::or_throw([&](calltransfer::error &failure) { return hang_up(call_id, options, failure); });
    }
    finding check(const std::string &call_id, const request_options &options) const
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return check(call_id, options, failure); }));
    }
    finding check(const std::string &call_id) const
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return check(call_id, failure); }));
    }
    finding check(const calltransfer::error &failed, const request_options &options) const
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return check(failed, options, failure); }));
    }
    finding check(const calltransfer::error &failed) const
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return check(failed, failure); }));
    }
#endif

    /// The handle of the C interface, borrowed.
    const calltransfer_client *get() const noexcept { return handle_.get(); }

private:
    client(const calltransfer::config &config, std::nullptr_t)
        : log_(std::make_unique<detail::logs>(detail::logs{config.log, config.log_records}))
    {
    }

    template <class T>
    [[nodiscard]] typename detail::taken<T>::type request(std::int32_t kind, const std::string &call_id,
                                                          const request_options &options,
                                                          calltransfer::error &failure) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        const auto *const cancel = detail::native(options.cancel);
        return of_completion<T>(
            calltransfer_client_request(get(), kind, id.c_str(), detail::milliseconds(options.timeout), cancel),
            failure);
    }

    template <class T>
    [[nodiscard]] static typename detail::taken<T>::type of_completion(calltransfer_completion *owned,
                                                                       calltransfer::error &failure) noexcept
    {
        const detail::completion_pointer done(owned);
        failure = calltransfer::error(calltransfer_completion_take_error(done.get()));
        return detail::taken<T>::from(done.get());
    }

    std::int32_t open(const calltransfer::config &config, calltransfer_error **failed)
    {
        calltransfer_client *made = nullptr;
        const std::int32_t status = calltransfer_client_new(detail::native(config, log_.get()).get(), &made, failed);
        handle_.reset(made);
        return status;
    }

    std::unique_ptr<detail::logs> log_; // outlives the handle, which calls it
    detail::handle<calltransfer_client> handle_;
};

} // namespace calltransfer

#endif // CALLTRANSFER_CLIENT_HPP
