/* What stands before the cases that misuse.py writes. */
#include <calltransfer/calltransfer.h>
#ifdef WITH_RUNS
#include <calltransfer/runs.h>
#endif

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct row {
    const char *name;
    void (*run)(void);
};

/* What each case begins with. */
static struct {
    calltransfer_config *config;
    calltransfer_transfer *transfer;
    calltransfer_client *client;
    calltransfer_cancel *cancel;
    calltransfer_call_query *query;
    calltransfer_call_list *list;
    calltransfer_queue *queue;
    calltransfer_follow *follow;
    calltransfer_targets *targets;
    calltransfer_error *failed;
#ifdef WITH_RUNS
    const calltransfer_transfer *transfers[1];
    calltransfer_run *run;
    calltransfer_run_options *run_options;
    calltransfer_run_rows *run_rows;
#endif
} made;

/* What a case may be given. */
static struct {
    calltransfer_client *client;
    calltransfer_result *result;
    calltransfer_error *error;
    calltransfer_call *call;
    calltransfer_finding *finding;
    calltransfer_call_list *list;
    calltransfer_event *event;
    calltransfer_queue *queue;
    calltransfer_completion *completion;
    calltransfer_follow *follow;
    calltransfer_first *first;
    char *string;
    uint64_t number;
#ifdef WITH_RUNS
    calltransfer_run *run;
    calltransfer_run_rows *run_rows;
    calltransfer_run_row *run_row;
    calltransfer_run_summary *run_summary;
    calltransfer_run_findings *run_findings;
    calltransfer_run_error *run_error;
#endif
} out;

static char *huge;
static int is_forked;

/* Has an effect in a library that was built with the feature forced-panic. */
static void panic_from_now_on(int on)
{
    if (on) {
        setenv("CALLTRANSFER_FORCED_PANIC", "border", 1);
    } else {
        unsetenv("CALLTRANSFER_FORCED_PANIC");
    }
}

static void ignore(const char *line, void *user_data)
{
    (void)line;
    (void)user_data;
}

static void ignore_record(const calltransfer_log_record *record, void *user_data)
{
    (void)record;
    (void)user_data;
}

/* A message names the argument; it doesn't repeat four million characters. */
static void short_and_whole(calltransfer_error *error)
{
    CHECK(error == NULL || strlen(calltransfer_error_message(error)) < 2000);
    calltransfer_error_free(error);
}

static void sent(calltransfer_transfer *transfer)
{
    calltransfer_error *error = NULL;
    calltransfer_transfer_to_json(transfer, NULL, &error);
    short_and_whole(error);
    CHECK(calltransfer_client_transfer(made.client, transfer, NULL, &error) != CALLTRANSFER_OK);
    short_and_whole(error);
    calltransfer_transfer_free(transfer);
}

#ifdef WITH_RUNS
static void short_and_whole_of_run(calltransfer_run_error *error)
{
    CHECK(error == NULL || strlen(calltransfer_run_error_message(error)) < 2000);
    calltransfer_run_error_free(error);
}
#endif

/* After a setter: whatever it was given, the handle can be used. */
static void put_to_use(void)
{
    calltransfer_error *error = NULL;
    calltransfer_client *client = NULL;
    if (calltransfer_client_new(made.config, &client, &error) == CALLTRANSFER_OK) {
        CHECK(calltransfer_client_transfer(client, made.transfer, NULL, &error) != CALLTRANSFER_OK);
    }
    calltransfer_client_free(client);
    short_and_whole(error);
    calltransfer_transfer_to_json(made.transfer, NULL, &error);
    short_and_whole(error);
    calltransfer_client_list_calls(made.client, made.query, NULL, &error);
    short_and_whole(error);
    CHECK(calltransfer_client_wait(made.client, made.follow, CALLTRANSFER_UNTIL_ANSWERED, 0, NULL, NULL) ==
          CALLTRANSFER_OK);
    CHECK(strlen(calltransfer_follow_evidence(made.follow)) < 2000);
    CHECK(calltransfer_client_transfer_to_first(made.client, made.targets, NULL, NULL, &error) != CALLTRANSFER_OK);
    short_and_whole(error);
#ifdef WITH_RUNS
    calltransfer_run_error *run_error = NULL;
    calltransfer_run *run = NULL;
    CHECK((calltransfer_run_open(made.client, "made.db", made.run_options, &run, &run_error) == CALLTRANSFER_OK) ==
          (run != NULL));
    calltransfer_run_free(run);
    short_and_whole_of_run(run_error);
#endif
}
