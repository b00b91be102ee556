/*
 * calltransfer for C++17 and later: transfer a live phone call to another
 * number, and know what became of it. Header-only, over calltransfer.h.
 *
 *     calltransfer::client client; // the account is in the environment
 *     auto done = client.transfer({.call_id = "c-1", .to = "+18382947878"}); // C++20
 *
 * Handles: every class but error is move-only, its moves throw nothing, and it
 * frees what it holds. Moved from, it may be destroyed or assigned to; any other
 * use is error_kind::invalid_argument or gives nothing, never a crash.
 *
 * Text: std::string in UTF-8, copied in and copied out: nothing is borrowed. A
 * NUL within a text is refused as what it is not: UTF-8.
 *
 * Errors: what can fail throws calltransfer::error. With a last argument `into`,
 * a calltransfer::error or a std::error_code, the same function throws nothing
 * and tells it there; an empty result says that it did. Without exceptions
 * (-fno-exceptions, or CALLTRANSFER_NO_EXCEPTIONS defined) only those are here.
 * Where memory runs out, a function that throws nothing ends the program, as
 * the library itself does.
 *
 * Threads: a const member function may be called by many threads at once; any
 * other by one at a time. <calltransfer/async.hpp> has what doesn't wait.
 */
#ifndef CALLTRANSFER_CALLTRANSFER_HPP
#define CALLTRANSFER_CALLTRANSFER_HPP

#include <calltransfer/calltransfer.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND) && !defined(CALLTRANSFER_NO_EXCEPTIONS)
#  define CALLTRANSFER_NO_EXCEPTIONS
#endif

