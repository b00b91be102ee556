/* How a program runs out of what the system gives, and gets it back. For C and C++. */
#ifndef CALLTRANSFER_TESTS_STARVE_H
#define CALLTRANSFER_TESTS_STARVE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const starve_calls[] = {"c-1", "c-2", "c-3"};
enum { STARVE_CALLS = 3, STARVE_MOST = 128 };
#define STARVE_LATER "c-later"

static int starve_fillers[STARVE_MOST];
static int starve_filled;

static void starve_limit(int which, rlim_t soft)
{
    struct rlimit limit;
    getrlimit(which, &limit);
    limit.rlim_cur = soft;
    setrlimit(which, &limit);
}

static void starve(const char *resource, int amount)
{
    if (strcmp(resource, "descriptors") == 0) {
        int fd;
        starve_limit(RLIMIT_NOFILE, STARVE_MOST);
        while ((fd = open("/dev/null", O_RDONLY)) >= 0) {
            starve_fillers[starve_filled++] = fd;
        }
        while (amount-- > 0) {
            close(starve_fillers[--starve_filled]);
        }
    } else if (strcmp(resource, "memory") == 0) {
        unsigned long pages = 0;
        FILE *file = fopen("/proc/self/statm", "r");
        if (file == NULL || fscanf(file, "%lu", &pages) != 1) {
            exit(2);
        }
        fclose(file);
        starve_limit(RLIMIT_AS, pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)amount << 20));
    }
}

static void starve_no_more(void)
{
    while (starve_filled > 0) {
        close(starve_fillers[--starve_filled]);
    }
    starve_limit(RLIMIT_AS, RLIM_INFINITY);
    unsetenv("NO_THREADS_AFTER");
}

static void starve_report(const char *call_id, const char *outcome, const char *kind)
{
    printf("{\"call_id\": \"%s\", \"outcome\": \"%s\"", call_id, outcome);
    if (kind != NULL) {
        printf(", \"kind\": \"%s\"", kind);
    }
    printf("}\n");
    fflush(stdout);
}

#endif
