/*
 * The completion queue, case by case: `queue_test CASE`. The configuration comes
 * from the environment; the calls are c-1, c-2 and so on.
 */
#include <calltransfer/calltransfer.h>

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "check.h"

#define TO "+18382947878"

static calltransfer_queue *new_queue(calltransfer_config *config)
{
    calltransfer_queue *queue = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(config, &queue, &error) == CALLTRANSFER_OK);
    CHECK(queue != NULL && error == NULL);
    calltransfer_config_free(config);
    return queue;
}

static uint64_t submit(const calltransfer_queue *queue, const char *call_id, void *user_data)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, TO);
    calltransfer_error *error = NULL;
    uint64_t id = 0;
    CHECK(calltransfer_queue_submit_transfer(queue, transfer, user_data, &id, &error) == CALLTRANSFER_OK);
    CHECK(id != 0 && error == NULL);
    calltransfer_transfer_free(transfer);
    return id;
}

static calltransfer_completion *next(const calltransfer_queue *queue)
{
    calltransfer_completion *completion = NULL;
    CHECK(calltransfer_queue_next(queue, -1, &completion, NULL) == CALLTRANSFER_OK);
    CHECK(completion != NULL);
    return completion;
}

static void expect_none(const calltransfer_queue *queue)
{
    calltransfer_completion *completion = (calltransfer_completion *)&completion; /* must be set */
    calltransfer_error *error = NULL;
    CHECK(calltransfer_queue_next(queue, 0, &completion, &error) == CALLTRANSFER_OK);
    CHECK(completion == NULL && error == NULL);
}

static int is_readable(const calltransfer_queue *queue, int timeout)
{
    struct pollfd watched;
    watched.fd = calltransfer_queue_fd(queue);
    watched.events = POLLIN;
    CHECK(watched.fd >= 0);
    return poll(&watched, 1, timeout) == 1;
}

static void each_kind_of_request_completes(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    calltransfer_completion *done;
    calltransfer_result *result;
    calltransfer_call *call;
    calltransfer_finding *finding;
    int mine;
    uint64_t id, got;

    CHECK(calltransfer_queue_in_flight(queue) == 0);
    CHECK(calltransfer_queue_submit_answer(queue, "c-1", &mine, &id, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_in_flight(queue) == 1);
    done = next(queue);
    CHECK(calltransfer_queue_in_flight(queue) == 0);
    CHECK(calltransfer_completion_id(done) == id);
    CHECK(calltransfer_completion_user_data(done) == &mine);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_ANSWER);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    CHECK(calltransfer_completion_result(done) == NULL && calltransfer_completion_call(done) == NULL);
    CHECK(calltransfer_completion_finding(done) == NULL && calltransfer_completion_error(done) == NULL);
    calltransfer_completion_free(done);

    CHECK(calltransfer_queue_submit_get_call(queue, "c-1", NULL, &got, NULL) == CALLTRANSFER_OK);
    CHECK(got != id);
    done = next(queue);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_GET_CALL);
    CHECK(calltransfer_completion_user_data(done) == NULL);
    CHECK_TEXT(calltransfer_call_state(calltransfer_completion_call(done)), "active");
    call = calltransfer_completion_take_call(done);
    CHECK(calltransfer_completion_call(done) == NULL && calltransfer_completion_take_call(done) == NULL);
    calltransfer_completion_free(done);
    CHECK_TEXT(calltransfer_call_id(call), "c-1"); /* outlives its completion */
    calltransfer_call_free(call);

    submit(queue, "c-1", &mine);
    done = next(queue);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_TRANSFER);
    CHECK_TEXT(calltransfer_result_call_id(calltransfer_completion_result(done)), "c-1");
    result = calltransfer_completion_take_result(done);
    CHECK(calltransfer_completion_result(done) == NULL);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);
    CHECK(calltransfer_result_new_call_id(result) != NULL);
    calltransfer_result_free(result);

    CHECK(calltransfer_queue_submit_check(queue, "c-1", NULL, NULL, NULL) == CALLTRANSFER_OK);
    done = next(queue);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_CHECK);
    finding = calltransfer_completion_take_finding(done);
    CHECK(calltransfer_finding_outcome(finding) == CALLTRANSFER_OUTCOME_APPLIED);
    CHECK(calltransfer_completion_finding(done) == NULL);
    calltransfer_finding_free(finding);
    calltransfer_completion_free(done);

    CHECK(calltransfer_queue_submit_prepare(queue, NULL, NULL, NULL) == CALLTRANSFER_OK);
    done = next(queue);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_PREPARE);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);

    CHECK(calltransfer_queue_submit_hang_up(queue, "c-2", NULL, NULL, NULL) == CALLTRANSFER_OK);
    done = next(queue);
    CHECK(calltransfer_completion_request(done) == CALLTRANSFER_REQUEST_HANG_UP);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
}

