/* What a transfer comes to: whether a target answers, and the next target if not. */
#ifndef CALLTRANSFER_FOLLOW_HPP
#define CALLTRANSFER_FOLLOW_HPP

#include <calltransfer/client.hpp>
#include <calltransfer/event.hpp>
#include <calltransfer/transfer.hpp>
#include <calltransfer/transferred.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace calltransfer {

/// Whether a target answered, and if not, why. More results may come.
enum class follow_result : std::int32_t {
    none = 0,                                  ///< Not decided yet.
    answered = CALLTRANSFER_FOLLOW_ANSWERED,   ///< It may have hung up since.
    busy = CALLTRANSFER_FOLLOW_BUSY,           ///< The target was busy.
    no_answer = CALLTRANSFER_FOLLOW_NO_ANSWER, ///< The target did not answer in time.
    rejected = CALLTRANSFER_FOLLOW_REJECTED,   ///< The target rejected the call.
    cancelled = CALLTRANSFER_FOLLOW_CANCELLED, ///< It ended before an answer, by the caller or the program.
    failed = CALLTRANSFER_FOLLOW_FAILED,       ///< The cause says more where the platform does.
    unknown = CALLTRANSFER_FOLLOW_UNKNOWN,     ///< Nothing shows whether it was answered.
};

/// The state of the caller's own call.
enum class caller_state : std::int32_t {
    none = 0,                                      ///< Of a follow that was moved from.
    unknown = CALLTRANSFER_CALLER_UNKNOWN,         ///< Nothing has said so yet.
    transferred = CALLTRANSFER_CALLER_TRANSFERRED, ///< It is being transferred, or connected to the target.
    active = CALLTRANSFER_CALLER_ACTIVE,           ///< It is alive without a target.
    alive = CALLTRANSFER_CALLER_ALIVE,             ///< v2 does not say whether with a target or without.
    ended = CALLTRANSFER_CALLER_ENDED,             ///< It has ended.
};

/// How long a transfer is followed.
enum class follow_until : std::int32_t {
    answered = CALLTRANSFER_UNTIL_ANSWERED, ///< Until a target has answered, or until none can any more.
    ended = CALLTRANSFER_UNTIL_ENDED,       ///< Until no target is connected any more, nor rings.
};

/// Whether an event was about the transfer, and whether it added anything.
enum class seen : std::int32_t {
    none = 0,                        ///< Of a follow or an event that was moved from.
    other = CALLTRANSFER_SEEN_OTHER, ///< It is about another call, or an earlier transfer of this one.
    known = CALLTRANSFER_SEEN_KNOWN, ///< It says nothing that was not known: as an event that comes twice.
    fresh = CALLTRANSFER_SEEN_NEW,   ///< The status may have changed.
};

/// Why a sequence of targets ended.
enum class stop_reason : std::int32_t {
    none = 0,                                    ///< Of a result that was moved from.
    answered = CALLTRANSFER_STOP_ANSWERED,       ///< A target answered.
    all_tried = CALLTRANSFER_STOP_ALL_TRIED,     ///< None answered, and the caller is still there.
    caller_gone = CALLTRANSFER_STOP_CALLER_GONE, ///< The caller's call has ended, or can't be transferred.
    unknown = CALLTRANSFER_STOP_UNKNOWN,         ///< It isn't known whether a target has the caller.
    refused = CALLTRANSFER_STOP_REFUSED,         ///< For a reason that holds for every target.
};

/// A transfer that is followed: by events, in any order, or by reads with wait(). Only const members may be
/// used by several threads at the same time.
class follow {
public:
    /// Takes a follow of the C interface.
    explicit follow(calltransfer_follow *owned) noexcept : handle_(owned) {}

    /// Follows a transfer whose IDs are known, for example after a restart. `api` is "v1" or "v2"; in v1
    /// `new_call_id` is the ID of the new call.
    [[nodiscard]] static std::optional<follow> make(const std::string &api, const std::string &call_id,
                                                    const std::optional<std::string> &new_call_id,
                                                    calltransfer::error &failure) noexcept
    {
        const std::string of = detail::without_nul(api), id = detail::without_nul(call_id);
        const std::string leg = detail::without_nul(new_call_id.value_or(std::string()));
        return detail::invoke_for<follow>(failure, [&](auto **made, auto **failed) {
            return calltransfer_follow_new(of.c_str(), id.c_str(), new_call_id ? leg.c_str() : nullptr, made, failed);
        });
    }

    /// Follows a transfer that this client made. Nothing is sent.
    [[nodiscard]] static std::optional<follow> make(const client &client, const transferred &done,
                                                    calltransfer::error &failure) noexcept
    {
        return detail::invoke_for<follow>(failure, [&](auto **made, auto **failed) {
            return calltransfer_client_follow(client.get(), done.get(), made, failed);
        });
    }

