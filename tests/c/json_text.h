/* Prints a text as a member of a JSON object that others have begun. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdio.h>

static void print_text(const char *name, const char *text)
{
    printf(",\"%s\":", name);
    if (text == NULL) {
        printf("null");
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            printf("\\%c", *text);
        } else if ((unsigned char)*text < 0x20) {
            printf("\\u%04x", (unsigned)*text);
        } else {
            putchar(*text);
        }
    }
    putchar('"');
}

#endif