namespace calltransfer {

/* error ------------------------------------------------------------------- */

/// What went wrong. What became of the call is error::outcome().
enum class error_kind : std::int32_t {
    ok = CALLTRANSFER_OK, ///< Nothing did.
    invalid_argument = CALLTRANSFER_E_INVALID_ARGUMENT,
    configuration = CALLTRANSFER_E_CONFIGURATION,
    connection = CALLTRANSFER_E_CONNECTION,
    timeout = CALLTRANSFER_E_TIMEOUT,
    tls = CALLTRANSFER_E_TLS,
    proxy = CALLTRANSFER_E_PROXY,
    cancelled = CALLTRANSFER_E_CANCELLED,
    internal = CALLTRANSFER_E_INTERNAL,
    outcome_unknown = CALLTRANSFER_E_OUTCOME_UNKNOWN,
    redirect_refused = CALLTRANSFER_E_REDIRECT_REFUSED,
    bad_request = CALLTRANSFER_E_BAD_REQUEST,
    authentication = CALLTRANSFER_E_AUTHENTICATION,
    authorization = CALLTRANSFER_E_AUTHORIZATION,
    insufficient_credit = CALLTRANSFER_E_INSUFFICIENT_CREDIT,
    forbidden = CALLTRANSFER_E_FORBIDDEN,
    call_not_found = CALLTRANSFER_E_CALL_NOT_FOUND,
    call_not_active = CALLTRANSFER_E_CALL_NOT_ACTIVE,
    conflict = CALLTRANSFER_E_CONFLICT,
    rate_limited = CALLTRANSFER_E_RATE_LIMITED,
    unavailable = CALLTRANSFER_E_UNAVAILABLE,
    rejected = CALLTRANSFER_E_REJECTED,
};

/// What became of the call.
enum class outcome : std::int32_t {
    none = 0,                                       ///< Nothing was asked for.
    not_sent = CALLTRANSFER_OUTCOME_NOT_SENT,       ///< No byte of the request body left this process.
    not_applied = CALLTRANSFER_OUTCOME_NOT_APPLIED, ///< The platform had the request and did nothing.
    applied = CALLTRANSFER_OUTCOME_APPLIED,         ///< The transfer was made.
    unknown = CALLTRANSFER_OUTCOME_UNKNOWN,         ///< Look at the call before trying again.
};

/// Returns the name of a kind, as "rate_limited": the same in every language.
inline const char *name(error_kind kind) noexcept { return calltransfer_kind_name(static_cast<std::int32_t>(kind)); }

/// Returns the name of an outcome, as "not_applied": the same in every language.
inline const char *name(outcome outcome) noexcept
{
    return calltransfer_outcome_name(static_cast<std::int32_t>(outcome));
}

/// Returns the version of the library that runs, as "0.1.0".
inline const char *version() noexcept { return calltransfer_version(); }

namespace detail {

struct deleter {
    void operator()(calltransfer_config *handle) const noexcept { calltransfer_config_free(handle); }
    void operator()(calltransfer_transfer *handle) const noexcept { calltransfer_transfer_free(handle); }
    void operator()(calltransfer_client *handle) const noexcept { calltransfer_client_free(handle); }
    void operator()(calltransfer_result *handle) const noexcept { calltransfer_result_free(handle); }
    void operator()(calltransfer_error *handle) const noexcept { calltransfer_error_free(handle); }
    void operator()(calltransfer_call *handle) const noexcept { calltransfer_call_free(handle); }
    void operator()(calltransfer_finding *handle) const noexcept { calltransfer_finding_free(handle); }
    void operator()(calltransfer_cancel *handle) const noexcept { calltransfer_cancel_free(handle); }
    void operator()(char *string) const noexcept { calltransfer_string_free(string); }
};

template <class T> using handle = std::unique_ptr<T, deleter>;

inline std::optional<std::string> copy(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

inline std::string copy_or_empty(const char *text) { return text == nullptr ? std::string() : std::string(text); }

/// C would end the text at a NUL and send the rest of it nowhere: the NUL becomes what isn't UTF-8.
inline std::string without_nul(std::string text)
{
    for (auto nul = text.find('\0'); nul != std::string::npos; nul = text.find('\0', nul)) {
        text.replace(nul, 1, "\xC0\x80");
    }
    return text;
}

class kind_category final : public std::error_category {
public:
    const char *name() const noexcept override { return "calltransfer kind"; }
    std::string message(int value) const override { return calltransfer_kind_name(value); }
};

class outcome_category final : public std::error_category {
public:
    const char *name() const noexcept override { return "calltransfer outcome"; }
    std::string message(int value) const override { return calltransfer_outcome_name(value); }
};

inline const std::error_category &kinds() noexcept
{
    static const kind_category category;
    return category;
}

inline const std::error_category &outcomes() noexcept
{
    static const outcome_category category;
    return category;
}

/// A code is a kind's number; which of these it is in says the outcome, since not every kind tells it.
class code_category final : public std::error_category {
public:
    explicit constexpr code_category(outcome outcome) noexcept : outcome_(outcome) {}
    const char *name() const noexcept override { return "calltransfer"; }
    std::string message(int value) const override
    {
        return std::string(calltransfer_outcome_name(static_cast<std::int32_t>(outcome_))) + ": " +
               calltransfer_kind_name(value);
    }
    bool equivalent(int value, const std::error_condition &condition) const noexcept override
    {
        if (condition.category() == outcomes()) {
            return condition.value() == static_cast<int>(outcome_);
        }
        return condition.category() == kinds() && condition.value() == value;
    }

private:
    outcome outcome_;
};

inline const std::error_category &codes(outcome outcome) noexcept
{
    static const code_category none(outcome::none);
    static const code_category not_sent(outcome::not_sent);
    static const code_category not_applied(outcome::not_applied);
    static const code_category applied(outcome::applied);
    static const code_category unknown(outcome::unknown);
    switch (outcome) {
    case outcome::none: return none;
    case outcome::not_sent: return not_sent;
    case outcome::not_applied: return not_applied;
    case outcome::applied: return applied;
    case outcome::unknown: break;
    }
    return unknown;
}

} // namespace detail

/// Makes a kind comparable with a std::error_code: `code == error_kind::rate_limited`.
inline std::error_condition make_error_condition(error_kind kind) noexcept
{
    return {static_cast<int>(kind), detail::kinds()};
}

/// Makes an outcome comparable with a std::error_code: `code == outcome::unknown`.
inline std::error_condition make_error_condition(outcome outcome) noexcept
{
    return {static_cast<int>(outcome), detail::outcomes()};
}

/// What went wrong, and what became of the call. Cheap to copy; false where nothing went wrong.
class error : public std::runtime_error {
public:
    error() : std::runtime_error("") {}
    /// Takes an error of the C interface; it is freed with the last copy.
    explicit error(calltransfer_error *owned) : std::runtime_error(""), handle_(owned, detail::deleter()) {}

