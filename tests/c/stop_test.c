/*
 * Requests that another thread stops, and requests with a timeout of their own, at a platform that
 * responds to nothing: `stop_test stopped|refused|late NAME`. A byte on the standard input says that
 * the platform has received the request. Prints what it was reported, as "status outcome".
 */
#include <calltransfer/calltransfer.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

/* What all requests are given. */
struct given {
    const calltransfer_client *client;
    const calltransfer_cancel *cancel;
    int64_t timeout_ms;
};

static calltransfer_error *request(const struct given *given, int32_t kind)
{
    calltransfer_completion *done =
        calltransfer_client_request(given->client, kind, "c-1", given->timeout_ms, given->cancel);
    calltransfer_error *error = calltransfer_completion_take_error(done);
    CHECK(calltransfer_completion_status(done) == calltransfer_error_kind(error));
    calltransfer_completion_free(done);
    return error;
}

static calltransfer_error *get_call(const struct given *given) { return request(given, CALLTRANSFER_REQUEST_GET_CALL); }

static calltransfer_error *answer(const struct given *given) { return request(given, CALLTRANSFER_REQUEST_ANSWER); }

static calltransfer_error *hang_up(const struct given *given) { return request(given, CALLTRANSFER_REQUEST_HANG_UP); }

static calltransfer_error *check(const struct given *given) { return request(given, CALLTRANSFER_REQUEST_CHECK); }

static calltransfer_error *get_call_events(const struct given *given)
{
    calltransfer_error *error = NULL;
    char *json = NULL;
    CHECK(calltransfer_client_get_call_events(given->client, "c-1", given->timeout_ms, given->cancel, &json, &error) ==
          calltransfer_error_kind(error));
    CHECK(json == NULL);
    return error;
}

static calltransfer_error *list_calls(const struct given *given)
{
    calltransfer_error *error = NULL;
    calltransfer_call_list *list = NULL;
    calltransfer_call *call = NULL;
    CHECK(calltransfer_client_list_calls(given->client, NULL, &list, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_call_list_next(list, given->timeout_ms, given->cancel, &call, &error) ==
          calltransfer_error_kind(error));
    CHECK(call == NULL);
    calltransfer_call_list_free(list);
    return error;
}

static calltransfer_error *transfer_cancellable(const struct given *given)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_error *error = NULL;
    if (given->timeout_ms != 0) {
        calltransfer_transfer_set_timeout_ms(transfer, given->timeout_ms);
    }
    CHECK(calltransfer_client_transfer_cancellable(given->client, transfer, given->cancel, NULL, &error) ==
          calltransfer_error_kind(error));
    calltransfer_transfer_free(transfer);
    return error;
}

static calltransfer_error *transfer_to_first(const struct given *given)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_targets *targets = calltransfer_targets_new(transfer);
    calltransfer_error *error = NULL;
    CHECK(calltransfer_targets_or_to(targets, "+18382947879") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_transfer_to_first(given->client, targets, given->cancel, NULL, &error) ==
          calltransfer_error_kind(error));
    calltransfer_targets_free(targets);
    calltransfer_transfer_free(transfer);
    return error;
}

static calltransfer_error *wait_for_answer(const struct given *given)
{
    calltransfer_follow *follow = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_follow_new("v1", "c-1", "c-2", &follow, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_wait(given->client, follow, CALLTRANSFER_UNTIL_ANSWERED, 3600000, given->cancel,
                                   &error) == calltransfer_error_kind(error));
    CHECK(calltransfer_follow_result(follow) == 0);
    calltransfer_follow_free(follow);
    return error;
}

static const struct {
    const char *name;
    calltransfer_error *(*send)(const struct given *given);
} requests[] = {
    {"get_call", get_call},
    {"answer", answer},
    {"hang_up", hang_up},
    {"check", check},
    {"get_call_events", get_call_events},
    {"list_calls", list_calls},
    {"transfer", transfer_cancellable},
    {"transfer_to_first", transfer_to_first},
    {"wait", wait_for_answer},
};

static void *stop_when_received(void *cancel)
{
    char byte;
    if (read(STDIN_FILENO, &byte, 1) == 1) {
        calltransfer_cancel_request((const calltransfer_cancel *)cancel);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_cancel *cancel = calltransfer_cancel_new();
    calltransfer_client *client = NULL;
    calltransfer_error *error = NULL;
    struct given given;
    pthread_t thread;
    size_t i;
    CHECK(count == 3);
    calltransfer_config_use_environment(config);
    calltransfer_config_set_max_retries(config, 0);
    calltransfer_config_set_timeout_ms(config, 3600000);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    given.client = client;
    given.cancel = cancel;
    given.timeout_ms = 0;
    if (strcmp(arguments[1], "refused") == 0) {
        calltransfer_cancel_request(cancel);
    } else if (strcmp(arguments[1], "late") == 0) {
        given.timeout_ms = 300;
    } else {
        CHECK(pthread_create(&thread, NULL, stop_when_received, cancel) == 0);
    }
    for (i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (strcmp(requests[i].name, arguments[2]) == 0) {
            error = requests[i].send(&given);
        }
    }
    CHECK(error != NULL);
    printf("%s %s\n", calltransfer_error_kind_name(error), calltransfer_error_outcome_name(error));
    if (strcmp(arguments[1], "stopped") == 0) {
        pthread_join(thread, NULL);
    }
    calltransfer_error_free(error);
    calltransfer_client_free(client);
    calltransfer_cancel_free(cancel);
    calltransfer_config_free(config);
    return 0;
}
