/*
 * A host that submits more than it has descriptors for: `queue COUNT TIMEOUT_MS`
 * submits the transfers c-0, c-1 and so on at once, takes what comes, and prints
 * how often each outcome came and what the process needed, as JSON.
 */
#include <calltransfer/calltransfer.h>

#include "../c/check.h"
#include "host.h"

int main(int count, char **arguments)
{
    long all, i, outcomes[CALLTRANSFER_OUTCOME_UNKNOWN + 1] = {0};
    long begin_kib, submitted_kib;
    struct timespec begin;
    double submitted;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *queue;
    CHECK(count >= 3);
    all = atol(arguments[1]);
    calltransfer_config_use_environment(config);
    calltransfer_config_set_timeout_ms(config, atol(arguments[2]));
    if (count > 3) {
        calltransfer_config_set_ca_file(config, arguments[3]);
    }
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    begin_kib = resident_kib();
    begin_watch();
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (i = 0; i < all; i++) {
        char name[32];
        calltransfer_transfer *transfer;
        sprintf(name, "c-%ld", i);
        transfer = calltransfer_transfer_new(name, "+18382947878");
        CHECK(calltransfer_queue_submit_transfer(queue, transfer, NULL, NULL, NULL) == CALLTRANSFER_OK);
        calltransfer_transfer_free(transfer);
    }
    submitted = seconds_since(&begin);
    submitted_kib = resident_kib();
    for (i = 0; i < all; i++) {
        calltransfer_completion *done;
        const calltransfer_error *error;
        CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
        error = calltransfer_completion_error(done);
        if (error != NULL && outcomes[calltransfer_error_outcome(error)]++ == 0) {
            fprintf(stderr, "%s\n", calltransfer_error_message(error));
        }
        outcomes[CALLTRANSFER_OUTCOME_APPLIED] += error == NULL;
        calltransfer_completion_free(done);
    }
    printf("{\"program\": \"calltransfer\", \"submit_seconds\": %.3f, \"seconds\": %.3f, \"submitted_kib\": %ld, ",
           submitted, seconds_since(&begin), submitted_kib);
    printf("\"not_sent\": %ld, \"not_applied\": %ld, \"applied\": %ld, \"unknown\": %ld, ",
           outcomes[CALLTRANSFER_OUTCOME_NOT_SENT], outcomes[CALLTRANSFER_OUTCOME_NOT_APPLIED],
           outcomes[CALLTRANSFER_OUTCOME_APPLIED], outcomes[CALLTRANSFER_OUTCOME_UNKNOWN]);
    end_watch(begin_kib);
    calltransfer_queue_free(queue);
    return 0;
}
