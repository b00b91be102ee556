// Transfers the calls named on the command line, all at once, and waits for each.
#include <calltransfer/async.hpp>

#include <iostream>

int main(int argc, char **argv)
{
    int failures = 0;
    try {
        const calltransfer::async_client client;
        std::vector<std::future<calltransfer::transferred>> transfers;
        for (int i = 1; i < argc; i++) {
            transfers.push_back(client.transfer({.call_id = argv[i], .to = "+18382947878"}));
        }
        for (auto &transfer : transfers) {
            try {
                const auto done = transfer.get();
                std::cout << done.call_id() << ": the new call is " << done.new_call_id().value_or("not named") << '\n';
            } catch (const calltransfer::error &error) {
                std::cout << error.call_id().value_or("") << ": " << name(error.outcome()) << ": " << error.what()
                          << '\n';
                failures++;
            }
        }
    } catch (const calltransfer::error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return failures == 0 ? 0 : 1;
}
