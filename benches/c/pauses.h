/* A client that waits, and is timed after each wait: what `make bench-distance` runs. One line of JSON. */
#ifndef BENCH_PAUSES_H
#define BENCH_PAUSES_H

#include "meter.h"

static void pause_for(double seconds)
{
    struct timespec left;
    left.tv_sec = (time_t)seconds;
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left))
        ;
}

/* Whether the arguments say that the client has keep_ready. */
__attribute__((unused)) static int keeps_ready(const char *variant)
{
    return !strcmp(variant, "keep_ready") || !strcmp(variant, "idle");
}

/* The end of a process takes time that others are measured in. */
static int until_all_have_ended(void)
{
    char line[16];
    fflush(stdout);
    while (fgets(line, sizeof line, stdin))
        ;
    return 0;
}

/* VARIANT is plain, prepare, keep_ready or idle, PAUSES seconds with commas. Waits for a line of input first. */
__attribute__((unused)) static int pauses(const char *variant, const char *seconds, int (*prepare)(void *),
                                          int (*once)(void *), void *with)
{
    char line[16];
    const char *next = seconds;
    printf("ready\n");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 1;
    if (!strcmp(variant, "idle")) {
        double before;
        pause_for(10);
        printf("begin\n");
        fflush(stdout);
        before = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        pause_for(atof(seconds));
        printf("{\"processor_seconds\": %f}\n", clock_of(CLOCK_PROCESS_CPUTIME_ID) - before);
        return until_all_have_ended();
    }
    if (!strcmp(variant, "prepare")) {
        if (prepare(with))
            return 1;
        next = NULL;
    }
    if (strcmp(variant, "plain"))
        pause_for(1);
    printf("{\"ms\": [");
    for (;;) {
        double begin = clock_of(CLOCK_MONOTONIC);
        if (once(with)) {
            fprintf(stderr, "a transfer failed\n");
            return 1;
        }
        printf("%.3f", (clock_of(CLOCK_MONOTONIC) - begin) * 1e3);
        if (!next)
            break;
        printf(", ");
        pause_for(atof(next));
        next = strchr(next, ',') ? strchr(next, ',') + 1 : NULL;
    }
    printf("]}\n");
    return until_all_have_ended();
}

#endif
