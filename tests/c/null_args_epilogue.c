/* What stands after the cases that misuse.py writes: `misuse here`, `misuse forked`, or `misuse panicking`. */

static void make(void)
{
    made.config = calltransfer_config_new();
    calltransfer_config_set_user_id(made.config, "u-abc123");
    calltransfer_config_set_token(made.config, "t-token");
    calltransfer_config_set_secret(made.config, "s-secret");
    calltransfer_config_set_base_url(made.config, "http://127.0.0.1:9");
    calltransfer_config_set_max_retries(made.config, 0);
    made.transfer = calltransfer_transfer_new("c-1", "+18382947878");
    made.cancel = calltransfer_cancel_new();
    made.query = calltransfer_call_query_new();
    CHECK(calltransfer_client_new(made.config, &made.client, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_list_calls(made.client, made.query, &made.list, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(made.config, &made.queue, NULL) == CALLTRANSFER_OK);
    made.targets = calltransfer_targets_new(made.transfer);
    CHECK(calltransfer_client_transfer(made.client, made.transfer, NULL, &made.failed) != CALLTRANSFER_OK);
    CHECK(calltransfer_follow_new("v1", "c-1", "c-2", &made.follow, NULL) == CALLTRANSFER_OK);
#ifdef WITH_RUNS
    made.transfers[0] = made.transfer;
    made.run_options = calltransfer_run_options_new();
    CHECK(calltransfer_run_open(made.client, "made.db", NULL, &made.run, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_run_list_rows(made.run, 0, 0, &made.run_rows, NULL) == CALLTRANSFER_OK);
#endif
    memset(&out, 0, sizeof out);
}

static void unmake(void)
{
    calltransfer_client_free(out.client);
    calltransfer_result_free(out.result);
    short_and_whole(out.error);
    calltransfer_call_free(out.call);
    calltransfer_finding_free(out.finding);
    calltransfer_event_free(out.event);
    calltransfer_queue_free(out.queue);
    calltransfer_completion_free(out.completion);
    calltransfer_string_free(out.string);
    calltransfer_call_list_free(out.list);
    calltransfer_follow_free(out.follow);
    calltransfer_first_free(out.first);
    calltransfer_follow_free(made.follow);
    calltransfer_targets_free(made.targets);
    calltransfer_error_free(made.failed);
#ifdef WITH_RUNS
    calltransfer_run_free(out.run);
    calltransfer_run_rows_free(out.run_rows);
    calltransfer_run_row_free(out.run_row);
    calltransfer_run_summary_free(out.run_summary);
    calltransfer_run_findings_free(out.run_findings);
    short_and_whole_of_run(out.run_error);
    calltransfer_run_rows_free(made.run_rows);
    calltransfer_run_free(made.run);
    calltransfer_run_options_free(made.run_options);
    remove("made.db");
#endif
    calltransfer_queue_free(made.queue);
    calltransfer_call_list_free(made.list);
    calltransfer_call_query_free(made.query);
    calltransfer_client_free(made.client);
    calltransfer_cancel_free(made.cancel);
    calltransfer_transfer_free(made.transfer);
    calltransfer_config_free(made.config);
}

static size_t misuse_everything(void)
{
    const size_t size = 4 * 1024 * 1024;
    size_t i;
    huge = (char *)malloc(size);
    CHECK(huge != NULL);
    memset(huge, 'x', size - 1);
    huge[size - 1] = '\0';
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pid_t child = 0;
        make();
        fprintf(stderr, "%s\n", cases[i].name);
        if (is_forked) {
            int status;
            child = fork();
            CHECK(child >= 0);
            if (child != 0) {
                CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
                unmake();
                continue;
            }
        }
        cases[i].run();
        unmake();
        if (is_forked) {
            _exit(0);
        }
    }
    free(huge);
    return i;
}

static size_t panic_everywhere(void)
{
    size_t i;
    for (i = 0; i < sizeof panics / sizeof panics[0]; i++) {
        make();
        fprintf(stderr, "%s\n", panics[i].name);
        panic_from_now_on(1);
        panics[i].run();
        panic_from_now_on(0);
        CHECK(out.client == NULL && out.result == NULL && out.call == NULL && out.finding == NULL);
        CHECK(out.list == NULL);
#ifdef WITH_RUNS
        CHECK(out.run == NULL && out.run_rows == NULL && out.run_row == NULL);
        CHECK(out.run_summary == NULL && out.run_findings == NULL);
#endif
        CHECK(out.queue == NULL && out.completion == NULL && out.string == NULL && out.number == 0);
        unmake();
    }
    return i;
}

int main(int count, char **arguments)
{
    size_t done;
    CHECK(count == 2);
    is_forked = strcmp(arguments[1], "forked") == 0;
    done = strcmp(arguments[1], "panicking") == 0 ? panic_everywhere() : misuse_everything();
    printf("%lu\n", (unsigned long)done);
    return 0;
}
