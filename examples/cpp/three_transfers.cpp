// The three transfers of the API's own page, of three live calls:
//
//     three_transfers CALL_ID CALL_ID CALL_ID
//
// Reads BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET and perhaps
// CALLTRANSFER_BASE_URL. Prints each body as it is sent, and its outcome.
// Exits with 0 if all three were made.
#include <calltransfer/calltransfer.hpp>

#include <iostream>

namespace {

// Sends a transfer; true if it was made.
bool send(const calltransfer::client &client, const calltransfer::transfer &request)
{
    std::cout << calltransfer::to_json(request) << '\n';
    calltransfer::error error;
    const auto done = client.transfer(request, error);
    if (done) {
        std::cout << "applied: the new call is " << done->new_call_id().value_or(done->note().value_or("not named"))
                  << '\n';
        return true;
    }
    std::cout << name(error.outcome()) << ": " << error.what() << '\n';
    if (error.outcome() == calltransfer::outcome::unknown) {
        std::cout << "look at the call before trying again\n";
    }
    return false;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::cerr << "usage: " << argv[0] << " CALL_ID CALL_ID CALL_ID\n";
        return 2;
    }
    try {
        const calltransfer::client client;
        int made = 0;
        // A number, nothing else.
        made += send(client, {.call_id = argv[1], .to = "+19192223333"});
        // The new party sees no number, and hears a sentence before the two are connected.
        made += send(client, {.call_id = argv[2],
                              .to = "+18382947878",
                              .caller_id = "private",
                              .whisper_audio = {.sentence = "Hello! You have an incoming call"}});
        // The new party hears why the call comes to it.
        made += send(client, {.call_id = argv[3],
                              .to = "+19195554444",
                              .diversion_treatment = "stack",
                              .diversion_reason = "do-not-disturb"});
        return made == 3 ? 0 : 1;
    } catch (const calltransfer::error &error) {
        std::cout << error.what() << '\n';
        return 1;
    }
}
