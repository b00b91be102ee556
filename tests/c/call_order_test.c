/* Things done in an order that no one had in mind. Connects to no one. */
#include <calltransfer/calltransfer.h>

#include "cases.h"
#include "check.h"
#include "fixtures.h"

static calltransfer_queue *good_queue(void)
{
    calltransfer_config *config = good_config();
    calltransfer_queue *queue = NULL;
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return queue;
}

static void options_may_be_set_in_any_order(void)
{
    calltransfer_transfer *transfer = good_transfer();
    char *json = NULL;
    CHECK(calltransfer_transfer_set_diversion_reason(transfer, "do-not-disturb") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_whisper_audio_voice(transfer, "Julie") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_whisper_audio_locale(transfer, "en_US") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_diversion_treatment(transfer, "stack") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_whisper_audio_sentence(transfer, "hello") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(transfer, &json, NULL) == CALLTRANSFER_OK);
    CHECK(strstr(json, "\"voice\":\"Julie\"") != NULL && strstr(json, "\"do-not-disturb\"") != NULL);
    calltransfer_string_free(json);
    calltransfer_transfer_free(transfer);
}

static void dependent_option_is_refused_until_its_base_is_set(void)
{
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_transfer_set_whisper_audio_voice(transfer, "Julie") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(transfer, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_whisper_audio_locale(transfer, "en_US") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_whisper_audio_sentence(transfer, "hello") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(transfer, NULL, NULL) == CALLTRANSFER_OK);
    calltransfer_transfer_free(transfer);
}

static void a_transfer_may_be_changed_between_sends(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(calltransfer_transfer_set_caller_id(transfer, "nonsense") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_caller_id(transfer, "private") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void error_outlives_the_handles_it_came_from(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) == CALLTRANSFER_E_CONNECTION);
    calltransfer_client_free(client);
    calltransfer_transfer_free(transfer);
    CHECK_TEXT(calltransfer_error_call_id(error), "c-call123");
    CHECK_TEXT(calltransfer_error_kind_name(error), "connection");
    calltransfer_error_free(error);
}

static void a_stopped_handle_stops_whatever_comes_later(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_cancel *cancel = calltransfer_cancel_new();
    int round;
    calltransfer_cancel_request(cancel);
    calltransfer_cancel_request(cancel);
    for (round = 0; round < 2; round++) {
        CHECK(calltransfer_client_transfer_cancellable(client, transfer, cancel, NULL, NULL) ==
              CALLTRANSFER_E_CANCELLED);
    }
    calltransfer_cancel_free(cancel);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void next_with_nothing_under_way_waits_for_its_timeout(void)
{
    calltransfer_queue *queue = good_queue();
    calltransfer_completion *completion = NULL;
    CHECK(calltransfer_queue_next(queue, 0, &completion, NULL) == CALLTRANSFER_OK && completion == NULL);
    CHECK(calltransfer_queue_next(queue, 10, &completion, NULL) == CALLTRANSFER_OK && completion == NULL);
    CHECK(calltransfer_queue_cancel_all(queue) == 0 && calltransfer_queue_cancel(queue, 1) == 0);
    calltransfer_queue_free(queue);
}

static void completion_outlives_its_queue_and_is_taken_once(void)
{
    calltransfer_queue *queue = good_queue();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_completion *completion = NULL;
    calltransfer_error *error;
    uint64_t id = 0;
    CHECK(calltransfer_queue_submit_transfer(queue, transfer, &queue, &id, NULL) == CALLTRANSFER_OK);
    calltransfer_transfer_free(transfer);
    CHECK(calltransfer_queue_next(queue, -1, &completion, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_cancel(queue, id) == 0); /* it has ended */
    calltransfer_queue_free(queue);
    CHECK(calltransfer_completion_id(completion) == id);
    CHECK(calltransfer_completion_take_result(completion) == NULL);
    CHECK(calltransfer_completion_take_call(completion) == NULL);
    CHECK(calltransfer_completion_take_finding(completion) == NULL);
    error = calltransfer_completion_take_error(completion);
    CHECK(error != NULL && calltransfer_completion_take_error(completion) == NULL);
    CHECK(calltransfer_completion_error(completion) == NULL);
    CHECK(calltransfer_completion_status(completion) == CALLTRANSFER_E_CONNECTION);
    calltransfer_completion_free(completion);
    CHECK(calltransfer_error_kind(error) == CALLTRANSFER_E_CONNECTION);
    calltransfer_error_free(error);
}

static const struct test_case cases[] = {
    CASE(options_may_be_set_in_any_order),
    CASE(dependent_option_is_refused_until_its_base_is_set),
    CASE(a_transfer_may_be_changed_between_sends),
    CASE(error_outlives_the_handles_it_came_from),
    CASE(a_stopped_handle_stops_whatever_comes_later),
    CASE(next_with_nothing_under_way_waits_for_its_timeout),
    CASE(completion_outlives_its_queue_and_is_taken_once),
};

RUN(cases)
