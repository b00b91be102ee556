/*
 * Follows transfers and says what they came to. `follow_driver events` feeds the events of a vector of follow.json;
 * `follow_driver wait` transfers a `call_id` `to` a target and reads calls, for `timeout_ms`; `follow_driver first`
 * transfers to the first of several that answers, each of which rings for `ring_ms`; `follow_driver list` reads the
 * events of a call. The account is in the environment.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"
#include "driver.h"

static void put_status(yyjson_mut_val *report, const calltransfer_follow *follow, const char *seen)
{
    put_number(report, "is_ended", calltransfer_follow_is_ended(follow));
    put_number(report, "is_certainly_unanswered", calltransfer_follow_is_certainly_unanswered(follow));
    put_number(report, "may_transfer_again", calltransfer_follow_may_transfer_again(follow));
    put_number(report, "answered_time", calltransfer_follow_answered_time_ms(follow));
    put_number(report, "ended_time", calltransfer_follow_ended_time_ms(follow));
    put_number(report, "result_number", calltransfer_follow_result(follow));
    put_number(report, "cause_number", calltransfer_follow_cause(follow));
    put_number(report, "caller_number", calltransfer_follow_caller(follow));
    put_text(report, "seen", seen);
    put_text(report, "result", calltransfer_follow_result_name(follow));
    put_text(report, "cause_text", calltransfer_follow_cause_text(follow));
    put_text(report, "new_call_id", calltransfer_follow_new_call_id(follow));
    put_text(report, "caller", calltransfer_follow_caller_name(follow));
    put_text(report, "evidence", calltransfer_follow_evidence(follow));
    put_text(report, "doubt", calltransfer_follow_doubt(follow));
}

/* The number of this name; `otherwise` where there is none. */
static int64_t number_of(yyjson_val *given, const char *name, int64_t otherwise)
{
    yyjson_val *number = yyjson_obj_get(given, name);
    return number == NULL ? otherwise : yyjson_get_sint(number);
}

static calltransfer_event *event_of(yyjson_val *fields)
{
    size_t length = 0;
    char *json = yyjson_val_write(fields, 0, &length);
    calltransfer_event *event = NULL;
    CHECK(calltransfer_event_parse(json, length, "application/json", &event, NULL) == CALLTRANSFER_OK);
    free(json);
    return event;
}

static void follow_events(yyjson_val *vector, yyjson_mut_val *report)
{
    char seen[256] = "";
    calltransfer_follow *follow = NULL;
    yyjson_val *targets = yyjson_obj_get(vector, "targets");
    yyjson_val *not_before = yyjson_obj_get(vector, "not_before_ms");
    yyjson_val *item;
    size_t i, count;
    CHECK(calltransfer_follow_new(text_of(vector, "api"), text_of(vector, "call_id"), text_of(vector, "new_call_id"),
                                  &follow, NULL) == CALLTRANSFER_OK);
    if (targets != NULL) {
        CHECK(calltransfer_follow_set_targets(follow, yyjson_get_int(targets)) == CALLTRANSFER_OK);
    }
    if (not_before != NULL) {
        CHECK(calltransfer_follow_set_not_before_ms(follow, yyjson_get_sint(not_before)) == CALLTRANSFER_OK);
    }
    yyjson_arr_foreach(yyjson_obj_get(vector, "feed"), i, count, item)
    {
        calltransfer_event *event = event_of(yyjson_obj_get(item, "event"));
        const int32_t saw = calltransfer_follow_event(follow, event);
        CHECK(CALLTRANSFER_SEEN_OTHER <= saw && saw <= CALLTRANSFER_SEEN_NEW && i + 1 < sizeof seen);
        seen[i] = "okn"[saw - CALLTRANSFER_SEEN_OTHER];
        calltransfer_event_free(event);
    }
    put_status(report, follow, seen);
    calltransfer_follow_free(follow);
}

static calltransfer_client *client_of_environment(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_config_use_environment(config);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return client;
}

static void put_error(yyjson_mut_val *report, const calltransfer_error *error)
{
    put_text(report, "field", calltransfer_error_field(error));
    put_text(report, "message", calltransfer_error_message(error));
}

