/*
 * Follows transfers and prints what they came to as one line of JSON.
 *
 * `follow_driver events API CALL NEW TARGETS NOT_BEFORE_MS`, where "-" is none, reads one event from each line
 * of standard input. `follow_driver wait CALL TO` transfers and reads calls; `follow_driver first CALL TO...`
 * transfers to the first that answers. The account of these is in the environment.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"
#include "json_text.h"

static void print_status(const calltransfer_follow *follow, const char *seen)
{
    printf("{\"is_ended\":%ld", (long)calltransfer_follow_is_ended(follow));
    printf(",\"is_certainly_unanswered\":%ld", (long)calltransfer_follow_is_certainly_unanswered(follow));
    printf(",\"may_transfer_again\":%ld", (long)calltransfer_follow_may_transfer_again(follow));
    printf(",\"answered_time\":%.0f", (double)calltransfer_follow_answered_time_ms(follow));
    printf(",\"ended_time\":%.0f", (double)calltransfer_follow_ended_time_ms(follow));
    printf(",\"result_number\":%ld", (long)calltransfer_follow_result(follow));
    printf(",\"cause_number\":%ld", (long)calltransfer_follow_cause(follow));
    printf(",\"caller_number\":%ld", (long)calltransfer_follow_caller(follow));
    print_text("seen", seen);
    print_text("result", calltransfer_follow_result_name(follow));
    print_text("cause_text", calltransfer_follow_cause_text(follow));
    print_text("new_call_id", calltransfer_follow_new_call_id(follow));
    print_text("caller", calltransfer_follow_caller_name(follow));
    print_text("evidence", calltransfer_follow_evidence(follow));
    print_text("doubt", calltransfer_follow_doubt(follow));
    printf("}\n");
}

static const char *given(const char *argument) { return strcmp(argument, "-") == 0 ? NULL : argument; }

static void follow_events(char **arguments)
{
    static char line[64 * 1024];
    char seen[256] = "";
    calltransfer_follow *follow = NULL;
    CHECK(calltransfer_follow_new(arguments[0], arguments[1], given(arguments[2]), &follow, NULL) == CALLTRANSFER_OK);
    if (given(arguments[3]) != NULL) {
        CHECK(calltransfer_follow_set_targets(follow, atoi(arguments[3])) == CALLTRANSFER_OK);
    }
    if (given(arguments[4]) != NULL) {
        const int64_t time = (int64_t)strtod(arguments[4], NULL);
        CHECK(calltransfer_follow_set_not_before_ms(follow, time) == CALLTRANSFER_OK);
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        calltransfer_event *event = NULL;
        CHECK(calltransfer_event_parse(line, strlen(line), "application/json", &event, NULL) == CALLTRANSFER_OK);
        switch (calltransfer_follow_event(follow, event)) {
        case CALLTRANSFER_SEEN_NEW:
            strcat(seen, "n");
            break;
        case CALLTRANSFER_SEEN_KNOWN:
            strcat(seen, "k");
            break;
        case CALLTRANSFER_SEEN_OTHER:
            strcat(seen, "o");
            break;
        default:
            exit(3);
        }
        calltransfer_event_free(event);
    }
    print_status(follow, seen);
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

static void wait_for_answer(char **arguments)
{
    calltransfer_client *client = client_of_environment();
    calltransfer_transfer *transfer = calltransfer_transfer_new(arguments[0], arguments[1]);
    calltransfer_result *result = NULL;
    calltransfer_follow *follow = NULL;
    CHECK(calltransfer_client_transfer(client, transfer, &result, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_follow(client, result, &follow, NULL) == CALLTRANSFER_OK);
    calltransfer_result_free(result);
    CHECK(calltransfer_client_wait(client, follow, CALLTRANSFER_UNTIL_ANSWERED, 30000, NULL) == CALLTRANSFER_OK);
    print_status(follow, "");
    calltransfer_follow_free(follow);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void transfer_to_first(int count, char **arguments)
{
    calltransfer_client *client = client_of_environment();
    calltransfer_transfer *transfer = calltransfer_transfer_new(arguments[0], arguments[1]);
    calltransfer_targets *targets = calltransfer_targets_new(transfer);
    calltransfer_first *first = NULL;
    calltransfer_error *error = NULL;
    size_t i;
    int n;
    calltransfer_transfer_free(transfer);
    for (n = 2; n < count; n++) {
        CHECK(calltransfer_targets_or_to(targets, arguments[n]) == CALLTRANSFER_OK);
    }
    CHECK(calltransfer_targets_set_ring_ms(targets, 20000) == CALLTRANSFER_OK);
    printf("{\"status\":%ld", (long)calltransfer_client_transfer_to_first(client, targets, &first, &error));
    print_text("field", calltransfer_error_field(error));
    printf(",\"answered\":%ld", (long)calltransfer_first_answered(first));
    printf(",\"stopped_number\":%ld", (long)calltransfer_first_stopped(first));
    print_text("stopped", calltransfer_first_stopped_name(first));
    print_text("reason", calltransfer_first_reason(first));
    print_text("call_id", calltransfer_first_call_id(first));
    printf(",\"targets\":[");
    for (i = 0; i < calltransfer_first_target_count(first); i++) {
        printf("%s{\"outcome\":%ld", i > 0 ? "," : "", (long)calltransfer_first_target_outcome(first, i));
        printf(",\"result\":%ld", (long)calltransfer_first_target_result(first, i));
        print_text("to", calltransfer_first_target_to(first, i));
        print_text("new_call_id", calltransfer_first_target_new_call_id(first, i));
        print_text("evidence", calltransfer_first_target_evidence(first, i));
        print_text("error", calltransfer_error_message(calltransfer_first_target_error(first, i)));
        printf("}");
    }
    printf("]}\n");
    calltransfer_error_free(error);
    calltransfer_first_free(first);
    calltransfer_targets_free(targets);
    calltransfer_client_free(client);
}

static void list_events(const char *call_id)
{
    calltransfer_client *client = client_of_environment();
    calltransfer_error *error = NULL;
    char *json = NULL;
    CHECK(calltransfer_client_get_call_events(client, call_id, &json, &error) == CALLTRANSFER_OK);
    printf("{\"events\":%s}\n", json);
    calltransfer_string_free(json);
    calltransfer_error_free(error);
    calltransfer_client_free(client);
}

int main(int count, char **arguments)
{
    CHECK(count >= 4);
    if (strcmp(arguments[1], "events") == 0 && count == 7) {
        follow_events(arguments + 2);
    } else if (strcmp(arguments[1], "wait") == 0) {
        wait_for_answer(arguments + 2);
    } else if (strcmp(arguments[1], "list") == 0) {
        list_events(arguments[2]);
    } else {
        transfer_to_first(count - 2, arguments + 2);
    }
    return 0;
}
