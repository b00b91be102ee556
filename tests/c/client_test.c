/* What is sent, its errors, and what is asked of nothing. Connects to no one. */
#include <calltransfer/calltransfer.h>

#include "cases.h"
#include "check.h"
#include "fixtures.h"

static void freeing_null_does_nothing(void)
{
    calltransfer_config_free(NULL);
    calltransfer_transfer_free(NULL);
    calltransfer_client_free(NULL);
    calltransfer_result_free(NULL);
    calltransfer_error_free(NULL);
    calltransfer_string_free(NULL);
}

static void a_send_takes_null_anywhere(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = (calltransfer_error *)transfer; /* both must be set */
    calltransfer_result *result = (calltransfer_result *)transfer;
    CHECK(calltransfer_client_transfer(NULL, transfer, &result, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(result == NULL);
    CHECK_TEXT(calltransfer_error_message(error), "client: is NULL");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_transfer(client, NULL, &result, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "transfer");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(calltransfer_client_transfer(NULL, NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void a_refused_connection_is_reported_whole(void)
{
    size_t i;
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) == CALLTRANSFER_E_CONNECTION);
    /* The error outlives the rest. */
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    CHECK_TEXT(calltransfer_error_kind_name(error), "connection");
    CHECK_TEXT(calltransfer_error_outcome_name(error), "not_sent");
    CHECK_TEXT(calltransfer_error_stage(error), "connect");
    CHECK(strstr(calltransfer_error_message(error), "efused") != NULL);
    CHECK(calltransfer_error_message(error) == calltransfer_error_message(error));
    CHECK(calltransfer_error_cause_count(error) > 1);
    for (i = 0; i < calltransfer_error_cause_count(error); i++) {
        /* The message reports the same, joined. */
        CHECK(strstr(calltransfer_error_message(error), calltransfer_error_cause(error, i)) != NULL);
    }
    CHECK(strstr(calltransfer_error_cause(error, i - 1), "efused") != NULL);
    CHECK(calltransfer_error_cause(error, i) == NULL && calltransfer_error_cause(error, (size_t)-1) == NULL);
    CHECK(calltransfer_error_field(error) == NULL);
    CHECK(calltransfer_error_http_status(error) == 0);
    CHECK(calltransfer_error_platform_category(error) == NULL);
    CHECK(calltransfer_error_platform_code(error) == NULL);
    CHECK(calltransfer_error_platform_message(error) == NULL);
    CHECK(calltransfer_error_platform_detail_count(error) == 0);
    CHECK(calltransfer_error_platform_detail_name(error, 0) == NULL);
    CHECK(calltransfer_error_platform_detail_value(error, (size_t)-1) == NULL);
    CHECK(calltransfer_error_retry_after_ms(error) == -1);
    CHECK(calltransfer_error_attempts(error) == 1);
    CHECK(calltransfer_error_elapsed_ms(error) >= 0);
    CHECK(calltransfer_error_is_safe_to_repeat(error) == 1);
    calltransfer_error_free(error);
}

static void getters_of_null_give_nothing(void)
{
    CHECK(calltransfer_result_new_call_id(NULL) == NULL);
    CHECK(calltransfer_result_outcome(NULL) == 0);
    CHECK(calltransfer_result_http_status(NULL) == 0);
    CHECK(calltransfer_result_attempts(NULL) == 0);
    CHECK(calltransfer_result_elapsed_ms(NULL) == -1);
    CHECK(calltransfer_result_note(NULL) == NULL);
    CHECK(calltransfer_error_kind(NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_error_kind_name(NULL) == NULL);
    CHECK(calltransfer_error_outcome(NULL) == 0);
    CHECK(calltransfer_error_outcome_name(NULL) == NULL);
    CHECK(calltransfer_error_is_safe_to_repeat(NULL) == 0);
    CHECK(calltransfer_error_message(NULL) == NULL);
    CHECK(calltransfer_error_field(NULL) == NULL);
    CHECK(calltransfer_error_stage(NULL) == NULL);
    CHECK(calltransfer_error_http_status(NULL) == 0);
    CHECK(calltransfer_error_platform_category(NULL) == NULL);
    CHECK(calltransfer_error_platform_code(NULL) == NULL);
    CHECK(calltransfer_error_platform_message(NULL) == NULL);
    CHECK(calltransfer_error_platform_detail_count(NULL) == 0);
    CHECK(calltransfer_error_platform_detail_name(NULL, 0) == NULL);
    CHECK(calltransfer_error_platform_detail_value(NULL, 0) == NULL);
    CHECK(calltransfer_error_retry_after_ms(NULL) == -1);
    CHECK(calltransfer_error_attempts(NULL) == 0);
    CHECK(calltransfer_error_elapsed_ms(NULL) == -1);
}

static void getters_of_no_call_and_no_finding_give_nothing(void)
{
    CHECK(calltransfer_result_call_id(NULL) == NULL);
    CHECK(calltransfer_error_call_id(NULL) == NULL);
    CHECK(calltransfer_call_id(NULL) == NULL);
    CHECK(calltransfer_call_state(NULL) == NULL);
    CHECK(calltransfer_call_direction(NULL) == NULL);
    CHECK(calltransfer_call_from(NULL) == NULL);
    CHECK(calltransfer_call_to(NULL) == NULL);
    CHECK(calltransfer_call_start_time(NULL) == NULL);
    CHECK(calltransfer_call_active_time(NULL) == NULL);
    CHECK(calltransfer_call_end_time(NULL) == NULL);
    CHECK(calltransfer_call_json(NULL) == NULL);
    CHECK(calltransfer_finding_outcome(NULL) == 0);
    CHECK(calltransfer_finding_reason(NULL) == NULL);
    CHECK(calltransfer_finding_doubt(NULL) == NULL);
    CHECK(calltransfer_finding_call(NULL) == NULL);
    calltransfer_call_free(NULL);
    calltransfer_finding_free(NULL);
    calltransfer_cancel_request(NULL);
    calltransfer_cancel_free(NULL);
}

static void call_requests_take_null_anywhere(void)
{
    calltransfer_client *client = good_client();
    calltransfer_call *call = NULL;
    calltransfer_finding *finding = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_get_call(NULL, "c-1", &call, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "client");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, NULL, &call, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_message(error), "call_id: is NULL");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, NOT_UTF8, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_get_call(client, "../x", NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_answer(NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_answer(client, "a/b", &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "call_id");
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_hang_up(client, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_check(NULL, "c-1", &finding, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_check(client, "c-1", NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(call == NULL && finding == NULL);
    calltransfer_client_free(client);
}

static void a_stopped_transfer_is_not_sent(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_cancel *cancel = calltransfer_cancel_new();
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer_cancellable(client, transfer, NULL, &result, &error) ==
          CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "cancel");
    calltransfer_error_free(error);
    calltransfer_cancel_request(cancel);
    calltransfer_cancel_request(cancel);
    CHECK(calltransfer_client_transfer_cancellable(client, transfer, cancel, &result, &error) ==
          CALLTRANSFER_E_CANCELLED);
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    CHECK(calltransfer_error_attempts(error) == 0);
    CHECK(result == NULL);
    calltransfer_error_free(error);
    calltransfer_cancel_free(cancel);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static const struct test_case cases[] = {
    CASE(freeing_null_does_nothing),
    CASE(a_send_takes_null_anywhere),
    CASE(a_refused_connection_is_reported_whole),
    CASE(getters_of_null_give_nothing),
    CASE(getters_of_no_call_and_no_finding_give_nothing),
    CASE(call_requests_take_null_anywhere),
    CASE(a_stopped_transfer_is_not_sent),
};

RUN(cases)
