/*
 * What a host watches while it submits much: whether it can still open files, and
 * how many threads, descriptors and KiB of memory the process has. Linux.
 */
#ifndef CALLTRANSFER_TESTS_BOUNDS_HOST_H
#define CALLTRANSFER_TESTS_BOUNDS_HOST_H

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct watched {
    long opens;
    long failed_opens;
    long most_threads;
    long most_descriptors;
    long most_kib;
};

static struct watched watched;
static volatile int watch_ended;
static pthread_t watcher;

static long entries(const char *path)
{
    DIR *directory = opendir(path);
    long count = 0;
    if (directory == NULL) {
        return -1;
    }
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count - 2;
}

static long resident_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) {
        return -1;
    }
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            sscanf(line + 6, "%ld", &kib);
        }
    }
    fclose(status);
    return kib;
}

static void most(long *kept, long value)
{
    if (value > *kept) {
        *kept = value;
    }
}

/* Every 5 ms: an open as the host makes it, and a look at itself. */
static void *watch(void *unused)
{
    const struct timespec pause = {0, 5000000};
    (void)unused;
    while (!watch_ended) {
        int file = open("/dev/null", O_RDONLY);
        watched.opens++;
        if (file < 0) {
            watched.failed_opens++;
        } else {
            close(file);
        }
        most(&watched.most_threads, entries("/proc/self/task"));
        most(&watched.most_descriptors, entries("/proc/self/fd") - 1);
        most(&watched.most_kib, resident_kib());
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void begin_watch(void) { pthread_create(&watcher, NULL, watch, NULL); }

/* Prints the end of a JSON object. */
static void end_watch(long begin_kib)
{
    watch_ended = 1;
    pthread_join(watcher, NULL);
    printf("\"opens\": %ld, \"failed_opens\": %ld, \"threads\": %ld, \"descriptors\": %ld, \"begin_kib\": %ld, "
           "\"kib\": %ld}\n",
           watched.opens, watched.failed_opens, watched.most_threads - 1, watched.most_descriptors, begin_kib,
           watched.most_kib);
}

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

#endif
