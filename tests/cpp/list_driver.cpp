// Lists calls and prints their IDs and what ended the list, as tests/c/list_driver.c does. With exceptions
// it uses a loop, else what throws nothing.
#include <calltransfer/calltransfer.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void print(const char *name, const std::string &text) { std::printf("%s %s\n", name, text.c_str()); }

void apply(calltransfer::config &config, calltransfer::call_query &query, const std::string &name, const char *value)
{
    if (name == "user_id") {
        config.user_id = value;
    } else if (name == "token") {
        config.token = value;
    } else if (name == "secret") {
        config.secret = value;
    } else if (name == "account_id") {
        config.account_id = value;
    } else if (name == "username") {
        config.username = value;
    } else if (name == "password") {
        config.password = value;
    } else if (name == "base_url") {
        config.base_url = value;
    } else if (name == "state") {
        query.state = value;
    } else if (name == "from") {
        query.from = value;
    } else if (name == "to") {
        query.to = value;
    } else if (name == "min_start_time") {
        query.min_start_time = value;
    } else if (name == "max_start_time") {
        query.max_start_time = value;
    } else if (name == "page_size") {
        query.page_size = std::atoi(value);
    } else {
        std::fprintf(stderr, "no such argument: %s\n", name.c_str());
        std::exit(2);
    }
}

// The calls, and the error that ended them.
calltransfer::error list(const calltransfer::config &config, const calltransfer::call_query &query)
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
        print("call", call->id());
    }
#else
    try {
        for (auto &call : calltransfer::client(config).list_calls(query)) {
            print("call", call.id());
        }
    } catch (const calltransfer::error &error) {
        failure = error;
    }
#endif
    return failure;
}

} // namespace

int main(int count, char **arguments)
{
    calltransfer::config config;
    calltransfer::call_query query;
    config.use_environment = false;
    for (int i = 1; i + 1 < count; i += 2) {
        apply(config, query, arguments[i], arguments[i + 1]);
    }
    const auto failure = list(config, query);
    const char *kind = failure ? calltransfer_error_kind_name(failure.get()) : "";
    print("kind", kind);
    if (failure) {
        print("field", failure.field().value_or(""));
        print("outcome", calltransfer_error_outcome_name(failure.get()));
        print("message", failure.what());
    }
    return 0;
}
