// The library from C++, a transfer at a time: ours_cpp URL WARM SECONDS [CA_FILE]
#include "meter.h"

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

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    try {
        calltransfer::config config;
        config.user_id = "u-abc123";
        config.token = "t-token";
        config.secret = "s-secret";
        config.base_url = argv[1];
        if (argc > 4)
            config.ca_file = argv[4];
        calltransfer::client client(config);
        return measure(std::atof(argv[2]), std::atof(argv[3]), once, &client);
    } catch (const std::exception &failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
