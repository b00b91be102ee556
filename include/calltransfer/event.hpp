/* Events: what the platform sends to a callback URL about a call. */
#ifndef CALLTRANSFER_EVENT_HPP
#define CALLTRANSFER_EVENT_HPP

#include <calltransfer/error.hpp>
#include <calltransfer/handle.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace calltransfer {

/// What happened. Later versions may add kinds.
enum class event_kind : std::int32_t {
    none = 0,                                                     ///< Of an event that was moved from.
    incoming_call = CALLTRANSFER_EVENT_INCOMING_CALL,             ///< v1: incomingcall; v2: initiate.
    answer = CALLTRANSFER_EVENT_ANSWER,                           ///< A call, or in v1 the new leg, was answered.
    timeout = CALLTRANSFER_EVENT_TIMEOUT,                         ///< v1: not answered in time.
    hangup = CALLTRANSFER_EVENT_HANGUP,                           ///< v1: hangup; v2: disconnect.
    speak = CALLTRANSFER_EVENT_SPEAK,                             ///< v1: a sentence begins or has ended.
    playback = CALLTRANSFER_EVENT_PLAYBACK,                       ///< v1: an audio file begins or has ended.
    recording = CALLTRANSFER_EVENT_RECORDING,                     ///< v1: a recording was saved, or failed.
    transfer_answer = CALLTRANSFER_EVENT_TRANSFER_ANSWER,         ///< v2: a target has answered.
    transfer_complete = CALLTRANSFER_EVENT_TRANSFER_COMPLETE,     ///< v2: a transfer is over.
    transfer_disconnect = CALLTRANSFER_EVENT_TRANSFER_DISCONNECT, ///< v2: the leg to a target ended.
    redirect = CALLTRANSFER_EVENT_REDIRECT,                       ///< v2: the call was redirected.
    unknown = CALLTRANSFER_EVENT_UNKNOWN,                         ///< event::type() names it.
};

/// Why a leg or a transfer ended: one enumeration for both APIs. Later versions may add causes.
enum class cause : std::int32_t {
    none = 0,                                     ///< The event says nothing of it.
    answered = CALLTRANSFER_CAUSE_ANSWERED,       ///< It was answered, and one side hung up.
    busy = CALLTRANSFER_CAUSE_BUSY,               ///< The target was busy.
    no_answer = CALLTRANSFER_CAUSE_NO_ANSWER,     ///< The target did not answer in time.
    rejected = CALLTRANSFER_CAUSE_REJECTED,       ///< The target rejected the call.
    cancelled = CALLTRANSFER_CAUSE_CANCELLED,     ///< The side that calls hung up before an answer.
    unallocated = CALLTRANSFER_CAUSE_UNALLOCATED, ///< The number is not in use.
    failed = CALLTRANSFER_CAUSE_FAILED,           ///< The platform, a limit or the program's own BXML ended it.
    unknown = CALLTRANSFER_CAUSE_UNKNOWN,         ///< The platform doesn't say, or in a word that is not known.
};

/// What the platform sent to a callback URL about a call: one class for both APIs. A field that the platform
/// leaves out, or whose value can't be used, is empty; field() has it as received. Texts contain whole
/// numbers: personal data; only line() is redacted.
class event {
public:
    /// Takes an event of the C interface.
    explicit event(calltransfer_event *owned) noexcept : handle_(owned) {}

    event_kind kind() const noexcept { return static_cast<event_kind>(calltransfer_event_kind(get())); }
    /// The name of the kind, such as "transfer_complete": the same in every language.
    std::string kind_name() const { return detail::copy_or_empty(calltransfer_event_kind_name(get())); }
    /// The API that sent it: "v1" or "v2".
    std::string api() const { return detail::copy_or_empty(calltransfer_event_api(get())); }
    /// The platform's name of the event, such as "incomingcall".
    std::string type() const { return detail::copy_or_empty(calltransfer_event_type(get())); }
    /// The ID of the call, or leg, that it is about.
    std::optional<std::string> call_id() const { return detail::copy(calltransfer_event_call_id(get())); }
    /// The ID of the call whose transfer made this leg. v2 only.
    std::optional<std::string> parent_call_id() const { return detail::copy(calltransfer_event_parent_call_id(get())); }
    /// The calling number or SIP address, in full.
    std::optional<std::string> from() const { return detail::copy(calltransfer_event_from(get())); }
    /// The called number or SIP address, in full.
    std::optional<std::string> to() const { return detail::copy(calltransfer_event_to(get())); }
    /// When it happened; none if the text has no time zone or is not a time.
    std::optional<std::chrono::system_clock::time_point> time() const noexcept
    {
        return detail::moment(calltransfer_event_time_ms(get()));
    }
    /// The time as received.
    std::optional<std::string> time_text() const { return detail::copy(calltransfer_event_time_text(get())); }
    calltransfer::cause cause() const noexcept
    {
        return static_cast<calltransfer::cause>(calltransfer_event_cause(get()));
    }
    /// The name of the cause, such as "no_answer": the same in every language.
    std::optional<std::string> cause_name() const { return detail::copy(calltransfer_event_cause_name(get())); }
    /// The cause in the platform's word, such as "USER_BUSY".
    std::optional<std::string> cause_text() const { return detail::copy(calltransfer_event_cause_text(get())); }
    /// The tag that the program set for the call, the whisper or the transfer.
    std::optional<std::string> tag() const { return detail::copy(calltransfer_event_tag(get())); }
    /// The state of the call after the event. v1 only.
    std::optional<std::string> call_state() const { return detail::copy(calltransfer_event_call_state(get())); }

