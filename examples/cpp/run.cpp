// Moves many calls to one number, and survives being killed: start it again with the same arguments, and it goes on.
//
//     run evac.db +18382947878 < call_ids
#include <calltransfer/runs.hpp>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char **argv)
{
    using calltransfer::run_state;
    if (argc != 3) {
        std::cerr << "usage: run PLACE NUMBER < call_ids\n";
        return 2;
    }
    try {
        calltransfer::client client;
        calltransfer::run run(client, argv[1]);
        std::vector<calltransfer::transfer> transfers;
        for (std::string call_id; std::getline(std::cin, call_id);) {
            transfers.push_back({.call_id = call_id, .to = argv[2]});
        }
        run.add(transfers); // those that it has already stay as they are
        run.execute();
        run.check(); // reads calls whose outcome is unknown; sends nothing again
        const auto summary = run.summary();
        std::cout << summary.count(run_state::applied) << " of " << summary.count() << " calls were transferred, "
                  << summary.count(run_state::unknown) << " are not known\n";
        for (auto &row : run.rows(run_state::unknown | run_state::not_applied | run_state::not_sent)) {
            std::cout << row.call_id() << ": " << name(row.state()) << ": " << row.message().value_or("not known why")
                      << '\n';
        }
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
