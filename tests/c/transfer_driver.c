/*
 * Makes one transfer, reported line by line on standard input, and prints what
 * became of it as one line of JSON. A line is a name, a space, and a value in
 * percent encoding. Lines may come in any order. `way queue` sends it through a
 * completion queue, from a poll() loop.
 */
#include <calltransfer/calltransfer.h>

#include "json_text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t config_setter(calltransfer_config *, const char *);
typedef int32_t text_setter(calltransfer_transfer *, const char *);
typedef int32_t number_setter(calltransfer_transfer *, int32_t);

static const struct {
    const char *name;
    config_setter *set;
} config_setters[] = {
    {"user_id", calltransfer_config_set_user_id},
    {"token", calltransfer_config_set_token},
    {"secret", calltransfer_config_set_secret},
    {"account_id", calltransfer_config_set_account_id},
    {"client_id", calltransfer_config_set_client_id},
    {"client_secret", calltransfer_config_set_client_secret},
    {"username", calltransfer_config_set_username},
    {"password", calltransfer_config_set_password},
    {"api", calltransfer_config_set_api},
    {"base_url", calltransfer_config_set_base_url},
    {"ca_file", calltransfer_config_set_ca_file},
    {"proxy", calltransfer_config_set_proxy},
};

static const struct {
    const char *name;
    text_setter *set;
} text_setters[] = {
    {"caller_id", calltransfer_transfer_set_caller_id},
    {"callback_url", calltransfer_transfer_set_callback_url},
    {"recording_file_format", calltransfer_transfer_set_recording_file_format},
    {"whisper_audio.sentence", calltransfer_transfer_set_whisper_audio_sentence},
    {"whisper_audio.file_url", calltransfer_transfer_set_whisper_audio_file_url},
    {"whisper_audio.gender", calltransfer_transfer_set_whisper_audio_gender},
    {"whisper_audio.locale", calltransfer_transfer_set_whisper_audio_locale},
    {"whisper_audio.voice", calltransfer_transfer_set_whisper_audio_voice},
    {"whisper_audio.tag", calltransfer_transfer_set_whisper_audio_tag},
    {"diversion_treatment", calltransfer_transfer_set_diversion_treatment},
    {"diversion_reason", calltransfer_transfer_set_diversion_reason},
    {"caller_display_name", calltransfer_transfer_set_caller_display_name},
    {"tag", calltransfer_transfer_set_tag},
    {"uui", calltransfer_transfer_set_uui},
    {"transfer_answer_url", calltransfer_transfer_set_transfer_answer_url},
    {"also_to", calltransfer_transfer_also_to},
    {"extra", calltransfer_transfer_set_extra_json},
};