    /// Whether something went wrong.
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The whole story in one line, causes included, fit for a log: it holds no secret and no whole
    /// phone number.
    const char *what() const noexcept override
    {
        const char *message = calltransfer_error_message(get());
        return message == nullptr ? "no error" : message;
    }

    /// The causes in their own words: the nearest first, the system's or TLS's last.
    std::vector<std::string> causes() const
    {
        std::vector<std::string> causes;
        for (std::size_t i = 0; i < calltransfer_error_cause_count(get()); i++) {
            causes.push_back(detail::copy_or_empty(calltransfer_error_cause(get(), i)));
        }
        return causes;
    }

    error_kind kind() const noexcept { return static_cast<error_kind>(calltransfer_error_kind(get())); }
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_error_outcome(get()));
    }
    /// Whether sending the same transfer again can't make it twice. It may still fail again.
    bool safe_to_repeat() const noexcept { return calltransfer_error_is_safe_to_repeat(get()) != 0; }
    /// The kind's number, in a category that knows the outcome: equals the error_kind and the outcome.
    std::error_code code() const noexcept
    {
        return *this ? std::error_code(static_cast<int>(kind()), detail::codes(outcome())) : std::error_code();
    }

    /// The argument or setting at fault, as "whisper_audio.voice".
    std::optional<std::string> field() const { return detail::copy(calltransfer_error_field(get())); }
    /// The id of the call that was asked about.
    std::optional<std::string> call_id() const { return detail::copy(calltransfer_error_call_id(get())); }
    /// How far the request had come: resolve, connect, tls, proxy, write, read or status.
    std::optional<std::string> stage() const { return detail::copy(calltransfer_error_stage(get())); }
    /// The HTTP status of the answer, or 0 if none was read.
    int http_status() const noexcept { return calltransfer_error_http_status(get()); }
    /// The category that the platform gave, as "bad-request".
    std::optional<std::string> platform_category() const
    {
        return detail::copy(calltransfer_error_platform_category(get()));
    }
    /// The code that the platform gave, as "call-invalid-state".
    std::optional<std::string> platform_code() const { return detail::copy(calltransfer_error_platform_code(get())); }
    /// The message that the platform gave, for people.
    std::optional<std::string> platform_message() const
    {
        return detail::copy(calltransfer_error_platform_message(get()));
    }
    /// The details that the platform gave: names and values.
    std::vector<std::pair<std::string, std::string>> platform_details() const
    {
        std::vector<std::pair<std::string, std::string>> details;
        for (std::size_t i = 0; i < calltransfer_error_platform_detail_count(get()); i++) {
            details.emplace_back(detail::copy_or_empty(calltransfer_error_platform_detail_name(get(), i)),
                                 detail::copy_or_empty(calltransfer_error_platform_detail_value(get(), i)));
        }
        return details;
    }
    /// How long to wait until the platform's limit clears, where that is known.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        const auto wait = calltransfer_error_retry_after_ms(get());
        return wait < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(wait));
    }
    /// How many times the request was tried; 0 where it was refused before the first.
    int attempts() const noexcept { return calltransfer_error_attempts(get()); }
    /// How long it took, waits between attempts included.
    std::chrono::milliseconds elapsed() const noexcept
    {
        return std::chrono::milliseconds(*this ? calltransfer_error_elapsed_ms(get()) : 0);
    }

    /// The handle of the C interface, borrowed; NULL where nothing went wrong.
    const calltransfer_error *get() const noexcept { return handle_.get(); }

private:
    std::shared_ptr<const calltransfer_error> handle_;
};

/// Where a function that throws nothing tells its error: a calltransfer::error or a std::error_code.
class into {
public:
    into(calltransfer::error &error) noexcept : error_(&error) {}
    into(std::error_code &code) noexcept : code_(&code) {}

    /// Tells it; an error that is false clears what stood there.
    void tell(const calltransfer::error &error) const noexcept
    {
        if (error_ != nullptr) {
            *error_ = error;
        } else {
            *code_ = error.code();
        }
    }

private:
    calltransfer::error *error_ = nullptr;
    std::error_code *code_ = nullptr;
};