static void wait_for_answer(yyjson_val *given, yyjson_mut_val *report)
{
    calltransfer_client *client = client_of_environment();
    calltransfer_transfer *transfer = calltransfer_transfer_new(text_of(given, "call_id"), text_of(given, "to"));
    calltransfer_result *result = NULL;
    calltransfer_follow *follow = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer(client, transfer, &result, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_follow(client, result, &follow, NULL) == CALLTRANSFER_OK);
    calltransfer_result_free(result);
    put_number(report, "status",
               calltransfer_client_wait(client, follow, CALLTRANSFER_UNTIL_ANSWERED,
                                        number_of(given, "timeout_ms", 30000), NULL, &error));
    put_error(report, error);
    put_status(report, follow, "");
    calltransfer_error_free(error);
    calltransfer_follow_free(follow);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void put_target(yyjson_mut_val *report, const calltransfer_first *first, size_t i)
{
    put_number(report, "outcome", calltransfer_first_target_outcome(first, i));
    put_number(report, "result", calltransfer_first_target_result(first, i));
    put_text(report, "to", calltransfer_first_target_to(first, i));
    put_text(report, "new_call_id", calltransfer_first_target_new_call_id(first, i));
    put_text(report, "evidence", calltransfer_first_target_evidence(first, i));
    put_text(report, "error", calltransfer_error_message(calltransfer_first_target_error(first, i)));
}

static void transfer_to_first(yyjson_val *given, yyjson_mut_val *report)
{
    calltransfer_client *client = client_of_environment();
    yyjson_val *to = yyjson_obj_get(given, "to");
    calltransfer_transfer *transfer =
        calltransfer_transfer_new(text_of(given, "call_id"), text("to", yyjson_arr_get_first(to)));
    calltransfer_targets *targets = calltransfer_targets_new(transfer);
    yyjson_mut_val *reports = yyjson_mut_obj_add_arr(output, report, "targets");
    calltransfer_first *first = NULL;
    calltransfer_error *error = NULL;
    size_t i;
    calltransfer_transfer_free(transfer);
    for (i = 1; i < yyjson_arr_size(to); i++) {
        CHECK(calltransfer_targets_or_to(targets, text("to", yyjson_arr_get(to, i))) == CALLTRANSFER_OK);
    }
    put_number(report, "set", calltransfer_targets_set_ring_ms(targets, number_of(given, "ring_ms", 20000)));
    put_number(report, "status", calltransfer_client_transfer_to_first(client, targets, NULL, &first, &error));
    put_error(report, error);
    put_number(report, "answered", calltransfer_first_answered(first));
    put_number(report, "stopped_number", calltransfer_first_stopped(first));
    put_text(report, "stopped", calltransfer_first_stopped_name(first));
    put_text(report, "reason", calltransfer_first_reason(first));
    put_text(report, "call_id", calltransfer_first_call_id(first));
    for (i = 0; i < calltransfer_first_target_count(first); i++) {
        put_target(yyjson_mut_arr_add_obj(output, reports), first, i);
    }
    calltransfer_error_free(error);
    calltransfer_first_free(first);
    calltransfer_targets_free(targets);
    calltransfer_client_free(client);
}

static void list_events(yyjson_val *given, yyjson_mut_val *report)
{
    calltransfer_client *client = client_of_environment();
    calltransfer_error *error = NULL;
    char *json = NULL;
    CHECK(calltransfer_client_get_call_events(client, text_of(given, "call_id"), 0, NULL, &json, &error) ==
          CALLTRANSFER_OK);
    put_text(report, "events", json);
    calltransfer_string_free(json);
    calltransfer_error_free(error);
    calltransfer_client_free(client);
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(yyjson_val *, yyjson_mut_val *);
    } commands[] = {
        {"events", follow_events}, {"wait", wait_for_answer}, {"first", transfer_to_first}, {"list", list_events}};
    yyjson_val *given = read_input();
    size_t i;
    for (i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (count == 2 && strcmp(arguments[1], commands[i].name) == 0) {
            commands[i].run(given, yyjson_mut_doc_get_root(output));
            write_output();
            return 0;
        }
    }
    wrong_input("command", "must be events, wait, first or list");
    return 2;
}
