/* The clock of a run: a time to warm up, a time that counts, and what it came to. One line of JSON. */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char BODY[] __attribute__((unused)) =
    "{\"state\":\"transferring\",\"transferTo\":\"+18382947878\",\"transferCallerId\":\"private\","
    "\"whisperAudio\":{\"sentence\":\"You have an incoming call\"}}";

static double clock_of(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_size(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib;
}

/* Calls `once` again and again; it returns 0 for a transfer that was made. */
__attribute__((unused)) static int measure(double warm, double seconds, int (*once)(void *), void *with)
{
    size_t made = 0, room = 1u << 22;
    float *took = (float *)malloc(room * sizeof *took); /* C++ wants the cast */
    double from = clock_of(CLOCK_MONOTONIC) + warm, end = from + seconds;
    double processor = 0, begin = clock_of(CLOCK_MONOTONIC);
    if (!took)
        return 1;
    while (begin < end) {
        double now;
        if (once(with)) {
            fprintf(stderr, "a transfer failed\n");
            return 1;
        }
        now = clock_of(CLOCK_MONOTONIC);
        if (processor == 0 && now >= from)
            processor = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        else if (now >= from && now < end && made < room)
            took[made++] = (float)((now - begin) * 1e6);
        begin = now;
    }
    processor = clock_of(CLOCK_PROCESS_CPUTIME_ID) - processor;
    qsort(took, made, sizeof *took, by_size);
    printf("{\"transfers\": %zu, \"seconds\": %f, \"p50_us\": %f, \"p99_us\": %f, "
           "\"processor_seconds\": %f, \"peak_kib\": %ld}\n",
           made, seconds, made ? took[made / 2] : 0, made ? took[made * 99 / 100] : 0, processor, peak_kib());
    free(took);
    return 0;
}

#endif
