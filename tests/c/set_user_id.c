/*
 * Prints AT_SECURE. Without an argument: the result for a client whose account
 * is in the environment. With one: a transfer to that address, with an account
 * of the program's own.
 */
#include <calltransfer/calltransfer.h>

#include <stdio.h>
#include <sys/auxv.h>

int main(int count, char **arguments)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_client *client = NULL;
    calltransfer_error *error = NULL;
    printf("%lu\n", getauxval(AT_SECURE));
    calltransfer_config_set_max_retries(config, 0);
    if (count > 1) {
        calltransfer_config_set_user_id(config, "u-1");
        calltransfer_config_set_token(config, "t-1");
        calltransfer_config_set_secret(config, "s-1");
        calltransfer_config_set_base_url(config, arguments[1]);
    }
    calltransfer_config_use_environment(config);
    if (calltransfer_client_new(config, &client, &error) != CALLTRANSFER_OK) {
        printf("%s\n", calltransfer_error_message(error));
    } else if (count > 1) {
        int32_t status = calltransfer_client_transfer(client, transfer, NULL, &error);
        printf("%s\n", status == CALLTRANSFER_OK ? "applied" : calltransfer_error_kind_name(error));
    } else {
        printf("made\n");
    }
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return 0;
}
