/*
 * `starved ENTRY RESOURCE AMOUNT`: transfers through the blocking client or the
 * queue while a resource is short. Completions are counted against accepted
 * submissions: each gets exactly one, and a refused submission none.
 */
#include <calltransfer/calltransfer.h>

#include "starve.h"
#include "../c/check.h"

#define TO "+18382947878"

static calltransfer_config *new_config(void)
{
    calltransfer_config *config = calltransfer_config_new();
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    return config;
}

static void report(const char *call_id, const calltransfer_error *error)
{
    if (error == NULL) {
        starve_report(call_id, "applied", NULL);
    } else {
        starve_report(call_id, calltransfer_error_outcome_name(error), calltransfer_error_kind_name(error));
    }
}

static void transfer(const calltransfer_client *client, const char *call_id)
{
    calltransfer_transfer *request = calltransfer_transfer_new(call_id, TO);
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    CHECK((calltransfer_client_transfer(client, request, &result, &error) == CALLTRANSFER_OK) == (error == NULL));
    report(call_id, error);
    calltransfer_result_free(result);
    calltransfer_error_free(error);
    calltransfer_transfer_free(request);
}

static void blocking(const char *resource, int amount)
{
    calltransfer_config *config = new_config();
    calltransfer_client *client = NULL;
    int i;
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    starve(resource, amount);
    for (i = 0; i < STARVE_CALLS; i++) {
        transfer(client, starve_calls[i]);
    }
    starve_no_more();
    transfer(client, STARVE_LATER);
    calltransfer_client_free(client);
}

/* Whether it was accepted. */
static int submit(const calltransfer_queue *queue, const char *call_id)
{
    calltransfer_transfer *request = calltransfer_transfer_new(call_id, TO);
    calltransfer_error *error = NULL;
    uint64_t id = 7;
    int accepted =
        calltransfer_queue_submit_transfer(queue, request, (void *)(uintptr_t)call_id, &id, &error) == CALLTRANSFER_OK;
    CHECK(accepted == (error == NULL) && accepted == (id != 0));
    if (!accepted) {
        report(call_id, error);
    }
    calltransfer_error_free(error);
    calltransfer_transfer_free(request);
    return accepted;
}

static void take(const calltransfer_queue *queue, int accepted)
{
    calltransfer_completion *done = NULL;
    while (accepted-- > 0) {
        CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK && done != NULL);
        report((const char *)calltransfer_completion_user_data(done), calltransfer_completion_error(done));
        calltransfer_completion_free(done);
    }
    /* No completion of what was refused comes later. */
    CHECK(calltransfer_queue_next(queue, 100, &done, NULL) == CALLTRANSFER_OK && done == NULL);
}

static void queue(const char *resource, int amount)
{
    calltransfer_config *config = new_config();
    calltransfer_queue *queue = NULL;
    int accepted = 0;
    int i;
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    starve(resource, amount);
    for (i = 0; i < STARVE_CALLS; i++) {
        accepted += submit(queue, starve_calls[i]);
    }
    take(queue, accepted);
    starve_no_more();
    take(queue, submit(queue, STARVE_LATER));
    calltransfer_queue_free(queue);
}

int main(int count, char **arguments)
{
    CHECK(count == 4);
    if (strcmp(arguments[1], "blocking") == 0) {
        blocking(arguments[2], atoi(arguments[3]));
    } else {
        queue(arguments[2], atoi(arguments[3]));
    }
    return 0;
}
