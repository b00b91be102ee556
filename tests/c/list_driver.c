/*
 * Lists calls: given the settings of a client and a `query`, it says the IDs of the `calls` and what ended the
 * list: `kind`, and of an error `field`, `outcome` and `message`.
 */
#include "driver_config.h"

#define CONDITION(name) {#name, calltransfer_call_query_set_##name}

static const struct {
    const char *name;
    int32_t (*set)(calltransfer_call_query *, const char *);
} conditions[] = {
    CONDITION(state), CONDITION(from), CONDITION(to), CONDITION(min_start_time), CONDITION(max_start_time),
};

static void apply_condition(calltransfer_call_query *query, const char *name, yyjson_val *value)
{
    size_t i;
    for (i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (strcmp(name, conditions[i].name) == 0) {
            conditions[i].set(query, text(name, value));
            return;
        }
    }
    if (strcmp(name, "page_size") != 0) {
        wrong_input(name, "not a condition of a query");
    }
    calltransfer_call_query_set_page_size(query, number(name, value));
}

int main(void)
{
    yyjson_val *given = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    yyjson_mut_val *calls = yyjson_mut_obj_add_arr(output, report, "calls");
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_call_query *query = calltransfer_call_query_new();
    calltransfer_client *client = NULL;
    calltransfer_call_list *list = NULL;
    calltransfer_call *call = NULL;
    calltransfer_error *error = NULL;
    yyjson_val *key, *value;
    int32_t status;
    size_t i, count;

    yyjson_obj_foreach(given, i, count, key, value)
    {
        if (strcmp(yyjson_get_str(key), "query") != 0 && !apply_setting(config, given, yyjson_get_str(key))) {
            wrong_input(yyjson_get_str(key), "not a setting of a client");
        }
    }
    yyjson_obj_foreach(yyjson_obj_get(given, "query"), i, count, key, value)
    {
        apply_condition(query, yyjson_get_str(key), value);
    }
    status = calltransfer_client_new(config, &client, &error);
    if (status == CALLTRANSFER_OK) {
        status = calltransfer_client_list_calls(client, query, &list, &error);
    }
    /* The list needs none of them. */
    calltransfer_call_query_free(query);
    calltransfer_client_free(client);
    calltransfer_config_free(config);
    while (status == CALLTRANSFER_OK) {
        status = calltransfer_call_list_next(list, 0, NULL, &call, &error);
        if (call == NULL) {
            break;
        }
        yyjson_mut_arr_add_strcpy(output, calls, calltransfer_call_id(call));
        calltransfer_call_free(call);
    }
    put_number(report, "status", status);
    put_text(report, "kind", calltransfer_error_kind_name(error));
    put_text(report, "field", calltransfer_error_field(error));
    put_text(report, "outcome", calltransfer_error_outcome_name(error));
    put_text(report, "message", calltransfer_error_message(error));
    if (error != NULL && list != NULL &&
        (calltransfer_call_list_next(list, 0, NULL, &call, NULL) != CALLTRANSFER_OK || call != NULL)) {
        fputs("an error ends the list\n", stderr);
        return 1;
    }
    write_output();
    calltransfer_error_free(error);
    calltransfer_call_list_free(list);
    return 0;
}
