/*
 * Transfers N calls and keeps nothing: `soak N` makes each of them with a client,
 * or, every other one, through a queue, and reads all that is reported.
 * The calls are c-0, c-1 and so on; half of them the platform needn't know: those
 * of c-2, c-3, c-6, c-7 and so on. For valgrind and the sanitizers. The
 * configuration comes from the environment.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"

enum { TOGETHER = 50 };

static long applied;

static void read_result(const calltransfer_result *result)
{
    CHECK(calltransfer_result_call_id(result) != NULL);
    CHECK(calltransfer_result_new_call_id(result) != NULL);
    applied++;
}

static void read_error(const calltransfer_error *error)
{
    size_t i;
    CHECK(calltransfer_error_kind(error) == CALLTRANSFER_E_CALL_NOT_FOUND);
    CHECK(strlen(calltransfer_error_message(error)) > 0);
    for (i = 0; i < calltransfer_error_platform_detail_count(error); i++) {
        CHECK(calltransfer_error_platform_detail_name(error, i) != NULL);
        CHECK(calltransfer_error_platform_detail_value(error, i) != NULL);
    }
}

static calltransfer_transfer *new_transfer(long number)
{
    char call_id[32];
    calltransfer_transfer *transfer;
    sprintf(call_id, "c-%ld", number);
    transfer = calltransfer_transfer_new(call_id, "+18382947878");
    calltransfer_transfer_set_caller_id(transfer, "private");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "You have an incoming call");
    calltransfer_transfer_set_extra_json(transfer, "{\"one\":{\"two\":[3]}}");
    return transfer;
}

static void wait_for_one(const calltransfer_client *client, long number)
{
    calltransfer_transfer *transfer = new_transfer(number);
    calltransfer_result *result;
    calltransfer_error *error;
    char *json;
    CHECK(calltransfer_transfer_to_json(transfer, &json, &error) == CALLTRANSFER_OK);
    calltransfer_string_free(json);
    if (calltransfer_client_transfer(client, transfer, &result, &error) == CALLTRANSFER_OK) {
        read_result(result);
    } else {
        read_error(error);
    }
    calltransfer_transfer_free(transfer);
    calltransfer_result_free(result);
    calltransfer_error_free(error);
}

static void take_all(const calltransfer_queue *queue)
{
    while (calltransfer_queue_in_flight(queue) > 0) {
        calltransfer_completion *done;
        CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
        if (calltransfer_completion_status(done) == CALLTRANSFER_OK) {
            calltransfer_result *result = calltransfer_completion_take_result(done);
            read_result(result);
            calltransfer_result_free(result);
        } else {
            read_error(calltransfer_completion_error(done));
        }
        calltransfer_completion_free(done);
    }
}

int main(int count, char **arguments)
{
    long times = count == 2 ? atol(arguments[1]) : 0;
    long i;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client;
    calltransfer_queue *queue;
    CHECK(times > 0);
    calltransfer_config_use_environment(config);
    calltransfer_config_set_timeout_ms(config, 60000);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    for (i = 0; i < times; i++) {
        if (i % 2 == 0) {
            wait_for_one(client, i);
        } else {
            calltransfer_transfer *transfer = new_transfer(i);
            CHECK(calltransfer_queue_submit_transfer(queue, transfer, NULL, NULL, NULL) == CALLTRANSFER_OK);
            calltransfer_transfer_free(transfer);
        }
        if (i % TOGETHER == TOGETHER - 1) {
            take_all(queue);
        }
    }
    take_all(queue);
    calltransfer_queue_free(queue);
    calltransfer_client_free(client);
    printf("%ld of %ld\n", applied, times);
    return 0;
}