namespace detail {

/// Calls `ask(&made, &failed)`, and wraps what it makes or tells its error.
template <class T, class Handle, class Ask> std::optional<T> asked(const into &into, Ask &&ask) noexcept
{
    Handle *made = nullptr;
    calltransfer_error *failed = nullptr;
    const std::int32_t status = ask(&made, &failed);
    into.tell(failed == nullptr ? error() : error(failed));
    return status == CALLTRANSFER_OK && made != nullptr ? std::optional<T>(T(made)) : std::nullopt;
}

/// As `asked`, of what makes nothing.
template <class Ask> bool done(const into &into, Ask &&ask) noexcept
{
    calltransfer_error *failed = nullptr;
    const std::int32_t status = ask(&failed);
    into.tell(failed == nullptr ? error() : error(failed));
    return status == CALLTRANSFER_OK;
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/// Calls `ask(error)`, and throws the error if the result is empty.
template <class Ask> auto or_throw(Ask &&ask)
{
    error error;
    auto made = ask(into(error));
    if (!made) {
        throw error;
    }
    return made;
}
#endif

} // namespace detail

/* transfer ---------------------------------------------------------------- */

/// What the new party hears before being connected: a sentence or a file, and how.
struct whisper_audio {
    std::optional<std::string> sentence{};   ///< 1 to 1000 characters.
    std::optional<std::string> file_url{};   ///< The http or https URL of a WAV or MP3, in place of a sentence.
    std::optional<std::string> gender{};     ///< "female" or "male", of a sentence.
    std::optional<std::string> locale{};     ///< As "en_US", of a sentence.
    std::optional<std::string> voice{};      ///< As "Julie", of a sentence.
    std::optional<bool> loop_enabled{};      ///< Whether it is repeated.
    std::optional<std::string> tag{};        ///< Comes back with the events of the whisper.
    std::optional<std::int32_t> volume{};    ///< -4 to 4.
};

/// A transfer to ask for. What isn't set is the platform's choice; docs/options.md lists the values.
struct transfer {
    std::string call_id{};                               ///< The live call.
    std::string to{};                                    ///< An E.164 number, a SIP URI, or user@host.
    std::optional<std::string> caller_id{};              ///< What the new party sees: "private" or a number.
    std::optional<std::string> callback_url{};           ///< Where the events of the new call go.
    std::optional<bool> recording_enabled{};             ///< False is sent too: it ends a recording.
    std::optional<std::string> recording_file_format{};  ///< "wav" or "mp3".
    calltransfer::whisper_audio whisper_audio{};         ///< What the new party hears first.
    std::optional<std::string> diversion_treatment{};    ///< "none", "propagate" or "stack".
    std::optional<std::string> diversion_reason{};       ///< As "do-not-disturb", with "stack" only.
    /* Of the v2 API only. */
    std::vector<std::string> also_to{};                  ///< More targets, rung at the same time.
    std::optional<std::string> caller_display_name{};    ///< The name that the new party sees.
    std::optional<std::string> tag{};                    ///< Comes back with the events of the transfer.
    std::optional<std::string> uui{};                    ///< The User-To-User header, for SIP targets.
    std::optional<std::string> transfer_answer_url{};    ///< Asked for what the new party hears first.
    std::optional<bool> privacy{};                       ///< Whether the caller's number is hidden.
    std::optional<std::chrono::seconds> call_timeout{};  ///< How long it may ring, 1 to 300 seconds.
    /// Fields of the body that this library doesn't know: wire name and JSON text, sent unchecked.
    std::vector<std::pair<std::string, std::string>> extra{};
    /// All attempts and waits together, 1 ms to 1 hour, in place of the client's.
    std::optional<std::chrono::milliseconds> timeout{};
};

namespace detail {

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
        setter(handle.get(), static_cast<std::int64_t>(time->count()));
    }
}

/// A JSON object of one field.
inline std::string object(const std::string &name, const std::string &json)
{
    static const char digits[] = "0123456789abcdef";
    std::string text = "{\"";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            text += {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        } else {
            text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
        }
    }
    return text + "\":" + json + "}";
}

