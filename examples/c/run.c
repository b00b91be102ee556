/* Moves many calls to one number, and survives being killed: start it again with the same arguments, and it goes on.
 *
 *     run evac.db +18382947878 < call_ids
 *
 * Ctrl-C begins no more rows. Credentials: BANDWIDTH_USER_ID, _API_TOKEN, _API_SECRET. */
#include <calltransfer/runs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static calltransfer_run *volatile running;

static void on_signal(int number)
{
    (void)number;
    calltransfer_run_stop(running);
}

/* Adds the calls that standard input names, in blocks. Those that the run has already stay as they are. */
static int add_calls(const char *to, calltransfer_run_error **error)
{
    enum { BLOCK = 1000 };
    static calltransfer_transfer *block[BLOCK];
    char call_id[200];
    int status = CALLTRANSFER_OK;
    size_t count = 0, i;
    int is_more = 1;

    while (is_more && status == CALLTRANSFER_OK) {
        is_more = fgets(call_id, sizeof call_id, stdin) != NULL;
        if (is_more) {
            call_id[strcspn(call_id, "\r\n")] = '\0';
            block[count++] = calltransfer_transfer_new(call_id, to);
        }
        if (count == BLOCK || !is_more) {
            status = calltransfer_run_add_all(running, (const calltransfer_transfer *const *)block, count, NULL, NULL,
                                              error);
            for (i = 0; i < count; i++) {
                calltransfer_transfer_free(block[i]);
            }
            count = 0;
        }
    }
    return status;
}

/* The rows that need a person. */
static int show_rows(calltransfer_run_error **error)
{
    const int needs_a_person = CALLTRANSFER_RUN_UNKNOWN | CALLTRANSFER_RUN_NOT_APPLIED | CALLTRANSFER_RUN_NOT_SENT;
    calltransfer_run_rows *rows = NULL;
    calltransfer_run_row *row = NULL;
    int status = calltransfer_run_list_rows(running, needs_a_person, 0, &rows, error);

    while (status == CALLTRANSFER_OK && (status = calltransfer_run_rows_next(rows, &row, error)) == CALLTRANSFER_OK &&
           row != NULL) {
        const char *message = calltransfer_run_row_message(row);
        printf("%s: %s: %s\n", calltransfer_run_row_call_id(row),
               calltransfer_run_state_name(calltransfer_run_row_state(row)), message ? message : "not known why");
        calltransfer_run_row_free(row);
    }
    calltransfer_run_rows_free(rows);
    return status;
}

static int work(const char *to, calltransfer_run_error **error)
{
    calltransfer_run_summary *summary = NULL;
    int status = add_calls(to, error);

    if (status == CALLTRANSFER_OK) {
        status = calltransfer_run_execute(running, 0, NULL, NULL, error);
    }
    if (status == CALLTRANSFER_OK && !calltransfer_run_is_stopped(running)) {
        status = calltransfer_run_check(running, NULL, error); /* reads calls; sends nothing again */
    }
    if (status == CALLTRANSFER_OK) {
        status = calltransfer_run_summarize(running, &summary, error);
    }
    if (status == CALLTRANSFER_OK) {
        printf("%llu of %llu calls were transferred, %llu are not known\n",
               (unsigned long long)calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_APPLIED),
               (unsigned long long)calltransfer_run_summary_count(summary, 0),
               (unsigned long long)calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_UNKNOWN));
        status = show_rows(error);
    }
    calltransfer_run_summary_free(summary);
    return status;
}

int main(int argc, char **argv)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_error *no_client = NULL;
    calltransfer_run *run = NULL;
    calltransfer_run_error *error = NULL;
    int status;

    if (argc != 3) {
        fprintf(stderr, "usage: run PLACE NUMBER < call_ids\n");
        return 2;
    }
    calltransfer_config_use_environment(config);
    status = calltransfer_client_new(config, &client, &no_client);
    if (status == CALLTRANSFER_OK) {
        status = calltransfer_run_open(client, argv[1], NULL, &run, &error);
    }
    if (status == CALLTRANSFER_OK) {
        running = run;
        signal(SIGINT, on_signal);
        status = work(argv[2], &error);
        signal(SIGINT, SIG_DFL);
    }
    if (status != CALLTRANSFER_OK) {
        const char *message = error ? calltransfer_run_error_message(error) : calltransfer_error_message(no_client);
        fprintf(stderr, "%s\n", message);
    }
    calltransfer_run_error_free(error);
    calltransfer_error_free(no_client);
    calltransfer_run_free(run);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return status != CALLTRANSFER_OK;
}
