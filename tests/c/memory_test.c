/*
 * Texts and responses that need more memory than there is: each is refused, or
 * done, and the process goes on. `memory_test shapes` needs no server; for
 * `memory_test response` a server sends a long list of calls. Linux.
 */
#include <calltransfer/calltransfer.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { EVENT = 250 * 1000, EXTRA = 1000 * 1000, NO_LIMIT = 0 };

static const long limits[] = {1, 2, 3, 4, 6, 8, 12, 16, 17, 20, 24, 32, 40, 64, 160, 320, NO_LIMIT};

static const char *const units[] = {
    "0,", "[0],", "[[0]],", "\"\",", "{\"\":0},", "{\"a\":[0]},", "\"[0],\",", "\"{\\\"\\\":0}\",", "[],", "{},"};

/* From now on there are so many MiB left. */
static void leave(long mebibytes)
{
    long pages = 0;
    struct rlimit limit;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
    fclose(file);
    limit.rlim_cur = limit.rlim_max = (rlim_t)(pages * sysconf(_SC_PAGESIZE) + mebibytes * 1024 * 1024);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

/* JSON of this length: a list of as many units as it holds, in an object. */
static char *json_of(const char *start, const char *unit, size_t length)
{
    char *text = (char *)malloc(length + 64), *end = text;
    end += sprintf(end, "%s", start);
    while ((size_t)(end - text) < length - strlen(unit)) {
        end += sprintf(end, "%s", unit);
    }
    strcpy(end, "0]}");
    return text;
}

static int parse_event(const char *text)
{
    calltransfer_event *event;
    int32_t status = calltransfer_event_parse(text, strlen(text), "application/json", &event, NULL);
    CHECK(status == CALLTRANSFER_OK || status == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_event_free(event);
    return status == CALLTRANSFER_OK;
}

static int set_extra(const char *text)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    int32_t status = calltransfer_transfer_set_extra_json(transfer, text);
    CHECK(status == CALLTRANSFER_OK || status == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_transfer_free(transfer);
    return status == CALLTRANSFER_OK;
}

static int set_extra_by_name(const char *text)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    int32_t status = calltransfer_transfer_set(transfer, "extra", text);
    CHECK(status == CALLTRANSFER_OK || status == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_transfer_free(transfer);
    return status == CALLTRANSFER_OK;
}

/* How many limits the work succeeds with, each in a process of its own; one that ends otherwise is an error. */
static int successes(const char *name, const char *unit, int (*work)(const char *), const char *text)
{
    int succeeded = 0;
    size_t i;
    for (i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int status;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            if (limits[i] != NO_LIMIT) {
                leave(limits[i]);
            }
            _exit(work(text) ? 0 : 2);
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) == 1) {
            fprintf(stderr, "%s of %s with %ld MiB left: %s %d\n", name, unit, limits[i],
                    WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : 1);
            exit(1);
        }
        succeeded += WEXITSTATUS(status) == 0;
    }
    return succeeded;
}

static void shapes(void)
{
    int all = (int)(sizeof limits / sizeof limits[0]);
    const struct rlimit no_core = {0, 0};
    size_t i;
    setrlimit(RLIMIT_CORE, &no_core);
    for (i = 0; i < sizeof units / sizeof units[0]; i++) {
        char *event = json_of("{\"eventType\":\"hangup\",\"data\":[", units[i], EVENT);
        char *extra = json_of("{\"data\":[", units[i], EXTRA);
        int parsed = successes("event", units[i], parse_event, event);
        int set = successes("extra", units[i], set_extra, extra);
        int named = successes("extra by name", units[i], set_extra_by_name, extra);
        printf("%s: parsed with %d of %d limits, set with %d and %d\n", units[i], parsed, all, set, named);
        /* Neither everything is refused nor nothing, or else nothing was tested. */
        CHECK(parsed > 0 && parsed < all && set > 0 && set < all && named == set);
        free(event);
        free(extra);
    }
}

static void response(void)
{
    const size_t longest = 1024 * 1024, huge = 64 * longest;
    char *text = (char *)malloc(huge);
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_client *client;
    calltransfer_call_list *list;
    calltransfer_call *call;
    calltransfer_error *error;
    memset(text, 'x', huge);
    text[huge - 1] = '\0';
    calltransfer_config_use_environment(config);
    calltransfer_config_set_max_retries(config, 0);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_prepare(client, NULL) == CALLTRANSFER_OK);
    leave(atol(getenv("MEBIBYTES")));
    CHECK(calltransfer_transfer_set_tag(transfer, text) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_token(config, text) == CALLTRANSFER_E_CONFIGURATION);
    text[longest - 1] = '\0';
    CHECK(calltransfer_transfer_set_extra_json(transfer, text) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_message(error), "tag: is longer than 1 MiB");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_list_calls(client, NULL, &list, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_call_list_next(list, 0, NULL, &call, &error) != CALLTRANSFER_OK);
    puts(calltransfer_error_message(error));
}

int main(int count, char **arguments)
{
    CHECK(count == 2);
    if (strcmp(arguments[1], "shapes") == 0) {
        shapes();
    } else {
        response();
    }
    return 0;
}
