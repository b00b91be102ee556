// Transfers, and checks the transfer after its unknown outcome, as tests/c/check_driver.c does. With exceptions
// it uses what throws, and a future for `queue`.
#include "driver.hpp"

#include <calltransfer/calltransfer.hpp>

#ifndef CALLTRANSFER_NO_EXCEPTIONS
#include <calltransfer/async_client.hpp>
#endif

#include <cstdlib>
#include <string>

namespace {

void put_finding(const calltransfer::finding &finding)
{
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    put(report, "outcome_number", static_cast<int>(finding.outcome()));
    put(report, "new_call_id", finding.new_call_id());
    put(report, "reason", finding.reason());
    put(report, "doubt", finding.doubt());
}

#ifdef CALLTRANSFER_NO_EXCEPTIONS

void run(const calltransfer::config &config, const calltransfer::transfer &transfer, const std::string &how)
{
    calltransfer::error failure;
    const auto client = calltransfer::client::make(config, failure);
    const auto done = client->transfer(transfer, failure);
    if (done) {
        std::exit(1);
    }
    // The error is the one that a failure would be written to, too.
    const auto found = how == "timed" ? client->check(failure, {std::chrono::seconds(20), nullptr}, failure)
                                      : client->check(failure, failure);
    if (!found) {
        std::fprintf(stderr, "%s\n", failure.what());
        std::exit(1);
    }
    put_finding(*found);
}

#else

void run(const calltransfer::config &config, const calltransfer::transfer &transfer, const std::string &how)
{
    const calltransfer::client client(config);
    try {
        client.transfer(transfer);
        std::exit(1);
    } catch (const calltransfer::error &failed) {
        if (how == "queue") {
            put_finding(calltransfer::async_client(config).check(failed).get());
        } else if (how == "timed") {
            put_finding(client.check(failed, {std::chrono::seconds(20), nullptr}));
        } else {
            put_finding(client.check(failed));
        }
    }
}

#endif

} // namespace

int main(int count, char **arguments)
{
    yyjson_val *json = read_input();
    yyjson_val *targets = yyjson_obj_get(json, "to"), *target;
    calltransfer::config config;
    calltransfer::transfer transfer;
    std::size_t i, targets_count;
    config.max_retries = 0;
    transfer.call_id = needed(json, "call_id");
    transfer.caller_id = given(json, "caller_id");
    yyjson_arr_foreach(targets, i, targets_count, target)
    {
        if (i == 0) {
            transfer.to = text("to", target);
        } else {
            transfer.also_to.emplace_back(text("to", target));
        }
    }
    run(config, transfer, count == 2 ? arguments[1] : "");
    write_output();
    return 0;
}
