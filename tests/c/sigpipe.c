/*
 * Transfers `sigpipe N` calls with the body as large as argument 2 says, SIGPIPE
 * at its default. Then raises it: the host's own still kills. Prints a line per
 * call: kind and outcome. The configuration comes from the environment.
 */
#include <calltransfer/calltransfer.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART 500000

int main(int count, char **arguments)
{
    int times = count > 2 ? atoi(arguments[1]) : 0;
    size_t size = count > 2 ? (size_t)atol(arguments[2]) : 0;
    char *extra = (char *)malloc(PART + 32);
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_client *client;
    int i;
    if (times < 1 || extra == NULL) {
        return 2;
    }
    /* In parts: a text may have 1 MiB at most. */
    for (i = 0; (size_t)i * PART < size; i++) {
        int head = sprintf(extra, "{\"x%d\":\"", i);
        memset(extra + head, 'x', PART);
        strcpy(extra + head + PART, "\"}");
        calltransfer_transfer_set_extra_json(transfer, extra);
    }
    free(extra);
    calltransfer_config_use_environment(config);
    calltransfer_config_set_max_retries(config, 0);
    if (calltransfer_client_new(config, &client, NULL) != CALLTRANSFER_OK) {
        return 2;
    }
    signal(SIGPIPE, SIG_DFL);
    for (i = 0; i < times; i++) {
        calltransfer_error *error;
        int32_t status = calltransfer_client_transfer(client, transfer, NULL, &error);
        printf("%s %s\n", calltransfer_kind_name(status), calltransfer_error_outcome_name(error));
        calltransfer_error_free(error);
    }
    fflush(stdout);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    raise(SIGPIPE);
    return 0;
}
