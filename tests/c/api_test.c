/*
 * What the C interface promises, case by case: `api_test CASE`, `api_test --list`,
 * or `api_test` for all. Compiles as C11 and as C++17. Connects to nobody.
 */
#include <calltransfer/calltransfer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);       \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

#define CHECK_TEXT(actual, expected)                                              \
    do {                                                                          \
        const char *text_ = (actual);                                             \
        if (text_ == NULL || strcmp(text_, (expected)) != 0) {                    \
            fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__,        \
                    __LINE__, #actual, text_ == NULL ? "(NULL)" : text_,          \
                    (expected));                                                  \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

#define NOT_UTF8 "\xff\xfe"

static calltransfer_config *good_config(void)
{
    calltransfer_config *config = calltransfer_config_new();
    CHECK(calltransfer_config_set_user_id(config, "u-abc123") == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_token(config, "t-token") == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_secret(config, "s-secret") == CALLTRANSFER_OK);
    /* Port 9 discards; nobody listens there. */
    CHECK(calltransfer_config_set_base_url(config, "http://127.0.0.1:9") == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_max_retries(config, 0) == CALLTRANSFER_OK);
    return config;
}

static calltransfer_client *good_client(void)
{
    calltransfer_config *config = good_config();
    calltransfer_client *client = NULL;
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    calltransfer_config_free(config);
    return client;
}

static calltransfer_transfer *good_transfer(void)
{
    return calltransfer_transfer_new("c-call123", "+18382947878");
}

/* Checks that to_json and the send both refuse the transfer so, and frees it. */
static void refused(calltransfer_transfer *transfer, const char *field, const char *message)
{
    calltransfer_client *client = good_client();
    calltransfer_error *error = NULL;
    calltransfer_result *result = NULL;
    char *json = NULL;
    int round;
    for (round = 0; round < 2; round++) {
        int32_t status = round == 0 ? calltransfer_transfer_to_json(transfer, &json, &error)
                                    : calltransfer_client_transfer(client, transfer, &result, &error);
        CHECK(status == CALLTRANSFER_E_INVALID_ARGUMENT);
        CHECK(json == NULL && result == NULL);
        CHECK(calltransfer_error_kind(error) == status);
        CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
        CHECK_TEXT(calltransfer_error_field(error), field);
        if (message != NULL) {
            CHECK_TEXT(calltransfer_error_message(error), message);
        }
        calltransfer_error_free(error);
    }
    calltransfer_client_free(client);
    calltransfer_transfer_free(transfer);
}

/* Checks that no client is made of the configuration, and frees it. */
static void misconfigured(calltransfer_config *config, const char *field, const char *message)
{
    calltransfer_error *error = NULL;
    calltransfer_client *client = NULL;
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(client == NULL);
    CHECK(calltransfer_error_kind(error) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    CHECK(calltransfer_error_is_safe_to_repeat(error) == 1);
    CHECK_TEXT(calltransfer_error_field(error), field);
    if (message != NULL) {
        CHECK_TEXT(calltransfer_error_message(error), message);
    }
    calltransfer_error_free(error);
    calltransfer_config_free(config);
}

static void the_version_has_three_numbers(void)
{
    int major, minor, patch;
    CHECK(sscanf(calltransfer_version(), "%d.%d.%d", &major, &minor, &patch) == 3);
}

static void names_are_told_for_every_number(void)
{
    CHECK_TEXT(calltransfer_kind_name(CALLTRANSFER_OK), "ok");
    CHECK_TEXT(calltransfer_kind_name(CALLTRANSFER_E_RATE_LIMITED), "rate_limited");
    CHECK_TEXT(calltransfer_kind_name(-1), "no_such_kind");
    CHECK_TEXT(calltransfer_kind_name(INT32_MAX), "no_such_kind");
    CHECK_TEXT(calltransfer_outcome_name(CALLTRANSFER_OUTCOME_UNKNOWN), "unknown");
    CHECK_TEXT(calltransfer_outcome_name(0), "no_such_outcome");
    CHECK_TEXT(calltransfer_outcome_name(INT32_MIN), "no_such_outcome");
}

static void freeing_null_does_nothing(void)
{
    calltransfer_config_free(NULL);
    calltransfer_transfer_free(NULL);
    calltransfer_client_free(NULL);
    calltransfer_result_free(NULL);
    calltransfer_error_free(NULL);
    calltransfer_string_free(NULL);
}

static void config_setters_refuse_null_handles(void)
{
    CHECK(calltransfer_config_set_user_id(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_token(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_secret(NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_base_url(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_ca_file(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_timeout_ms(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_max_retries(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_use_environment(NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
}

typedef int32_t config_text(calltransfer_config *, const char *);

static const struct config_case {
    config_text *set;
    const char *field;
} config_texts[] = {
    {calltransfer_config_set_user_id, "user_id"},
    {calltransfer_config_set_token, "token"},
    {calltransfer_config_set_secret, "secret"},
    {calltransfer_config_set_base_url, "base_url"},
    {calltransfer_config_set_ca_file, "ca_file"},
};

static void a_config_remembers_null_and_bad_utf8(void)
{
    size_t i;
    for (i = 0; i < sizeof config_texts / sizeof config_texts[0]; i++) {
        char message[64];
        calltransfer_config *config = good_config();
        CHECK(config_texts[i].set(config, NULL) == CALLTRANSFER_E_CONFIGURATION);
        sprintf(message, "%s: is NULL", config_texts[i].field);
        misconfigured(config, config_texts[i].field, message);

        config = good_config();
        CHECK(config_texts[i].set(config, NOT_UTF8) == CALLTRANSFER_E_CONFIGURATION);
        sprintf(message, "%s: isn't UTF-8", config_texts[i].field);
        misconfigured(config, config_texts[i].field, message);
    }
}

static void a_config_reports_its_first_fault(void)
{
    calltransfer_config *config = good_config();
    CHECK(calltransfer_config_set_max_retries(config, -1) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_timeout_ms(config, -1) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_token(config, NOT_UTF8) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_max_retries(config, 1) == CALLTRANSFER_OK);
    misconfigured(config, "max_retries", "max_retries: is negative");
}

static void a_config_checks_its_time(void)
{
    calltransfer_config *config = good_config();
    calltransfer_config_set_timeout_ms(config, 0);
    misconfigured(config, "timeout", NULL);
    config = good_config();
    calltransfer_config_set_timeout_ms(config, INT64_MAX);
    misconfigured(config, "timeout", NULL);
    config = good_config();
    calltransfer_config_set_timeout_ms(config, INT64_MIN);
    misconfigured(config, "timeout", "timeout: is negative");
}

static void missing_credentials_are_named(void)
{
    misconfigured(calltransfer_config_new(), "user_id",
                  "user_id, token, secret: missing; give to the client or set "
                  "BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET; "
                  "an account of the v2 API has account_id, client_id, client_secret");
}

static void the_environment_fills_what_is_not_set(void)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_client *client = NULL;
    calltransfer_error *error = NULL;
    setenv("BANDWIDTH_USER_ID", "u-environment", 1);
    setenv("BANDWIDTH_API_TOKEN", "t-environment", 1);
    setenv("BANDWIDTH_API_SECRET", "", 1);
    CHECK(calltransfer_config_use_environment(config) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_E_CONFIGURATION);
    CHECK_TEXT(calltransfer_error_message(error), "secret: missing; give to the client or set BANDWIDTH_API_SECRET");
    calltransfer_error_free(error);

    CHECK(calltransfer_config_set_secret(config, "s-secret") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_OK);
    CHECK(client != NULL && error == NULL);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
}

static void a_client_needs_a_config_and_a_place(void)
{
    calltransfer_config *config = good_config();
    calltransfer_client *client = (calltransfer_client *)config; /* must be set to NULL */
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_new(NULL, &client, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(client == NULL);
    CHECK_TEXT(calltransfer_error_message(error), "config: is NULL");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_new(config, NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "client");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_new(NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_config_free(config);
}

static void a_client_outlives_its_config(void)
{
    calltransfer_client *client = good_client(); /* frees the configuration */
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

typedef int32_t transfer_text(calltransfer_transfer *, const char *);

static const struct transfer_case {
    transfer_text *set;
    const char *field;
} transfer_texts[] = {
    {calltransfer_transfer_set_caller_id, "caller_id"},
    {calltransfer_transfer_set_callback_url, "callback_url"},
    {calltransfer_transfer_set_recording_file_format, "recording_file_format"},
    {calltransfer_transfer_set_whisper_audio_sentence, "whisper_audio.sentence"},
    {calltransfer_transfer_set_whisper_audio_file_url, "whisper_audio.file_url"},
    {calltransfer_transfer_set_whisper_audio_gender, "whisper_audio.gender"},
    {calltransfer_transfer_set_whisper_audio_locale, "whisper_audio.locale"},
    {calltransfer_transfer_set_whisper_audio_voice, "whisper_audio.voice"},
    {calltransfer_transfer_set_whisper_audio_tag, "whisper_audio.tag"},
    {calltransfer_transfer_set_diversion_treatment, "diversion_treatment"},
    {calltransfer_transfer_set_diversion_reason, "diversion_reason"},
    {calltransfer_transfer_set_extra_json, "extra"},
};

static void transfer_setters_refuse_null_handles(void)
{
    size_t i;
    for (i = 0; i < sizeof transfer_texts / sizeof transfer_texts[0]; i++) {
        CHECK(transfer_texts[i].set(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
        CHECK(transfer_texts[i].set(NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    }
    CHECK(calltransfer_transfer_set_recording_enabled(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_whisper_audio_loop_enabled(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_whisper_audio_volume(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
}

static void a_transfer_remembers_null_and_bad_utf8(void)
{
    size_t i;
    for (i = 0; i < sizeof transfer_texts / sizeof transfer_texts[0]; i++) {
        char message[64];
        calltransfer_transfer *transfer = good_transfer();
        CHECK(transfer_texts[i].set(transfer, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
        sprintf(message, "%s: is NULL", transfer_texts[i].field);
        refused(transfer, transfer_texts[i].field, message);

        transfer = good_transfer();
        CHECK(transfer_texts[i].set(transfer, NOT_UTF8) == CALLTRANSFER_E_INVALID_ARGUMENT);
        sprintf(message, "%s: isn't UTF-8", transfer_texts[i].field);
        refused(transfer, transfer_texts[i].field, message);
    }
}

static void a_transfer_reports_its_first_fault(void)
{
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_transfer_set_callback_url(transfer, NULL);
    calltransfer_transfer_set_caller_id(transfer, NOT_UTF8);
    calltransfer_transfer_set_callback_url(transfer, "https://example.com/");
    refused(transfer, "callback_url", "callback_url: is NULL");
}

static void a_transfer_without_call_or_target_is_refused_when_sent(void)
{
    refused(calltransfer_transfer_new(NULL, "+18382947878"), "call_id", "call_id: is NULL");
    refused(calltransfer_transfer_new("c-1", NULL), "to", "to: is NULL");
    refused(calltransfer_transfer_new(NULL, NULL), "call_id", "call_id: is NULL");
    refused(calltransfer_transfer_new(NOT_UTF8, "+18382947878"), "call_id", "call_id: isn't UTF-8");
    refused(calltransfer_transfer_new("c-1", NOT_UTF8), "to", "to: isn't UTF-8");
}

static void a_value_that_the_reference_lacks_is_refused_when_sent(void)
{
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_transfer_set_recording_file_format(transfer, "ogg") == CALLTRANSFER_OK);
    refused(transfer, "recording_file_format", NULL);
    transfer = good_transfer();
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "x");
    calltransfer_transfer_set_whisper_audio_volume(transfer, INT32_MIN);
    refused(transfer, "whisper_audio.volume", NULL);
    transfer = good_transfer();
    calltransfer_transfer_set_whisper_audio_loop_enabled(transfer, 1);
    refused(transfer, "whisper_audio", NULL);
}

static void a_huge_text_is_refused_and_not_repeated(void)
{
    size_t size = 4 * 1024 * 1024;
    char *huge = (char *)malloc(size);
    calltransfer_error *error = NULL;
    calltransfer_transfer *transfer;
    CHECK(huge != NULL);
    memset(huge, 'x', size - 1);
    huge[size - 1] = '\0';
    transfer = calltransfer_transfer_new(huge, "+18382947878");
    CHECK(calltransfer_transfer_to_json(transfer, NULL, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(strlen(calltransfer_error_message(error)) < 1000);
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
    free(huge);
}

static void extra_takes_one_json_object(void)
{
    static const char *const wrong[] = {"", "{", "1", "[1]", "\"x\"", "null", "{\"a\":1} x"};
    calltransfer_transfer *transfer;
    char *json = NULL;
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        transfer = good_transfer();
        calltransfer_transfer_set_extra_json(transfer, wrong[i]);
        refused(transfer, "extra", NULL);
    }
    transfer = good_transfer();
    CHECK(calltransfer_transfer_set_extra_json(transfer, "{\"one\":1}") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_extra_json(transfer, "{\"two\":{\"three\":null}}") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(transfer, &json, NULL) == CALLTRANSFER_OK);
    CHECK_TEXT(json, "{\"state\":\"transferring\",\"transferTo\":\"+18382947878\",\"one\":1,\"two\":{\"three\":null}}");
    calltransfer_string_free(json);
    calltransfer_transfer_set_extra_json(transfer, "{\"state\":\"active\"}");
    refused(transfer, "extra", NULL);
}

static void a_later_value_replaces_an_earlier_one(void)
{
    calltransfer_transfer *transfer = good_transfer();
    char *json = NULL;
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "one");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "two");
    calltransfer_transfer_set_recording_enabled(transfer, 1);
    calltransfer_transfer_set_recording_enabled(transfer, 0);
    CHECK(calltransfer_transfer_to_json(transfer, &json, NULL) == CALLTRANSFER_OK);
    CHECK_TEXT(json, "{\"state\":\"transferring\",\"transferTo\":\"+18382947878\",\"recordingEnabled\":false,"
                     "\"whisperAudio\":{\"sentence\":\"two\"}}");
    calltransfer_string_free(json);
    calltransfer_transfer_free(transfer);
}

static void what_is_passed_in_is_copied(void)
{
    char call_id[] = "c-1", to[] = "+18382947878", caller_id[] = "private";
    calltransfer_transfer *transfer = calltransfer_transfer_new(call_id, to);
    char *json = NULL;
    calltransfer_transfer_set_caller_id(transfer, caller_id);
    memset(call_id, '/', sizeof call_id - 1);
    memset(to, '/', sizeof to - 1);
    memset(caller_id, '/', sizeof caller_id - 1);
    CHECK(calltransfer_transfer_to_json(transfer, &json, NULL) == CALLTRANSFER_OK);
    CHECK_TEXT(json, "{\"state\":\"transferring\",\"transferTo\":\"+18382947878\",\"transferCallerId\":\"private\"}");
    calltransfer_string_free(json);
    calltransfer_transfer_free(transfer);
}

static void to_json_takes_null_anywhere(void)
{
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = NULL;
    char *json = (char *)transfer; /* must be set to NULL */
    CHECK(calltransfer_transfer_to_json(transfer, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_to_json(NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_to_json(NULL, &json, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(json == NULL);
    CHECK_TEXT(calltransfer_error_message(error), "transfer: is NULL");
    calltransfer_error_free(error);
    calltransfer_transfer_free(transfer);
}

static void a_send_takes_null_anywhere(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = (calltransfer_error *)transfer; /* both must be set */
    calltransfer_result *result = (calltransfer_result *)transfer;
    CHECK(calltransfer_client_transfer(NULL, transfer, &result, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(result == NULL);
    CHECK_TEXT(calltransfer_error_message(error), "client: is NULL");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_transfer(client, NULL, &result, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "transfer");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_transfer(client, transfer, NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(calltransfer_client_transfer(NULL, NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void a_refused_connection_is_told_whole(void)
{
    size_t i;
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer(client, transfer, NULL, &error) == CALLTRANSFER_E_CONNECTION);
    /* The error outlives the rest. */
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
    CHECK_TEXT(calltransfer_error_kind_name(error), "connection");
    CHECK_TEXT(calltransfer_error_outcome_name(error), "not_sent");
    CHECK_TEXT(calltransfer_error_stage(error), "connect");
    CHECK(strstr(calltransfer_error_message(error), "efused") != NULL);
    CHECK(calltransfer_error_message(error) == calltransfer_error_message(error));
    CHECK(calltransfer_error_cause_count(error) > 1);
    for (i = 0; i < calltransfer_error_cause_count(error); i++) {
        /* The message tells the same, joined. */
        CHECK(strstr(calltransfer_error_message(error), calltransfer_error_cause(error, i)) != NULL);
    }
    CHECK(strstr(calltransfer_error_cause(error, i - 1), "efused") != NULL);
    CHECK(calltransfer_error_cause(error, i) == NULL && calltransfer_error_cause(error, (size_t)-1) == NULL);
    CHECK(calltransfer_error_field(error) == NULL);
    CHECK(calltransfer_error_http_status(error) == 0);
    CHECK(calltransfer_error_platform_category(error) == NULL);
    CHECK(calltransfer_error_platform_code(error) == NULL);
    CHECK(calltransfer_error_platform_message(error) == NULL);
    CHECK(calltransfer_error_platform_detail_count(error) == 0);
    CHECK(calltransfer_error_platform_detail_name(error, 0) == NULL);
    CHECK(calltransfer_error_platform_detail_value(error, (size_t)-1) == NULL);
    CHECK(calltransfer_error_retry_after_ms(error) == -1);
    CHECK(calltransfer_error_attempts(error) == 1);
    CHECK(calltransfer_error_elapsed_ms(error) >= 0);
    CHECK(calltransfer_error_is_safe_to_repeat(error) == 1);
    calltransfer_error_free(error);
}

static void getters_of_null_give_nothing(void)
{
    CHECK(calltransfer_result_call_id(NULL) == NULL);
    CHECK(calltransfer_result_outcome(NULL) == 0);
    CHECK(calltransfer_result_http_status(NULL) == 0);
    CHECK(calltransfer_result_attempts(NULL) == 0);
    CHECK(calltransfer_result_elapsed_ms(NULL) == -1);
    CHECK(calltransfer_result_note(NULL) == NULL);
    CHECK(calltransfer_error_kind(NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_error_kind_name(NULL) == NULL);
    CHECK(calltransfer_error_outcome(NULL) == 0);
    CHECK(calltransfer_error_outcome_name(NULL) == NULL);
    CHECK(calltransfer_error_is_safe_to_repeat(NULL) == 0);
    CHECK(calltransfer_error_message(NULL) == NULL);
    CHECK(calltransfer_error_field(NULL) == NULL);
    CHECK(calltransfer_error_stage(NULL) == NULL);
    CHECK(calltransfer_error_http_status(NULL) == 0);
    CHECK(calltransfer_error_platform_category(NULL) == NULL);
    CHECK(calltransfer_error_platform_code(NULL) == NULL);
    CHECK(calltransfer_error_platform_message(NULL) == NULL);
    CHECK(calltransfer_error_platform_detail_count(NULL) == 0);
    CHECK(calltransfer_error_platform_detail_name(NULL, 0) == NULL);
    CHECK(calltransfer_error_platform_detail_value(NULL, 0) == NULL);
    CHECK(calltransfer_error_retry_after_ms(NULL) == -1);
    CHECK(calltransfer_error_attempts(NULL) == 0);
    CHECK(calltransfer_error_elapsed_ms(NULL) == -1);
}

static void getters_of_no_call_and_no_finding_give_nothing(void)
{
    CHECK(calltransfer_result_transferred_call_id(NULL) == NULL);
    CHECK(calltransfer_error_call_id(NULL) == NULL);
    CHECK(calltransfer_call_id(NULL) == NULL);
    CHECK(calltransfer_call_state(NULL) == NULL);
    CHECK(calltransfer_call_direction(NULL) == NULL);
    CHECK(calltransfer_call_from(NULL) == NULL);
    CHECK(calltransfer_call_to(NULL) == NULL);
    CHECK(calltransfer_call_start_time(NULL) == NULL);
    CHECK(calltransfer_call_active_time(NULL) == NULL);
    CHECK(calltransfer_call_end_time(NULL) == NULL);
    CHECK(calltransfer_call_json(NULL) == NULL);
    CHECK(calltransfer_finding_outcome(NULL) == 0);
    CHECK(calltransfer_finding_reason(NULL) == NULL);
    CHECK(calltransfer_finding_doubt(NULL) == NULL);
    CHECK(calltransfer_finding_call(NULL) == NULL);
    calltransfer_call_free(NULL);
    calltransfer_finding_free(NULL);
    calltransfer_cancel_request(NULL);
    calltransfer_cancel_free(NULL);
}

static void questions_about_a_call_take_null_anywhere(void)
{
    calltransfer_client *client = good_client();
    calltransfer_call *call = NULL;
    calltransfer_finding *finding = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_get_call(NULL, "c-1", &call, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "client");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, NULL, &call, &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_message(error), "call_id: is NULL");
    calltransfer_error_free(error);
    CHECK(calltransfer_client_get_call(client, NOT_UTF8, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_get_call(client, "../x", NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_answer(NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_answer(client, "a/b", &error) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "call_id");
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    calltransfer_error_free(error);
    CHECK(calltransfer_client_hang_up(client, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_check(NULL, "c-1", &finding, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_client_check(client, "c-1", NULL, NULL) == CALLTRANSFER_E_CONNECTION);
    CHECK(call == NULL && finding == NULL);
    calltransfer_client_free(client);
}

static void a_stopped_transfer_is_not_sent(void)
{
    calltransfer_client *client = good_client();
    calltransfer_transfer *transfer = good_transfer();
    calltransfer_cancel *cancel = calltransfer_cancel_new();
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_client_transfer_cancellable(client, transfer, NULL, &result, &error)
          == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK_TEXT(calltransfer_error_field(error), "cancel");
    calltransfer_error_free(error);
    calltransfer_cancel_request(cancel);
    calltransfer_cancel_request(cancel);
    CHECK(calltransfer_client_transfer_cancellable(client, transfer, cancel, &result, &error)
          == CALLTRANSFER_E_CANCELLED);
    CHECK(calltransfer_error_outcome(error) == CALLTRANSFER_OUTCOME_NOT_SENT);
    CHECK(calltransfer_error_attempts(error) == 0);
    CHECK(result == NULL);
    calltransfer_error_free(error);
    calltransfer_cancel_free(cancel);
    calltransfer_transfer_free(transfer);
    calltransfer_client_free(client);
}

static void a_transfer_has_a_time_of_its_own(void)
{
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_transfer_set_timeout_ms(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_timeout_ms(transfer, 0) == CALLTRANSFER_OK);
    refused(transfer, "timeout", NULL);
    transfer = good_transfer();
    CHECK(calltransfer_transfer_set_timeout_ms(transfer, -1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "timeout", "timeout: is negative");
}

static void a_proxy_counts_only_with_https(void)
{
    calltransfer_config *config = good_config();
    calltransfer_client *client = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_config_set_proxy(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_keep_alive(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_log(NULL, NULL, NULL) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_keep_alive(config, 0) == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_log(config, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_proxy(config, "http://u:p@127.0.0.1:1") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_E_CONFIGURATION);
    CHECK_TEXT(calltransfer_error_field(error), "proxy");
    CHECK(strstr(calltransfer_error_message(error), "u:p") == NULL);
    calltransfer_error_free(error);
    calltransfer_config_free(config);
}

#define CASE(name) {#name, name}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    CASE(the_version_has_three_numbers),
    CASE(names_are_told_for_every_number),
    CASE(freeing_null_does_nothing),
    CASE(config_setters_refuse_null_handles),
    CASE(a_config_remembers_null_and_bad_utf8),
    CASE(a_config_reports_its_first_fault),
    CASE(a_config_checks_its_time),
    CASE(missing_credentials_are_named),
    CASE(the_environment_fills_what_is_not_set),
    CASE(a_client_needs_a_config_and_a_place),
    CASE(a_client_outlives_its_config),
    CASE(transfer_setters_refuse_null_handles),
    CASE(a_transfer_remembers_null_and_bad_utf8),
    CASE(a_transfer_reports_its_first_fault),
    CASE(a_transfer_without_call_or_target_is_refused_when_sent),
    CASE(a_value_that_the_reference_lacks_is_refused_when_sent),
    CASE(a_huge_text_is_refused_and_not_repeated),
    CASE(extra_takes_one_json_object),
    CASE(a_later_value_replaces_an_earlier_one),
    CASE(what_is_passed_in_is_copied),
    CASE(to_json_takes_null_anywhere),
    CASE(a_send_takes_null_anywhere),
    CASE(a_refused_connection_is_told_whole),
    CASE(getters_of_null_give_nothing),
    CASE(getters_of_no_call_and_no_finding_give_nothing),
    CASE(questions_about_a_call_take_null_anywhere),
    CASE(a_stopped_transfer_is_not_sent),
    CASE(a_transfer_has_a_time_of_its_own),
    CASE(a_proxy_counts_only_with_https),
};

int main(int count, char **arguments)
{
    int found = 0;
    size_t i;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (count > 1 && strcmp(arguments[1], "--list") == 0) {
            puts(cases[i].name);
            found = 1;
        } else if (count < 2 || strcmp(arguments[1], cases[i].name) == 0) {
            cases[i].run();
            found = 1;
        }
    }
    return found ? 0 : 2;
}