    /// Passes an event, in any order; it may come twice or late.
    seen event(const calltransfer::event &event) noexcept
    {
        return static_cast<seen>(calltransfer_follow_event(handle_.get(), event.get()));
    }
    /// Sets the new call's ID, if it becomes known later. Returns whether it is a valid ID.
    bool new_call_id(const std::string &id) noexcept
    {
        return calltransfer_follow_set_new_call_id(handle_.get(), detail::without_nul(id).c_str()) == CALLTRANSFER_OK;
    }
    /// Sets how many targets the transfer has, 1 to 8. v2 only. Returns whether the number is valid.
    bool targets(std::int32_t count) noexcept
    {
        return calltransfer_follow_set_targets(handle_.get(), count) == CALLTRANSFER_OK;
    }
    /// Ignores events from before this time, by the platform's clock: for a v2 call that is transferred
    /// again.
    bool not_before(std::chrono::system_clock::time_point time) noexcept
    {
        const auto since_1970 = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
        return calltransfer_follow_set_not_before_ms(handle_.get(), since_1970.count()) == CALLTRANSFER_OK;
    }
    /// Stops following: if there is no result, it is unknown from now on, for this reason.
    bool give_up(const std::string &reason) noexcept
    {
        return calltransfer_follow_give_up(handle_.get(), detail::without_nul(reason).c_str()) == CALLTRANSFER_OK;
    }

    /// Waits until `until` is reached, by reading calls; at most 7 days, with 0 once. If there is no result when the
    /// time is over, it is unknown and evidence() says why; call wait() again to continue. Returns false,
    /// with the error set, for an error that another read would return too, such as wrong credentials.
    [[nodiscard]] bool wait(const client &client, follow_until until, std::chrono::milliseconds timeout,
                            calltransfer::error &failure) noexcept
    {
        return wait(client, until, timeout, nullptr, failure);
    }
    /// The same; another thread can stop it with `cancel`, then the error is of the kind cancelled.
    [[nodiscard]] bool wait(const client &client, follow_until until, std::chrono::milliseconds timeout,
                            const calltransfer::cancel *cancel, calltransfer::error &failure) noexcept
    {
        return detail::invoke(failure, [&](auto **failed) {
            return calltransfer_client_wait(client.get(), handle_.get(), static_cast<std::int32_t>(until),
                                            timeout.count(), detail::native(cancel), failed);
        });
    }

#ifndef CALLTRANSFER_NO_EXCEPTIONS
    /* The same, throwing. */

    [[nodiscard]] static follow make(const std::string &api, const std::string &call_id,
                                     const std::optional<std::string> &new_call_id = std::nullopt)
    {
        return std::move(
            *detail::or_throw([&](calltransfer::error &failure) { return make(api, call_id, new_call_id, failure); }));
    }
    [[nodiscard]] static follow make(const client &client, const transferred &done)
    {
        return std::move(*detail::or_throw([&](calltransfer::error &failure) { return make(client, done, failure); }));
    }
    void wait(const client &client, follow_until until, std::chrono::milliseconds timeout)
    {
        detail::or_throw([&](calltransfer::error &failure) { return wait(client, until, timeout, failure); });
    }
    void wait(const client &client, follow_until until, std::chrono::milliseconds timeout,
              const calltransfer::cancel *cancel)
    {
        detail::or_throw([&](calltransfer::error &failure) { return wait(client, until, timeout, cancel, failure); });
    }
#endif

    /// Whether a target answered, and if not, why.
    follow_result result() const noexcept { return static_cast<follow_result>(calltransfer_follow_result(get())); }
    /// The name of the result, such as "no_answer": the same in every language.
    std::optional<std::string> result_name() const { return detail::copy(calltransfer_follow_result_name(get())); }
    /// Why the new call or the transfer ended.
    calltransfer::cause cause() const noexcept
    {
        return static_cast<calltransfer::cause>(calltransfer_follow_cause(get()));
    }
    /// The cause in the platform's word.
    std::optional<std::string> cause_text() const { return detail::copy(calltransfer_follow_cause_text(get())); }
    /// The new call that was answered; until then the new call, if exactly one is known.
    std::optional<std::string> new_call_id() const { return detail::copy(calltransfer_follow_new_call_id(get())); }
    /// When a target answered, and when the new call ended.
    std::optional<std::chrono::system_clock::time_point> answered_time() const noexcept
    {
        return detail::moment(calltransfer_follow_answered_time_ms(get()));
    }
    std::optional<std::chrono::system_clock::time_point> ended_time() const noexcept
    {
        return detail::moment(calltransfer_follow_ended_time_ms(get()));
    }
    /// Whether no target is connected or ringing any more.
    bool is_ended() const noexcept { return calltransfer_follow_is_ended(get()) != 0; }
    /// Whether it is certain that no target was connected to the caller, and that none is ringing any more.
    bool is_certainly_unanswered() const noexcept { return calltransfer_follow_is_certainly_unanswered(get()) != 0; }
    /// Whether is_certainly_unanswered() is true and the caller's call is active.
    bool may_transfer_again() const noexcept { return calltransfer_follow_may_transfer_again(get()) != 0; }
    /// The caller's own call.
    caller_state caller() const noexcept { return static_cast<caller_state>(calltransfer_follow_caller(get())); }
    std::string caller_name() const { return detail::copy_or_empty(calltransfer_follow_caller_name(get())); }
    /// The reason for the result, as a text; if there is no result, what is missing.
    std::string evidence() const { return detail::copy_or_empty(calltransfer_follow_evidence(get())); }
    /// Why the result may be wrong, if there is a known reason.
    std::optional<std::string> doubt() const { return detail::copy(calltransfer_follow_doubt(get())); }

