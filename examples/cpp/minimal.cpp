// Transfers the call that is named on the command line.
#include <calltransfer/calltransfer.hpp>
#include <iostream>

int main(int argc, char **argv)
{
    try {
        calltransfer::client client;
        auto done = client.transfer({.call_id = argc > 1 ? argv[1] : "",
                                     .to = "+18382947878",
                                     .caller_id = "private",
                                     .whisper_audio = {.sentence = "You have an incoming call"}});
        std::cout << "the new call is " << done.new_call_id().value_or("not named") << '\n';
    } catch (const calltransfer::error &error) {
        std::cerr << name(error.outcome()) << ": " << error.what() << '\n';
        return 1;
    }
}
