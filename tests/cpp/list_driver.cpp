// Lists calls and says their IDs and what ended the list, as tests/c/list_driver.c does. With exceptions it
// uses a loop, else what throws nothing.
#include "fields.hpp"

namespace {

const fields<calltransfer::call_query> conditions = {
    FIELD(call_query, state),          FIELD(call_query, from),           FIELD(call_query, to),
    FIELD(call_query, min_start_time), FIELD(call_query, max_start_time), FIELD(call_query, page_size),
};

void put_call(yyjson_mut_val *calls, const calltransfer::call &call)
{
    yyjson_mut_arr_add_strcpy(output, calls, call.id().c_str());
}

// Lists the calls, and returns the error that ended them.
calltransfer::error list(const calltransfer::config &config, const calltransfer::call_query &query,
                         yyjson_mut_val *listed)
{
    calltransfer::error failure;
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    auto client = calltransfer::client::make(config, failure);
    if (!client) {
        return failure;
    }
    auto calls = client->list_calls(query, failure);
    client.reset(); // the list doesn't need it
    while (calls) {
        const auto call = calls->next(failure);
        if (!call) {
            break;
        }
        put_call(listed, *call);
    }
#else
    try {
        for (auto &call : calltransfer::client(config).list_calls(query)) {
            put_call(listed, call);
        }
    } catch (const calltransfer::error &error) {
        failure = error;
    }
#endif
    return failure;
}

} // namespace

int main()
{
    yyjson_val *json = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    calltransfer::config config;
    calltransfer::call_query query;
    config.use_environment = false;
    set_all(settings, config, json, {"query"});
    set_all(conditions, query, yyjson_obj_get(json, "query"));
    const auto failure = list(config, query, yyjson_mut_obj_add_arr(output, report, "calls"));
    put(report, "kind", failure ? std::optional<std::string>(name(failure.kind())) : std::nullopt);
    if (failure) {
        put(report, "field", failure.field());
        put(report, "outcome", name(failure.outcome()));
        put(report, "message", failure.what());
    }
    write_output();
    return 0;
}