inline handle<calltransfer_transfer> native(const transfer &request)
{
    handle<calltransfer_transfer> native(
        calltransfer_transfer_new(without_nul(request.call_id).c_str(), without_nul(request.to).c_str()));
    const calltransfer::whisper_audio &whisper = request.whisper_audio;
    set(native, calltransfer_transfer_set_caller_id, request.caller_id);
    set(native, calltransfer_transfer_set_callback_url, request.callback_url);
    set(native, calltransfer_transfer_set_recording_enabled, request.recording_enabled);
    set(native, calltransfer_transfer_set_recording_file_format, request.recording_file_format);
    set(native, calltransfer_transfer_set_whisper_audio_sentence, whisper.sentence);
    set(native, calltransfer_transfer_set_whisper_audio_file_url, whisper.file_url);
    set(native, calltransfer_transfer_set_whisper_audio_gender, whisper.gender);
    set(native, calltransfer_transfer_set_whisper_audio_locale, whisper.locale);
    set(native, calltransfer_transfer_set_whisper_audio_voice, whisper.voice);
    set(native, calltransfer_transfer_set_whisper_audio_loop_enabled, whisper.loop_enabled);
    set(native, calltransfer_transfer_set_whisper_audio_tag, whisper.tag);
    set(native, calltransfer_transfer_set_whisper_audio_volume, whisper.volume);
    set(native, calltransfer_transfer_set_diversion_treatment, request.diversion_treatment);
    set(native, calltransfer_transfer_set_diversion_reason, request.diversion_reason);
    set(native, calltransfer_transfer_set_timeout_ms, request.timeout);
    for (const auto &to : request.also_to) {
        set(native, calltransfer_transfer_also_to, std::optional(to));
    }
    set(native, calltransfer_transfer_set_caller_display_name, request.caller_display_name);
    set(native, calltransfer_transfer_set_tag, request.tag);
    set(native, calltransfer_transfer_set_uui, request.uui);
    set(native, calltransfer_transfer_set_transfer_answer_url, request.transfer_answer_url);
    set(native, calltransfer_transfer_set_privacy, request.privacy);
    if (request.call_timeout) {
        const auto seconds = std::min<std::chrono::seconds::rep>(request.call_timeout->count(), INT32_MAX);
        calltransfer_transfer_set_call_timeout(native.get(), static_cast<std::int32_t>(std::max(seconds, std::chrono::seconds::rep(0))));
    }
    for (const auto &[name, json] : request.extra) {
        set(native, calltransfer_transfer_set_extra_json, std::optional(object(name, json)));
    }
    return native;
}

} // namespace detail

namespace detail {

using writer = std::int32_t (*)(const calltransfer_transfer *, char **, calltransfer_error **);

inline std::optional<std::string> written(const transfer &request, writer writer, const into &into)
{
    char *text = nullptr;
    const auto native = detail::native(request);
    const bool is_written = done(into, [&](auto **failed) { return writer(native.get(), &text, failed); });
    const handle<char> owned(text);
    return is_written ? copy(owned.get()) : std::nullopt;
}

} // namespace detail

/// Writes the body of a transfer as it would be sent to the v1 API; nothing is sent.
inline std::optional<std::string> to_json(const transfer &request, into into) noexcept
{
    return detail::written(request, calltransfer_transfer_to_json, into);
}

/// Writes the BXML document of a transfer as it would be sent to the v2 API; nothing is sent.
inline std::optional<std::string> to_bxml(const transfer &request, into into) noexcept
{
    return detail::written(request, calltransfer_transfer_to_bxml, into);
}

/// Writes the BXML document that whispers what whisper_audio says, to be served as application/xml where
/// transfer_answer_url points: the v2 API takes no whisper with the request.
inline std::optional<std::string> to_whisper_bxml(const whisper_audio &whisper, into into) noexcept
{
    transfer request;
    request.whisper_audio = whisper;
    return detail::written(request, calltransfer_transfer_to_whisper_bxml, into);
}

/* client ------------------------------------------------------------------ */

/// Is told of each attempt: what, where to, outcome, time, in one line without secrets and numbers.
using log_function = std::function<void(std::string_view line)>;

