/* The settings of a client by their names, as the drivers are given them. */
#ifndef CALLTRANSFER_TESTS_DRIVER_CONFIG_H
#define CALLTRANSFER_TESTS_DRIVER_CONFIG_H

#include <calltransfer/calltransfer.h>

#include "driver.h"

#define SETTING(name) {#name, calltransfer_config_set_##name}

static const struct {
    const char *name;
    int32_t (*set)(calltransfer_config *, const char *);
} settings[] = {
    SETTING(user_id),   SETTING(token),         SETTING(secret),   SETTING(account_id),
    SETTING(client_id), SETTING(client_secret), SETTING(username), SETTING(password),
    SETTING(api),       SETTING(base_url),      SETTING(ca_file),  SETTING(proxy),
};

/* A whole number, or 1 and 0 for true and false. */
static int32_t number(const char *name, yyjson_val *value)
{
    if (yyjson_is_bool(value)) {
        return yyjson_get_bool(value);
    }
    if (!yyjson_is_int(value) || yyjson_get_sint(value) != yyjson_get_int(value)) {
        wrong_input(name, "must be a whole number of 32 bits, true or false");
    }
    return yyjson_get_int(value);
}

/* Applies a setting, and returns 0 if that is not the name of one. A null value sets nothing. */
static int apply_setting(calltransfer_config *config, yyjson_val *given, const char *name)
{
    yyjson_val *value = yyjson_obj_get(given, name);
    size_t i;
    for (i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(name, settings[i].name) == 0) {
            const char *value_text = text_of(given, name);
            if (value_text != NULL) {
                settings[i].set(config, value_text);
            }
            return 1;
        }
    }
    if (strcmp(name, "timeout_ms") == 0) {
        calltransfer_config_set_timeout_ms(config, number(name, value));
    } else if (strcmp(name, "max_retries") == 0) {
        calltransfer_config_set_max_retries(config, number(name, value));
    } else if (strcmp(name, "keep_alive") == 0) {
        calltransfer_config_set_keep_alive(config, number(name, value));
    } else {
        return 0;
    }
    return 1;
}

#endif