static const struct {
    const char *name;
    number_setter *set;
} number_setters[] = {
    {"recording_enabled", calltransfer_transfer_set_recording_enabled},
    {"privacy", calltransfer_transfer_set_privacy},
    {"whisper_audio.loop_enabled", calltransfer_transfer_set_whisper_audio_loop_enabled},
    {"whisper_audio.volume", calltransfer_transfer_set_whisper_audio_volume},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char input[1 << 16];

struct line {
    const char *name;
    char *value;
};

static struct line lines[64];
static size_t line_count;

static void decode(char *text)
{
    char *out = text;
    for (; *text != '\0'; text++) {
        if (*text == '%' && text[1] != '\0' && text[2] != '\0') {
            char hex[3];
            hex[0] = text[1];
            hex[1] = text[2];
            hex[2] = '\0';
            *out++ = (char)strtol(hex, NULL, 16);
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

static void read_lines(void)
{
    size_t length = fread(input, 1, sizeof input - 1, stdin);
    char *line;
    input[length] = '\0';
    for (line = strtok(input, "\n"); line != NULL && line_count < COUNT(lines); line = strtok(NULL, "\n")) {
        char *space = strchr(line, ' ');
        if (space == NULL) {
            fprintf(stderr, "no value: %s\n", line);
            exit(2);
        }
        *space = '\0';
        decode(space + 1);
        lines[line_count].name = line;
        lines[line_count].value = space + 1;
        line_count++;
    }
}

static const char *value_of(const char *name)
{
    size_t i;
    for (i = 0; i < line_count; i++) {
        if (strcmp(lines[i].name, name) == 0) {
            return lines[i].value;
        }
    }
    return NULL;
}

/* The log goes to standard error, where it is searched for secrets. */
static void log_line(const char *line, void *user_data)
{
    (void)user_data;
    fprintf(stderr, "%s\n", line);
}

/* The settings of a client that are numbers. */
static int apply_number(calltransfer_config *config, const struct line *line)
{
    int number = atoi(line->value);
    if (strcmp(line->name, "timeout_ms") == 0) {
        calltransfer_config_set_timeout_ms(config, number);
    } else if (strcmp(line->name, "max_retries") == 0) {
        calltransfer_config_set_max_retries(config, number);
    } else if (strcmp(line->name, "keep_alive") == 0) {
        calltransfer_config_set_keep_alive(config, number);
    } else {
        return 0;
    }
    return 1;
}

static void apply(calltransfer_config *config, calltransfer_transfer *transfer, const struct line *line)
{
    size_t i;
    for (i = 0; i < COUNT(config_setters); i++) {
        if (strcmp(line->name, config_setters[i].name) == 0) {
            config_setters[i].set(config, line->value);
            return;
        }
    }
    for (i = 0; i < COUNT(text_setters); i++) {
        if (strcmp(line->name, text_setters[i].name) == 0) {
            text_setters[i].set(transfer, line->value);
            return;
        }
    }
    for (i = 0; i < COUNT(number_setters); i++) {
        if (strcmp(line->name, number_setters[i].name) == 0) {
            number_setters[i].set(transfer, (int32_t)atoi(line->value));
            return;
        }
    }
    if (strcmp(line->name, "call_timeout") == 0) {
        calltransfer_transfer_set_call_timeout(transfer, atof(line->value));
        return;
    }
    if (!apply_number(config, line) && strcmp(line->name, "call_id") != 0 && strcmp(line->name, "to") != 0 &&
        strcmp(line->name, "way") != 0 && strcmp(line->name, "whispers") != 0) {
        fprintf(stderr, "no such line: %s\n", line->name);
        exit(2);
    }
}

static void print_number(const char *name, long number) { printf(",\"%s\":%ld", name, number); }

static void print_error(const calltransfer_error *error)
{
    size_t i;
    print_text("kind", calltransfer_error_kind_name(error));
    print_text("outcome", calltransfer_error_outcome_name(error));
    print_text("message", calltransfer_error_message(error));
    print_text("field", calltransfer_error_field(error));
    print_text("stage", calltransfer_error_stage(error));
    print_text("category", calltransfer_error_platform_category(error));
    print_text("code", calltransfer_error_platform_code(error));
    print_text("platform_message", calltransfer_error_platform_message(error));
    print_number("kind_number", calltransfer_error_kind(error));
    print_number("http_status", calltransfer_error_http_status(error));
    print_number("retry_after_ms", (long)calltransfer_error_retry_after_ms(error));
    print_number("attempts", calltransfer_error_attempts(error));
    print_number("elapsed_ms", (long)calltransfer_error_elapsed_ms(error));
    print_number("is_safe_to_repeat", calltransfer_error_is_safe_to_repeat(error));
    printf(",\"details\":[");
    for (i = 0; i < calltransfer_error_platform_detail_count(error); i++) {
        printf("%s{\"i\":%lu", i == 0 ? "" : ",", (unsigned long)i);
        print_text("name", calltransfer_error_platform_detail_name(error, i));
        print_text("value", calltransfer_error_platform_detail_value(error, i));
        putchar('}');
    }
    putchar(']');
}

static void print_result(const calltransfer_result *result)
{
    print_text("kind", NULL);
    print_text("outcome", calltransfer_outcome_name(calltransfer_result_outcome(result)));
    print_text("new_call_id", calltransfer_result_new_call_id(result));
    print_text("note", calltransfer_result_note(result));
    print_number("http_status", calltransfer_result_http_status(result));
    print_number("attempts", calltransfer_result_attempts(result));
    print_number("elapsed_ms", (long)calltransfer_result_elapsed_ms(result));
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
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_transfer *transfer;
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    calltransfer_error *whisper_error = NULL;
    char *json = NULL;
    char *bxml = NULL;
    char *whisper = NULL;
    int32_t status;
    size_t i;

    read_lines();
    calltransfer_config_set_log(config, log_line, NULL);
    transfer = calltransfer_transfer_new(value_of("call_id"), value_of("to"));
    for (i = 0; i < line_count; i++) {
        apply(config, transfer, &lines[i]);
    }

    calltransfer_transfer_to_json(transfer, &json, NULL);
    calltransfer_transfer_to_bxml(transfer, &bxml, NULL);
    calltransfer_transfer_to_whisper_bxml(transfer, &whisper, &whisper_error);
    status = value_of("way") == NULL ? send_and_wait(config, transfer, &result, &error)
                                     : send_and_poll(config, transfer, &result, &error);

    printf("{\"status\":%ld", (long)status);
    print_text("body", value_of("account_id") == NULL ? json : bxml);
    if (value_of("whispers") != NULL) {
        print_text("whisper", whisper);
        print_text("whisper_field", calltransfer_error_field(whisper_error));
    }
    if (result != NULL) {
        print_result(result);
    }
    if (error != NULL) {
        print_error(error);
    }
    puts("}");

    calltransfer_string_free(json);
    calltransfer_string_free(bxml);
    calltransfer_string_free(whisper);
    calltransfer_error_free(whisper_error);
    calltransfer_result_free(result);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    calltransfer_config_free(config);
    return 0;
}