/// What a client needs to know. What isn't set is taken from the environment, or the default.
struct config {
    std::optional<std::string> user_id{};                 ///< BANDWIDTH_USER_ID.
    std::optional<std::string> token{};                   ///< BANDWIDTH_API_TOKEN.
    std::optional<std::string> secret{};                  ///< BANDWIDTH_API_SECRET.
    std::optional<std::string> base_url{};                ///< CALLTRANSFER_BASE_URL, or the platform's own.
    std::optional<std::chrono::milliseconds> timeout{};   ///< All attempts and waits of a transfer; 10 seconds.
    std::optional<std::int32_t> max_retries{};            ///< Where that can't make it twice; 2.
    std::optional<bool> keep_alive{};                     ///< Whether connections are used again; true.
    std::optional<std::string> ca_file{};                 ///< PEM to trust in place of the system's.
    std::optional<std::string> proxy{};                   ///< As "http://user:password@proxy:3128"; none.
    /* Of the v2 API. */
    std::optional<std::string> account_id{};
    std::optional<std::string> client_id{};     ///< With client_secret.
    std::optional<std::string> client_secret{}; ///< Goes to the token endpoint only.
    std::optional<std::string> username{};      ///< With password, in place of a client; being retired.
    std::optional<std::string> password{};
    std::optional<std::string> api{};           ///< "v1" or "v2", where the credentials of both are there.
    /// Runs on the threads that make the calls, many at once; what it throws is dropped.
    log_function log{};
    bool use_environment = true; ///< Whether the environment is read at all.
};

namespace detail {

inline void tell_log(const char *line, void *user_data) noexcept
{
#ifndef CALLTRANSFER_NO_EXCEPTIONS
    try {
        (*static_cast<const log_function *>(user_data))(line);
    } catch (...) { // a log that fails must not hide what became of the call
    }
#else
    (*static_cast<const log_function *>(user_data))(line);
#endif
}

/// `log` must live as long as what is made of the configuration.
inline handle<calltransfer_config> native(const config &config, const log_function *log)
{
    handle<calltransfer_config> native(calltransfer_config_new());
    set(native, calltransfer_config_set_user_id, config.user_id);
    set(native, calltransfer_config_set_token, config.token);
    set(native, calltransfer_config_set_secret, config.secret);
    set(native, calltransfer_config_set_base_url, config.base_url);
    set(native, calltransfer_config_set_timeout_ms, config.timeout);
    set(native, calltransfer_config_set_max_retries, config.max_retries);
    set(native, calltransfer_config_set_keep_alive, config.keep_alive);
    set(native, calltransfer_config_set_ca_file, config.ca_file);
    set(native, calltransfer_config_set_proxy, config.proxy);
    set(native, calltransfer_config_set_account_id, config.account_id);
    set(native, calltransfer_config_set_client_id, config.client_id);
    set(native, calltransfer_config_set_client_secret, config.client_secret);
    set(native, calltransfer_config_set_username, config.username);
    set(native, calltransfer_config_set_password, config.password);
    set(native, calltransfer_config_set_api, config.api);
    if (log != nullptr && *log) {
        calltransfer_config_set_log(native.get(), tell_log, const_cast<log_function *>(log));
    }
    if (config.use_environment) {
        calltransfer_config_use_environment(native.get());
    }
    return native;
}

} // namespace detail

/// A transfer that was made.
class transferred {
public:
    /// Takes a result of the C interface.
    explicit transferred(calltransfer_result *owned) noexcept : handle_(owned) {}

    /// The id of the new call, the leg to the new party; none where the platform named none, which
    /// note() explains.
    std::optional<std::string> call_id() const { return detail::copy(calltransfer_result_call_id(get())); }
    /// The id of the call that was transferred.
    std::string transferred_call_id() const
    {
        return detail::copy_or_empty(calltransfer_result_transferred_call_id(get()));
    }
    /// Always outcome::applied.
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_result_outcome(get()));
    }
    /// The HTTP status of the answer, 201 as a rule.
    int http_status() const noexcept { return calltransfer_result_http_status(get()); }
    /// How many times the request was tried.
    int attempts() const noexcept { return calltransfer_result_attempts(get()); }
    /// How long it took, waits between attempts included.
    std::chrono::milliseconds elapsed() const noexcept
    {
        return std::chrono::milliseconds(calltransfer_result_elapsed_ms(get()));
    }
    /// What was odd about the answer, where something was.
    std::optional<std::string> note() const { return detail::copy(calltransfer_result_note(get())); }

    /// The handle of the C interface, borrowed.
    const calltransfer_result *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_result> handle_;
};

/// A call as the platform describes it, lent by a finding: valid as long as that.
class call_view {
public:
    /// Looks at a call of the C interface.
    explicit call_view(const calltransfer_call *borrowed) noexcept : borrowed_(borrowed) {}

