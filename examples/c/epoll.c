/*
 * Transfers calls from an event loop: nothing in it waits for the platform.
 *
 * Reads lines from standard input (a pipe or a terminal), each a call's id and
 * a number, as they come; prints the outcome of each call when it is known, as
 * "CALL OUTCOME TEXT". Ends when the input has ended and every call is reported.
 *
 * Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
 */
#include <calltransfer/calltransfer.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int failed;

static void report(const char *call_id, const calltransfer_result *result, const calltransfer_error *error)
{
    if (error != NULL) {
        failed = 1;
        printf("%s %s %s\n", call_id, calltransfer_error_outcome_name(error), calltransfer_error_message(error));
    } else {
        const char *new_call = calltransfer_result_new_call_id(result);
        printf("%s applied the new call is %s\n", call_id, new_call != NULL ? new_call : "not named");
    }
    fflush(stdout);
}

/* "CALL NUMBER": hands the transfer over. Its id goes along, and comes back when it has ended. */
static void submit(const calltransfer_queue *queue, const char *line)
{
    char call_id[160], to[160];
    char *mine;
    calltransfer_transfer *transfer;
    calltransfer_error *error = NULL;

    if (sscanf(line, "%159s %159s", call_id, to) != 2) {
        return;
    }
    mine = (char *)malloc(strlen(call_id) + 1);
    if (mine == NULL) {
        abort();
    }
    strcpy(mine, call_id);
    transfer = calltransfer_transfer_new(call_id, to);
    if (calltransfer_queue_submit_transfer(queue, transfer, mine, NULL, &error) != CALLTRANSFER_OK) {
        report(call_id, NULL, error); /* nothing was sent, and no completion will come */
        calltransfer_error_free(error);
        free(mine);
    }
    calltransfer_transfer_free(transfer);
}

/* Takes every completion that waits. */
static void take(const calltransfer_queue *queue)
{
    calltransfer_completion *done;
    while (calltransfer_queue_next(queue, 0, &done, NULL) == CALLTRANSFER_OK && done != NULL) {
        char *mine = (char *)calltransfer_completion_user_data(done);
        report(mine, calltransfer_completion_result(done), calltransfer_completion_error(done));
        calltransfer_completion_free(done);
        free(mine);
    }
}

/* Reads what is there and submits each whole line. Returns 0 at the end of the input. */
static int read_lines(const calltransfer_queue *queue)
{
    static char buffer[4096];
    static size_t length;
    char *line = buffer, *end;
    ssize_t got = read(STDIN_FILENO, buffer + length, sizeof buffer - 1 - length);
    if (got <= 0) {
        return got < 0 && errno == EINTR;
    }
    length += (size_t)got;
    buffer[length] = '\0';
    while ((end = strchr(line, '\n')) != NULL) {
        *end = '\0';
        submit(queue, line);
        line = end + 1;
    }
    length -= (size_t)(line - buffer);
    memmove(buffer, line, length);
    if (length == sizeof buffer - 1) {
        length = 0; /* no line is that long */
    }
    return 1;
}

static void watch(int loop, int fd)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0) {
        perror("epoll_ctl");
        exit(2);
    }
}

int main(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *queue;
    calltransfer_error *error = NULL;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    int is_open = 1;

    calltransfer_config_use_environment(config);
    if (calltransfer_queue_new(config, &queue, &error) != CALLTRANSFER_OK) {
        fprintf(stderr, "%s\n", calltransfer_error_message(error));
        calltransfer_error_free(error);
        calltransfer_config_free(config);
        return 2;
    }
    calltransfer_config_free(config);
    watch(loop, STDIN_FILENO);
    watch(loop, calltransfer_queue_fd(queue));

    while (is_open || calltransfer_queue_in_flight(queue) > 0) {
        struct epoll_event event;
        if (epoll_wait(loop, &event, 1, -1) != 1) {
            continue; /* a signal */
        }
        if (event.data.fd != STDIN_FILENO) {
            take(queue);
        } else if (!read_lines(queue)) {
            epoll_ctl(loop, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
            is_open = 0;
        }
    }

    close(loop);
    calltransfer_queue_free(queue);
    return failed;
}
