// Reads an event and says what it says, as tests/c/event_driver.c does. With exceptions it uses what throws,
// else what doesn't.
#include "../c/event_body.h"
#include "driver.hpp"

#include <calltransfer/calltransfer.hpp>

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

std::string body_of(yyjson_val *vector)
{
    std::size_t length = 0;
    char *bytes = copy_body(vector, &length);
    const std::string body(bytes, length);
    std::free(bytes);
    return body;
}

} // namespace

int main()
{
    yyjson_val *vector = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    calltransfer::error failure;
    const auto parsed = parse(body_of(vector), given(vector, "content_type").value_or(""), failure);
    put(report, "status", static_cast<int>(failure.kind()));
    if (!parsed) {
        put(report, "field", failure.field());
        put(report, "outcome", name(failure.outcome()));
        write_output();
        return 0;
    }
    const event &event = *parsed;
    put(report, "callId", event.field("callId"));
    put(report, "kind_number", static_cast<int>(event.kind()));
    put(report, "cause_number", static_cast<int>(event.cause()));
    put(report, "time_ms", since_1970(event.time()));
    put(report, "api", event.api());
    put(report, "kind", event.kind_name());
    put(report, "event_type", event.type());
    put(report, "call_id", event.call_id());
    put(report, "parent_call_id", event.parent_call_id());
    put(report, "from", event.from());
    put(report, "to", event.to());
    put(report, "time_text", event.time_text());
    put(report, "cause", event.cause_name());
    put(report, "cause_text", event.cause_text());
    put(report, "tag", event.tag());
    put(report, "call_state", event.call_state());
    put(report, "json", event.json());
    put(report, "line", event.line());
    put(report, "application_id", event.application_id());
    put(report, "diversion", event.diversion());
    put(report, "event_status", event.status());
    put(report, "recording_id", event.recording_id());
    put(report, "recording_uri", event.recording_uri());
    put(report, "start_time", event.start_time());
    put(report, "end_time", event.end_time());
    put(report, "transfer_caller_id", event.transfer_caller_id());
    put(report, "transfer_to", event.transfer_to());
    put(report, "error_message", event.error_message());
    put(report, "error_id", event.error_id());
    write_output();
    return 0;
}