    std::string id() const { return detail::copy_or_empty(calltransfer_call_id(borrowed_)); }
    /// "started", "rejected", "active", "completed" or "transferring"; more may come.
    std::string state() const { return detail::copy_or_empty(calltransfer_call_state(borrowed_)); }
    /// "in" or "out".
    std::optional<std::string> direction() const { return detail::copy(calltransfer_call_direction(borrowed_)); }
    /// Who calls, in full: personal data.
    std::optional<std::string> from() const { return detail::copy(calltransfer_call_from(borrowed_)); }
    /// Who is called, in full: personal data.
    std::optional<std::string> to() const { return detail::copy(calltransfer_call_to(borrowed_)); }
    /// When the call began, was answered and ended, in ISO 8601.
    std::optional<std::string> start_time() const { return detail::copy(calltransfer_call_start_time(borrowed_)); }
    std::optional<std::string> active_time() const { return detail::copy(calltransfer_call_active_time(borrowed_)); }
    std::optional<std::string> end_time() const { return detail::copy(calltransfer_call_end_time(borrowed_)); }
    /// Everything that the platform said of the call, as JSON.
    std::string json() const { return detail::copy_or_empty(calltransfer_call_json(borrowed_)); }

    /// The handle of the C interface, borrowed.
    const calltransfer_call *get() const noexcept { return borrowed_; }

protected:
    const calltransfer_call *borrowed_; ///< NULL once moved from.
};

/// A call as the platform describes it.
class call : public call_view {
public:
    /// Takes a call of the C interface.
    explicit call(calltransfer_call *owned) noexcept : call_view(owned), handle_(owned) {}
    call(call &&other) noexcept : call_view(other.get()), handle_(std::move(other.handle_))
    {
        other.borrowed_ = nullptr;
    }
    call &operator=(call &&other) noexcept
    {
        handle_ = std::move(other.handle_);
        other.borrowed_ = nullptr;
        borrowed_ = handle_.get();
        return *this;
    }

private:
    detail::handle<calltransfer_call> handle_;
};

/// What is known of a transfer after looking at its call.
class finding {
public:
    /// Takes a finding of the C interface.
    explicit finding(calltransfer_finding *owned) noexcept : handle_(owned) {}

    /// What most likely became of the transfer.
    calltransfer::outcome outcome() const noexcept
    {
        return static_cast<calltransfer::outcome>(calltransfer_finding_outcome(get()));
    }
    /// Why the outcome is thought to be so.
    std::string reason() const { return detail::copy_or_empty(calltransfer_finding_reason(get())); }
    /// What speaks against the outcome, where something does.
    std::optional<std::string> doubt() const { return detail::copy(calltransfer_finding_doubt(get())); }
    /// The call as it was found; none where the platform knows no such call. Valid as long as this.
    std::optional<call_view> call() const &
    {
        const calltransfer_call *call = calltransfer_finding_call(get());
        return call == nullptr ? std::nullopt : std::optional(call_view(call));
    }
    std::optional<call_view> call() && = delete;

    /// The handle of the C interface, borrowed.
    const calltransfer_finding *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_finding> handle_;
};

/// A way to stop transfers that other threads wait for.
class cancel {
public:
    cancel() : handle_(calltransfer_cancel_new()) {}

    /// Stops every transfer that waits with this, within 20 ms; a later one isn't begun. What was
    /// not sent ends with error_kind::cancelled, what was with outcome_unknown. Safe in a signal handler.
    void request() const noexcept { calltransfer_cancel_request(get()); }

    /// The handle of the C interface, borrowed.
    const calltransfer_cancel *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_cancel> handle_;
};

/// The account's connection to the platform. Make one and keep it: it holds connections.
class client {
public:
    /// Makes a client; nothing is opened before the first transfer. Empty, and told, where a setting
    /// is missing or wrong.
    static std::optional<client> make(const calltransfer::config &config, into into) noexcept
    {
        client made(config, nullptr);
        const bool done = detail::done(into, [&](calltransfer_error **failed) { return made.open(config, failed); });
        return done ? std::optional<client>(std::move(made)) : std::nullopt;
    }

    /// Asks the platform to connect a live call to someone else, and waits for the outcome.
    ///
    /// Sent at most once, but where the platform is known to have done nothing: it can't tell a
    /// repeat from a second wish. The error's outcome() says what became of the call.
    std::optional<transferred> transfer(const calltransfer::transfer &request, into into) const noexcept
    {
        const auto native = detail::native(request);
        return detail::asked<transferred, calltransfer_result>(into, [&](auto **made, auto **failed) {
            return calltransfer_client_transfer(get(), native.get(), made, failed);
        });
    }

