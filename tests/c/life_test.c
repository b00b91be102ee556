/*
 * The life of the library in a host: `life_test CASE CALL_ID...`, over a sandbox that
 * the environment names. Waking, the end of all threads and descriptors, small stacks,
 * and what may be freed when.
 */
#include <calltransfer/calltransfer.h>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const char *call_ids[8];

static long entries(const char *path)
{
    DIR *directory = opendir(path);
    long count = 0;
    CHECK(directory != NULL);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

static void wait_ms(long milliseconds)
{
    struct timespec pause;
    pause.tv_sec = 0;
    pause.tv_nsec = milliseconds * 1000000;
    nanosleep(&pause, NULL);
}

static calltransfer_config *new_config(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_config_use_environment(config);
    return config;
}

static calltransfer_client *new_client(void)
{
    calltransfer_config *config = new_config();
    calltransfer_client *client;
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return client;
}

static calltransfer_queue *new_queue(void)
{
    calltransfer_config *config = new_config();
    calltransfer_queue *queue;
    CHECK(calltransfer_queue_new(config, &queue, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return queue;
}

static void submit(const calltransfer_queue *queue, const char *call_id)
{
    CHECK(calltransfer_queue_submit_get_call(queue, call_id, NULL, NULL, NULL) == CALLTRANSFER_OK);
}

static calltransfer_completion *next(const calltransfer_queue *queue)
{
    calltransfer_completion *done;
    CHECK(calltransfer_queue_next(queue, 30000, &done, NULL) == CALLTRANSFER_OK);
    CHECK(done != NULL);
    return done;
}

static void get_call(const calltransfer_client *client, const char *call_id)
{
    calltransfer_call *call;
    CHECK(calltransfer_client_get_call(client, call_id, &call, NULL) == CALLTRANSFER_OK);
    calltransfer_call_free(call);
}

static int is_readable(const calltransfer_queue *queue)
{
    struct pollfd watched;
    watched.fd = calltransfer_queue_fd(queue);
    watched.events = POLLIN;
    watched.revents = 0;
    return poll(&watched, 1, 0) == 1;
}

static void *wait_for_ever(void *queue)
{
    calltransfer_completion *done;
    CHECK(calltransfer_queue_next((const calltransfer_queue *)queue, -1, &done, NULL) == CALLTRANSFER_OK);
    CHECK(done == NULL);
    return NULL;
}

static void a_wake_ends_one_wait(void)
{
    calltransfer_queue *queue = new_queue();
    calltransfer_completion *done;
    pthread_t waiting;
    CHECK(pthread_create(&waiting, NULL, wait_for_ever, queue) == 0);
    calltransfer_queue_wake(queue);
    pthread_join(waiting, NULL);
    CHECK(!is_readable(queue));
    calltransfer_queue_wake(queue);
    calltransfer_queue_wake(queue);
    CHECK(is_readable(queue));
    submit(queue, call_ids[0]);
    while (calltransfer_queue_in_flight(queue) == 0 || !is_readable(queue)) {
        wait_ms(1);
    }
    wait_for_ever(queue);
    calltransfer_completion_free(next(queue));
    CHECK(!is_readable(queue));
    CHECK(calltransfer_queue_next(queue, 0, &done, NULL) == CALLTRANSFER_OK && done == NULL);
    calltransfer_queue_free(queue);
}

static void use_everything(void)
{
    calltransfer_client *client = new_client();
    calltransfer_queue *queue = new_queue();
    int i;
    for (i = 0; i < 8; i++) {
        submit(queue, call_ids[0]);
    }
    get_call(client, call_ids[0]);
    for (i = 0; i < 8; i++) {
        calltransfer_completion_free(next(queue));
    }
    submit(queue, call_ids[0]); /* in progress when it is freed */
    calltransfer_queue_free(queue);
    calltransfer_client_free(client);
}

static void nothing_is_left_after_shutdown(void)
{
    long threads = entries("/proc/self/task"), descriptors = entries("/proc/self/fd");
    int round;
    CHECK(calltransfer_shutdown() == 0);
    for (round = 0; round < 3; round++) {
        use_everything();
        CHECK(entries("/proc/self/fd") > descriptors);
        CHECK(calltransfer_shutdown() == 0);
        CHECK(entries("/proc/self/fd") == descriptors);
        while (entries("/proc/self/task") > threads) {
            wait_ms(1); /* the system takes a moment to forget a joined thread */
        }
    }
}

static void a_shutdown_completes_what_is_under_way(void)
{
    calltransfer_queue *queue = new_queue();
    calltransfer_completion *done;
    submit(queue, call_ids[0]);
    wait_ms(200);
    CHECK(calltransfer_shutdown() == 0);
    done = next(queue);
    CHECK(calltransfer_error_outcome(calltransfer_completion_error(done)) == CALLTRANSFER_OUTCOME_NOT_APPLIED);
    calltransfer_completion_free(done);
    calltransfer_queue_free(queue);
    CHECK(calltransfer_shutdown() == 0);
}

static void main_ends_by_pthread_exit(void)
{
    use_everything();
    CHECK(calltransfer_shutdown() == 0);
    pthread_exit(NULL);
}

static void *use_on_a_small_stack(void *unused)
{
    calltransfer_client *client = new_client();
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_ids[1], "+18382947878");
    calltransfer_error *error;
    (void)unused;
    use_everything();
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "You have an incoming call");
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) != CALLTRANSFER_OK);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    return NULL;
}

