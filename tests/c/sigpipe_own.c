/*
 * Transfers one call while someone else sends SIGPIPE to this process, which has
 * a handler for it. Prints how often the handler ran before and after the
 * transfer returned. The configuration comes from the environment.
 */
#include <calltransfer/calltransfer.h>

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t handled;

static void handle(int number)
{
    (void)number;
    handled = handled + 1;
}

int main(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_client *client;
    calltransfer_error *error;
    int32_t status;
    signal(SIGPIPE, handle);
    calltransfer_config_use_environment(config);
    calltransfer_config_set_max_retries(config, 0);
    if (calltransfer_client_new(config, &client, NULL) != CALLTRANSFER_OK) {
        return 2;
    }
    status = calltransfer_client_transfer(client, transfer, NULL, &error);
    printf("%s %d\n", status == CALLTRANSFER_OK ? "applied" : calltransfer_error_outcome_name(error), (int)handled);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return 0;
}
