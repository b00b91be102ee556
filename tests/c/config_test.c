/* Configurations, and the clients that are made of them. Connects to no one. */
#include <calltransfer/calltransfer.h>

#include "cases.h"
#include "check.h"
#include "fixtures.h"

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
    CHECK(calltransfer_version_number() == ((major << 16) | (minor << 8) | patch));
    CHECK(calltransfer_version_number() == CALLTRANSFER_VERSION_NUM);
    CHECK_TEXT(calltransfer_version(), CALLTRANSFER_VERSION);
}

static void a_number_of_one_enumeration_is_none_of_another(void)
{
    CHECK_TEXT(calltransfer_kind_name(CALLTRANSFER_OUTCOME_UNKNOWN), "no_such_kind");
    CHECK_TEXT(calltransfer_outcome_name(CALLTRANSFER_E_TIMEOUT), "no_such_outcome");
}

static void names_exist_for_every_number(void)
{
    CHECK_TEXT(calltransfer_kind_name(CALLTRANSFER_OK), "ok");
    CHECK_TEXT(calltransfer_kind_name(CALLTRANSFER_E_RATE_LIMITED), "rate_limited");
    CHECK_TEXT(calltransfer_kind_name(-1), "no_such_kind");
    CHECK_TEXT(calltransfer_kind_name(INT32_MAX), "no_such_kind");
    CHECK_TEXT(calltransfer_outcome_name(CALLTRANSFER_OUTCOME_UNKNOWN), "unknown");
    CHECK_TEXT(calltransfer_outcome_name(0), "no_such_outcome");
    CHECK_TEXT(calltransfer_outcome_name(INT32_MIN), "no_such_outcome");
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
    {calltransfer_config_set_proxy, "proxy"},
    {calltransfer_config_set_account_id, "account_id"},
    {calltransfer_config_set_client_id, "client_id"},
    {calltransfer_config_set_client_secret, "client_secret"},
    {calltransfer_config_set_username, "username"},
    {calltransfer_config_set_password, "password"},
    {calltransfer_config_set_api, "api"},
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

static void config_reports_its_first_error(void)
{
    calltransfer_config *config = good_config();
    CHECK(calltransfer_config_set_max_retries(config, -1) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_timeout_ms(config, -1) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_token(config, NOT_UTF8) == CALLTRANSFER_E_CONFIGURATION);
    CHECK(calltransfer_config_set_max_retries(config, 1) == CALLTRANSFER_OK);
    misconfigured(config, "max_retries", "max_retries: is negative");
}

static void config_checks_its_timeout(void)
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
                  "user_id, token, secret: missing; pass to the client or set "
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
    CHECK_TEXT(calltransfer_error_message(error), "secret: missing; pass to the client or set BANDWIDTH_API_SECRET");
    calltransfer_error_free(error);

    CHECK(calltransfer_config_set_secret(config, "s-secret") == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_OK);
    CHECK(client != NULL && error == NULL);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
}

static void client_new_without_config_or_out_pointer_is_refused(void)
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

static void credentials_choose_the_api(void)
{
    calltransfer_client *client = good_client();
    calltransfer_config *config = calltransfer_config_new();
    CHECK_TEXT(calltransfer_client_api(client), "v1");
    calltransfer_client_free(client);
    calltransfer_config_set_account_id(config, "9900000");
    calltransfer_config_set_client_id(config, "c-1");
    calltransfer_config_set_client_secret(config, "s-1");
    CHECK(calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK);
    CHECK_TEXT(calltransfer_client_api(client), "v2");
    calltransfer_client_free(client);
    calltransfer_config_free(config);
}

static void keep_ready_needs_keep_alive(void)
{
    calltransfer_config *config = good_config();
    calltransfer_client *client = NULL;
    calltransfer_error *error = NULL;
    CHECK(calltransfer_config_set_keep_ready(NULL, 1) == CALLTRANSFER_E_INVALID_ARGUMENT);
    CHECK(calltransfer_config_set_keep_ready(config, 1) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_OK);
    calltransfer_client_free(client);
    CHECK(calltransfer_config_set_keep_alive(config, 0) == CALLTRANSFER_OK);
    CHECK(calltransfer_client_new(config, &client, &error) == CALLTRANSFER_E_CONFIGURATION);
    CHECK_TEXT(calltransfer_error_field(error), "keep_ready");
    calltransfer_error_free(error);
    calltransfer_config_free(config);
}

static void limits_out_of_range_are_refused(void)
{
    static const struct {
        int32_t connections;
        double rate;
        const char *field;
    } wrong[] = {{0, 1, "max_connections"}, {10001, 1, "max_connections"}, {1, 0, "rate"}, {10000, 1e7, "rate"}};
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        calltransfer_config *config = good_config(), *copy;
        calltransfer_queue *queue = NULL;
        calltransfer_error *error = NULL;
        CHECK(calltransfer_config_set_max_connections(config, wrong[i].connections) == CALLTRANSFER_OK);
        CHECK(calltransfer_config_set_rate(config, wrong[i].rate) == CALLTRANSFER_OK);
        copy = calltransfer_config_copy(config);
        calltransfer_config_free(config);
        CHECK(calltransfer_queue_new(copy, &queue, &error) == CALLTRANSFER_E_CONFIGURATION);
        CHECK_TEXT(calltransfer_error_field(error), wrong[i].field);
        calltransfer_error_free(error);
        calltransfer_config_free(copy);
    }
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

static const struct test_case cases[] = {
    CASE(the_version_has_three_numbers),
    CASE(a_number_of_one_enumeration_is_none_of_another),
    CASE(names_exist_for_every_number),
    CASE(config_setters_refuse_null_handles),
    CASE(a_config_remembers_null_and_bad_utf8),
    CASE(config_reports_its_first_error),
    CASE(config_checks_its_timeout),
    CASE(missing_credentials_are_named),
    CASE(the_environment_fills_what_is_not_set),
    CASE(client_new_without_config_or_out_pointer_is_refused),
    CASE(a_client_outlives_its_config),
    CASE(credentials_choose_the_api),
    CASE(a_proxy_counts_only_with_https),
    CASE(keep_ready_needs_keep_alive),
    CASE(limits_out_of_range_are_refused),
};

RUN(cases)
