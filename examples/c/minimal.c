/* Transfers the call named on the command line. Credentials: BANDWIDTH_USER_ID, _API_TOKEN, _API_SECRET. */
#include <calltransfer/calltransfer.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new(argc > 1 ? argv[1] : "", "+18382947878");
    calltransfer_client *client = NULL;
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;

    calltransfer_config_use_environment(config);
    calltransfer_transfer_set_caller_id(transfer, "private");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "You have an incoming call");
    if (calltransfer_client_new(config, &client, &error) == CALLTRANSFER_OK &&
        calltransfer_client_transfer(client, transfer, &result, &error) == CALLTRANSFER_OK) {
        const char *new_call = calltransfer_result_new_call_id(result);
        printf("the new call is %s\n", new_call ? new_call : "not named");
    } else {
        fprintf(stderr, "%s: %s\n", calltransfer_error_outcome_name(error), calltransfer_error_message(error));
    }

    int failed = error != NULL;
    calltransfer_error_free(error);
    calltransfer_result_free(result);
    calltransfer_client_free(client);
    calltransfer_transfer_free(transfer);
    calltransfer_config_free(config);
    return failed;
}
