/* What a C test stops with: the place, and what was expected there. */
#ifndef CALLTRANSFER_TESTS_CHECK_H
#define CALLTRANSFER_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                                                   \
    do {                                                                                                               \
        const char *text_ = (actual);                                                                                  \
        if (text_ == NULL || strcmp(text_, (expected)) != 0) {                                                         \
            fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #actual,                          \
                    text_ == NULL ? "(NULL)" : text_, (expected));                                                     \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
