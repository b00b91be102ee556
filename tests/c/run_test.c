/* Runs from C, over a sandbox: `run_test CASE`, in an empty folder. The calls c-0 to c-9 are there and active. */
#include <calltransfer/runs.h>

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define TARGET "+18382947878"

static calltransfer_client *client;
static calltransfer_run_error *error;

static calltransfer_run *opened(const char *place)
{
    calltransfer_run *run = NULL;
    int status = calltransfer_run_open(client, place, NULL, &run, &error);
    if (status != CALLTRANSFER_OK) {
        fprintf(stderr, "%s\n", calltransfer_run_error_message(error));
    }
    CHECK(status == CALLTRANSFER_OK && run != NULL && error == NULL);
    return run;
}

static void end_error(int32_t kind, const char *name, const char *part)
{
    CHECK(error != NULL);
    CHECK(calltransfer_run_error_kind(error) == kind);
    CHECK_TEXT(calltransfer_run_error_kind_name(error), name);
    if (strstr(calltransfer_run_error_message(error), part) == NULL) {
        fprintf(stderr, "%s\n", calltransfer_run_error_message(error));
    }
    CHECK(strstr(calltransfer_run_error_message(error), part) != NULL);
    CHECK(strstr(calltransfer_run_error_message(error), "8382947878") == NULL);
    calltransfer_run_error_free(error);
    error = NULL;
}

static uint64_t add(calltransfer_run *run, const char *call_id, const char *to)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, to);
    uint64_t added = 99;
    CHECK(calltransfer_run_add(run, transfer, &added, &error) == CALLTRANSFER_OK);
    calltransfer_transfer_free(transfer);
    return added;
}

static uint64_t count(calltransfer_run *run, int32_t states)
{
    calltransfer_run_summary *summary = NULL;
    uint64_t number;
    CHECK(calltransfer_run_summarize(run, &summary, &error) == CALLTRANSFER_OK);
    number = calltransfer_run_summary_count(summary, states);
    calltransfer_run_summary_free(summary);
    return number;
}

