/*
 * Every way into a library that panics: built with the feature forced-panic,
 * which a debug build alone can have. Each function gives what its doc says of
 * an error; none takes the program with it.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"

/* Only while no request is in progress: a thread of the library's reads it. */
static void panic(int on)
{
    if (on) {
        setenv("CALLTRANSFER_FORCED_PANIC", "border", 1);
    } else {
        unsetenv("CALLTRANSFER_FORCED_PANIC");
    }
}

static void is_internal(int32_t status, calltransfer_error *error, int32_t outcome)
{
    panic(0);
    CHECK(status == CALLTRANSFER_E_INTERNAL);
    CHECK(calltransfer_error_kind(error) == CALLTRANSFER_E_INTERNAL);
    CHECK(calltransfer_error_outcome(error) == outcome);
    CHECK_TEXT(calltransfer_error_message(error), "the library panicked; please report it");
    calltransfer_error_free(error);
    panic(1);
}

/* The call comes first: what it writes is read after. */
#define IS_INTERNAL(call, outcome)                                                                                     \
    do {                                                                                                               \
        int32_t status_ = (call);                                                                                      \
        is_internal(status_, error, (outcome));                                                                        \
    } while (0)

int main(void)
{
    const int32_t internal = CALLTRANSFER_E_INTERNAL;
    const int32_t not_sent = CALLTRANSFER_OUTCOME_NOT_SENT, unknown = CALLTRANSFER_OUTCOME_UNKNOWN;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_cancel *cancel = calltransfer_cancel_new();
    calltransfer_client *client = NULL, *other_client = NULL;
    calltransfer_queue *queue = NULL, *other_queue = NULL;
    calltransfer_error *error = NULL;
    calltransfer_result *result = NULL;
    calltransfer_call *call = NULL;
    calltransfer_finding *finding = NULL;
    calltransfer_completion *completion = NULL;
    calltransfer_targets *targets = calltransfer_targets_new(transfer);
    calltransfer_follow *follow = NULL;
    calltransfer_first *first = NULL;
    char *json = NULL;
    uint64_t id = 7;

    calltransfer_config_set_user_id(config, "u-1");
    calltransfer_config_set_token(config, "t-1");
    calltransfer_config_set_secret(config, "s-1");
    calltransfer_config_set_base_url(config, "http://127.0.0.1:9");
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);

    CHECK(calltransfer_follow_new("v1", "c-1", "c-2", &follow, NULL) == CALLTRANSFER_OK);

    panic(1);
    CHECK(calltransfer_config_new() == NULL);
    CHECK(calltransfer_transfer_new("c-1", "+18382947878") == NULL);
    CHECK(calltransfer_cancel_new() == NULL);
    CHECK(calltransfer_client_open(config) == NULL && calltransfer_queue_open(config) == NULL);
    CHECK(calltransfer_queue_take(queue, -1) == NULL);
    CHECK(calltransfer_config_set_token(config, "t-2") == internal);
    CHECK(calltransfer_config_set_timeout_ms(config, 1) == internal);
    CHECK(calltransfer_config_set_log(config, NULL, NULL) == internal);
    CHECK(calltransfer_config_use_environment(config) == internal);
    CHECK(calltransfer_transfer_set_caller_id(transfer, "private") == internal);
    CHECK(calltransfer_transfer_set_extra_json(transfer, "{}") == internal);
    CHECK(calltransfer_transfer_set_timeout_ms(transfer, 1) == internal);
    IS_INTERNAL(calltransfer_transfer_to_json(transfer, &json, &error), not_sent);
    IS_INTERNAL(calltransfer_transfer_to_bxml(transfer, &json, &error), not_sent);
    IS_INTERNAL(calltransfer_transfer_to_whisper_bxml(transfer, &json, &error), not_sent);
    CHECK(calltransfer_transfer_also_to(transfer, "+12") == internal);
    IS_INTERNAL(calltransfer_client_new(config, &other_client, &error), not_sent);
    IS_INTERNAL(calltransfer_client_transfer(client, transfer, &result, &error), unknown);
    IS_INTERNAL(calltransfer_client_transfer_cancellable(client, transfer, cancel, &result, &error), unknown);
    IS_INTERNAL(calltransfer_client_get_call(client, "c-1", &call, &error), CALLTRANSFER_OUTCOME_NOT_APPLIED);
    IS_INTERNAL(calltransfer_client_answer(client, "c-1", &error), unknown);
    IS_INTERNAL(calltransfer_client_hang_up(client, "c-1", &error), unknown);
    IS_INTERNAL(calltransfer_client_prepare(client, &error), not_sent);
    IS_INTERNAL(calltransfer_client_check(client, "c-1", &finding, &error), CALLTRANSFER_OUTCOME_NOT_APPLIED);
    IS_INTERNAL(calltransfer_client_wait(client, follow, CALLTRANSFER_UNTIL_ENDED, 0, NULL, &error),
                CALLTRANSFER_OUTCOME_NOT_APPLIED);
    IS_INTERNAL(calltransfer_client_transfer_to_first(client, targets, NULL, &first, &error), unknown);
    CHECK(calltransfer_follow_event(follow, NULL) == 0);
    IS_INTERNAL(calltransfer_queue_new(config, &other_queue, &error), not_sent);
    IS_INTERNAL(calltransfer_queue_submit_transfer(queue, transfer, NULL, &id, &error), not_sent);
    IS_INTERNAL(calltransfer_queue_submit_answer(queue, "c-1", NULL, &id, &error), not_sent);
    IS_INTERNAL(calltransfer_queue_submit_prepare(queue, NULL, &id, &error), not_sent);
    IS_INTERNAL(calltransfer_queue_next(queue, -1, &completion, &error), not_sent);
    CHECK(calltransfer_queue_fd(queue) == -1);
    CHECK(calltransfer_queue_cancel_all(queue) == 0);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == internal);
    CHECK(calltransfer_error_message(error) == NULL);
    panic(0);
    CHECK(json == NULL && other_client == NULL && result == NULL && call == NULL && finding == NULL);
    CHECK(other_queue == NULL && completion == NULL && id == 0);

    /* A panic between the response and the completion is reported by the completion. */
    setenv("CALLTRANSFER_FORCED_PANIC", "completion", 1);
    CHECK(calltransfer_queue_submit_answer(queue, "c-1", NULL, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_next(queue, -1, &completion, NULL) == CALLTRANSFER_OK);
    panic(0);
    CHECK(calltransfer_completion_status(completion) == internal);
    CHECK(calltransfer_error_outcome(calltransfer_completion_error(completion)) == not_sent);
    calltransfer_completion_free(completion);

    /* The handles are as they were: nothing of what panicked was done. */
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(calltransfer_follow_result(follow) == 0 && first == NULL);
    calltransfer_follow_free(follow);
    calltransfer_targets_free(targets);
    calltransfer_queue_free(queue);
    calltransfer_client_free(client);
    calltransfer_cancel_free(cancel);
    calltransfer_transfer_free(transfer);
    calltransfer_config_free(config);
    puts("ok");
    return 0;
}
