/*
 * The three transfers of the API's own page, of three live calls:
 *
 *     three_transfers CALL_ID CALL_ID CALL_ID
 *
 * Reads BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET and perhaps
 * CALLTRANSFER_BASE_URL. Prints each body as it is sent, and its outcome.
 * Exits with 0 if all three were made.
 */
#include <calltransfer/calltransfer.h>

#include <stdio.h>

/* A number, nothing else. */
static calltransfer_transfer *to_a_number(const char *call_id)
{
    return calltransfer_transfer_new(call_id, "+19192223333");
}

/* The new party sees no number, and hears a sentence before the two are connected. */
static calltransfer_transfer *with_a_whisper(const char *call_id)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, "+18382947878");
    calltransfer_transfer_set_caller_id(transfer, "private");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "Hello! You have an incoming call");
    return transfer;
}

/* The new party hears why the call comes to it. */
static calltransfer_transfer *with_a_diversion(const char *call_id)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, "+19195554444");
    calltransfer_transfer_set_diversion_treatment(transfer, "stack");
    calltransfer_transfer_set_diversion_reason(transfer, "do-not-disturb");
    return transfer;
}

/* Prints an error and frees it. */
static void report(calltransfer_error *error)
{
    printf("%s: %s\n", calltransfer_error_outcome_name(error), calltransfer_error_message(error));
    if (calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_UNKNOWN) {
        printf("look at the call before trying again\n");
    }
    calltransfer_error_free(error);
}

/* Sends a transfer and frees it; 1 if it was made. */
static int send_and_free(const calltransfer_client *client, calltransfer_transfer *transfer)
{
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    char *body = NULL;
    int made;

    if (calltransfer_transfer_to_json(transfer, &body, NULL) == CALLTRANSFER_OK) {
        printf("%s\n", body);
        calltransfer_string_free(body);
    }

    made = calltransfer_client_transfer(client, transfer, &result, &error) == CALLTRANSFER_OK;
    if (made) {
        const char *call_id = calltransfer_result_new_call_id(result);
        printf("applied: the new call is %s\n", call_id != NULL ? call_id : calltransfer_result_note(result));
        calltransfer_result_free(result);
    } else {
        report(error);
    }
    calltransfer_transfer_free(transfer);
    return made;
}

int main(int argc, char **argv)
{
    calltransfer_config *config;
    calltransfer_client *client;
    calltransfer_error *error;
    int32_t status;
    int made = 0;

    if (argc != 4) {
        fprintf(stderr, "usage: %s CALL_ID CALL_ID CALL_ID\n", argv[0]);
        return 2;
    }

    config = calltransfer_config_new();
    calltransfer_config_use_environment(config);
    status = calltransfer_client_new(config, &client, &error);
    calltransfer_config_free(config);
    if (status != CALLTRANSFER_OK) {
        report(error);
        return 1;
    }

    made += send_and_free(client, to_a_number(argv[1]));
    made += send_and_free(client, with_a_whisper(argv[2]));
    made += send_and_free(client, with_a_diversion(argv[3]));
    calltransfer_client_free(client);
    return made == 3 ? 0 : 1;
}
