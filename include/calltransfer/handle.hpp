/* What the headers of calltransfer.hpp share: owned handles of the C interface, texts, and whether to throw. */
#ifndef CALLTRANSFER_HANDLE_HPP
#define CALLTRANSFER_HANDLE_HPP

#if defined(_MSVC_LANG) ? (_MSVC_LANG < 201703L) : (__cplusplus < 201703L)
#error "calltransfer's C++ headers need C++17 or later; calltransfer.h needs C89 or C++98"
#endif

#include <calltransfer/calltransfer.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND) && !defined(CALLTRANSFER_NO_EXCEPTIONS)
#define CALLTRANSFER_NO_EXCEPTIONS
#endif

namespace calltransfer {

namespace detail {

struct deleter {
    void operator()(calltransfer_config *handle) const noexcept { calltransfer_config_free(handle); }
    void operator()(calltransfer_transfer *handle) const noexcept { calltransfer_transfer_free(handle); }
    void operator()(calltransfer_client *handle) const noexcept { calltransfer_client_free(handle); }
    void operator()(calltransfer_result *handle) const noexcept { calltransfer_result_free(handle); }
    void operator()(calltransfer_error *handle) const noexcept { calltransfer_error_free(handle); }
    void operator()(calltransfer_call *handle) const noexcept { calltransfer_call_free(handle); }
    void operator()(calltransfer_call_query *handle) const noexcept { calltransfer_call_query_free(handle); }
    void operator()(calltransfer_call_list *handle) const noexcept { calltransfer_call_list_free(handle); }
    void operator()(calltransfer_finding *handle) const noexcept { calltransfer_finding_free(handle); }
    void operator()(calltransfer_event *handle) const noexcept { calltransfer_event_free(handle); }
    void operator()(calltransfer_follow *handle) const noexcept { calltransfer_follow_free(handle); }
    void operator()(calltransfer_targets *handle) const noexcept { calltransfer_targets_free(handle); }
    void operator()(calltransfer_first *handle) const noexcept { calltransfer_first_free(handle); }
    void operator()(calltransfer_cancel *handle) const noexcept { calltransfer_cancel_free(handle); }
    void operator()(char *string) const noexcept { calltransfer_string_free(string); }
};

template <class T> using handle = std::unique_ptr<T, deleter>;

inline std::optional<std::string> copy(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

inline std::string copy_or_empty(const char *text) { return text == nullptr ? std::string() : std::string(text); }

/// For C, the text would end at a NUL. The NUL is replaced by a byte that isn't UTF-8, so that the text is
/// refused.
inline std::string without_nul(std::string text)
{
    for (auto nul = text.find('\0'); nul != std::string::npos; nul = text.find('\0', nul)) {
        text.replace(nul, 1, "\xC0\x80");
    }
    return text;
}

/// For C, 0 means that no time is given; so an invalid time that was given becomes negative.
inline std::int64_t milliseconds(const std::optional<std::chrono::milliseconds> &time) noexcept
{
    return !time ? 0 : time->count() <= 0 ? -1 : std::int64_t{time->count()};
}

/// A time as C gives it: negative is none.
inline std::optional<std::chrono::milliseconds> duration(std::int64_t milliseconds) noexcept
{
    return milliseconds < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(milliseconds));
}

/// A moment as C gives it, in milliseconds since 1970: negative is none.
inline std::optional<std::chrono::system_clock::time_point> moment(std::int64_t since_1970) noexcept
{
    const auto since = duration(since_1970);
    return since ? std::optional(std::chrono::system_clock::time_point(*since)) : std::nullopt;
}

/// What C gives one by one: `item(i)` for each number below `count`.
template <class Item> auto collect(std::size_t count, Item &&item)
{
    std::vector<decltype(item(count))> items;
    items.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
        items.push_back(item(i));
    }
    return items;
}

template <class Handle>
void set(const handle<Handle> &handle, std::int32_t (*setter)(Handle *, const char *),
         const std::optional<std::string> &text)
{
    if (text) {
        setter(handle.get(), without_nul(*text).c_str());
    }
}

template <class Handle, class Number, class Value>
void set(const handle<Handle> &handle, std::int32_t (*setter)(Handle *, Number), const std::optional<Value> &value)
{
    if (value) {
        setter(handle.get(), static_cast<Number>(*value));
    }
}

template <class Handle>
void set(const handle<Handle> &handle, std::int32_t (*setter)(Handle *, std::int64_t),
         const std::optional<std::chrono::milliseconds> &time)
{
    if (time) {
        const std::int64_t milliseconds = time->count();
        setter(handle.get(), milliseconds);
    }
}

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_HANDLE_HPP
