/* Reads an event, given as its vector has it, and says what it says: `content_type`, and `body` or `body_hex`. */
#include <calltransfer/calltransfer.h>

#include "event_body.h"

typedef const char *text_getter(const calltransfer_event *);

#define TEXT(name) {#name, calltransfer_event_##name}

static const struct {
    const char *name;
    text_getter *get;
} getters[] = {
    {"kind", calltransfer_event_kind_name},
    {"event_type", calltransfer_event_type},
    {"cause", calltransfer_event_cause_name},
    {"event_status", calltransfer_event_status},
    TEXT(api),
    TEXT(call_id),
    TEXT(parent_call_id),
    TEXT(from),
    TEXT(to),
    TEXT(time_text),
    TEXT(cause_text),
    TEXT(tag),
    TEXT(call_state),
    TEXT(json),
    TEXT(line),
    TEXT(application_id),
    TEXT(diversion),
    TEXT(recording_id),
    TEXT(recording_uri),
    TEXT(start_time),
    TEXT(end_time),
    TEXT(transfer_caller_id),
    TEXT(transfer_to),
    TEXT(error_message),
    TEXT(error_id),
};

int main(void)
{
    yyjson_val *vector = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    calltransfer_event *event = NULL;
    calltransfer_error *error = NULL;
    size_t length, i;
    char *body = copy_body(vector, &length);
    const int32_t status = calltransfer_event_parse(body, length, text_of(vector, "content_type"), &event, &error);
    /* The event has copies of its own. */
    memset(body, 'x', length);
    free(body);
    put_number(report, "status", status);
    put_text(report, "field", calltransfer_error_field(error));
    put_text(report, "outcome", calltransfer_error_outcome_name(error));
    put_text(report, "callId", calltransfer_event_field(event, "callId"));
    put_number(report, "kind_number", calltransfer_event_kind(event));
    put_number(report, "cause_number", calltransfer_event_cause(event));
    put_number(report, "time_ms", calltransfer_event_time_ms(event));
    for (i = 0; i < sizeof getters / sizeof getters[0]; i++) {
        put_text(report, getters[i].name, getters[i].get(event));
    }
    write_output();
    if ((event == NULL) == (status == CALLTRANSFER_OK) || (error == NULL) == (status != CALLTRANSFER_OK)) {
        return 3;
    }
    calltransfer_event_free(event);
    calltransfer_error_free(error);
    return 0;
}
