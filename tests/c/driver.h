/*
 * What every driver does: it reads one JSON object from standard input, and writes one to standard output.
 * Wrong input ends it with status 2 and a message.
 */
#ifndef CALLTRANSFER_TESTS_DRIVER_H
#define CALLTRANSFER_TESTS_DRIVER_H

#include <yyjson.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kept until the program ends. */
static yyjson_doc *input;
static yyjson_mut_doc *output;

static void wrong_input(const char *name, const char *what)
{
    fprintf(stderr, "%s: %s\n", name, what);
    exit(2);
}

/* The object of standard input; from here on there is one to write. */
static yyjson_val *read_input(void)
{
    yyjson_read_err error;
    /* What is not UTF-8 is for the library to refuse. */
    input = yyjson_read_fp(stdin, YYJSON_READ_ALLOW_INVALID_UNICODE, NULL, &error);
    if (input == NULL) {
        wrong_input("standard input", error.msg);
    }
    if (!yyjson_is_obj(yyjson_doc_get_root(input))) {
        wrong_input("standard input", "must be a JSON object");
    }
    output = yyjson_mut_doc_new(NULL);
    yyjson_mut_doc_set_root(output, yyjson_mut_obj(output));
    return yyjson_doc_get_root(input);
}

/* A text as C has it. */
static const char *text(const char *name, yyjson_val *value)
{
    if (!yyjson_is_str(value) || strlen(yyjson_get_str(value)) != yyjson_get_len(value)) {
        wrong_input(name, "must be a text without NUL");
    }
    return yyjson_get_str(value);
}

/* The text of this name; NULL where there is none, or null. */
static const char *text_of(yyjson_val *object, const char *name)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    return value == NULL || yyjson_is_null(value) ? NULL : text(name, value);
}

/* A text, or null. */
static void put_text(yyjson_mut_val *object, const char *name, const char *value)
{
    yyjson_mut_obj_add(object, yyjson_mut_str(output, name),
                       value == NULL ? yyjson_mut_null(output) : yyjson_mut_strcpy(output, value));
}

static void put_number(yyjson_mut_val *object, const char *name, int64_t number)
{
    yyjson_mut_obj_add_sint(output, object, name, number);
}

static void write_output(void)
{
    yyjson_write_err error;
    if (!yyjson_mut_write_fp(stdout, output, YYJSON_WRITE_NEWLINE_AT_END, NULL, &error)) {
        fprintf(stderr, "standard output: %s\n", error.msg);
        exit(3);
    }
    yyjson_mut_doc_free(output);
    yyjson_doc_free(input);
}

#endif
