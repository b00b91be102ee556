/*
 * Makes one transfer, given as the vectors have it, and says the outcome: the settings of a client, `call_id`,
 * `to` (one or several) and `options`. With `way` "queue" it is sent through a completion queue, from a poll()
 * loop; with `whispers` true the report has what the new party hears first.
 */
#include <calltransfer/calltransfer.h>

#include "driver_config.h"

#include <poll.h>

#define TEXT(name) {#name, calltransfer_transfer_set_##name, NULL}
#define NUMBER(name) {#name, NULL, calltransfer_transfer_set_##name}

static const struct {
    const char *name;
    int32_t (*set_text)(calltransfer_transfer *, const char *);
    int32_t (*set_number)(calltransfer_transfer *, int32_t);
} options[] = {
    TEXT(caller_id),
    TEXT(callback_url),
    TEXT(recording_file_format),
    TEXT(whisper_audio_sentence),
    TEXT(whisper_audio_file_url),
    TEXT(whisper_audio_gender),
    TEXT(whisper_audio_locale),
    TEXT(whisper_audio_voice),
    TEXT(whisper_audio_tag),
    TEXT(diversion_treatment),
    TEXT(diversion_reason),
    TEXT(caller_display_name),
    TEXT(tag),
    TEXT(uui),
    TEXT(transfer_answer_url),
    NUMBER(recording_enabled),
    NUMBER(privacy),
    NUMBER(whisper_audio_loop_enabled),
    NUMBER(whisper_audio_volume),
};

static void apply_option(calltransfer_transfer *transfer, const char *name, yyjson_val *value)
{
    size_t i;
    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(name, options[i].name) == 0) {
            if (options[i].set_text != NULL) {
                options[i].set_text(transfer, text(name, value));
            } else {
                options[i].set_number(transfer, number(name, value));
            }
            return;
        }
    }
    if (strcmp(name, "call_timeout") == 0 && yyjson_is_num(value)) {
        calltransfer_transfer_set_call_timeout(transfer, yyjson_get_num(value));
    } else if (strcmp(name, "extra") == 0) {
        char *json = yyjson_val_write(value, 0, NULL);
        calltransfer_transfer_set_extra_json(transfer, json);
        free(json);
    } else {
        wrong_input(name, "not an option, or not of its type");
    }
}

/* The options; those of a whisper have its name before theirs. */
static void apply_options(calltransfer_transfer *transfer, yyjson_val *given, const char *before)
{
    yyjson_val *key, *value;
    size_t i, count;
    yyjson_obj_foreach(given, i, count, key, value)
    {
        char name[64];
        sprintf(name, "%s%.40s", before, yyjson_get_str(key));
        if (strcmp(name, "whisper_audio") != 0) {
            apply_option(transfer, name, value);
        } else if (yyjson_is_obj(value)) {
            apply_options(transfer, value, "whisper_audio_");
        } else {
            apply_option(transfer, "whisper_audio_sentence", value);
        }
    }
}

static calltransfer_transfer *transfer_of(yyjson_val *given)
{
    yyjson_val *to = yyjson_obj_get(given, "to");
    yyjson_val *first = yyjson_is_arr(to) ? yyjson_arr_get_first(to) : to;
    calltransfer_transfer *transfer = calltransfer_transfer_new(text_of(given, "call_id"), text("to", first));
    size_t i;
    for (i = 1; i < yyjson_arr_size(to); i++) {
        calltransfer_transfer_also_to(transfer, text("to", yyjson_arr_get(to, i)));
    }
    apply_options(transfer, yyjson_obj_get(given, "options"), "");
    return transfer;
}

/* The log goes to standard error, where it is searched for secrets. */
static void log_line(const char *line, void *user_data)
{
    (void)user_data;
    fprintf(stderr, "%s\n", line);
}

static calltransfer_config *config_of(yyjson_val *given)
{
    calltransfer_config *config = calltransfer_config_new();
    yyjson_val *key, *value;
    size_t i, count;
    calltransfer_config_set_log(config, log_line, NULL);
    yyjson_obj_foreach(given, i, count, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (strcmp(name, "call_id") != 0 && strcmp(name, "to") != 0 && strcmp(name, "options") != 0 &&
            strcmp(name, "way") != 0 && strcmp(name, "whispers") != 0 && !apply_setting(config, given, name)) {
            wrong_input(name, "not a setting of a client");
        }
    }
    return config;
}