    /* What only some kinds have. */

    /// The application whose number was called: incoming_call, answer.
    std::optional<std::string> application_id() const { return detail::copy(calltransfer_event_application_id(get())); }
    /// The Diversion header that the call has, as JSON: incoming_call, answer.
    std::optional<std::string> diversion() const { return detail::copy(calltransfer_event_diversion(get())); }
    /// "started" or "done" of speak and playback, "complete" or "error" of recording.
    std::optional<std::string> status() const { return detail::copy(calltransfer_event_status(get())); }
    /// A recording's ID, the URL of its description, and when it began and ended, as received.
    std::optional<std::string> recording_id() const { return detail::copy(calltransfer_event_recording_id(get())); }
    std::optional<std::string> recording_uri() const { return detail::copy(calltransfer_event_recording_uri(get())); }
    std::optional<std::string> start_time() const { return detail::copy(calltransfer_event_start_time(get())); }
    std::optional<std::string> end_time() const { return detail::copy(calltransfer_event_end_time(get())); }
    /// The caller ID that the target of a v2 transfer sees, and the target, in full.
    std::optional<std::string> transfer_caller_id() const
    {
        return detail::copy(calltransfer_event_transfer_caller_id(get()));
    }
    std::optional<std::string> transfer_to() const { return detail::copy(calltransfer_event_transfer_to(get())); }
    /// v2: the error as a text for people, and its ID for the vendor's support.
    std::optional<std::string> error_message() const { return detail::copy(calltransfer_event_error_message(get())); }
    std::optional<std::string> error_id() const { return detail::copy(calltransfer_event_error_id(get())); }

    /// Any field under the platform's own name: a text as it is, anything else as JSON.
    std::optional<std::string> field(const std::string &name) const
    {
        return detail::copy(calltransfer_event_field(get(), name.c_str()));
    }
    /// All fields, under the platform's names, as JSON.
    std::string json() const { return detail::copy_or_empty(calltransfer_event_json(get())); }
    /// One line for a log, without whole phone numbers.
    std::string line() const { return detail::copy_or_empty(calltransfer_event_line(get())); }

    /// The handle of the C interface, borrowed.
    const calltransfer_event *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_event> handle_;
};

/// Reads an event from the body of the request that the platform sent to a callback URL: JSON of either API,
/// or the query string of a GET, whose content type is "application/x-www-form-urlencoded". If the content
/// type is empty, the body shows which of the two it is. Unknown types of events and unknown fields are
/// accepted. Empty, with the error set, if the content type is not one of these two, or the body is longer
/// than 262144 bytes, is not UTF-8, does not match the content type, or has no eventType.
[[nodiscard]] inline std::optional<event> parse_event(const std::string &body, const std::string &content_type,
                                                      calltransfer::error &failure) noexcept
{
    const std::string type = detail::without_nul(content_type);
    return detail::invoke_for<event>(failure, [&](auto **made, auto **failed) {
        return calltransfer_event_parse(body.data(), body.size(), type.c_str(), made, failed);
    });
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/// The same, throwing.
[[nodiscard]] inline event parse_event(const std::string &body, const std::string &content_type = {})
{
    return std::move(
        *detail::or_throw([&](calltransfer::error &failure) { return parse_event(body, content_type, failure); }));
}
#endif

} // namespace calltransfer

#endif // CALLTRANSFER_EVENT_HPP
