// Transfers the calls named on the command line, all at once, from one thread: each is a coroutine
// that answers the call, transfers it, and reports the outcome. The loop is poll(2); an event loop
// of yours watches queue.fd() instead.
#include <calltransfer/async.hpp>

#include <iostream>

#include <poll.h>

namespace {

// A coroutine that runs by itself; any task type does.
struct detached {
    struct promise_type {
        detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

int failures = 0;

detached connect(const calltransfer::queue &queue, std::string call_id)
{
    try {
        co_await queue.answer(call_id);
        const calltransfer::transfer request{.call_id = call_id, .to = "+18382947878"};
        const auto done = co_await queue.transfer(request);
        std::cout << call_id << ": the new call is " << done.new_call_id().value_or("not named") << '\n';
    } catch (const calltransfer::error &error) {
        std::cout << call_id << ": " << name(error.outcome()) << ": " << error.what() << '\n';
        failures++;
    }
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const calltransfer::queue queue;
        for (int i = 1; i < argc; i++) {
            connect(queue, argv[i]);
        }
        while (queue.in_flight() > 0) {
            pollfd watched{queue.fd(), POLLIN, 0};
            ::poll(&watched, 1, -1);
            queue.poll();
        }
    } catch (const calltransfer::error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return failures == 0 ? 0 : 1;
}
