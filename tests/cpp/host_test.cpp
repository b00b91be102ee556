// What hosts with threads and lives of their own do: `host_test CASE CALL_ID...`, over a sandbox that the
// environment names. C++17.
#include <calltransfer/async.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ct = calltransfer;

#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        if (!(__VA_ARGS__)) {                                                                                          \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__);                                     \
            std::exit(1);                                                                                              \
        }                                                                                                              \
    } while (0)

namespace {

using ids = std::vector<std::string>;

ct::transfer to(const std::string &call_id, const char *target)
{
    ct::transfer request;
    request.call_id = call_id;
    request.to = target;
    return request;
}

void handler_that_destroys_its_queue_ends_run(const ids &calls)
{
    std::optional<ct::queue> queue(std::in_place);
    std::size_t handled = 0;
    for (const auto &call_id : calls) {
        queue->transfer(to(call_id, "+18382947878")).then([&](auto, const ct::error &) {
            handled++;
            queue.reset();
        });
    }
    queue->run();
    CHECK(!queue && handled == 1);
}

void handler_that_replaces_its_queue_ends_run(const ids &calls)
{
    ct::queue queue;
    queue.transfer(to(calls[0], "+18382947878")).then([&](auto done, const ct::error &) {
        CHECK(done.has_value());
        queue = ct::queue();
    });
    queue.run();
    bool again = false;
    queue.transfer(to(calls[1], "+18382947878")).then([&](auto done, const ct::error &) { again = done.has_value(); });
    queue.run();
    CHECK(again);
}

void run_of_several_threads_returns_in_each(const ids &calls)
{
    for (int round = 0; round < 25; round++) {
        const ct::queue queue;
        std::atomic<std::size_t> handled{0};
        for (const auto &call_id : calls) {
            queue.get_call(call_id).then([&](auto, const ct::error &) { handled++; });
        }
        std::vector<std::thread> threads;
        for (int number = 0; number < 4; number++) {
            threads.emplace_back([&] { queue.run(); });
        }
        for (auto &thread : threads) {
            thread.join();
        }
        CHECK(handled == calls.size());
    }
}

void run_returns_while_another_thread_is_refused(const ids &)
{
    const ct::queue queue;
    std::atomic<bool> stop{false};
    std::thread refused([&] {
        while (!stop) {
            ct::error failed;
            CHECK(queue.transfer(to("c-1", "nonsense")).then([](auto, const ct::error &) { std::abort(); }, failed) ==
                  0);
            CHECK(failed);
        }
    });
    for (int round = 0; round < 2000; round++) {
        queue.run();
    }
    stop = true;
    refused.join();
    CHECK(queue.in_flight() == 0);
}

void each_handler_gets_its_own_result_beside_refusals(const ids &calls)
{
    const ct::queue queue;
    std::size_t own = 0;
    for (int round = 0; round < 50; round++) {
        for (const auto &call_id : calls) {
            ct::error failed;
            CHECK(queue.get_call("no call").then([](auto, const ct::error &) { std::abort(); }, failed) == 0 && failed);
            queue.get_call(call_id).then([&own, call_id](auto found, const ct::error &) {
                CHECK(found.has_value() && found->id() == call_id);
                own++;
            });
        }
        queue.run();
    }
    CHECK(own == 50 * calls.size());
}

void futures_are_kept_beside_refusals(const ids &calls)
{
    const ct::async_client client;
    for (int round = 0; round < 200; round++) {
        auto refused = client.get_call("no call");
        auto made = client.get_call(calls[0]);
        CHECK(made.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
        CHECK(made.get().id() == calls[0]);
        bool thrown = false;
        try {
            refused.get();
        } catch (const ct::error &) {
            thrown = true;
        }
        CHECK(thrown);
    }
}

void handler_that_destroys_its_queue_has_later_requests_refused(const ids &calls)
{
    std::optional<ct::queue> queue(std::in_place);
    auto later = queue->get_call(calls[1]);
    bool handled = false;
    queue->get_call(calls[0]).then([&](auto found, const ct::error &) {
        CHECK(found.has_value());
        queue.reset();
        ct::error failed;
        CHECK(std::move(later).then([](auto, const ct::error &) { std::abort(); }, failed) == 0);
        CHECK(failed.kind() == ct::error_kind::invalid_argument);
        handled = true;
    });
    queue->run();
    CHECK(handled);
}

void wake_ends_a_poll(const ids &calls)
{
    const ct::queue queue;
    std::thread waiting([&] { CHECK(queue.poll(std::chrono::milliseconds(-1)) == 0); });
    queue.wake();
    waiting.join();
    queue.get_call(calls[0]).then([](auto, const ct::error &) {});
    CHECK(queue.poll(std::chrono::milliseconds(-1)) == 1);
}

void each_request_has_its_time_and_can_be_stopped(const ids &calls)
{
    const ct::client client;
    ct::request_options options;
    options.timeout = std::chrono::seconds(30);
    CHECK(client.get_call(calls[0], options).id() == calls[0]);
    CHECK(client.check(calls[0], options).outcome() != ct::outcome::applied);
    ct::error failed;
    options.timeout = std::chrono::milliseconds(0);
    CHECK(!client.get_call(calls[0], options, failed) && failed.field() == "timeout");
    const ct::cancel stop;
    stop.request();
    options = {};
    options.cancel = &stop;
    CHECK(!client.answer(calls[0], options, failed) && failed.kind() == ct::error_kind::cancelled);
    CHECK(!client.hang_up(calls[0], options, failed) && failed.kind() == ct::error_kind::cancelled);
    const ct::queue queue;
    CHECK(queue.get_call(calls[0], std::chrono::seconds(30)).then([](auto, const ct::error &) {}) != 0);
    CHECK(queue.get_call(calls[0], std::chrono::hours(2)).then([](auto, const ct::error &) {}, failed) == 0);
    queue.run();
}

void no_record_comes_after_the_queue_is_destroyed(const ids &calls)
{
    for (int round = 0; round < 50; round++) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        ct::config config;
        config.log_records = [count = alive.get()](const ct::log_record &record) {
            CHECK(record.action == "get_call" && record.attempt == 1 && !record.line.empty());
            (*count)++;
        };
        {
            const ct::queue queue(config);
            for (const auto &call_id : calls) {
                queue.get_call(call_id).then([](auto, const ct::error &) {});
            }
            if (round % 2 == 0) {
                queue.run();
                CHECK(*alive == static_cast<int>(calls.size()));
            }
        }
        alive.reset();
    }
    CHECK(ct::shutdown() == 0);
}

void pending_request_keeps_no_log_of_a_destroyed_queue(const ids &calls)
{
    for (int round = 0; round < 10; round++) {
        std::atomic<bool> destroyed{false};
        ct::config config;
        config.log_records = [&destroyed](const ct::log_record &) {
            CHECK(!destroyed);
            std::this_thread::sleep_for(std::chrono::milliseconds(2)); // while others wait for their turn
        };
        auto queue = std::make_unique<ct::queue>(config);
        auto kept = queue->get_call(calls[0]);
        std::size_t handled = 0;
        for (int number = 0; number < 100; number++) {
            queue->get_call(calls[0]).then([&](auto, const ct::error &) {
                handled++;
                queue.reset();
                destroyed = true;
            });
        }
        queue->poll(std::chrono::milliseconds(-1));
        CHECK(handled == 1 && !queue);
        std::this_thread::sleep_for(std::chrono::milliseconds(20)); // a record that came late would end the program
        ct::error failed;
        CHECK(std::move(kept).then([](auto, const ct::error &) { std::abort(); }, failed) == 0 && failed);
    }
}

void pending_request_keeps_no_future_of_a_destroyed_queue(const ids &calls)
{
    auto queue = std::make_unique<ct::queue>();
    const auto kept = queue->get_call(calls[0]);
    auto made = queue->get_call(calls[0]).future();
    queue.reset();
    bool broken = false;
    try {
        CHECK(made.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
        made.get();
    } catch (const std::future_error &) {
        broken = true;
    }
    CHECK(broken);
}

// Whether a thread of this process waits.
bool is_asleep(long thread)
{
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const auto name_end = stat.rfind(')');
    return name_end != std::string::npos && stat.compare(name_end, 3, ") S") == 0;
}

void handler_that_destroys_its_queue_ends_every_poll(const ids &calls)
{
    auto queue = std::make_unique<ct::queue>();
    const ct::queue &polled = *queue;
    const auto kept = queue->get_call(calls[0]);
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; number++) {
        std::atomic<long> id{0};
        threads.emplace_back([&polled, &id] {
            id = syscall(SYS_gettid);
            polled.poll(std::chrono::milliseconds(-1));
        });
        while (id == 0 || !is_asleep(id)) {
            std::this_thread::yield();
        }
    }
    queue->get_call(calls[0]).then([&](auto, const ct::error &) { queue.reset(); });
    for (auto &thread : threads) {
        thread.join();
    }
    CHECK(!queue);
}

struct test_case {
    const char *name;
    void (*run)(const ids &);
};

#define CASE(name) {#name, name}
const test_case cases[] = {
    CASE(handler_that_destroys_its_queue_ends_run),
    CASE(handler_that_replaces_its_queue_ends_run),
    CASE(run_of_several_threads_returns_in_each),
    CASE(run_returns_while_another_thread_is_refused),
    CASE(each_handler_gets_its_own_result_beside_refusals),
    CASE(futures_are_kept_beside_refusals),
    CASE(handler_that_destroys_its_queue_has_later_requests_refused),
    CASE(wake_ends_a_poll),
    CASE(each_request_has_its_time_and_can_be_stopped),
    CASE(no_record_comes_after_the_queue_is_destroyed),
    CASE(pending_request_keeps_no_log_of_a_destroyed_queue),
    CASE(pending_request_keeps_no_future_of_a_destroyed_queue),
    CASE(handler_that_destroys_its_queue_ends_every_poll),
};

} // namespace

int main(int argc, char **argv)
{
    for (const auto &one : cases) {
        if (argc > 1 && std::strcmp(one.name, argv[1]) == 0) {
            one.run(ids(argv + 2, argv + argc));
            return 0;
        }
    }
    return 2;
}
