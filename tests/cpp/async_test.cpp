// What doesn't wait, case by case: `async_test CASE CALL_ID...`, over a sandbox that the environment
// names. C++20, for coroutines.
#include <calltransfer/async.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ct = calltransfer;

#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        if (!(__VA_ARGS__)) {                                                                                          \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__);                                     \
            std::exit(1);                                                                                              \
        }                                                                                                              \
    } while (0)

static_assert(std::is_nothrow_move_constructible_v<ct::queue> && std::is_nothrow_move_assignable_v<ct::queue>);
static_assert(!std::is_copy_constructible_v<ct::queue> && !std::is_copy_constructible_v<ct::async_client>);
static_assert(std::is_nothrow_move_constructible_v<ct::async_client>);
static_assert(std::is_nothrow_move_assignable_v<ct::async_client>);

namespace {

using ids = std::vector<std::string>;

struct detached {
    struct promise_type {
        detached get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<> coroutine;
};

ct::transfer to_someone(const std::string &call_id) { return {.call_id = call_id, .to = "+18382947878"}; }

// Runs the queue by its descriptor.
void watch(const ct::queue &queue)
{
    while (queue.in_flight() > 0) {
        pollfd watched{queue.fd(), POLLIN, 0};
        CHECK(::poll(&watched, 1, 10000) == 1);
        queue.poll();
    }
}

void handlers_run_within_poll_on_this_thread(const ids &calls)
{
    const ct::queue queue;
    const auto here = std::this_thread::get_id();
    std::size_t made = 0;
    for (const auto &call_id : calls) {
        queue.transfer(to_someone(call_id))
            .then([&, call_id](std::optional<ct::transferred> done, const ct::error &error) {
                CHECK(std::this_thread::get_id() == here);
                CHECK(done && !error && done->call_id() == call_id);
                made++;
            });
    }
    CHECK(queue.in_flight() == calls.size() && made == 0);
    watch(queue);
    CHECK(made == calls.size());
}

detached whole_call(const ct::queue &queue, std::string call_id, int &finished)
{
    co_await queue.prepare();
    co_await queue.answer(call_id);
    const auto done = co_await queue.transfer(to_someone(call_id));
    CHECK(done.outcome() == ct::outcome::applied);
    ct::error error;
    const auto finding = co_await queue.check(call_id).with_error(error);
    CHECK(finding && !error && finding->outcome() == ct::outcome::applied);
    CHECK((co_await queue.get_call(*done.new_call_id())).direction() == "out");
    co_await queue.hang_up(call_id);
    try {
        co_await queue.transfer(to_someone(call_id));
        CHECK(false);
    } catch (const ct::error &refused) {
        CHECK(refused.kind() == ct::error_kind::call_not_active);
    }
    CHECK(!co_await queue.transfer(to_someone("../x")).with_error(error)); // goes on at once
    CHECK(error.kind() == ct::error_kind::invalid_argument);
    CHECK(!co_await queue.transfer(to_someone(call_id)).with_error(error));
    CHECK((co_await queue.check(error)).outcome() == ct::outcome::unknown); // by its call, which has ended
    finished++;
}

void coroutines_go_on_within_poll(const ids &calls)
{
    const ct::queue queue;
    int finished = 0;
    for (const auto &call_id : calls) {
        whole_call(queue, call_id, finished);
    }
    watch(queue);
    CHECK(finished == static_cast<int>(calls.size()));
}

detached waits(const ct::queue &queue, std::string call_id)
{
    co_await queue.transfer(to_someone(call_id));
    CHECK(false);
}

void a_coroutine_that_was_destroyed_is_not_resumed(const ids &calls)
{
    const ct::queue queue;
    waits(queue, calls.at(0)).coroutine.destroy();
    CHECK(queue.in_flight() == 1);
    queue.run();
    CHECK(queue.in_flight() == 0);
}

void a_refused_request_runs_no_handler(const ids &)
{
    const ct::queue queue;
    ct::error error;
    const auto handler = [](std::optional<ct::transferred>, const ct::error &) { CHECK(false); };
    CHECK(queue.transfer(to_someone("../x")).then(handler, error) == 0);
    CHECK(error.field() == "call_id" && queue.in_flight() == 0);
    try {
        queue.transfer(to_someone("../x")).then(handler);
        CHECK(false);
    } catch (const ct::error &refused) {
        CHECK(refused.kind() == ct::error_kind::invalid_argument);
    }
}

template <class Future> bool is_refused(Future future)
{
    try {
        future.get();
    } catch (const ct::error &refused) {
        return refused.kind() == ct::error_kind::invalid_argument && refused.field() == "queue";
    }
    return false;
}

void moved_from_object_is_refused(const ids &calls)
{
    ct::queue queue;
    const ct::queue moved = std::move(queue);
    CHECK(queue.fd() == -1 && queue.poll() == 0 && queue.in_flight() == 0); // NOLINT: on purpose
    CHECK(queue.cancel_all() == 0 && is_refused(queue.transfer(to_someone(calls.at(0))).future()));
    ct::error error;
    CHECK(queue.check(calls.at(0)).then([](auto, const auto &) { CHECK(false); }, error) == 0 && error);
    ct::async_client client;
    const ct::async_client other = std::move(client);
    CHECK(client.cancel_all() == 0 && is_refused(client.transfer(to_someone(calls.at(0))))); // NOLINT: on purpose
    CHECK(is_refused(client.answer(calls.at(0))) && is_refused(client.get_call(calls.at(0))));
    other.transfer(to_someone(calls.at(0))).get();
}

void one_is_stopped_and_the_others_too(const ids &calls)
{
    const ct::queue queue;
    int stopped = 0;
    std::uint64_t first = 0;
    for (const auto &call_id : calls) {
        const auto id =
            queue.transfer(to_someone(call_id)).then([&](std::optional<ct::transferred> done, const ct::error &error) {
                CHECK(!done);
                CHECK(error.kind() == ct::error_kind::cancelled || error.kind() == ct::error_kind::outcome_unknown);
                stopped++;
            });
        first = first == 0 ? id : first;
    }
    CHECK(queue.cancel(first));
    CHECK(queue.poll(std::chrono::seconds(10)) > 0);
    CHECK(!queue.cancel(first));
    queue.cancel_all();
    queue.run();
    CHECK(stopped == static_cast<int>(calls.size()));
}

void destroyed_queue_breaks_its_promises(const ids &calls)
{
    std::future<ct::transferred> future;
    {
        const ct::queue queue;
        future = queue.transfer(to_someone(calls.at(0))).future();
    }
    try {
        future.get();
        CHECK(false);
    } catch (const std::future_error &error) {
        CHECK(error.code() == std::future_errc::broken_promise);
    }
}

void futures_are_fulfilled(const ids &calls)
{
    ct::async_client first;
    const ct::async_client client = std::move(first);
    std::vector<std::future<ct::transferred>> futures;
    for (const auto &call_id : calls) {
        futures.push_back(client.transfer(to_someone(call_id)));
    }
    for (std::size_t i = 0; i < calls.size(); i++) {
        CHECK(futures[i].get().call_id() == calls[i]);
    }
    CHECK(client.get_call(calls.at(0)).get().id() == calls.at(0));
    CHECK(client.check(calls.at(0)).get().outcome() == ct::outcome::applied);
    client.prepare().get();
    client.hang_up(calls.at(0)).get();
    for (auto *call_id : {"../x", calls.at(0).c_str()}) {
        auto refused = client.answer(call_id);
        try {
            refused.get();
            CHECK(false);
        } catch (const ct::error &error) {
            CHECK(error && error.outcome() != ct::outcome::unknown);
        }
    }
}

void destroyed_client_fulfils_every_future(const ids &calls)
{
    std::vector<std::future<ct::transferred>> futures;
    {
        const ct::async_client client;
        for (const auto &call_id : calls) {
            futures.push_back(client.transfer(to_someone(call_id)));
        }
    }
    for (auto &future : futures) {
        try {
            future.get();
            CHECK(false);
        } catch (const ct::error &error) {
            CHECK(error.kind() == ct::error_kind::cancelled || error.outcome() == ct::outcome::unknown);
        }
    }
}

void a_forked_child_only_destroys(const ids &calls)
{
    auto client = std::make_unique<ct::async_client>();
    auto queue = std::make_unique<ct::queue>();
    client->transfer(to_someone(calls.at(0))).get();
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        client.reset();
        queue.reset();
        _exit(7);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    client->transfer(to_someone(calls.at(1))).get();
}

const struct {
    const char *name;
    void (*run)(const ids &);
} cases[] = {
#define CASE(name) {#name, name}
    CASE(handlers_run_within_poll_on_this_thread),
    CASE(coroutines_go_on_within_poll),
    CASE(a_coroutine_that_was_destroyed_is_not_resumed),
    CASE(a_refused_request_runs_no_handler),
    CASE(moved_from_object_is_refused),
    CASE(one_is_stopped_and_the_others_too),
    CASE(destroyed_queue_breaks_its_promises),
    CASE(futures_are_fulfilled),
    CASE(destroyed_client_fulfils_every_future),
    CASE(a_forked_child_only_destroys),
};

} // namespace

int main(int argc, char **argv)
{
    for (const auto &each : cases) {
        if (argc > 1 && std::strcmp(argv[1], each.name) == 0) {
            each.run(ids(argv + 2, argv + argc));
            return 0;
        }
    }
    return 2;
}
