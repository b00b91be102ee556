/*
 * What happens to live calls, case by case: `calls_test CASE`. The account and the platform come
 * from the environment.
 */
#include <calltransfer/calltransfer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static void print_line(const char *line, void *user_data)
{
    int *count = (int *)user_data;
    printf("%d %s\n", ++*count, line);
}

static calltransfer_client *new_client(int *log_count)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_config_use_environment(config);
    if (log_count != NULL) {
        calltransfer_config_set_log(config, print_line, log_count);
    }
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return client;
}

static int32_t send(const calltransfer_client *client, const char *call_id)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, "+18382947878");
    int32_t status = calltransfer_client_transfer(client, transfer, NULL, NULL);
    calltransfer_transfer_free(transfer);
    return status;
}

static void states(void)
{
    calltransfer_client *client = new_client(NULL);
    calltransfer_call *call = NULL;
    calltransfer_finding *finding = NULL;
    calltransfer_error *error = NULL;
    CHECK(send(client, "c-1") == CALLTRANSFER_E_CALL_NOT_ACTIVE);
    CHECK(calltransfer_client_check(client, "c-1", &finding, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_finding_outcome(finding) == CALLTRANSFER_OUTCOME_NOT_APPLIED);
    CHECK(calltransfer_finding_doubt(finding) == NULL);
    calltransfer_finding_free(finding);
    CHECK(calltransfer_client_answer(client, "c-1", NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_get_call(client, "c-1", &call, NULL) == CALLTRANSFER_OK);
    CHECK(strcmp(calltransfer_call_id(call), "c-1") == 0);
    CHECK(strcmp(calltransfer_call_state(call), "active") == 0);
    CHECK(strcmp(calltransfer_call_direction(call), "in") == 0);
    CHECK(strcmp(calltransfer_call_from(call), "+19195550100") == 0);
    CHECK(calltransfer_call_active_time(call) != NULL && calltransfer_call_end_time(call) == NULL);
    CHECK(strstr(calltransfer_call_json(call), "\"state\":\"active\"") != NULL);
    calltransfer_call_free(call);
    CHECK(send(client, "c-1") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_check(client, "c-1", &finding, &error) == CALLTRANSFER_OK);
    CHECK(error == NULL);
    CHECK(calltransfer_finding_outcome(finding) == CALLTRANSFER_OUTCOME_APPLIED);
    CHECK(calltransfer_finding_reason(finding) != NULL && calltransfer_finding_doubt(finding) != NULL);
    CHECK(strcmp(calltransfer_call_state(calltransfer_finding_call(finding)), "transferring") == 0);
    calltransfer_finding_free(finding);
    CHECK(calltransfer_client_prepare(client, &error) == CALLTRANSFER_OK && error == NULL);
    CHECK(calltransfer_client_hang_up(client, "c-1", NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_hang_up(client, "c-1", &error) == CALLTRANSFER_E_CALL_NOT_ACTIVE);
    CHECK(strcmp(calltransfer_error_call_id(error), "c-1") == 0);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, "c-none", &call, NULL) == CALLTRANSFER_E_CALL_NOT_FOUND);
    CHECK(call == NULL);
    calltransfer_client_free(client);
}

static void logged(void)
{
    int count = 0;
    calltransfer_client *client = new_client(&count);
    CHECK(send(client, "c-1") == CALLTRANSFER_OK);
    CHECK(count == 2);
    calltransfer_client_free(client);
}

static void forked(void)
{
    calltransfer_client *client = new_client(NULL);
    int status;
    pid_t child;
    CHECK(send(client, "c-1") == CALLTRANSFER_OK);
    child = fork();
    if (child == 0) {
        alarm(20); /* a child that hangs dies */
        status = send(client, "c-2");
        calltransfer_client_free(client);
        _exit(status == CALLTRANSFER_OK ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(send(client, "c-3") == CALLTRANSFER_OK);
    calltransfer_client_free(client);
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";
    if (strcmp(name, "states") == 0) {
        states();
    } else if (strcmp(name, "logged") == 0) {
        logged();
    } else if (strcmp(name, "forked") == 0) {
        forked();
    } else {
        return 2;
    }
    return 0;
}
