/* The body of a vector of events.json, for the drivers of events. */
#ifndef CALLTRANSFER_TESTS_EVENT_BODY_H
#define CALLTRANSFER_TESTS_EVENT_BODY_H

#include "driver.h"

/* A copy of the bytes of the body, which JSON has as a text or in hexadecimal. */
static char *copy_body(yyjson_val *vector, size_t *length)
{
    const char *hex = text_of(vector, "body_hex");
    yyjson_val *plain = yyjson_obj_get(vector, "body");
    char *body;
    size_t i;
    if (hex == NULL && !yyjson_is_str(plain)) {
        wrong_input("body", "must be a text");
    }
    *length = hex == NULL ? yyjson_get_len(plain) : strlen(hex) / 2;
    body = (char *)malloc(*length + 1);
    if (hex == NULL) {
        memcpy(body, yyjson_get_str(plain), *length);
        return body;
    }
    for (i = 0; i < *length; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
            wrong_input("body_hex", "must be hexadecimal");
        }
        body[i] = (char)byte;
    }
    return body;
}

#endif
