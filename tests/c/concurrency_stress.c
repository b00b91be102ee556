/*
 * Many threads, one client: `hammer THREADS CALLS` has each thread transfer the
 * calls c-THREAD-CALL, and prints for each the call, a space, and the new
 * call's id or the outcome. The configuration comes from the environment.
 */
#include <calltransfer/calltransfer.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 256 };

static const calltransfer_client *client;
static int calls;

static void *work(void *argument)
{
    int thread = *(const int *)argument;
    int i;
    for (i = 0; i < calls; i++) {
        char call_id[32];
        calltransfer_transfer *transfer;
        calltransfer_result *result;
        calltransfer_error *error;
        sprintf(call_id, "c-%d-%d", thread, i);
        transfer = calltransfer_transfer_new(call_id, "+18382947878");
        if (calltransfer_client_transfer(client, transfer, &result, &error) == CALLTRANSFER_OK) {
            printf("%s %s\n", call_id, calltransfer_result_new_call_id(result));
        } else {
            printf("%s %s\n", call_id, calltransfer_error_outcome_name(error));
            fprintf(stderr, "%s: %s\n", call_id, calltransfer_error_message(error));
        }
        calltransfer_result_free(result);
        calltransfer_error_free(error);
        calltransfer_transfer_free(transfer);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    static pthread_t threads[MOST];
    static int numbers[MOST];
    int many = count > 2 ? atoi(arguments[1]) : 0;
    int started, i;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *made;
    if (many < 1 || many > MOST) {
        return 2;
    }
    calls = atoi(arguments[2]);
    calltransfer_config_use_environment(config);
    if (calltransfer_client_new(config, &made, NULL) != CALLTRANSFER_OK) {
        return 2;
    }
    calltransfer_config_free(config);
    client = made;
    for (started = 0; started < many; started++) {
        numbers[started] = started;
        if (pthread_create(&threads[started], NULL, work, &numbers[started]) != 0) {
            break;
        }
    }
    for (i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    calltransfer_client_free(made);
    return started == many ? 0 : 2;
}
