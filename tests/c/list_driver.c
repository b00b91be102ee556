/*
 * Lists calls and prints their IDs, a line for each, then what ended the list: `kind KIND`, and for an
 * error `field`, `outcome` and `message`. Arguments are names, each with its value: settings of the
 * client, and conditions of the query.
 */
#include <calltransfer/calltransfer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *name, const char *text) { printf("%s %s\n", name, text == NULL ? "" : text); }

static void apply(calltransfer_config *config, calltransfer_call_query *query, const char *name, const char *value)
{
    if (strcmp(name, "user_id") == 0) {
        calltransfer_config_set_user_id(config, value);
    } else if (strcmp(name, "token") == 0) {
        calltransfer_config_set_token(config, value);
    } else if (strcmp(name, "secret") == 0) {
        calltransfer_config_set_secret(config, value);
    } else if (strcmp(name, "account_id") == 0) {
        calltransfer_config_set_account_id(config, value);
    } else if (strcmp(name, "username") == 0) {
        calltransfer_config_set_username(config, value);
    } else if (strcmp(name, "password") == 0) {
        calltransfer_config_set_password(config, value);
    } else if (strcmp(name, "base_url") == 0) {
        calltransfer_config_set_base_url(config, value);
    } else if (strcmp(name, "state") == 0) {
        calltransfer_call_query_set_state(query, value);
    } else if (strcmp(name, "from") == 0) {
        calltransfer_call_query_set_from(query, value);
    } else if (strcmp(name, "to") == 0) {
        calltransfer_call_query_set_to(query, value);
    } else if (strcmp(name, "min_start_time") == 0) {
        calltransfer_call_query_set_min_start_time(query, value);
    } else if (strcmp(name, "max_start_time") == 0) {
        calltransfer_call_query_set_max_start_time(query, value);
    } else if (strcmp(name, "page_size") == 0) {
        calltransfer_call_query_set_page_size(query, (int32_t)atoi(value));
    } else {
        fprintf(stderr, "no such argument: %s\n", name);
        exit(2);
    }
}

int main(int count, char **arguments)
{
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_call_query *query = calltransfer_call_query_new();
    calltransfer_client *client = NULL;
    calltransfer_call_list *list = NULL;
    calltransfer_call *call = NULL;
    calltransfer_error *error = NULL;
    int32_t status;
    int i;

    for (i = 1; i + 1 < count; i += 2) {
        apply(config, query, arguments[i], arguments[i + 1]);
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
        status = calltransfer_call_list_next(list, &call, &error);
        if (call == NULL) {
            break;
        }
        print_text("call", calltransfer_call_id(call));
        calltransfer_call_free(call);
    }
    print_text("kind", calltransfer_error_kind_name(error));
    if (status != CALLTRANSFER_OK) {
        print_text("field", calltransfer_error_field(error));
        print_text("outcome", calltransfer_error_outcome_name(error));
        print_text("message", calltransfer_error_message(error));
        calltransfer_error_free(error);
        if (list != NULL && (calltransfer_call_list_next(list, &call, NULL) != CALLTRANSFER_OK || call != NULL)) {
            fputs("an error ends the list\n", stderr);
            return 1;
        }
    }
    calltransfer_call_list_free(list);
    return 0;
}