static void *use_tls_on_a_small_stack(void *unused)
{
    calltransfer_client *client = new_client();
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_ids[0], "+18382947878");
    calltransfer_error *error;
    (void)unused;
    if (calltransfer_client_transfer(client, transfer, NULL, &error) != CALLTRANSFER_OK) {
        fprintf(stderr, "%s\n", calltransfer_error_message(error));
        exit(1);
    }
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    return NULL;
}

/* The stack of a thread is what docs/c-threads-and-memory.md promises, or STACK_KIB. */
static void run_on_a_small_stack(void *(*work)(void *))
{
    const char *given = getenv("STACK_KIB");
    size_t kib = given == NULL ? 128 : (size_t)atol(given);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, kib * 1024) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0);
    pthread_join(thread, NULL);
}

/* As deep as JSON is parsed: one level more is an error. The responses of the server are nested, too. */
static void *read_nested_json_on_a_small_stack(void *unused)
{
    char nested[2 * 126 + 1], text[512], longer[512];
    calltransfer_client *client = new_client();
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_ids[0], "+18382947878");
    calltransfer_event *event;
    calltransfer_call *call;
    calltransfer_call_list *list;
    calltransfer_error *error;
    char *json;
    (void)unused;
    memset(nested, '[', 126);
    memset(nested + 126, ']', 126);
    nested[2 * 126] = '\0';
    sprintf(longer, "{\"eventType\": \"hangup\", \"data\": [%s]}", nested);
    sprintf(text, "{\"eventType\": \"hangup\", \"data\": %s}", nested);
    CHECK(calltransfer_event_parse(longer, strlen(longer), NULL, &event, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_event_parse(text, strlen(text), NULL, &event, NULL) == CALLTRANSFER_OK);
    CHECK(strstr(calltransfer_event_json(event), nested) != NULL);
    calltransfer_event_free(event);
    CHECK(calltransfer_transfer_set_extra_json(transfer, text) == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(transfer, &json, NULL) == CALLTRANSFER_OK);
    CHECK(strstr(json, nested) != NULL);
    calltransfer_string_free(json);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) != CALLTRANSFER_OK);
    CHECK(calltransfer_error_http_status(error) == 400);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, call_ids[0], &call, &error) == CALLTRANSFER_OK);
    CHECK(strstr(calltransfer_call_json(call), nested) != NULL);
    calltransfer_call_free(call);
    CHECK(calltransfer_client_get_call(client, call_ids[0], &call, &error) == CALLTRANSFER_E_UNAVAILABLE);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_list_calls(client, NULL, &list, &error) == CALLTRANSFER_OK);
    CHECK(calltransfer_call_list_next(list, 0, NULL, &call, &error) == CALLTRANSFER_E_UNAVAILABLE);
    calltransfer_error_free(error);
    calltransfer_call_list_free(list);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    return NULL;
}

static void small_stacks_are_enough_for_nested_json(void) { run_on_a_small_stack(read_nested_json_on_a_small_stack); }

static void small_stacks_are_enough(void) { run_on_a_small_stack(use_on_a_small_stack); }

static void small_stacks_are_enough_for_tls(void) { run_on_a_small_stack(use_tls_on_a_small_stack); }