    /// As above; another thread can stop it with `cancel`.
    std::optional<transferred> transfer(const calltransfer::transfer &request, const calltransfer::cancel &cancel,
                                        into into) const noexcept
    {
        const auto native = detail::native(request);
        return detail::asked<transferred, calltransfer_result>(into, [&](auto **made, auto **failed) {
            return calltransfer_client_transfer_cancellable(get(), native.get(), cancel.get(), made, failed);
        });
    }

    /// Reads a call. Changes nothing, so it is tried again whenever that may help.
    std::optional<call> get_call(const std::string &call_id, into into) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::asked<call, calltransfer_call>(into, [&](auto **made, auto **failed) {
            return calltransfer_client_get_call(get(), id.c_str(), made, failed);
        });
    }

    /// Answers an incoming call, so that it can be transferred. Returns whether it was done.
    bool answer(const std::string &call_id, into into) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::done(into, [&](auto **failed) { return calltransfer_client_answer(get(), id.c_str(), failed); });
    }

    /// Ends a call. Returns whether it was done.
    bool hang_up(const std::string &call_id, into into) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::done(into, [&](auto **failed) { return calltransfer_client_hang_up(get(), id.c_str(), failed); });
    }

    /// Looks at a call after an outcome that was unknown, and says what is now known of its transfer.
    /// Reads the call once, and never sends the transfer again.
    std::optional<finding> check(const std::string &call_id, into into) const noexcept
    {
        const std::string id = detail::without_nul(call_id);
        return detail::asked<finding, calltransfer_finding>(into, [&](auto **made, auto **failed) {
            return calltransfer_client_check(get(), id.c_str(), made, failed);
        });
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing. */

    explicit client(const calltransfer::config &config = {}) : client(config, nullptr)
    {
        detail::or_throw([&](into into) {
            return detail::done(into, [&](calltransfer_error **failed) { return open(config, failed); });
        });
    }

    transferred transfer(const calltransfer::transfer &request) const
    {
        return std::move(*detail::or_throw([&](into into) { return transfer(request, into); }));
    }
    transferred transfer(const calltransfer::transfer &request, const calltransfer::cancel &cancel) const
    {
        return std::move(*detail::or_throw([&](into into) { return transfer(request, cancel, into); }));
    }
    call get_call(const std::string &call_id) const
    {
        return std::move(*detail::or_throw([&](into into) { return get_call(call_id, into); }));
    }
    void answer(const std::string &call_id) const
    {
        detail::or_throw([&](into into) { return answer(call_id, into); });
    }
    void hang_up(const std::string &call_id) const
    {
        detail::or_throw([&](into into) { return hang_up(call_id, into); });
    }
    finding check(const std::string &call_id) const
    {
        return std::move(*detail::or_throw([&](into into) { return check(call_id, into); }));
    }
#endif

    /// The handle of the C interface, borrowed.
    const calltransfer_client *get() const noexcept { return handle_.get(); }

private:
    client(const calltransfer::config &config, std::nullptr_t) : log_(std::make_unique<log_function>(config.log)) {}

    std::int32_t open(const calltransfer::config &config, calltransfer_error **failed)
    {
        calltransfer_client *made = nullptr;
        const std::int32_t status = calltransfer_client_new(detail::native(config, log_.get()).get(), &made, failed);
        handle_.reset(made);
        return status;
    }

    std::unique_ptr<log_function> log_; // outlives the handle, which calls it
    detail::handle<calltransfer_client> handle_;
};

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/* The writers, throwing what the send would. */

inline std::string to_json(const transfer &request)
{
    return std::move(*detail::or_throw([&](into into) { return to_json(request, into); }));
}
inline std::string to_bxml(const transfer &request)
{
    return std::move(*detail::or_throw([&](into into) { return to_bxml(request, into); }));
}
inline std::string to_whisper_bxml(const whisper_audio &whisper)
{
    return std::move(*detail::or_throw([&](into into) { return to_whisper_bxml(whisper, into); }));
}
#endif

} // namespace calltransfer

template <> struct std::is_error_condition_enum<calltransfer::error_kind> : std::true_type {};
template <> struct std::is_error_condition_enum<calltransfer::outcome> : std::true_type {};

#endif // CALLTRANSFER_CALLTRANSFER_HPP