static void put_error(yyjson_mut_val *report, const calltransfer_error *error)
{
    yyjson_mut_val *details = yyjson_mut_arr(output);
    size_t i;
    put_text(report, "kind", calltransfer_error_kind_name(error));
    put_text(report, "outcome", calltransfer_error_outcome_name(error));
    put_text(report, "message", calltransfer_error_message(error));
    put_text(report, "field", calltransfer_error_field(error));
    put_text(report, "stage", calltransfer_error_stage(error));
    put_text(report, "category", calltransfer_error_platform_category(error));
    put_text(report, "code", calltransfer_error_platform_code(error));
    put_text(report, "platform_message", calltransfer_error_platform_message(error));
    put_number(report, "kind_number", calltransfer_error_kind(error));
    put_number(report, "http_status", calltransfer_error_http_status(error));
    put_number(report, "retry_after_ms", calltransfer_error_retry_after_ms(error));
    put_number(report, "attempts", calltransfer_error_attempts(error));
    put_number(report, "elapsed_ms", calltransfer_error_elapsed_ms(error));
    put_number(report, "is_safe_to_repeat", calltransfer_error_is_safe_to_repeat(error));
    for (i = 0; i < calltransfer_error_platform_detail_count(error); i++) {
        yyjson_mut_val *detail = yyjson_mut_arr_add_obj(output, details);
        put_text(detail, "name", calltransfer_error_platform_detail_name(error, i));
        put_text(detail, "value", calltransfer_error_platform_detail_value(error, i));
    }
    yyjson_mut_obj_add_val(output, report, "details", details);
}

static void put_result(yyjson_mut_val *report, const calltransfer_result *result)
{
    put_text(report, "kind", NULL);
    put_text(report, "outcome", calltransfer_outcome_name(calltransfer_result_outcome(result)));
    put_text(report, "new_call_id", calltransfer_result_new_call_id(result));
    put_text(report, "note", calltransfer_result_note(result));
    put_number(report, "http_status", calltransfer_result_http_status(result));
    put_number(report, "attempts", calltransfer_result_attempts(result));
    put_number(report, "elapsed_ms", calltransfer_result_elapsed_ms(result));
}

/* Sends it with a client, and waits. */
static int32_t send_and_wait(const calltransfer_config *config, const calltransfer_transfer *transfer,
                             calltransfer_result **result, calltransfer_error **error)
{
    calltransfer_client *client;
    int32_t status = calltransfer_client_new(config, &client, error);
    if (status == CALLTRANSFER_OK) {
        status = calltransfer_client_transfer(client, transfer, result, error);
    }
    calltransfer_client_free(client);
    return status;
}

/* Sends it with a queue, and waits only for its descriptor. */
static int32_t send_and_poll(const calltransfer_config *config, const calltransfer_transfer *transfer,
                             calltransfer_result **result, calltransfer_error **error)
{
    calltransfer_queue *queue;
    calltransfer_completion *completion = NULL;
    int32_t status = calltransfer_queue_new(config, &queue, error);
    if (status == CALLTRANSFER_OK) {
        status = calltransfer_queue_submit_transfer(queue, transfer, NULL, NULL, error);
    }
    if (status == CALLTRANSFER_OK) {
        struct pollfd watched = {0, POLLIN, 0};
        watched.fd = calltransfer_queue_fd(queue);
        while (completion == NULL && status == CALLTRANSFER_OK && poll(&watched, 1, -1) == 1) {
            status = calltransfer_queue_next(queue, 0, &completion, error);
        }
        if (completion != NULL) {
            status = calltransfer_completion_status(completion);
            *result = calltransfer_completion_take_result(completion);
            *error = calltransfer_completion_take_error(completion);
        }
    }
    calltransfer_completion_free(completion);
    calltransfer_queue_free(queue);
    return status;
}

int main(void)
{
    yyjson_val *given = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    calltransfer_config *config = config_of(given);
    calltransfer_transfer *transfer = transfer_of(given);
    const char *way = text_of(given, "way");
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    calltransfer_error *whisper_error = NULL;
    char *body = NULL;
    char *whisper = NULL;
    int32_t status;

    if (text_of(given, "account_id") == NULL) {
        calltransfer_transfer_to_json(transfer, &body, NULL);
    } else {
        calltransfer_transfer_to_bxml(transfer, &body, NULL);
    }
    status = way != NULL && strcmp(way, "queue") == 0 ? send_and_poll(config, transfer, &result, &error)
                                                      : send_and_wait(config, transfer, &result, &error);
    put_number(report, "status", status);
    put_text(report, "body", body);
    if (yyjson_get_bool(yyjson_obj_get(given, "whispers"))) {
        calltransfer_transfer_to_whisper_bxml(transfer, &whisper, &whisper_error);
        put_text(report, "whisper", whisper);
        put_text(report, "whisper_field", calltransfer_error_field(whisper_error));
    }
    if (result != NULL) {
        put_result(report, result);
    }
    if (error != NULL) {
        put_error(report, error);
    }
    write_output();

    calltransfer_string_free(body);
    calltransfer_string_free(whisper);
    calltransfer_error_free(whisper_error);
    calltransfer_result_free(result);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    calltransfer_config_free(config);
    return 0;
}
