// `starved ENTRY RESOURCE AMOUNT`: transfers through the blocking client, handlers or futures while a
// resource is short. Each accepted submission is reported exactly once, and a refused one never.
#include <calltransfer/async.hpp>

#include "starve.h"

#include <map>
#include <string>
#include <vector>

namespace ct = calltransfer;

namespace {

const ct::transfer to_someone(const std::string &call_id)
{
    ct::transfer request;
    request.call_id = call_id;
    request.to = "+18382947878";
    return request;
}

void report(const std::string &call_id, const ct::error &error)
{
    const calltransfer_error *native = error.get();
    if (native == nullptr) {
        starve_report(call_id.c_str(), "applied", nullptr);
    } else {
        starve_report(call_id.c_str(), calltransfer_error_outcome_name(native), calltransfer_error_kind_name(native));
    }
}

std::vector<std::string> calls() { return {starve_calls, starve_calls + STARVE_CALLS}; }

void blocking(const char *resource, int amount)
{
    const ct::client client;
    const auto transfer = [&](const std::string &call_id) {
        ct::error error;
        (void)client.transfer(to_someone(call_id), error);
        report(call_id, error);
    };
    starve(resource, amount);
    for (const auto &call_id : calls()) {
        transfer(call_id);
    }
    starve_no_more();
    transfer(STARVE_LATER);
}

void handlers(const char *resource, int amount)
{
    const ct::queue queue;
    const auto submit = [&](const std::string &call_id) {
        ct::error refused;
        const auto handler = [call_id](const std::optional<ct::transferred> &, const ct::error &error) {
            report(call_id, error);
        };
        if (queue.transfer(to_someone(call_id)).then(handler, refused) == 0) {
            report(call_id, refused);
        }
    };
    starve(resource, amount);
    for (const auto &call_id : calls()) {
        submit(call_id);
    }
    queue.run();
    starve_no_more();
    submit(STARVE_LATER);
    queue.run();
}

void futures(const char *resource, int amount)
{
    const ct::async_client client;
    const auto wait = [](const std::string &call_id, std::future<ct::transferred> future) {
        try {
            future.get();
            report(call_id, {});
        } catch (const ct::error &error) {
            report(call_id, error);
        }
    };
    starve(resource, amount);
    std::vector<std::pair<std::string, std::future<ct::transferred>>> under_way;
    for (const auto &call_id : calls()) {
        under_way.emplace_back(call_id, client.transfer(to_someone(call_id)));
    }
    for (auto &[call_id, future] : under_way) {
        wait(call_id, std::move(future));
    }
    starve_no_more();
    wait(STARVE_LATER, client.transfer(to_someone(STARVE_LATER)));
}

} // namespace

int main(int, char **arguments)
{
    const std::map<std::string, void (*)(const char *, int)> entries = {
        {"blocking", blocking}, {"handlers", handlers}, {"futures", futures}};
    entries.at(arguments[1])(arguments[2], std::atoi(arguments[3]));
}