    /// The handle of the C interface, borrowed.
    const calltransfer_follow *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_follow> handle_;
};

/// The result of one target.
struct target_result {
    std::string to;                                              ///< In full.
    calltransfer::outcome outcome = calltransfer::outcome::none; ///< none if it was not tried.
    follow_result result = follow_result::none;                  ///< none if there is nothing to say.
    std::optional<std::string> new_call_id;
    std::optional<std::string> evidence;
    calltransfer::error error; ///< Why the transfer was not made, or may not be; false if nothing went wrong.
};

/// The result for all targets.
class first_transferred {
public:
    /// Takes an object of the C interface.
    explicit first_transferred(calltransfer_first *owned) noexcept : handle_(owned) {}

    /// The call that was transferred.
    std::string call_id() const { return detail::copy_or_empty(calltransfer_first_call_id(get())); }
    /// The number of the target that answered, from 0, if one is known to have answered.
    std::optional<std::size_t> answered() const noexcept
    {
        const auto number = calltransfer_first_answered(get());
        return number < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(number));
    }
    /// Why no further target was tried, and the same as a text.
    stop_reason stopped() const noexcept { return static_cast<stop_reason>(calltransfer_first_stopped(get())); }
    std::string stopped_name() const { return detail::copy_or_empty(calltransfer_first_stopped_name(get())); }
    std::string reason() const { return detail::copy_or_empty(calltransfer_first_reason(get())); }
    /// The result of each target, in the order in which they were given.
    std::vector<target_result> targets() const
    {
        return detail::collect(calltransfer_first_target_count(get()), [this](std::size_t i) {
            target_result target;
            target.to = detail::copy_or_empty(calltransfer_first_target_to(get(), i));
            target.outcome = static_cast<calltransfer::outcome>(calltransfer_first_target_outcome(get(), i));
            target.result = static_cast<follow_result>(calltransfer_first_target_result(get(), i));
            target.new_call_id = detail::copy(calltransfer_first_target_new_call_id(get(), i));
            target.evidence = detail::copy(calltransfer_first_target_evidence(get(), i));
            target.error = calltransfer::error(calltransfer_error_copy(calltransfer_first_target_error(get(), i)));
            return target;
        });
    }

    /// The handle of the C interface, borrowed.
    const calltransfer_first *get() const noexcept { return handle_.get(); }

private:
    detail::handle<calltransfer_first> handle_;
};

/// Transfers a call to the first of several targets that answers, and waits for the result: the target of
/// `request`, then `next`. In v1 the targets are called one after the other: the next one only if it is
/// certain that the previous one did not get the call, and that the caller's call is active; if this is not
/// known, it stops. In v2 they ring at the same time, by one request. `ring` is how long each rings. Another
/// thread can stop it with `cancel`, if that isn't null; a target that rings goes on ringing. Empty, with the
/// error set, for an invalid argument, or if the first target is refused for a reason that applies to all.
[[nodiscard]] inline std::optional<first_transferred>
transfer_to_first(const client &client, const calltransfer::transfer &request, const std::vector<std::string> &next,
                  const std::optional<std::chrono::milliseconds> &ring, const calltransfer::cancel *cancel,
                  calltransfer::error &failure) noexcept
{
    const auto native = detail::native(request);
    const detail::handle<calltransfer_targets> targets(calltransfer_targets_new(native.get()));
    for (const auto &to : next) {
        calltransfer_targets_or_to(targets.get(), detail::without_nul(to).c_str());
    }
    detail::set(targets, calltransfer_targets_set_ring_ms, ring);
    return detail::invoke_for<first_transferred>(failure, [&](auto **made, auto **failed) {
        return calltransfer_client_transfer_to_first(client.get(), targets.get(), detail::native(cancel), made, failed);
    });
}
[[nodiscard]] inline std::optional<first_transferred>
transfer_to_first(const client &client, const calltransfer::transfer &request, const std::vector<std::string> &next,
                  const std::optional<std::chrono::milliseconds> &ring, calltransfer::error &failure) noexcept
{
    return transfer_to_first(client, request, next, ring, nullptr, failure);
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS
/// The same, throwing.
inline first_transferred transfer_to_first(const client &client, const calltransfer::transfer &request,
                                           const std::vector<std::string> &next,
                                           const std::optional<std::chrono::milliseconds> &ring = std::nullopt,
                                           const calltransfer::cancel *cancel = nullptr)
{
    return std::move(*detail::or_throw(
        [&](calltransfer::error &failure) { return transfer_to_first(client, request, next, ring, cancel, failure); }));
}
#endif

} // namespace calltransfer

#endif // CALLTRANSFER_FOLLOW_HPP
