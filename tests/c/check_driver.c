/*
 * Transfers a `call_id` to each of `to`, and checks the transfer after its unknown outcome: `check_driver client`,
 * `timed` (with a time of its own) or `queue`. Says what is found. The account is in the environment.
 */
#include <calltransfer/calltransfer.h>

#include "check.h"
#include "driver.h"

static void put_finding(yyjson_mut_val *report, const calltransfer_finding *finding)
{
    CHECK(finding != NULL && calltransfer_finding_reason(finding) != NULL);
    put_number(report, "outcome_number", calltransfer_finding_outcome(finding));
    put_text(report, "new_call_id", calltransfer_finding_new_call_id(finding));
    put_text(report, "reason", calltransfer_finding_reason(finding));
    put_text(report, "doubt", calltransfer_finding_doubt(finding));
}

static void check_in_queue(yyjson_mut_val *report, const calltransfer_config *config, const calltransfer_error *failed)
{
    calltransfer_queue *queue = NULL;
    calltransfer_completion *done = NULL;
    uint64_t id = 0;
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_submit_check_transfer(queue, failed, 0, &id, &id, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_completion_id(done) == id && calltransfer_completion_user_data(done) == &id);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_CHECK);
    put_finding(report, calltransfer_completion_finding(done));
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
}

int main(int count, char **arguments)
{
    yyjson_val *given = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    yyjson_val *targets = yyjson_obj_get(given, "to"), *target;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_transfer *transfer;
    calltransfer_finding *finding = NULL;
    calltransfer_completion *done;
    calltransfer_error *failed = NULL, *error = NULL;
    size_t i, targets_count;

    CHECK(count == 2);
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_max_retries(config, 0) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    transfer = calltransfer_transfer_new(text_of(given, "call_id"), text("to", yyjson_arr_get_first(targets)));
    if (text_of(given, "caller_id") != NULL) {
        CHECK(calltransfer_transfer_set_caller_id(transfer, text_of(given, "caller_id")) == CALLTRANSFER_OK);
    }
    yyjson_arr_foreach(targets, i, targets_count, target)
    {
        CHECK(i == 0 || calltransfer_transfer_also_to(transfer, text("to", target)) == CALLTRANSFER_OK);
    }
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &failed) == CALLTRANSFER_E_OUTCOME_UNKNOWN);
    if (strcmp(arguments[1], "queue") == 0) {
        check_in_queue(report, config, failed);
    } else if (strcmp(arguments[1], "timed") == 0) {
        done = calltransfer_client_request_check_transfer(client, failed, 20000, NULL);
        put_finding(report, calltransfer_completion_finding(done));
        calltransfer_completion_free(done);
    } else {
        CHECK(calltransfer_client_check_transfer(client, failed, &finding, &error) == CALLTRANSFER_OK);
        CHECK(error == NULL);
        put_finding(report, finding);
        calltransfer_finding_free(finding);
    }
    calltransfer_error_free(failed);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    write_output();
    return 0;
}
