// Reads an event and prints what it says as one line of JSON, as tests/c/event_driver.c does. With
// exceptions it uses what throws, else what doesn't.
#include "json_text.hpp"

#include <calltransfer/calltransfer.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>

namespace {

using calltransfer::event;

std::optional<event> parse(const std::string &body, const std::string &content_type, calltransfer::error &failure)
{
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    return calltransfer::parse_event(body, content_type, failure);
#else
    try {
        return calltransfer::parse_event(body, content_type);
    } catch (const calltransfer::error &error) {
        failure = error;
        return std::nullopt;
    }
#endif
}

} // namespace

int main()
{
    std::string content_type;
    std::getline(std::cin, content_type);
    const std::string body{std::istreambuf_iterator<char>(std::cin), {}};
    calltransfer::error failure;
    const auto parsed = parse(body, content_type == "-" ? "" : content_type, failure);
    std::printf("{\"status\":%d", static_cast<int>(failure.kind()));
    if (!parsed) {
        print("field", failure.field());
        print("outcome", name(failure.outcome()));
        std::printf("}\n");
        return 0;
    }
    const event &event = *parsed;
    const auto time = event.time();
    const auto since_1970 = time ? time->time_since_epoch() : std::chrono::milliseconds(-1);
    const auto time_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
    print("callId", event.field("callId"));
    std::printf(",\"kind_number\":%d", static_cast<int>(event.kind()));
    std::printf(",\"cause_number\":%d", static_cast<int>(event.cause()));
    std::printf(",\"time_ms\":%lld", static_cast<long long>(time_ms));
    print("api", event.api());
    print("kind", event.kind_name());
    print("event_type", event.type());
    print("call_id", event.call_id());
    print("parent_call_id", event.parent_call_id());
    print("from", event.from());
    print("to", event.to());
    print("time_text", event.time_text());
    print("cause", event.cause_name());
    print("cause_text", event.cause_text());
    print("tag", event.tag());
    print("call_state", event.call_state());
    print("json", event.json());
    print("line", event.line());
    print("application_id", event.application_id());
    print("diversion", event.diversion());
    print("event_status", event.status());
    print("recording_id", event.recording_id());
    print("recording_uri", event.recording_uri());
    print("start_time", event.start_time());
    print("end_time", event.end_time());
    print("transfer_caller_id", event.transfer_caller_id());
    print("transfer_to", event.transfer_to());
    print("error_message", event.error_message());
    print("error_id", event.error_id());
    std::printf("}\n");
}
