// Transfers, and checks the transfer after its unknown outcome, as tests/c/check_driver.c does. With exceptions
// it uses what throws, and a future for `queue`.
#include "json_text.hpp"

#include <calltransfer/calltransfer.hpp>

#ifndef CALLTRANSFER_NO_EXCEPTIONS
#include <calltransfer/async_client.hpp>
#endif

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void print_finding(const calltransfer::finding &finding)
{
    std::printf("{\"outcome_number\":%d", static_cast<int>(finding.outcome()));
    print("new_call_id", finding.new_call_id());
    print("reason", finding.reason());
    print("doubt", finding.doubt());
    std::printf("}\n");
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
    print_finding(*found);
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
            print_finding(calltransfer::async_client(config).check(failed).get());
        } else if (how == "timed") {
            print_finding(client.check(failed, {std::chrono::seconds(20), nullptr}));
        } else {
            print_finding(client.check(failed));
        }
    }
}

#endif

} // namespace

int main(int count, char **arguments)
{
    calltransfer::config config;
    config.max_retries = 0;
    if (count < 5) {
        return 2;
    }
    calltransfer::transfer transfer;
    transfer.call_id = arguments[3];
    transfer.to = arguments[4];
    transfer.also_to.assign(arguments + 5, arguments + count);
    if (std::string(arguments[2]) != "-") {
        transfer.caller_id = arguments[2];
    }
    run(config, transfer, arguments[1]);
    return 0;
}