static void rows_are_added_sent_and_read(void)
{
    calltransfer_run *run = opened("evac.db");
    calltransfer_transfer *both[2];
    calltransfer_run_summary *summary = NULL;
    calltransfer_run_rows *rows = NULL;
    calltransfer_run_row *row = NULL;
    uint64_t added = 0, present = 0;
    struct stat file;

    both[0] = calltransfer_transfer_new("c-0", TARGET);
    both[1] = calltransfer_transfer_new("c-none", TARGET);
    calltransfer_transfer_set_whisper_audio_sentence(both[0], "hello");
    calltransfer_transfer_set_caller_id(both[0], "private");
    calltransfer_transfer_set_timeout_ms(both[0], 2500);
    CHECK(calltransfer_run_add_all(run, (const calltransfer_transfer *const *)both, 2, &added, &present, &error) ==
          CALLTRANSFER_OK);
    CHECK(added == 2 && present == 0);
    CHECK(calltransfer_run_add(run, both[0], &added, &error) == CALLTRANSFER_OK && added == 0);
    CHECK(count(run, CALLTRANSFER_RUN_PLANNED) == 2 && count(run, 0) == 2);
    CHECK_TEXT(calltransfer_run_api(run), "v1");
    CHECK_TEXT(calltransfer_run_account(run), "u-abc123");
    CHECK(stat("evac.db", &file) == 0 && (file.st_mode & 077) == 0);

    CHECK(calltransfer_run_execute(run, 4, "first", &summary, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_summary_is_done(summary));
    CHECK(calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_APPLIED) == 1);
    CHECK(calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_NOT_APPLIED | CALLTRANSFER_RUN_UNKNOWN) == 1);
    CHECK(calltransfer_run_summary_time_left_ms(summary) == 0 && calltransfer_run_summary_deadline_ms(summary) == -1);
    calltransfer_run_summary_free(summary);

    CHECK(calltransfer_run_list_rows(run, 0, 0, &rows, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_rows_next(rows, &row, &error) == CALLTRANSFER_OK && row != NULL);
    calltransfer_run_free(run); /* the rows outlive it */
    CHECK(calltransfer_run_row_number(row) == 1 && calltransfer_run_row_attempts(row) == 1);
    CHECK_TEXT(calltransfer_run_row_call_id(row), "c-0");
    CHECK_TEXT(calltransfer_run_row_to(row), TARGET);
    CHECK_TEXT(calltransfer_run_row_options_json(row),
               "{\"caller_id\":\"private\",\"whisper_audio\":{\"sentence\":\"hello\"}}");
    CHECK(calltransfer_run_row_timeout_ms(row) == 2500);
    CHECK(calltransfer_run_row_state(row) == CALLTRANSFER_RUN_APPLIED);
    CHECK(calltransfer_run_row_new_call_id(row) != NULL && calltransfer_run_row_message(row) == NULL);
    CHECK(calltransfer_run_row_finding_outcome(row) == 0 && calltransfer_run_row_changed_ms(row) > 0);
    calltransfer_run_row_free(row);
    CHECK(calltransfer_run_rows_next(rows, &row, &error) == CALLTRANSFER_OK && row != NULL);
    CHECK_TEXT(calltransfer_run_state_name(calltransfer_run_row_state(row)), "not_applied");
    CHECK_TEXT(calltransfer_run_row_error_kind(row), "call_not_found");
    CHECK(calltransfer_run_row_http_status(row) == 404 && calltransfer_run_row_message(row) != NULL);
    calltransfer_run_row_free(row);
    CHECK(calltransfer_run_rows_next(rows, &row, &error) == CALLTRANSFER_OK && row == NULL);
    CHECK(calltransfer_run_rows_next(rows, &row, &error) == CALLTRANSFER_OK && row == NULL);
    calltransfer_run_rows_free(rows);

    CHECK(calltransfer_run_view("evac.db", &run, &error) == CALLTRANSFER_OK);
    CHECK(count(run, CALLTRANSFER_RUN_APPLIED) == 1);
    CHECK(calltransfer_run_add(run, both[0], NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "opened read-only");
    calltransfer_run_free(run);
    calltransfer_transfer_free(both[0]);
    calltransfer_transfer_free(both[1]);
}

static void refused_rows_are_listed_and_none_is_added(void)
{
    calltransfer_run *run = opened("evac.db");
    calltransfer_transfer *block[4];
    uint64_t added = 99, present = 99;
    size_t i;

    block[0] = calltransfer_transfer_new("c-0", TARGET);
    block[1] = calltransfer_transfer_new("c-1", "not a number");
    block[2] = calltransfer_transfer_new("c-0", TARGET);
    block[3] = calltransfer_transfer_new("c-3", TARGET);
    CHECK(calltransfer_run_add_all(run, (const calltransfer_transfer *const *)block, 4, &added, &present, &error) ==
          CALLTRANSFER_RUN_E_ROWS_REFUSED);
    CHECK(added == 0 && present == 0);
    CHECK(calltransfer_run_error_refused_count(error) == 2);
    CHECK(calltransfer_run_error_refused_number(error, 0) == 1);
    CHECK_TEXT(calltransfer_run_error_refused_call_id(error, 0), "c-1");
    CHECK(strstr(calltransfer_run_error_refused_reason(error, 0), "to: ") != NULL);
    CHECK(calltransfer_run_error_refused_number(error, 1) == 2);
    CHECK(calltransfer_run_error_refused_number(error, 2) == -1);
    end_error(CALLTRANSFER_RUN_E_ROWS_REFUSED, "rows_refused", "2 of 4 are refused");

    /* What a setter could not read is reported, and nothing is added. */
    calltransfer_transfer_set_caller_id(block[3], "\xff");
    CHECK(calltransfer_run_add(run, block[3], NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "caller_id: isn't UTF-8");
    CHECK(calltransfer_run_add_all(run, (const calltransfer_transfer *const *)block, 4, NULL, NULL, &error) ==
          CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "caller_id: isn't UTF-8");
    CHECK(count(run, 0) == 0);
    for (i = 0; i < 4; i++) {
        calltransfer_transfer_free(block[i]);
    }
    calltransfer_run_free(run);
}

static void another_run_is_refused_by_name(void)
{
    calltransfer_run_options *options = calltransfer_run_options_new();
    calltransfer_run *run = NULL;

    CHECK(calltransfer_run_options_set_rate(options, 20) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_options_set_deadline_ms(options, 60000) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_options_set_lease_ms(options, 2000) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_options_set_max_attempts(options, 3) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_open(client, "evac.db", options, &run, &error) == CALLTRANSFER_OK);
    calltransfer_run_free(run);
    CHECK(calltransfer_run_options_set_rate(options, 30) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_open(client, "evac.db", options, &run, &error) == CALLTRANSFER_RUN_E_OTHER_RUN);
    CHECK(run == NULL);
    end_error(CALLTRANSFER_RUN_E_OTHER_RUN, "other_run", "rate is 20 in the run and 30 here");
    CHECK(calltransfer_run_options_set_lease_ms(options, -1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_run_open(client, "evac.db", options, &run, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "lease_ms: is negative");
    calltransfer_run_options_free(options);
    CHECK(calltransfer_run_view("none.db", &run, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "does not exist");
}

static void *stop_soon(void *run)
{
    const struct timespec pause = {0, 1000000};
    while (count((calltransfer_run *)run, CALLTRANSFER_RUN_APPLIED) == 0) {
        nanosleep(&pause, NULL);
    }
    calltransfer_run_stop((calltransfer_run *)run);
    return NULL;
}

static calltransfer_run *stopped_by_signal;

static void on_alarm(int number)
{
    (void)number;
    calltransfer_run_stop(stopped_by_signal);
}

static void a_run_is_stopped_and_goes_on(void)
{
    calltransfer_run_options *options = calltransfer_run_options_new();
    calltransfer_run *run = NULL;
    calltransfer_run_summary *summary = NULL;
    char call_id[8];
    pthread_t thread;
    int i;

    calltransfer_run_options_set_rate(options, 2);
    CHECK(calltransfer_run_open(client, "evac.db", options, &run, &error) == CALLTRANSFER_OK);
    for (i = 0; i < 10; i++) {
        snprintf(call_id, sizeof call_id, "c-%d", i);
        CHECK(add(run, call_id, TARGET) == 1);
    }
    CHECK(pthread_create(&thread, NULL, stop_soon, run) == 0);
    CHECK(calltransfer_run_execute(run, 1, NULL, &summary, &error) == CALLTRANSFER_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(calltransfer_run_is_stopped(run));
    CHECK(!calltransfer_run_summary_is_done(summary) && calltransfer_run_summary_rate(summary) == 2);
    CHECK(calltransfer_run_summary_time_left_ms(summary) > 0);
    CHECK(calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_SENDING) == 0);
    calltransfer_run_summary_free(summary);
    calltransfer_run_free(run);

    CHECK(calltransfer_run_open(client, "evac.db", options, &stopped_by_signal, &error) == CALLTRANSFER_OK);
    signal(SIGALRM, on_alarm);
    alarm(1);
    CHECK(calltransfer_run_execute(stopped_by_signal, 1, NULL, NULL, &error) == CALLTRANSFER_OK);
    CHECK(count(stopped_by_signal, CALLTRANSFER_RUN_PLANNED) > 0);
    calltransfer_run_free(stopped_by_signal);

    CHECK(calltransfer_run_open(client, "evac.db", options, &run, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_stop_all(run, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_execute(run, 0, NULL, &summary, &error) == CALLTRANSFER_OK);
    CHECK(!calltransfer_run_summary_is_done(summary) && calltransfer_run_summary_note_count(summary) >= 1);
    CHECK(calltransfer_run_summary_note(summary, 0) != NULL && calltransfer_run_summary_note(summary, 99) == NULL);
    calltransfer_run_summary_free(summary);
    CHECK(calltransfer_run_resume_all(run, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_execute(run, 0, NULL, &summary, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_summary_is_done(summary));
    CHECK(calltransfer_run_summary_count(summary, CALLTRANSFER_RUN_APPLIED) == 10);
    calltransfer_run_summary_free(summary);
    calltransfer_run_free(run);
    calltransfer_run_options_free(options);
}

/* The sandbox responds to the first transfer with 502, and does nothing. */
static void unknown_rows_are_checked_and_planned_again(void)
{
    calltransfer_run *run = opened("evac.db");
    calltransfer_run_findings *findings = NULL;
    calltransfer_run_rows *rows = NULL;
    calltransfer_run_row *row = NULL;
    uint64_t planned = 99, refused = 99;

    CHECK(add(run, "c-0", TARGET) == 1);
    CHECK(calltransfer_run_execute(run, 1, NULL, NULL, &error) == CALLTRANSFER_OK);
    CHECK(count(run, CALLTRANSFER_RUN_UNKNOWN) == 1);
    CHECK(calltransfer_run_retry(run, CALLTRANSFER_RUN_UNKNOWN, &planned, &refused, &error) ==
          CALLTRANSFER_RUN_E_RETRY_REFUSED);
    CHECK(planned == 0 && refused == 0 && calltransfer_run_error_refused_count(error) == 1);
    CHECK(calltransfer_run_error_refused_number(error, 0) == 1);
    end_error(CALLTRANSFER_RUN_E_RETRY_REFUSED, "retry_refused", "check the run first");
    CHECK(calltransfer_run_check(run, &findings, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_findings_count(findings, CALLTRANSFER_RUN_NOT_APPLIED) == 1);
    CHECK(calltransfer_run_findings_count(findings, CALLTRANSFER_RUN_UNKNOWN) == 0);
    CHECK(calltransfer_run_findings_failed(findings) == 0 && calltransfer_run_findings_first_error(findings) == NULL);
    calltransfer_run_findings_free(findings);
    CHECK(calltransfer_run_list_rows(run, CALLTRANSFER_RUN_NOT_APPLIED, 0, &rows, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_rows_next(rows, &row, &error) == CALLTRANSFER_OK && row != NULL);
    CHECK(calltransfer_run_row_finding_outcome(row) == CALLTRANSFER_OUTCOME_NOT_APPLIED);
    CHECK(calltransfer_run_row_finding_reason(row) != NULL);
    calltransfer_run_row_free(row);
    calltransfer_run_rows_free(rows);
    CHECK(calltransfer_run_retry(run, CALLTRANSFER_RUN_NOT_APPLIED, &planned, &refused, &error) == CALLTRANSFER_OK);
    CHECK(planned == 1 && refused == 0);
    CHECK(calltransfer_run_execute(run, 1, NULL, NULL, &error) == CALLTRANSFER_OK);
    CHECK(count(run, CALLTRANSFER_RUN_APPLIED) == 1);
    calltransfer_run_free(run);
}

/* Makes what test_runs.py compares with the report of the command. */
static void rows_are_exported(void)
{
    calltransfer_run *run = opened("evac.db");
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-0", TARGET);
    uint64_t number = 0;
    struct stat file;

    calltransfer_transfer_set_whisper_audio_sentence(transfer, "say \"+18382947878\", \xc3\xa9\nand more");
    calltransfer_transfer_set_timeout_ms(transfer, 1500);
    CHECK(calltransfer_run_add(run, transfer, NULL, &error) == CALLTRANSFER_OK);
    calltransfer_transfer_free(transfer);
    CHECK(add(run, "c-none", TARGET) == 1);
    CHECK(calltransfer_run_execute(run, 1, NULL, NULL, &error) == CALLTRANSFER_OK);
    CHECK(add(run, "c-1", TARGET) == 1);
    CHECK(calltransfer_run_export(run, "report.csv", CALLTRANSFER_EXPORT_CSV, 0, 0, &number, &error) ==
          CALLTRANSFER_OK);
    CHECK(number == 3 && stat("report.csv", &file) == 0 && (file.st_mode & 077) == 0);
    CHECK(calltransfer_run_export(run, "report.jsonl", CALLTRANSFER_EXPORT_JSON_LINES, 0, 0, &number, &error) ==
          CALLTRANSFER_OK);
    CHECK(calltransfer_run_export(run, "whole.jsonl", CALLTRANSFER_EXPORT_JSON_LINES,
                                  CALLTRANSFER_RUN_APPLIED | CALLTRANSFER_RUN_PLANNED, 1, &number,
                                  &error) == CALLTRANSFER_OK);
    CHECK(number == 2);
    /* An existing file is left as it is after an error. */
    CHECK(calltransfer_run_export(run, "none/report.csv", CALLTRANSFER_EXPORT_CSV, 0, 0, &number, &error) ==
          CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(number == 0);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "export: the report can't be written");
    CHECK(calltransfer_run_export(run, "report.csv", 3, 0, 0, NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "format: ");
    CHECK(calltransfer_run_export(run, "report.csv", CALLTRANSFER_EXPORT_CSV, 64, 0, NULL, &error) ==
          CALLTRANSFER_E_INVALID_ARGUMENT);
    end_error(CALLTRANSFER_E_INVALID_ARGUMENT, "invalid_argument", "states: ");
    calltransfer_run_free(run);
}

static void a_forked_child_is_refused(void)
{
    calltransfer_run *run = opened("evac.db");
    int status;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        calltransfer_run *again;
        CHECK(calltransfer_run_summarize(run, NULL, &error) == CALLTRANSFER_RUN_E_FORKED);
        end_error(CALLTRANSFER_RUN_E_FORKED, "forked", "open it again");
        CHECK(calltransfer_run_execute(run, 0, NULL, NULL, NULL) == CALLTRANSFER_RUN_E_FORKED);
        calltransfer_run_free(run);
        again = opened("evac.db");
        CHECK(add(again, "c-0", TARGET) == 1);
        calltransfer_run_free(again);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(calltransfer_run_execute(run, 0, NULL, NULL, &error) == CALLTRANSFER_OK);
    CHECK(count(run, CALLTRANSFER_RUN_APPLIED) == 1);
    calltransfer_run_free(run);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"rows_are_added_sent_and_read", rows_are_added_sent_and_read},
    {"refused_rows_are_listed_and_none_is_added", refused_rows_are_listed_and_none_is_added},
    {"another_run_is_refused_by_name", another_run_is_refused_by_name},
    {"a_run_is_stopped_and_goes_on", a_run_is_stopped_and_goes_on},
    {"unknown_rows_are_checked_and_planned_again", unknown_rows_are_checked_and_planned_again},
    {"rows_are_exported", rows_are_exported},
    {"a_forked_child_is_refused", a_forked_child_is_refused},
};

int main(int argc, char **argv)
{
    calltransfer_config *config = calltransfer_config_new();
    size_t i;
    CHECK(argc == 2);
    calltransfer_config_use_environment(config);
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run();
            calltransfer_client_free(client);
            printf("ok\n");
            return 0;
        }
    }
    return 2;
}