static void an_error_comes_with_its_completion(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    calltransfer_completion *done;
    calltransfer_error *error;
    submit(queue, "c-nobody", NULL);
    done = next(queue);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_E_CALL_NOT_FOUND);
    CHECK(calltransfer_error_kind(calltransfer_completion_error(done)) == CALLTRANSFER_E_CALL_NOT_FOUND);
    CHECK(calltransfer_completion_result(done) == NULL);
    error = calltransfer_completion_take_error(done);
    CHECK(calltransfer_completion_error(done) == NULL && calltransfer_completion_take_error(done) == NULL);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_E_CALL_NOT_FOUND);
    calltransfer_completion_free(done);
    CHECK_TEXT(calltransfer_error_outcome_name(error), "not_applied");
    CHECK_TEXT(calltransfer_error_call_id(error), "c-nobody");
    calltransfer_error_free(error);
    calltransfer_queue_free(queue);
}

static void invalid_request_is_refused_at_once(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "nobody");
    calltransfer_error *error = NULL;
    uint64_t id = 7;
    CHECK(calltransfer_queue_submit_transfer(queue, transfer, NULL, &id, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(id == 0);
    CHECK_TEXT(calltransfer_error_field(error), "to");
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    CHECK(calltransfer_queue_submit_answer(queue, "../x", NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_queue_submit_check(queue, "a/b", NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_queue_in_flight(queue) == 0);
    CHECK(calltransfer_queue_cancel(queue, 0) == 0 && calltransfer_queue_cancel(queue, UINT64_MAX) == 0);
    CHECK(calltransfer_queue_cancel_all(queue) == 0);
    expect_none(queue);
    calltransfer_queue_free(queue);
}

static void the_descriptor_is_readable_while_completions_wait(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    int round;
    CHECK(!is_readable(queue, 0));
    for (round = 0; round < 3; round++) {
        submit(queue, "c-1", NULL);
        submit(queue, "c-2", NULL);
        CHECK(is_readable(queue, -1));
        calltransfer_completion_free(next(queue));
        CHECK(is_readable(queue, -1)); /* the second, or still to come */
        calltransfer_completion_free(next(queue));
        CHECK(!is_readable(queue, 0));
        expect_none(queue);
    }
    calltransfer_queue_free(queue);
}

struct reported {
    pthread_t thread;
    int lines;
};

static void count_line(const char *line, void *user_data)
{
    struct reported *reported = (struct reported *)user_data;
    CHECK(strstr(line, "transfer of c-1") != NULL);
    CHECK(pthread_equal(reported->thread, pthread_self()));
    reported->lines++;
}

static void log_lines_are_reported_on_the_thread_that_calls_next(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *queue;
    struct reported reported;
    reported.thread = pthread_self();
    reported.lines = 0;
    calltransfer_config_set_log(config, count_line, &reported);
    queue = new_queue(config);
    submit(queue, "c-1", NULL);
    CHECK(is_readable(queue, -1));
    CHECK(reported.lines == 0); /* not on a thread of the library's */
    calltransfer_completion_free(next(queue));
    CHECK(reported.lines == 2); /* the first attempt met a 503 */
    submit(queue, "c-1", NULL);
    CHECK(is_readable(queue, -1));
    calltransfer_queue_free(queue);
    CHECK(reported.lines == 2); /* nor by a queue that goes */
}

static void stopped_requests_complete(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    uint64_t first = submit(queue, "c-1", NULL);
    calltransfer_completion *done;
    int left = 2;
    submit(queue, "c-2", NULL);
    submit(queue, "c-3", NULL);
    CHECK(getchar() == '\n'); /* all three have arrived at a server that doesn't answer */
    expect_none(queue);
    CHECK(calltransfer_queue_cancel(queue, first) == 1);
    done = next(queue);
    CHECK(calltransfer_completion_id(done) == first);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_E_OUTCOME_UNKNOWN);
    CHECK(calltransfer_error_outcome(calltransfer_completion_error(done)) == CALLTRANSFER_OUTCOME_UNKNOWN);
    calltransfer_completion_free(done);
    CHECK(calltransfer_queue_cancel(queue, first) == 0);
    expect_none(queue);
    CHECK(calltransfer_queue_cancel_all(queue) == 2);
    while (left-- > 0) {
        done = next(queue);
        CHECK(calltransfer_completion_status(done) == CALLTRANSFER_E_OUTCOME_UNKNOWN);
        calltransfer_completion_free(done);
    }
    CHECK(calltransfer_queue_in_flight(queue) == 0);
    calltransfer_queue_free(queue);
}

static void a_queue_is_freed_with_work_in_flight(void)
{
    int round, i;
    for (round = 0; round < 10; round++) {
        calltransfer_queue *queue = new_queue(calltransfer_config_new());
        char *mine = (char *)malloc(16);
        int fd = calltransfer_queue_fd(queue);
        for (i = 0; i < 20; i++) {
            submit(queue, "c-1", mine);
        }
        if (round % 2 == 1) {
            CHECK(is_readable(queue, -1)); /* some have ended, and no one takes them */
        }
        calltransfer_queue_free(queue);
        free(mine);
        CHECK(lseek(fd, 0, SEEK_CUR) == -1); /* closed, and not by and by */
    }
}

static void forked_child_is_refused_and_the_parent_continues(void)
{
    calltransfer_queue *queue = new_queue(calltransfer_config_new());
    calltransfer_completion *done = NULL;
    calltransfer_error *error = NULL;
    int status;
    pid_t child;
    submit(queue, "c-1", NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        calltransfer_transfer *transfer = calltransfer_transfer_new("c-2", TO);
        CHECK(calltransfer_queue_next(queue, -1, &done, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
        CHECK_TEXT(calltransfer_error_message(error),
                   "queue: belongs to the process before the fork; make one of this process's own");
        calltransfer_error_free(error);
        CHECK(calltransfer_queue_submit_transfer(queue, transfer, NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
        calltransfer_transfer_free(transfer);
        CHECK(calltransfer_queue_fd(queue) == -1);
        CHECK(calltransfer_queue_in_flight(queue) == 0);
        CHECK(calltransfer_queue_cancel_all(queue) == 0);
        calltransfer_queue_free(queue);
        queue = new_queue(calltransfer_config_new());
        submit(queue, "c-2", NULL);
        done = next(queue);
        CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
        calltransfer_completion_free(done);
        calltransfer_queue_free(queue);
        _exit(0); /* what the child can't free, its parent's queue and threads, is no leak to look for */
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    done = next(queue);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);
    submit(queue, "c-3", NULL);
    CHECK(is_readable(queue, -1));
    done = next(queue);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
}

static const struct test_case cases[] = {
    CASE(each_kind_of_request_completes),
    CASE(an_error_comes_with_its_completion),
    CASE(invalid_request_is_refused_at_once),
    CASE(the_descriptor_is_readable_while_completions_wait),
    CASE(log_lines_are_reported_on_the_thread_that_calls_next),
    CASE(stopped_requests_complete),
    CASE(a_queue_is_freed_with_work_in_flight),
    CASE(forked_child_is_refused_and_the_parent_continues),
};

RUN(cases)
