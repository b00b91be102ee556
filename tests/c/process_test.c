/* A process without descriptors, and one that ends during a request. */
#include <calltransfer/calltransfer.h>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "check.h"
#include "fixtures.h"

static void without_descriptors_requests_fail_and_later_ones_work(void)
{
    calltransfer_config *config = good_config();
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_queue *queue = NULL;
    calltransfer_error *error = NULL;
    struct rlimit had, none;
    int lowest = dup(2);
    CHECK(lowest >= 0 && close(lowest) == 0);
    CHECK(getrlimit(RLIMIT_NOFILE, &had) == 0);
    none = had;
    none.rlim_cur = (rlim_t)lowest;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);

    CHECK(calltransfer_queue_new(config, &queue, &error) == CALLTRANSFER_E_CONNECTION && queue == NULL);
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) != CALLTRANSFER_OK);
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    calltransfer_error_free(error);

    CHECK(setrlimit(RLIMIT_NOFILE, &had) == 0);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_queue_free(queue);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
}

/* Takes connections into its backlog and never responds. */
static int silent_server(char *url)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(server, (struct sockaddr *)&address, size) == 0 && listen(server, 8) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&address, &size) == 0);
    sprintf(url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return server;
}

static calltransfer_queue *left_behind; /* within reach: no leak to look for */

static void a_process_ends_at_once_with_a_request_under_way(void)
{
    char url[64];
    int status, server = silent_server(url);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        calltransfer_config *config = good_config();
        calltransfer_transfer *transfer = good_transfer();
        alarm(8); /* less than a transfer's time */
        CHECK(calltransfer_config_set_base_url(config, url) == CALLTRANSFER_OK);
        CHECK(calltransfer_queue_new(config, &left_behind, NULL) == CALLTRANSFER_OK);
        CHECK(calltransfer_queue_submit_transfer(left_behind, transfer, NULL, NULL, NULL) == CALLTRANSFER_OK);
        CHECK(close(accept(server, NULL, NULL)) == 0);
        CHECK(calltransfer_queue_submit_transfer(left_behind, transfer, NULL, NULL, NULL) == CALLTRANSFER_OK);
        calltransfer_transfer_free(transfer);
        calltransfer_config_free(config);
        exit(7);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    close(server);
}

static const struct test_case cases[] = {
    CASE(without_descriptors_requests_fail_and_later_ones_work),
    CASE(a_process_ends_at_once_with_a_request_under_way),
};

RUN(cases)
