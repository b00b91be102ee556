/* A thread that is cancelled while it waits in the library: `cancelled_thread blocking|queue`. It
 * reads a line once the request has arrived, cancels the thread, prints "cancelled", and then what the thread got. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <calltransfer/calltransfer.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static calltransfer_client *client;
static calltransfer_queue *queue;
static char got[256] = "nothing";

static void *blocking(void *unused)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    (void)unused;
    if (calltransfer_client_transfer(client, transfer, &result, &error) == CALLTRANSFER_OK) {
        snprintf(got, sizeof got, "%s", calltransfer_result_new_call_id(result));
    } else {
        snprintf(got, sizeof got, "%s", calltransfer_error_message(error));
    }
    calltransfer_result_free(result);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    pthread_testcancel();
    snprintf(got, sizeof got, "the thread went on");
    return NULL;
}

static void *queued(void *unused)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_completion *completion = NULL;
    (void)unused;
    if (calltransfer_queue_submit_transfer(queue, transfer, NULL, NULL, NULL) != CALLTRANSFER_OK ||
        calltransfer_queue_next(queue, -1, &completion, NULL) != CALLTRANSFER_OK) {
        return NULL;
    }
    if (calltransfer_completion_status(completion) == CALLTRANSFER_OK) {
        calltransfer_result *result = calltransfer_completion_take_result(completion);
        snprintf(got, sizeof got, "%s", calltransfer_result_new_call_id(result));
        calltransfer_result_free(result);
    }
    calltransfer_completion_free(completion);
    calltransfer_transfer_free(transfer);
    pthread_testcancel();
    snprintf(got, sizeof got, "the thread went on");
    return NULL;
}

int main(int argc, char **argv)
{
    calltransfer_config *config = calltransfer_config_new();
    const int is_queue = argc > 1 && strcmp(argv[1], "queue") == 0;
    pthread_t thread;
    void *end = NULL;
    char line[16];

    calltransfer_config_use_environment(config);
    if (calltransfer_client_new(config, &client, NULL) != CALLTRANSFER_OK ||
        calltransfer_queue_new(config, &queue, NULL) != CALLTRANSFER_OK) {
        return 1;
    }
    calltransfer_config_free(config);
    if (pthread_create(&thread, NULL, is_queue ? queued : blocking, NULL) != 0) {
        return 1;
    }
    if (fgets(line, sizeof line, stdin) == NULL || pthread_cancel(thread) != 0) {
        return 1;
    }
    printf("cancelled\n");
    fflush(stdout);
    pthread_join(thread, &end);
    printf("%s %s\n", got, end == PTHREAD_CANCELED ? "cancelled" : "returned");
    calltransfer_client_free(client);
    calltransfer_queue_free(queue);
    return 0;
}
