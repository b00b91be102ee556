// The library from C++, a transfer at a time: ours_cpp URL WARM SECONDS [CA_FILE]
// ours_cpp distance URL CA_FILE VARIANT SECONDS times transfers after pauses.
#include "pauses.h"

#include <calltransfer/calltransfer.hpp>
#include <exception>

static int once(void *with)
{
    calltransfer::transfer example;
    example.call_id = "c-call123";
    example.to = "+18382947878";
    example.caller_id = "private";
    example.whisper_audio.sentence = "You have an incoming call";
    return !static_cast<calltransfer::client *>(with)->transfer(example).new_call_id();
}

static int prepare(void *with)
{
    static_cast<calltransfer::client *>(with)->prepare();
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    try {
        calltransfer::config config;
        config.user_id = "u-abc123";
        config.token = "t-token";
        config.secret = "s-secret";
        const bool distance = argc == 6 && std::string(argv[1]) == "distance";
        config.base_url = argv[distance ? 2 : 1];
        if (distance) {
            config.ca_file = argv[3];
            config.keep_ready = keeps_ready(argv[4]) != 0;
        } else if (argc > 4) {
            config.ca_file = argv[4];
        }
        calltransfer::client client(config);
        if (distance)
            return pauses(argv[4], argv[5], prepare, once, &client);
        return measure(std::atof(argv[2]), std::atof(argv[3]), once, &client);
    } catch (const std::exception &failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
