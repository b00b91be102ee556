/* Faults on purpose, so that a tool that finds nothing elsewhere is known to find something here. */
#include <calltransfer/calltransfer.h>

#include <limits.h>

#include "check.h"

int main(int count, char **arguments)
{
    CHECK(count == 2);
    if (strcmp(arguments[1], "use after free") == 0) {
        /* Inside the library: only an instrumented one notices. */
        calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
        calltransfer_transfer_free(transfer);
        calltransfer_transfer_to_json(transfer, NULL, NULL);
    } else if (strcmp(arguments[1], "leak") == 0) {
        int i;
        for (i = 0; i < 100; i++) { /* one of them may still stand in a register */
            CHECK(calltransfer_config_new() != NULL);
        }
    } else if (strcmp(arguments[1], "overflow") == 0) {
        volatile int most = INT_MAX;
        most = most + count;
    }
    return 0;
}
