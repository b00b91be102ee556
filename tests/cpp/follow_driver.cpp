// Follows transfers and says what they came to, as tests/c/follow_driver.c does. With exceptions it uses what
// throws, else what doesn't.
#include "driver.hpp"

#include <calltransfer/calltransfer.hpp>

#include <map>
#include <vector>

namespace {

using calltransfer::follow;

void put_status(yyjson_mut_val *report, const follow &follow, const std::string &seen)
{
    put(report, "is_ended", follow.is_ended());
    put(report, "is_certainly_unanswered", follow.is_certainly_unanswered());
    put(report, "may_transfer_again", follow.may_transfer_again());
    put(report, "answered_time", since_1970(follow.answered_time()));
    put(report, "ended_time", since_1970(follow.ended_time()));
    put(report, "result_number", static_cast<int>(follow.result()));
    put(report, "cause_number", static_cast<int>(follow.cause()));
    put(report, "caller_number", static_cast<int>(follow.caller()));
    put(report, "seen", seen);
    put(report, "result", follow.result_name());
    put(report, "cause_text", follow.cause_text());
    put(report, "new_call_id", follow.new_call_id());
    put(report, "caller", follow.caller_name());
    put(report, "evidence", follow.evidence());
    put(report, "doubt", follow.doubt());
}

#ifdef CALLTRANSFER_NO_EXCEPTIONS
template <class T> T whole(std::optional<T> made, const calltransfer::error &failure)
{
    if (!made) {
        std::fprintf(stderr, "%s\n", failure.what());
        std::exit(1);
    }
    return std::move(*made);
}
#endif

follow made(yyjson_val *vector)
{
    const std::string api = needed(vector, "api"), call_id = needed(vector, "call_id");
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    return whole(follow::make(api, call_id, given(vector, "new_call_id"), failure), failure);
#else
    return follow::make(api, call_id, given(vector, "new_call_id"));
#endif
}

void check(bool is_right, const char *what)
{
    if (!is_right) {
        std::fprintf(stderr, "%s\n", what);
        std::exit(1);
    }
}

void follow_events(yyjson_val *vector, yyjson_mut_val *report)
{
    follow follow = made(vector);
    if (yyjson_val *targets = yyjson_obj_get(vector, "targets")) {
        check(follow.targets(yyjson_get_int(targets)), "targets were refused");
    }
    if (yyjson_val *time = yyjson_obj_get(vector, "not_before_ms")) {
        const std::chrono::milliseconds since(yyjson_get_sint(time));
        check(follow.not_before(std::chrono::system_clock::time_point(since)), "not_before was refused");
    }
    std::string seen;
    std::size_t i, count;
    yyjson_val *item;
    yyjson_arr_foreach(yyjson_obj_get(vector, "feed"), i, count, item)
    {
        calltransfer::error failure;
        char *json = yyjson_val_write(yyjson_obj_get(item, "event"), 0, nullptr);
        const auto event = calltransfer::parse_event(json, "application/json", failure);
        std::free(json);
        check(event.has_value(), failure.what());
        seen += " okn"[static_cast<int>(follow.event(*event)) - CALLTRANSFER_SEEN_OTHER + 1];
    }
    put_status(report, follow, seen);
}

calltransfer::client client_of_environment()
{
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    return whole(calltransfer::client::make({}, failure), failure);
#else
    return calltransfer::client();
#endif
}

calltransfer::transfer request_of(yyjson_val *json, const std::string &to)
{
    calltransfer::transfer request;
    request.call_id = needed(json, "call_id");
    request.to = to;
    return request;
}

// The milliseconds of this name; `otherwise` where there are none.
std::chrono::milliseconds time_of(yyjson_val *json, const char *name, std::chrono::milliseconds otherwise)
{
    yyjson_val *number = yyjson_obj_get(json, name);
    return number == nullptr ? otherwise : std::chrono::milliseconds(yyjson_get_sint(number));
}

void put_error(yyjson_mut_val *report, const calltransfer::error &failure)
{
    put(report, "status", static_cast<int>(failure.kind()));
    put(report, "field", failure.field());
    put(report, "message", failure ? std::optional<std::string>(failure.what()) : std::nullopt);
}

void wait_for_answer(yyjson_val *json, yyjson_mut_val *report)
{
    const auto client = client_of_environment();
    const auto request = request_of(json, needed(json, "to"));
    const auto timeout = time_of(json, "timeout_ms", std::chrono::seconds(30));
    calltransfer::error failure;
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    const auto done = whole(client.transfer(request, failure), failure);
    auto followed = whole(follow::make(client, done, failure), failure);
    // Whether it failed is in the error, which is reported.
    static_cast<void>(followed.wait(client, calltransfer::follow_until::answered, timeout, failure));
#else
    auto followed = follow::make(client, client.transfer(request));
    try {
        followed.wait(client, calltransfer::follow_until::answered, timeout);
    } catch (const calltransfer::error &error) {
        failure = error;
    }
#endif
    put_error(report, failure);
    put_status(report, followed, "");
}

void put_first(yyjson_mut_val *report, const calltransfer::first_transferred &first)
{
    put(report, "answered", first.answered() ? static_cast<int>(*first.answered()) : -1);
    put(report, "stopped_number", static_cast<int>(first.stopped()));
    put(report, "stopped", first.stopped_name());
    put(report, "reason", first.reason());
    put(report, "call_id", first.call_id());
    yyjson_mut_val *targets = yyjson_mut_obj_add_arr(output, report, "targets");
    for (const auto &target : first.targets()) {
        yyjson_mut_val *reported = yyjson_mut_arr_add_obj(output, targets);
        put(reported, "outcome", static_cast<int>(target.outcome));
        put(reported, "result", static_cast<int>(target.result));
        put(reported, "to", target.to);
        put(reported, "new_call_id", target.new_call_id);
        put(reported, "evidence", target.evidence);
        put(reported, "error", target.error ? std::optional<std::string>(target.error.what()) : std::nullopt);
    }
}

void transfer_to_first(yyjson_val *json, yyjson_mut_val *report)
{
    const auto client = client_of_environment();
    std::vector<std::string> to;
    std::size_t i, count;
    yyjson_val *value;
    yyjson_arr_foreach(yyjson_obj_get(json, "to"), i, count, value) { to.push_back(text("to", value)); }
    const auto request = request_of(json, to.at(0));
    to.erase(to.begin());
    const auto ring = time_of(json, "ring_ms", std::chrono::seconds(20));
    calltransfer::error failure;
    std::optional<calltransfer::first_transferred> first;
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    first = calltransfer::transfer_to_first(client, request, to, ring, failure);
#else
    try {
        first = calltransfer::transfer_to_first(client, request, to, ring);
    } catch (const calltransfer::error &error) {
        failure = error;
    }
#endif
    put_error(report, failure);
    if (first) {
        put_first(report, *first);
    }
}

void list_events(yyjson_val *json, yyjson_mut_val *report)
{
    const calltransfer::client client = client_of_environment();
    const std::string call_id = needed(json, "call_id");
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    put(report, "events", whole(client.get_call_events(call_id, failure), failure));
#else
    put(report, "events", client.get_call_events(call_id));
#endif
}

} // namespace

int main(int count, char **values)
{
    const std::map<std::string, void (*)(yyjson_val *, yyjson_mut_val *)> commands = {
        {"events", follow_events}, {"wait", wait_for_answer}, {"first", transfer_to_first}, {"list", list_events}};
    const auto found = commands.find(count == 2 ? values[1] : "");
    if (found == commands.end()) {
        wrong_input("command", "must be events, wait, first or list");
    }
    yyjson_val *json = read_input();
    found->second(json, yyjson_mut_doc_get_root(output));
    write_output();
    return 0;
}
