/* A transfer to ask for, and its body without sending. */
#ifndef CALLTRANSFER_TRANSFER_HPP
#define CALLTRANSFER_TRANSFER_HPP

#include <calltransfer/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace calltransfer {

/// What the new party hears before being connected: a sentence or a file, and how.
struct whisper_audio {
    std::optional<std::string> sentence{}; ///< 1 to 1000 characters.
    std::optional<std::string> file_url{}; ///< The http or https URL of a WAV or MP3, in place of a sentence.
    std::optional<std::string> gender{};   ///< "female" or "male", of a sentence.
    std::optional<std::string> locale{};   ///< As "en_US", of a sentence.
    std::optional<std::string> voice{};    ///< As "Julie", of a sentence.
    std::optional<bool> loop_enabled{};    ///< Whether it is repeated.
    std::optional<std::string> tag{};      ///< Comes back with the events of the whisper.
    std::optional<std::int32_t> volume{};  ///< -4 to 4.
};

/// A transfer. For options that aren't set, the platform's default applies; docs/options.md lists the values.
struct transfer {
    std::string call_id{};                              ///< The live call.
    std::string to{};                                   ///< An E.164 number, a SIP URI, or user@host.
    std::optional<std::string> caller_id{};             ///< What the new party sees: "private" or a number.
    std::optional<std::string> callback_url{};          ///< Where the events of the new call go.
    std::optional<bool> recording_enabled{};            ///< False is sent too: it ends a recording.
    std::optional<std::string> recording_file_format{}; ///< "wav" or "mp3".
    calltransfer::whisper_audio whisper_audio{};        ///< What the new party hears first.
    /// "none", "propagate" or "stack"; the vendor warns that an outbound call may drop with "stack".
    std::optional<std::string> diversion_treatment{};
    std::optional<std::string> diversion_reason{}; ///< As "do-not-disturb", with "stack" only.
    /* Of the v2 API only. */
    std::vector<std::string> also_to{};               ///< More targets, rung at the same time.
    std::optional<std::string> caller_display_name{}; ///< The name that the new party sees.
    std::optional<std::string> tag{};                 ///< Comes back with the events of the transfer.
    std::optional<std::string> uui{};                 ///< The User-To-User header, for SIP targets.
    std::optional<std::string> transfer_answer_url{}; ///< Asked for what the new party hears first.
    std::optional<bool> privacy{};                    ///< Whether the caller's number is hidden.
    /// How long the target rings, 1 to 300 seconds; std::chrono::seconds and similar types convert to it.
    std::optional<std::chrono::duration<double>> call_timeout{};
    /// Fields of the body that this library doesn't know: the platform's name and a JSON text, sent
    /// unchecked.
    std::vector<std::pair<std::string, std::string>> extra{};
    /// The timeout for all attempts and waits together, 1 ms to 1 hour, instead of the client's.
    std::optional<std::chrono::milliseconds> timeout{};
};

namespace detail {

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
        calltransfer_transfer_set_call_timeout(native.get(), request.call_timeout->count());
    }
    for (const auto &[name, json] : request.extra) {
        set(native, calltransfer_transfer_set_extra_json, std::optional(object(name, json)));
    }
    return native;
}

using writer = std::int32_t (*)(const calltransfer_transfer *, char **, calltransfer_error **);

inline std::optional<std::string> written(const transfer &request, writer write, calltransfer::error &failure)
{
    char *text = nullptr;
    const auto native = detail::native(request);
    const bool is_written = invoke(failure, [&](auto **failed) { return write(native.get(), &text, failed); });
    const handle<char> owned(text);
    return is_written ? copy(owned.get()) : std::nullopt;
}

} // namespace detail

/// Writes the body of a transfer as it would be sent to the v1 API; nothing is sent.
[[nodiscard]] inline std::optional<std::string> to_json(const transfer &request, calltransfer::error &failure) noexcept
{
    return detail::written(request, calltransfer_transfer_to_json, failure);
}

/// Writes the BXML document of a transfer as it would be sent to the v2 API; nothing is sent.
[[nodiscard]] inline std::optional<std::string> to_bxml(const transfer &request, calltransfer::error &failure) noexcept
{
    return detail::written(request, calltransfer_transfer_to_bxml, failure);
}

/// Writes the BXML document for a whisper. Your web server returns it, as application/xml, at
/// transfer_answer_url: in v2 the request can't contain the whisper.
[[nodiscard]] inline std::optional<std::string> to_whisper_bxml(const whisper_audio &whisper,
                                                                calltransfer::error &failure) noexcept
{
    transfer request;
    request.whisper_audio = whisper;
    return detail::written(request, calltransfer_transfer_to_whisper_bxml, failure);
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/* The writers, throwing what the send would. */

inline std::string to_json(const transfer &request)
{
    return std::move(*detail::or_throw([&](calltransfer::error &failure) { return to_json(request, failure); }));
}
inline std::string to_bxml(const transfer &request)
{
    return std::move(*detail::or_throw([&](calltransfer::error &failure) { return to_bxml(request, failure); }));
}
inline std::string to_whisper_bxml(const whisper_audio &whisper)
{
    return std::move(
        *detail::or_throw([&](calltransfer::error &failure) { return to_whisper_bxml(whisper, failure); }));
}
#endif

} // namespace calltransfer

#endif // CALLTRANSFER_TRANSFER_HPP
