/*
 * Transfers, and checks the transfer after its unknown outcome; prints what is found as one line of JSON.
 *
 * `check_driver HOW CALLER_ID CALL TO...`, where "-" is no caller ID. HOW is `client`, `timed` (with a time of
 * its own) or `queue`. The account is in the environment.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"
#include "json_text.h"

static void print_finding(const calltransfer_finding *finding)
{
    CHECK(finding != NULL && calltransfer_finding_reason(finding) != NULL);
    printf("{\"outcome_number\":%ld", (long)calltransfer_finding_outcome(finding));
    print_text("new_call_id", calltransfer_finding_new_call_id(finding));
    print_text("reason", calltransfer_finding_reason(finding));
    print_text("doubt", calltransfer_finding_doubt(finding));
    printf("}\n");
}

static void check_in_queue(const calltransfer_config *config, const calltransfer_error *failed)
{
    calltransfer_queue *queue = NULL;
    calltransfer_completion *done = NULL;
    uint64_t id = 0;
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_submit_check_transfer(queue, failed, 0, &id, &id, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_completion_id(done) == id && calltransfer_completion_user_data(done) == &id);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_CHECK);
    print_finding(calltransfer_completion_finding(done));
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
}

int main(int count, char **arguments)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_transfer *transfer;
    calltransfer_finding *finding = NULL;
    calltransfer_completion *done;
    calltransfer_error *failed = NULL, *error = NULL;
    int i;

    CHECK(count > 4);
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_max_retries(config, 0) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    transfer = calltransfer_transfer_new(arguments[3], arguments[4]);
    if (strcmp(arguments[2], "-") != 0) {
        CHECK(calltransfer_transfer_set_caller_id(transfer, arguments[2]) == CALLTRANSFER_OK);
    }
    for (i = 5; i < count; i++) {
        CHECK(calltransfer_transfer_also_to(transfer, arguments[i]) == CALLTRANSFER_OK);
    }
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &failed) == CALLTRANSFER_E_OUTCOME_UNKNOWN);
    if (strcmp(arguments[1], "queue") == 0) {
        check_in_queue(config, failed);
    } else if (strcmp(arguments[1], "timed") == 0) {
        done = calltransfer_client_request_check_transfer(client, failed, 20000, NULL);
        print_finding(calltransfer_completion_finding(done));
        calltransfer_completion_free(done);
    } else {
        CHECK(calltransfer_client_check_transfer(client, failed, &finding, &error) == CALLTRANSFER_OK);
        CHECK(error == NULL);
        print_finding(finding);
        calltransfer_finding_free(finding);
    }
    calltransfer_error_free(failed);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return 0;
}
