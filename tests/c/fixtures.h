/* What is good enough for everything but a response: no one listens where it points. */
#ifndef CALLTRANSFER_TESTS_GOOD_H
#define CALLTRANSFER_TESTS_GOOD_H

#include <calltransfer/calltransfer.h>

#include "check.h"

#define NOT_UTF8 "\xff\xfe"

static calltransfer_config *good_config(void)
{
    calltransfer_config *config = calltransfer_config_new();
    CHECK(calltransfer_config_set_user_id(config, "u-abc123") == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_token(config, "t-token") == CALLTRANSFER_OK);
    CHECK(calltransfer_config_set_secret(config, "s-secret") == CALLTRANSFER_OK);
    /* Port 9 discards; no one listens there. */
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

static calltransfer_transfer *good_transfer(void) { return calltransfer_transfer_new("c-call123", "+18382947878"); }

#endif
