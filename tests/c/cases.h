/* A program of cases: `program CASE`, `program --list`, or `program` for all. */
#ifndef CALLTRANSFER_TESTS_CASES_H
#define CALLTRANSFER_TESTS_CASES_H

#include <stdio.h>
#include <string.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

#define CASE(name) {#name, name}

#define RUN(cases)                                                                                                     \
    int main(int count, char **arguments) { return run_cases(cases, sizeof cases / sizeof cases[0], count, arguments); }

static int run_cases(const struct test_case *cases, size_t number, int count, char **arguments)
{
    int found = 0;
    size_t i;
    for (i = 0; i < number; i++) {
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

#endif
