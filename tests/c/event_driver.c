/*
 * Reads an event and prints what it says as one line of JSON. Standard input has the content type in a
 * line, "-" for none, and then the body.
 */
#include <calltransfer/calltransfer.h>

#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const char *text_getter(const calltransfer_event *);

static const struct {
    const char *name;
    text_getter *get;
} getters[] = {
    {"api", calltransfer_event_api},
    {"kind", calltransfer_event_kind_name},
    {"event_type", calltransfer_event_type},
    {"call_id", calltransfer_event_call_id},
    {"parent_call_id", calltransfer_event_parent_call_id},
    {"from", calltransfer_event_from},
    {"to", calltransfer_event_to},
    {"time_text", calltransfer_event_time_text},
    {"cause", calltransfer_event_cause_name},
    {"cause_text", calltransfer_event_cause_text},
    {"tag", calltransfer_event_tag},
    {"call_state", calltransfer_event_call_state},
    {"json", calltransfer_event_json},
    {"line", calltransfer_event_line},
    {"application_id", calltransfer_event_application_id},
    {"diversion", calltransfer_event_diversion},
    {"event_status", calltransfer_event_status},
    {"recording_id", calltransfer_event_recording_id},
    {"recording_uri", calltransfer_event_recording_uri},
    {"start_time", calltransfer_event_start_time},
    {"end_time", calltransfer_event_end_time},
    {"transfer_caller_id", calltransfer_event_transfer_caller_id},
    {"transfer_to", calltransfer_event_transfer_to},
    {"error_message", calltransfer_event_error_message},
    {"error_id", calltransfer_event_error_id},
};

int main(void)
{
    static char input[300 * 1024];
    const size_t length = fread(input, 1, sizeof input, stdin);
    char *line_end = (char *)memchr(input, '\n', length);
    const char *content_type = strncmp(input, "-\n", 2) == 0 ? NULL : input;
    calltransfer_event *event = NULL;
    calltransfer_error *error = NULL;
    const char *body;
    int32_t status;
    size_t i;
    if (line_end == NULL) {
        return 2;
    }
    *line_end = '\0';
    body = line_end + 1;
    status = calltransfer_event_parse(body, length - (size_t)(body - input), content_type, &event, &error);
    /* The event has copies of its own. */
    memset(input, 'x', sizeof input);
    printf("{\"status\":%ld", (long)status);
    print_text("field", calltransfer_error_field(error));
    print_text("outcome", calltransfer_error_outcome_name(error));
    print_text("callId", calltransfer_event_field(event, "callId"));
    printf(",\"kind_number\":%ld", (long)calltransfer_event_kind(event));
    printf(",\"cause_number\":%ld", (long)calltransfer_event_cause(event));
    printf(",\"time_ms\":%.0f", (double)calltransfer_event_time_ms(event));
    for (i = 0; i < sizeof getters / sizeof getters[0]; i++) {
        print_text(getters[i].name, getters[i].get(event));
    }
    printf("}\n");
    if ((event == NULL) == (status == CALLTRANSFER_OK) || (error == NULL) == (status != CALLTRANSFER_OK)) {
        return 3;
    }
    calltransfer_event_free(event);
    calltransfer_error_free(error);
    return 0;
}
