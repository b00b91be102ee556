/* The installed header and library belong together, and an error has a text. */
#include <calltransfer/calltransfer.h>
#include <stdio.h>

int main(void)
{
    puts(calltransfer_version());
    return calltransfer_config_set_user_id(NULL, "u") == CALLTRANSFER_E_INVALID_ARGUMENT ? 0 : 1;
}
