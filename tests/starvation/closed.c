/*
 * `closed FOLDER`: a host that closes every descriptor that it did not open, and
 * gives their numbers to files of its own. The library goes on, and leaves these
 * files alone. `closed FOLDER in_flight`: with a request in progress, once there is a
 * line on standard input; it is then stopped.
 */
#include <calltransfer/calltransfer.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../c/check.h"

enum { FILES = 64 };

static int files[FILES];

static void close_all(const char *folder)
{
    int fd;
    for (fd = 3; fd < 1024; fd++) {
        close(fd);
    }
    for (fd = 0; fd < FILES; fd++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%d", folder, fd);
        files[fd] = open(path, O_RDWR | O_CREAT, 0600);
        CHECK(files[fd] >= 0);
    }
}

static void check_files(void)
{
    int i;
    for (i = 0; i < FILES; i++) {
        struct stat stat;
        CHECK(fstat(files[i], &stat) == 0 && stat.st_size == 0);
    }
}

static void transfer(const calltransfer_client *client, const char *call_id)
{
    calltransfer_transfer *request = calltransfer_transfer_new(call_id, "+18382947878");
    CHECK(calltransfer_client_transfer(client, request, NULL, NULL) == CALLTRANSFER_OK);
    calltransfer_transfer_free(request);
}

static void submit(const calltransfer_queue *queue, const char *call_id)
{
    calltransfer_transfer *request = calltransfer_transfer_new(call_id, "+18382947878");
    calltransfer_completion *done = NULL;
    CHECK(calltransfer_queue_submit_transfer(queue, request, NULL, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
    CHECK(done != NULL && calltransfer_completion_error(done) == NULL);
    calltransfer_completion_free(done);
    calltransfer_transfer_free(request);
}

static void in_flight(calltransfer_config *config, const char *folder)
{
    calltransfer_transfer *request = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_completion *done = NULL;
    calltransfer_queue *queue = NULL;
    CHECK(calltransfer_config_set_timeout_ms(config, 3000) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_submit_transfer(queue, request, NULL, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(getchar() == '\n');
    close_all(folder);
    calltransfer_queue_cancel_all(queue);
    CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK && done != NULL);
    CHECK(calltransfer_error_outcome(calltransfer_completion_error(done)) == CALLTRANSFER_OUTCOME_UNKNOWN);
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
    calltransfer_transfer_free(request);
    calltransfer_config_free(config);
    check_files();
}

int main(int count, char **arguments)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_queue *queue = NULL;
    calltransfer_queue *other = NULL;
    CHECK(count == 2 || count == 3);
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    if (count == 3) {
        in_flight(config, arguments[1]);
        return 0;
    }
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    transfer(client, "c-1");
    submit(queue, "c-2");
    close_all(arguments[1]);
    transfer(client, "c-3");
    submit(queue, "c-4");
    calltransfer_client_free(client);
    calltransfer_queue_free(queue);
    CHECK(calltransfer_queue_new(config, &other, NULL) == CALLTRANSFER_OK);
    submit(other, "c-5");
    calltransfer_queue_free(other);
    calltransfer_config_free(config);
    check_files();
    return 0;
}
