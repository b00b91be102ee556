/* A transfer, its options, and its body without sending. Connects to no one. */
#include <calltransfer/calltransfer.h>

#include <math.h>

#include "cases.h"
#include "check.h"
#include "fixtures.h"

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
    {calltransfer_transfer_set_caller_display_name, "caller_display_name"},
    {calltransfer_transfer_set_tag, "tag"},
    {calltransfer_transfer_set_uui, "uui"},
    {calltransfer_transfer_set_transfer_answer_url, "transfer_answer_url"},
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

static void transfer_reports_its_first_error(void)
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

static void call_timeout_that_is_not_finite_is_refused_by_its_field(void)
{
    size_t i;
    const double values[] = {HUGE_VAL, -HUGE_VAL, HUGE_VAL - HUGE_VAL};
    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        calltransfer_transfer *transfer = good_transfer();
        CHECK(calltransfer_transfer_set_call_timeout(transfer, values[i]) == CALLTRANSFER_E_INVALID_ARGUMENT);
        refused(transfer, "call_timeout", "call_timeout: is not a finite number");
    }
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

static void transfer_has_its_own_timeout(void)
{
    calltransfer_transfer *transfer = good_transfer();
    CHECK(calltransfer_transfer_set_timeout_ms(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_transfer_set_timeout_ms(transfer, 0) == CALLTRANSFER_OK);
    refused(transfer, "timeout", NULL);
    transfer = good_transfer();
    CHECK(calltransfer_transfer_set_timeout_ms(transfer, -1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "timeout", "timeout: is negative");
}

static void got(const calltransfer_transfer *transfer, const char *name, const char *expected)
{
    char *value = calltransfer_transfer_get(transfer, name);
    if (expected == NULL) {
        CHECK(value == NULL);
    } else {
        CHECK_TEXT(value, expected);
    }
    calltransfer_string_free(value);
}

static void options_are_set_read_and_copied_by_name(void)
{
    static const char *const values[][2] = {
        {"caller_id", "private"},       {"recording_enabled", "false"},
        {"call_timeout", "1.5"},        {"whisper_audio.sentence", "Hello"},
        {"whisper_audio.volume", "-4"}, {"extra", "{\"new\":[1]}"},
        {"timeout_ms", "1500"},
    };
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    calltransfer_transfer *copy;
    size_t i;
    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        got(transfer, values[i][0], NULL);
        CHECK(calltransfer_transfer_set(transfer, values[i][0], values[i][1]) == CALLTRANSFER_OK);
    }
    copy = calltransfer_transfer_copy(transfer);
    calltransfer_transfer_free(transfer);
    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        got(copy, values[i][0], values[i][1]);
    }
    got(copy, "to", "+18382947878");
    got(copy, "no option", NULL);
    CHECK(calltransfer_transfer_set(copy, "whisper_audio", "A sentence") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set_whisper_audio_locale(copy, "en_US") == CALLTRANSFER_OK);
    got(copy, "whisper_audio", "{\"locale\":\"en_US\",\"sentence\":\"A sentence\"}");
    CHECK(calltransfer_transfer_set(copy, "whisper_audio", "{\"sentence\":\"Other\"}") == CALLTRANSFER_OK);
    got(copy, "whisper_audio.sentence", "Other");
    got(copy, "whisper_audio.locale", NULL);
    CHECK(calltransfer_transfer_set(copy, "whisper_audio", "{name} calls") == CALLTRANSFER_OK);
    got(copy, "whisper_audio.sentence", "{name} calls");
    calltransfer_transfer_free(copy);
}

static void names_of_setters_are_names_of_options(void)
{
    static const char *const values[][2] = {
        {"whisper_audio_sentence", "Hello"},
        {"whisper_audio_loop_enabled", "true"},
        {"extra_json", "{\"new\":[1]}"},
        {"timeout_ms", "1500"},
    };
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    size_t i;
    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        CHECK(calltransfer_transfer_set(transfer, values[i][0], values[i][1]) == CALLTRANSFER_OK);
        got(transfer, values[i][0], values[i][1]);
    }
    got(transfer, "whisper_audio.sentence", "Hello");
    got(transfer, "also_to", NULL);
    CHECK(calltransfer_transfer_set(transfer, "also_to", "+18382947879") == CALLTRANSFER_OK);
    CHECK(calltransfer_transfer_set(transfer, "also_to", "+18382947880") == CALLTRANSFER_OK);
    got(transfer, "also_to", "[\"+18382947879\",\"+18382947880\"]");
    calltransfer_transfer_free(transfer);
}

static void name_or_value_that_is_wrong_is_refused(void)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    CHECK(calltransfer_transfer_set(transfer, "callerId", "private") == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "callerId", "unknown option \"callerId\"; did you mean \"caller_id\"?");
    transfer = calltransfer_transfer_new("c-1", "+18382947878");
    CHECK(calltransfer_transfer_set(transfer, "recording_enabled", "perhaps") == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "recording_enabled", "recording_enabled: expected a boolean, got a string");
    transfer = calltransfer_transfer_new("c-1", "+18382947878");
    CHECK(calltransfer_transfer_set(transfer, "whisper_audio_speed", "2") == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "whisper_audio.speed", NULL);
    transfer = calltransfer_transfer_new("c-1", "+18382947878");
    CHECK(calltransfer_transfer_set(transfer, "timeout_ms", "1.5") == CALLTRANSFER_E_INVALID_ARGUMENT);
    refused(transfer, "timeout", "timeout: must be a whole number of milliseconds");
}

static const struct test_case cases[] = {
    CASE(transfer_setters_refuse_null_handles),
    CASE(a_transfer_remembers_null_and_bad_utf8),
    CASE(transfer_reports_its_first_error),
    CASE(a_transfer_without_call_or_target_is_refused_when_sent),
    CASE(a_value_that_the_reference_lacks_is_refused_when_sent),
    CASE(call_timeout_that_is_not_finite_is_refused_by_its_field),
    CASE(a_huge_text_is_refused_and_not_repeated),
    CASE(extra_takes_one_json_object),
    CASE(a_later_value_replaces_an_earlier_one),
    CASE(what_is_passed_in_is_copied),
    CASE(to_json_takes_null_anywhere),
    CASE(transfer_has_its_own_timeout),
    CASE(options_are_set_read_and_copied_by_name),
    CASE(names_of_setters_are_names_of_options),
    CASE(name_or_value_that_is_wrong_is_refused),
};

RUN(cases)
