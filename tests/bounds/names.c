/*
 * Preloaded: a getaddrinfo() that takes its time. Names that begin with "hangs" take
 * 30 seconds; all others NAMES_MS milliseconds, and lead to 127.0.0.1. Each look-up
 * adds a byte to the file NAMES_LOG.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    look_up *real = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *log = getenv("NAMES_LOG");
    const char *given = getenv("NAMES_MS");
    long milliseconds = given == NULL ? 0 : atol(given);
    struct timespec pause;
    if (log != NULL) {
        int file = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
        if (file >= 0) {
            ssize_t written = write(file, ".", 1);
            (void)written;
            close(file);
        }
    }
    if (strncmp(name, "hangs", 5) == 0) {
        milliseconds = 30000;
    }
    pause.tv_sec = milliseconds / 1000;
    pause.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&pause, NULL);
    return real("127.0.0.1", service, hints, found);
}
