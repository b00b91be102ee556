/* Errors, thrown or written to an argument; and how the other headers call C. */
#ifndef CALLTRANSFER_ERROR_HPP
#define CALLTRANSFER_ERROR_HPP

#include <calltransfer/handle.hpp>
#include <calltransfer/outcome.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace calltransfer {

/// An error: its kind, and whether the call was transferred. Cheap to copy; converts to false if there is no
/// error.
class error : public std::runtime_error {
public:
    error() : std::runtime_error("") {}
    /// Takes an error of the C interface; it is freed with the last copy.
    explicit error(calltransfer_error *owned) : std::runtime_error(""), handle_(owned, detail::deleter()) {}

    /// Whether there is an error.
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The message with its causes in one line, for a log: it contains no secret and no whole phone number.
    const char *what() const noexcept override
    {
        const char *message = calltransfer_error_message(get());
        return message == nullptr ? "no error" : message;
    }

    /// The messages of the causes: the nearest first, that of the system or TLS last.
    std::vector<std::string> causes() const
    {
        return detail::collect(calltransfer_error_cause_count(get()), [this](std::size_t i) {
            return detail::copy_or_empty(calltransfer_error_cause(get(), i));
        });
    }

    error_kind kind() const noexcept { return static_cast<error_kind>(calltransfer_error_kind(get())); }
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_error_outcome(get()));
    }
    /// Whether sending the same transfer again can't make it twice. It may still fail again.
    bool safe_to_repeat() const noexcept { return calltransfer_error_is_safe_to_repeat(get()) != 0; }

    /// The invalid argument or setting, such as "whisper_audio.voice".
    std::optional<std::string> field() const { return detail::copy(calltransfer_error_field(get())); }
    /// The id of the call that the request was about.
    std::optional<std::string> call_id() const { return detail::copy(calltransfer_error_call_id(get())); }
    /// How far the request had come when it failed: token, resolve, connect, tls, proxy, write, read or
    /// status.
    std::optional<std::string> stage() const { return detail::copy(calltransfer_error_stage(get())); }
    /// The HTTP status of the response, or 0 if none was read.
    int http_status() const noexcept { return calltransfer_error_http_status(get()); }
    /// The platform's category, such as "bad-request".
    std::optional<std::string> platform_category() const
    {
        return detail::copy(calltransfer_error_platform_category(get()));
    }
    /// The platform's code, such as "call-invalid-state".
    std::optional<std::string> platform_code() const { return detail::copy(calltransfer_error_platform_code(get())); }
    /// The platform's message, for people.
    std::optional<std::string> platform_message() const
    {
        return detail::copy(calltransfer_error_platform_message(get()));
    }
    /// The platform's details: names and values.
    std::vector<std::pair<std::string, std::string>> platform_details() const
    {
        return detail::collect(calltransfer_error_platform_detail_count(get()), [this](std::size_t i) {
            return std::pair(detail::copy_or_empty(calltransfer_error_platform_detail_name(get(), i)),
                             detail::copy_or_empty(calltransfer_error_platform_detail_value(get(), i)));
        });
    }
    /// The time until the platform's limit clears, if it is known.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        return detail::duration(calltransfer_error_retry_after_ms(get()));
    }
    /// Number of attempts; 0 if the request was refused before the first one.
    int attempts() const noexcept { return calltransfer_error_attempts(get()); }
    /// The time that it took, including the waits between attempts.
    std::chrono::milliseconds elapsed() const noexcept
    {
        return std::chrono::milliseconds(*this ? calltransfer_error_elapsed_ms(get()) : 0);
    }

    /// The handle of the C interface, borrowed; NULL if there is no error.
    const calltransfer_error *get() const noexcept { return handle_.get(); }

private:
    std::shared_ptr<const calltransfer_error> handle_;
};

namespace detail {

/// What C calls that of which an object has the handle.
template <class T>
using handle_of = std::remove_const_t<std::remove_pointer_t<decltype(std::declval<const T &>().get())>>;

/// Calls `ask(&failed)`, and sets its error. Returns whether there is none.
template <class Error, class Ask> bool invoke(Error &failure, Ask &&ask) noexcept
{
    handle_of<Error> *failed = nullptr;
    const std::int32_t status = ask(&failed);
    failure = failed == nullptr ? Error() : Error(failed);
    return status == CALLTRANSFER_OK;
}

/// As `invoke`, for what makes an object: calls `ask(&made, &failed)`, and wraps what it makes.
template <class T, class Error, class Ask> std::optional<T> invoke_for(Error &failure, Ask &&ask) noexcept
{
    handle_of<T> *made = nullptr;
    const bool done = invoke(failure, [&](auto **failed) { return ask(&made, failed); });
    return done && made != nullptr ? std::optional<T>(T(made)) : std::nullopt;
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/// Calls `ask(error)`, and throws the error if the result is empty.
template <class Ask> auto or_throw(Ask &&ask)
{
    error error;
    auto made = ask(error);
    if (!made) {
        throw error;
    }
    return made;
}

/// The same for what may be empty: throws the error if there is one.
template <class Error, class Ask> auto without_failure(Ask &&ask)
{
    Error failure;
    auto made = ask(failure);
    if (failure) {
        throw failure;
    }
    return made;
}
#endif

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_ERROR_HPP
