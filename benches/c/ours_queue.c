/* The library's queue from C: so many in flight, each completion submits the next.
   ours_queue URL IN_FLIGHT WARM SECONDS [CA_FILE]
   ours_queue distance URL CA_FILE VARIANT SECONDS times transfers after pauses. */
#include "pauses.h"

#include <calltransfer/calltransfer.h>

static int submit(calltransfer_queue *queue, double *begin)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-call123", "+18382947878");
    int failed;
    calltransfer_transfer_set_caller_id(transfer, "private");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "You have an incoming call");
    *begin = clock_of(CLOCK_MONOTONIC);
    failed = calltransfer_queue_submit_transfer(queue, transfer, begin, NULL, NULL) != CALLTRANSFER_OK;
    calltransfer_transfer_free(transfer);
    return failed;
}

static calltransfer_config *account(const char *url)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_config_set_user_id(config, "u-abc123");
    calltransfer_config_set_token(config, "t-token");
    calltransfer_config_set_secret(config, "s-secret");
    calltransfer_config_set_base_url(config, url);
    return config;
}

static int take(calltransfer_queue *queue)
{
    calltransfer_completion *completion = NULL;
    int failed = calltransfer_queue_next(queue, 60000, &completion, NULL) != CALLTRANSFER_OK || !completion ||
                 calltransfer_completion_status(completion) != CALLTRANSFER_OK;
    calltransfer_completion_free(completion);
    return failed;
}

static int once(void *with)
{
    double begin;
    return submit(with, &begin) || take(with);
}

static int prepare(void *with)
{
    return calltransfer_queue_submit_prepare(with, NULL, NULL, NULL) != CALLTRANSFER_OK || take(with);
}

static int distance(char **argv)
{
    calltransfer_config *config = account(argv[2]);
    calltransfer_queue *queue = NULL;
    int failed = 2;
    calltransfer_config_set_ca_file(config, argv[3]);
    calltransfer_config_set_keep_ready(config, keeps_ready(argv[4]));
    if (calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK)
        failed = pauses(argv[4], argv[5], prepare, once, queue);
    calltransfer_queue_free(queue);
    calltransfer_config_free(config);
    return failed;
}

int main(int argc, char **argv)
{
    calltransfer_config *config;
    calltransfer_queue *queue = NULL;
    size_t made = 0, room = 1u << 20, in_flight, left, i;
    float *took = malloc(room * sizeof *took);
    double warm, seconds, from, end, processor = 0, used = 0, *begins;
    if (argc == 6 && !strcmp(argv[1], "distance"))
        return distance(argv);
    if (argc < 5 || !took)
        return 2;
    in_flight = left = (size_t)atol(argv[2]);
    warm = atof(argv[3]);
    seconds = atof(argv[4]);
    begins = calloc(in_flight, sizeof *begins);
    config = account(argv[1]);
    calltransfer_config_set_max_connections(config, (int32_t)in_flight);
    if (argc > 5)
        calltransfer_config_set_ca_file(config, argv[5]);
    if (!begins || calltransfer_queue_new(config, &queue, NULL) != CALLTRANSFER_OK)
        return 2;
    from = clock_of(CLOCK_MONOTONIC) + warm;
    end = from + seconds;
    for (i = 0; i < in_flight; i++)
        if (submit(queue, &begins[i]))
            return 2;
    while (left > 0) {
        calltransfer_completion *completion = NULL;
        double now, *begin;
        if (calltransfer_queue_next(queue, 60000, &completion, NULL) != CALLTRANSFER_OK || !completion ||
            calltransfer_completion_status(completion) != CALLTRANSFER_OK) {
            fprintf(stderr, "a transfer failed\n");
            return 1;
        }
        begin = calltransfer_completion_user_data(completion);
        calltransfer_completion_free(completion);
        now = clock_of(CLOCK_MONOTONIC);
        if (now >= from && processor == 0)
            processor = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        if (now >= from && now < end && made < room)
            took[made++] = (float)((now - *begin) * 1e6);
        if (now < end) {
            if (submit(queue, begin))
                return 1;
        } else {
            if (used == 0)
                used = clock_of(CLOCK_PROCESS_CPUTIME_ID) - processor;
            left--;
        }
    }
    qsort(took, made, sizeof *took, by_size);
    printf("{\"transfers\": %zu, \"seconds\": %f, \"p50_us\": %f, \"p99_us\": %f, "
           "\"processor_seconds\": %f, \"peak_kib\": %ld}\n",
           made, seconds, made ? took[made / 2] : 0, made ? took[made * 99 / 100] : 0, used, peak_kib());
    calltransfer_queue_free(queue);
    calltransfer_config_free(config);
    free(begins);
    free(took);
    return 0;
}