static void what_a_queue_gave_outlives_it(void)
{
    calltransfer_queue *queue = new_queue();
    calltransfer_completion *done;
    calltransfer_call *call;
    submit(queue, call_ids[0]);
    submit(queue, "c-none");
    done = next(queue);
    if (calltransfer_completion_call(done) == NULL) {
        calltransfer_completion_free(done);
        done = next(queue);
    }
    calltransfer_queue_free(queue);
    call = calltransfer_completion_take_call(done);
    calltransfer_completion_free(done);
    CHECK_TEXT(calltransfer_call_id(call), call_ids[0]);
    calltransfer_call_free(call);
}

/* A completion is taken, and its handler frees all there is, the queue too. */
static void a_handler_frees_its_completion_and_its_queue(void)
{
    calltransfer_queue *queue = new_queue();
    calltransfer_client *client = new_client();
    calltransfer_completion *done;
    get_call(client, call_ids[0]);
    submit(queue, call_ids[0]);
    submit(queue, call_ids[0]);
    done = next(queue);
    calltransfer_queue_free(queue);
    calltransfer_client_free(client);
    calltransfer_completion_free(done);
}

static void record(const calltransfer_log_record *record, void *user_data)
{
    CHECK(calltransfer_log_record_level(record) == CALLTRANSFER_LOG_INFO);
    CHECK_TEXT(calltransfer_log_record_action(record), "get_call");
    CHECK_TEXT(calltransfer_log_record_call_id(record), call_ids[0]);
    CHECK(strstr(calltransfer_log_record_line(record), calltransfer_log_record_host(record)) != NULL);
    CHECK(calltransfer_log_record_attempt(record) == 1);
    CHECK(calltransfer_log_record_outcome(record) == CALLTRANSFER_OUTCOME_APPLIED);
    CHECK(calltransfer_log_record_kind(record) == CALLTRANSFER_OK);
    CHECK(calltransfer_log_record_http_status(record) == 200);
    CHECK(calltransfer_log_record_elapsed_ms(record) >= 0);
    CHECK(write(*(const int *)user_data, "r", 1) == 1);
}

static void records_come_when_an_attempt_ends(void)
{
    calltransfer_config *config = new_config(), *copy;
    calltransfer_queue *queue;
    calltransfer_client *client;
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    CHECK(calltransfer_config_set_log_function(config, record, &ends[1]) == CALLTRANSFER_OK);
    copy = calltransfer_config_copy(config);
    calltransfer_config_free(config);
    CHECK(calltransfer_queue_new(copy, &queue, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(copy, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(copy);
    submit(queue, call_ids[0]);
    CHECK(read(ends[0], &byte, 1) == 1); /* without calltransfer_queue_next() */
    get_call(client, call_ids[0]);
    CHECK(read(ends[0], &byte, 1) == 1);
    calltransfer_queue_free(queue);
    calltransfer_client_free(client);
    CHECK(calltransfer_shutdown() == 0);
}

/* Says when the connection is open, has a child that lives on, and frees the client. */
static void a_freed_client_closes_its_connections_beside_a_child(void)
{
    calltransfer_client *client = new_client();
    calltransfer_queue *queue = new_queue();
    int ends[2];
    char byte;
    pid_t child;
    get_call(client, call_ids[0]);
    submit(queue, call_ids[0]);
    calltransfer_completion_free(next(queue));
    CHECK(pipe(ends) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[1]);
        CHECK(read(ends[0], &byte, 1) == 0); /* until the parent ends */
        _exit(0);
    }
    calltransfer_client_free(client);
    calltransfer_queue_free(queue);
    printf("freed\n");
    fflush(stdout);
    CHECK(read(0, &byte, 1) >= 0);
}

struct one_case {
    const char *name;
    void (*run)(void);
};

#define CASE(name) {#name, name}
static const struct one_case cases[] = {
    CASE(a_wake_ends_one_wait),
    CASE(nothing_is_left_after_shutdown),
    CASE(a_shutdown_completes_what_is_under_way),
    CASE(main_ends_by_pthread_exit),
    CASE(small_stacks_are_enough),
    CASE(small_stacks_are_enough_for_tls),
    CASE(small_stacks_are_enough_for_nested_json),
    CASE(what_a_queue_gave_outlives_it),
    CASE(a_handler_frees_its_completion_and_its_queue),
    CASE(records_come_when_an_attempt_ends),
    CASE(a_freed_client_closes_its_connections_beside_a_child),
};

int main(int count, char **arguments)
{
    size_t i;
    int argument;
    for (argument = 2; argument < count && argument < 10; argument++) {
        call_ids[argument - 2] = arguments[argument];
    }
    for (i = 0; count > 1 && i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, arguments[1]) == 0) {
            cases[i].run();
            return 0;
        }
    }
    return 2;
}
