/*
 * To be preloaded: after as many threads as NO_THREADS_AFTER says, none can be
 * started, as where a limit of the system is reached.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    static int started;
    const char *most = getenv("NO_THREADS_AFTER");
    create *real;
    if (most != NULL && __sync_fetch_and_add(&started, 1) >= atoi(most)) {
        return EAGAIN;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attributes, run, argument);
}
