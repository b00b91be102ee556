// Follows transfers and prints what they came to as one line of JSON, as tests/c/follow_driver.c does. With
// exceptions it uses what throws, else what doesn't.
#include "json_text.hpp"

#include <calltransfer/calltransfer.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using calltransfer::follow;

text given(const std::string &argument) { return argument == "-" ? std::nullopt : text(argument); }

long long since_1970(const std::optional<std::chrono::system_clock::time_point> &time)
{
    const auto since = time ? time->time_since_epoch() : std::chrono::milliseconds(-1);
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

void print_status(const follow &follow, const std::string &seen)
{
    std::printf("{\"is_ended\":%d", follow.is_ended());
    std::printf(",\"is_certainly_unanswered\":%d", follow.is_certainly_unanswered());
    std::printf(",\"may_transfer_again\":%d", follow.may_transfer_again());
    std::printf(",\"answered_time\":%lld,\"ended_time\":%lld", since_1970(follow.answered_time()),
                since_1970(follow.ended_time()));
    std::printf(",\"result_number\":%d", static_cast<int>(follow.result()));
    std::printf(",\"cause_number\":%d", static_cast<int>(follow.cause()));
    std::printf(",\"caller_number\":%d", static_cast<int>(follow.caller()));
    print("seen", seen);
    print("result", follow.result_name());
    print("cause_text", follow.cause_text());
    print("new_call_id", follow.new_call_id());
    print("caller", follow.caller_name());
    print("evidence", follow.evidence());
    print("doubt", follow.doubt());
    std::printf("}\n");
}

#ifdef CALLTRANSFER_NO_EXCEPTIONS
template <class T> T whole(std::optional<T> made, const calltransfer::error &failure)
{
    if (!made) {
        std::fprintf(stderr, "%s\n", failure.what());
        std::exit(1);
    }
    return std::move(*made);
}
#endif

follow made(const std::vector<std::string> &arguments)
{
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    return whole(follow::make(arguments[0], arguments[1], given(arguments[2]), failure), failure);
#else
    return follow::make(arguments[0], arguments[1], given(arguments[2]));
#endif
}

int follow_events(const std::vector<std::string> &arguments)
{
    follow follow = made(arguments);
    if (arguments[3] != "-" && !follow.targets(std::stoi(arguments[3]))) {
        return 1;
    }
    if (arguments[4] != "-") {
        const std::chrono::milliseconds time(std::stoll(arguments[4]));
        if (!follow.not_before(std::chrono::system_clock::time_point(time))) {
            return 1;
        }
    }
    std::string line, seen;
    while (std::getline(std::cin, line)) {
        calltransfer::error failure;
        const auto event = calltransfer::parse_event(line, "application/json", failure);
        if (!event) {
            return 1;
        }
        seen += " okn"[static_cast<int>(follow.event(*event)) - CALLTRANSFER_SEEN_OTHER + 1];
    }
    print_status(follow, seen);
    return 0;
}

calltransfer::client client_of_environment()
{
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    return whole(calltransfer::client::make({}, failure), failure);
#else
    return calltransfer::client();
#endif
}

calltransfer::transfer request_of(const std::vector<std::string> &arguments)
{
    calltransfer::transfer request;
    request.call_id = arguments[0];
    request.to = arguments[1];
    return request;
}

int wait_for_answer(const std::vector<std::string> &arguments)
{
    const auto client = client_of_environment();
    const std::chrono::seconds timeout(30);
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    const auto done = whole(client.transfer(request_of(arguments), failure), failure);
    auto followed = whole(follow::make(client, done, failure), failure);
    if (!followed.wait(client, calltransfer::follow_until::answered, timeout, failure)) {
        return 1;
    }
#else
    auto followed = follow::make(client, client.transfer(request_of(arguments)));
    followed.wait(client, calltransfer::follow_until::answered, timeout);
#endif
    print_status(followed, "");
    return 0;
}

int transfer_to_first(const std::vector<std::string> &arguments)
{
    const auto client = client_of_environment();
    const std::vector<std::string> next(arguments.begin() + 2, arguments.end());
    calltransfer::error failure;
    std::optional<calltransfer::first_transferred> first;
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    first = calltransfer::transfer_to_first(client, request_of(arguments), next, std::chrono::seconds(20), failure);
#else
    try {
        first = calltransfer::transfer_to_first(client, request_of(arguments), next, std::chrono::seconds(20));
    } catch (const calltransfer::error &error) {
        failure = error;
    }
#endif
    std::printf("{\"status\":%d", static_cast<int>(failure.kind()));
    print("field", failure.field());
    if (first) {
        std::printf(",\"answered\":%d", first->answered() ? static_cast<int>(*first->answered()) : -1);
        std::printf(",\"stopped_number\":%d", static_cast<int>(first->stopped()));
        print("stopped", first->stopped_name());
        print("reason", first->reason());
        print("call_id", first->call_id());
        std::printf(",\"targets\":[");
        const char *before = "";
        for (const auto &target : first->targets()) {
            std::printf("%s{\"outcome\":%d", before, static_cast<int>(target.outcome));
            std::printf(",\"result\":%d", static_cast<int>(target.result));
            print("to", target.to);
            print("new_call_id", target.new_call_id);
            print("evidence", target.evidence);
            print("error", target.error);
            std::printf("}");
            before = ",";
        }
        std::printf("]");
    }
    std::printf("}\n");
    return 0;
}

int list_events(const std::string &call_id)
{
    const calltransfer::client client = client_of_environment();
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    calltransfer::error failure;
    const std::string json = whole(client.get_call_events(call_id, failure), failure);
#else
    const std::string json = client.get_call_events(call_id);
#endif
    std::printf("{\"events\":%s}\n", json.c_str());
    return 0;
}

} // namespace

int main(int count, char **values)
{
    if (count < 4) {
        return 2;
    }
    const std::string what = values[1];
    const std::vector<std::string> arguments(values + 2, values + count);
    if (what == "events" && arguments.size() == 5) {
        return follow_events(arguments);
    }
    if (what == "list") {
        return list_events(arguments[0]);
    }
    return what == "wait" ? wait_for_answer(arguments) : transfer_to_first(arguments);
}
