/*
 * A queue in a storm: `queue_storm SUBMITTERS CALLS STOPPERS` has many threads
 * submit the transfers c-THREAD-CALL at once, others stop them at random or all
 * together, and two threads take what ends. Prints each call with its outcome.
 */
#include <calltransfer/calltransfer.h>

#include <pthread.h>
#include <sched.h>

#include "check.h"

enum { MOST = 64, MOST_CALLS = 1000 };

static const calltransfer_queue *queue;
static int calls;
static int all;
static int taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char names[MOST][MOST_CALLS][24];

static int look_taken(void)
{
    int value;
    pthread_mutex_lock(&lock);
    value = taken;
    pthread_mutex_unlock(&lock);
    return value;
}

static void *submit(void *argument)
{
    int thread = *(const int *)argument;
    int i;
    for (i = 0; i < calls; i++) {
        char *name = names[thread][i];
        calltransfer_transfer *transfer;
        sprintf(name, "c-%d-%d", thread, i);
        transfer = calltransfer_transfer_new(name, "+18382947878");
        CHECK(calltransfer_queue_submit_transfer(queue, transfer, name, NULL, NULL) == CALLTRANSFER_OK);
        calltransfer_transfer_free(transfer);
    }
    return NULL;
}

static void *stop(void *argument)
{
    unsigned seed = (unsigned)*(const int *)argument;
    int squall;
    for (squall = 0; squall < 1000; squall++) {
        seed = seed * 1103515245u + 12345u;
        calltransfer_queue_cancel(queue, 1 + (seed >> 16) % (unsigned)all);
        if (squall % 100 == 50) {
            calltransfer_queue_cancel_all(queue);
        }
        sched_yield();
    }
    return NULL;
}

static void *take(void *unused)
{
    (void)unused;
    while (look_taken() < all) {
        calltransfer_completion *done;
        const calltransfer_error *error;
        CHECK(calltransfer_queue_next(queue, 20, &done, NULL) == CALLTRANSFER_OK);
        if (done == NULL) {
            continue;
        }
        error = calltransfer_completion_error(done);
        printf("%s %s\n", (const char *)calltransfer_completion_user_data(done),
               error == NULL ? "applied" : calltransfer_error_outcome_name(error));
        calltransfer_completion_free(done);
        pthread_mutex_lock(&lock);
        taken++;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    static pthread_t submitting[MOST], stopping[MOST], taking[2];
    static int numbers[MOST];
    int submitters, stoppers, i;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *made;
    CHECK(count == 4);
    submitters = atoi(arguments[1]);
    calls = atoi(arguments[2]);
    stoppers = atoi(arguments[3]);
    all = submitters * calls;
    CHECK(submitters <= MOST && stoppers <= MOST && calls <= MOST_CALLS);
    calltransfer_config_use_environment(config);
    CHECK(calltransfer_queue_new(config, &made, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    queue = made;
    for (i = 0; i < MOST; i++) {
        numbers[i] = i;
    }
    for (i = 0; i < submitters; i++) {
        CHECK(pthread_create(&submitting[i], NULL, submit, &numbers[i]) == 0);
    }
    for (i = 0; i < stoppers; i++) {
        CHECK(pthread_create(&stopping[i], NULL, stop, &numbers[i]) == 0);
    }
    for (i = 0; i < 2; i++) {
        CHECK(pthread_create(&taking[i], NULL, take, NULL) == 0);
    }
    for (i = 0; i < submitters; i++) {
        pthread_join(submitting[i], NULL);
    }
    for (i = 0; i < 2; i++) {
        pthread_join(taking[i], NULL);
    }
    for (i = 0; i < stoppers; i++) {
        pthread_join(stopping[i], NULL);
    }
    CHECK(calltransfer_queue_in_flight(queue) == 0);
    calltransfer_queue_free(made);
    return 0;
}
