/* Submissions that are refused because of a lack of threads: none of them gets a completion. */
#include <calltransfer/calltransfer.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int submit(const calltransfer_queue *queue, intptr_t number, uint64_t *id)
{
    return calltransfer_queue_submit_get_call(queue, "c-1", (void *)number, id, NULL);
}

int main(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *queue = NULL;
    calltransfer_completion *completion = NULL;
    int refused = 0;
    intptr_t number;
    uint64_t id = 0;
    calltransfer_config_use_environment(config);
    if (calltransfer_queue_new(config, &queue, NULL) != CALLTRANSFER_OK) {
        return 2;
    }
    setenv("REFUSE_THREADS", "1", 1);
    for (number = 1; number <= 16; number++) {
        refused += submit(queue, number, &id) == CALLTRANSFER_E_CONNECTION && id == 0;
    }
    unsetenv("REFUSE_THREADS");
    calltransfer_queue_next(queue, 500, &completion, NULL);
    if (refused != 16 || completion != NULL || calltransfer_queue_in_flight(queue) != 0) {
        fprintf(stderr, "refused: %d; a completion: %s\n", refused, completion == NULL ? "no" : "yes");
        return 1;
    }
    if (submit(queue, 17, &id) != CALLTRANSFER_OK || id == 0) {
        fprintf(stderr, "still refused once there are threads\n");
        return 1;
    }
    calltransfer_queue_next(queue, 30000, &completion, NULL);
    if (calltransfer_completion_user_data(completion) != (void *)17 || calltransfer_completion_id(completion) != id) {
        fprintf(stderr, "not the completion of the accepted submission\n");
        return 1;
    }
    calltransfer_completion_free(completion);
    calltransfer_queue_free(queue);
    calltransfer_config_free(config);
    return 0;
}
