/* The library from C.
   ours URL WARM SECONDS [CA_FILE]   a transfer at a time; with 0 SECONDS it makes one and ends
   ours transfers URL COUNT          so many transfers, and reports nothing
   ours payload COUNT                builds payloads
   ours first URL                    reports what the first client costs before its first request goes out
   ours distance URL CA_FILE VARIANT SECONDS   times transfers after pauses */
#include "pauses.h"

#include <calltransfer/calltransfer.h>

static calltransfer_transfer *example(void)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-call123", "+18382947878");
    calltransfer_transfer_set_caller_id(transfer, "private");
    calltransfer_transfer_set_whisper_audio_sentence(transfer, "You have an incoming call");
    return transfer;
}

static int once(void *with)
{
    calltransfer_transfer *transfer = example();
    calltransfer_result *result = NULL;
    calltransfer_error *error = NULL;
    int failed = calltransfer_client_transfer(with, transfer, &result, &error) != CALLTRANSFER_OK ||
                 !calltransfer_result_new_call_id(result);
    if (error)
        fprintf(stderr, "%s\n", calltransfer_error_message(error));
    calltransfer_error_free(error);
    calltransfer_result_free(result);
    calltransfer_transfer_free(transfer);
    return failed;
}

static int prepare(void *with) { return calltransfer_client_prepare(with, NULL) != CALLTRANSFER_OK; }

static int payload(long count)
{
    double begin = clock_of(CLOCK_MONOTONIC);
    long i;
    for (i = 0; i < count; i++) {
        calltransfer_transfer *transfer = example();
        char *json = NULL;
        int failed = calltransfer_transfer_to_json(transfer, &json, NULL) != CALLTRANSFER_OK;
        calltransfer_string_free(json);
        calltransfer_transfer_free(transfer);
        if (failed)
            return 1;
    }
    printf("{\"us\": %f}\n", (clock_of(CLOCK_MONOTONIC) - begin) * 1e6 / (double)(count ? count : 1));
    return 0;
}

static calltransfer_config *account(const char *url)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_config_set_user_id(config, "u-abc123");
    calltransfer_config_set_token(config, "t-token");
    calltransfer_config_set_secret(config, "s-secret");
    calltransfer_config_set_base_url(config, url);
    return config;
}

/* No one listens at `url`: the time until that is known is what stands before the first request. */
static int first(const char *url)
{
    double begin = clock_of(CLOCK_MONOTONIC);
    calltransfer_config *config = account(url);
    calltransfer_transfer *transfer = example();
    calltransfer_client *client = NULL;
    int32_t status = CALLTRANSFER_OK;
    calltransfer_config_set_max_retries(config, 0);
    if (calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK)
        status = calltransfer_client_transfer(client, transfer, NULL, NULL);
    if (status == CALLTRANSFER_E_CONNECTION)
        printf("{\"us\": %f}\n", (clock_of(CLOCK_MONOTONIC) - begin) * 1e6);
    calltransfer_client_free(client);
    calltransfer_transfer_free(transfer);
    calltransfer_config_free(config);
    return status != CALLTRANSFER_E_CONNECTION;
}

static int distance(char **argv)
{
    calltransfer_config *config = account(argv[2]);
    calltransfer_client *client = NULL;
    int failed = 2;
    calltransfer_config_set_ca_file(config, argv[3]);
    calltransfer_config_set_keep_ready(config, keeps_ready(argv[4]));
    if (calltransfer_client_new(config, &client, NULL) == CALLTRANSFER_OK)
        failed = pauses(argv[4], argv[5], prepare, once, client);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return failed;
}

int main(int argc, char **argv)
{
    calltransfer_config *config;
    calltransfer_client *client = NULL;
    int counted = argc == 4 && !strcmp(argv[1], "transfers");
    int failed = 0;
    if (argc == 3 && !strcmp(argv[1], "payload"))
        return payload(atol(argv[2]));
    if (argc == 3 && !strcmp(argv[1], "first"))
        return first(argv[2]);
    if (argc == 6 && !strcmp(argv[1], "distance"))
        return distance(argv);
    if (argc < 4)
        return 2;
    config = account(counted ? argv[2] : argv[1]);
    if (argc > 4)
        calltransfer_config_set_ca_file(config, argv[4]);
    if (calltransfer_client_new(config, &client, NULL) != CALLTRANSFER_OK)
        return 2;
    if (counted) {
        long left = atol(argv[3]);
        while (left-- > 0 && !failed)
            failed = once(client);
    } else if (atof(argv[3]) > 0) {
        failed = measure(atof(argv[2]), atof(argv[3]), once, client);
    } else {
        failed = once(client);
    }
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    return failed;
}
