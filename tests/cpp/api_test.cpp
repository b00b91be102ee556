// What the C++ interface promises, case by case: `api_test CASE`, `api_test --list`, or `api_test`
// for all. Compiles as C++17 and later, with exceptions and without. Connects to no one.
#include <calltransfer/calltransfer.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#if __cplusplus >= 202002L
#include <ranges>
#endif

namespace ct = calltransfer;
using namespace std::chrono_literals;

#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        if (!(__VA_ARGS__)) {                                                                                          \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #__VA_ARGS__);                                     \
            std::exit(1);                                                                                              \
        }                                                                                                              \
    } while (0)

template <class T>
constexpr bool moves_only =
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_destructible_v<T>;

static_assert(moves_only<ct::client>);
static_assert(moves_only<ct::transferred>);
static_assert(moves_only<ct::call>);
static_assert(moves_only<ct::finding>);
static_assert(moves_only<ct::call_list>);
static_assert(std::is_aggregate_v<ct::call_query>);
#if defined(__cpp_lib_ranges) && !defined(CALLTRANSFER_NO_EXCEPTIONS)
static_assert(std::ranges::input_range<ct::call_list>);
#endif
static_assert(moves_only<ct::event>);
static_assert(moves_only<ct::cancel>);
static_assert(std::is_aggregate_v<ct::transfer> && std::is_aggregate_v<ct::whisper_audio>);
static_assert(std::is_aggregate_v<ct::config>);
static_assert(std::is_base_of_v<std::runtime_error, ct::error>);
static_assert(std::is_nothrow_copy_constructible_v<ct::error>); // it is thrown
static_assert(static_cast<int>(ct::error_kind::rejected) == CALLTRANSFER_E_REJECTED);

// What may be called by many threads is const, and what reports its error throws nothing.
static_assert(noexcept(std::declval<const ct::client &>().transfer({}, std::declval<ct::error &>())));
static_assert(noexcept(std::declval<const ct::client &>().transfer({}, std::declval<const ct::cancel &>(),
                                                                   std::declval<ct::error &>())));
static_assert(noexcept(ct::client::make({}, std::declval<ct::error &>())));

namespace {

ct::config good_config()
{
    ct::config config;
    config.user_id = "u-abc123";
    config.token = "t-token";
    config.secret = "s-secret";
    config.base_url = "http://127.0.0.1:9"; // no one listens there
    config.max_retries = 0;
    config.use_environment = false;
    return config;
}

ct::client good_client()
{
    ct::error error;
    auto client = ct::client::make(good_config(), error);
    CHECK(client && !error);
    return std::move(*client);
}

ct::transfer good_transfer() { return {"c-call123", "+18382947878"}; }

void an_error_is_false_until_something_goes_wrong()
{
    ct::error error;
    CHECK(!error);
    CHECK(error.kind() == ct::error_kind::ok);
    CHECK(error.outcome() == ct::outcome::none);
    CHECK(std::strcmp(error.what(), "no error") == 0);
    CHECK(!error.field() && !error.call_id() && !error.stage() && !error.retry_after());
    CHECK(error.platform_details().empty() && error.attempts() == 0 && error.elapsed() == 0ms);
}

void a_refusal_carries_everything()
{
    ct::error error;
    auto request = good_transfer();
    request.whisper_audio.voice = "Karen";
    CHECK(!good_client().transfer(request, error));
    CHECK(error);
    CHECK(error.kind() == ct::error_kind::invalid_argument);
    CHECK(error.outcome() == ct::outcome::not_sent);
    CHECK(error.safe_to_repeat());
    CHECK(error.field() == "whisper_audio.voice" || error.field() == "whisper_audio");
    CHECK(std::string(error.what()).rfind(*error.field() + ": ", 0) == 0);
    const ct::error copy = error;
    error = ct::error();
    CHECK(!error && copy && copy.kind() == ct::error_kind::invalid_argument);
}

void a_later_success_clears_the_error()
{
    ct::error error;
    CHECK(!to_json(ct::transfer{"c-1", ""}, error) && error);
    CHECK(to_json(good_transfer(), error) && !error);
}

void a_missing_setting_is_reported()
{
    ct::config config = good_config();
    config.token.reset();
    ct::error error;
    CHECK(!ct::client::make(config, error));
    CHECK(error.kind() == ct::error_kind::configuration);
    CHECK(error.field() == "token");
}

void extra_fields_arrive_under_their_names()
{
    auto request = good_transfer();
    request.extra = {{"z", "1"}, {"a \"b\"\n\\", R"({"c": [2]})"}};
    ct::error error;
    const auto json = to_json(request, error);
    CHECK(json);
    CHECK(*json == R"({"state":"transferring","transferTo":"+18382947878","a \"b\"\n\\":{"c":[2]},"z":1})");
    request.extra = {{"z", "not json"}};
    CHECK(!to_json(request, error));
    CHECK(error.field() == "extra");
}

void a_nul_in_a_text_is_refused_not_cut_off()
{
    ct::error error;
    CHECK(!to_json(ct::transfer{std::string("c-1\0x", 5), "+18382947878"}, error));
    CHECK(error.field() == "call_id");
    auto request = good_transfer();
    request.whisper_audio.sentence = std::string("Hello\0you", 9);
    CHECK(!to_json(request, error));
    CHECK(error.field() == "whisper_audio.sentence");
    CHECK(!good_client().get_call(std::string("c-1\0x", 5), error));
    CHECK(error.field() == "call_id");
}

void every_function_returns_without_throwing()
{
    const ct::client client = good_client();
    ct::error error;
    CHECK(!client.get_call("c-1", error) && error.kind() == ct::error_kind::connection);
    CHECK(error.call_id() == "c-1");
    CHECK(!client.answer("c-1", error) && error.kind() == ct::error_kind::connection);
    CHECK(!client.hang_up("c-1", error) && error.kind() == ct::error_kind::connection);
    CHECK(!client.prepare(error) && error.kind() == ct::error_kind::connection);
    CHECK(!client.check("c-1", error) && error.kind() == ct::error_kind::connection);
    CHECK(!client.get_call("../x", error) && error.kind() == ct::error_kind::invalid_argument);
}

void request_cancelled_before_start_is_not_begun()
{
    const ct::client client = good_client();
    const ct::cancel cancel;
    cancel.request();
    ct::error error;
    CHECK(!client.transfer(good_transfer(), cancel, error));
    CHECK(error.kind() == ct::error_kind::cancelled && error.outcome() == ct::outcome::not_sent);
}

void a_client_that_was_moved_from_is_refused()
{
    ct::client first = good_client();
    const ct::client second = std::move(first);
    ct::error error;
    CHECK(second.api() == "v1" && first.api().empty()); // NOLINT: on purpose
    CHECK(!first.transfer(good_transfer(), error));
    CHECK(error.kind() == ct::error_kind::invalid_argument && error.field() == "client");
    CHECK(!second.transfer(good_transfer(), error));
    CHECK(error.kind() == ct::error_kind::connection);
    first = good_client();
    CHECK(!first.transfer(good_transfer(), error) && error.kind() == ct::error_kind::connection);
}

void the_log_goes_with_the_client()
{
    std::string lines;
    ct::config config = good_config();
    config.log = [&lines](std::string_view line) { lines.append(line).append("\n"); };
    ct::error error;
    auto made = ct::client::make(config, error);
    config.log = nullptr;
    const ct::client moved = std::move(*made);
    made.reset();
    CHECK(!moved.transfer(good_transfer(), error));
    CHECK(lines.find("attempt 1 not_sent") != std::string::npos);
}

void names_and_version_are_the_librarys()
{
    CHECK(std::strcmp(name(ct::error_kind::rate_limited), "rate_limited") == 0);
    CHECK(std::strcmp(name(ct::outcome::unknown), "unknown") == 0);
    CHECK(std::strcmp(ct::version(), calltransfer_version()) == 0);
    CHECK(ct::version_number() == CALLTRANSFER_VERSION_NUM);
}

#ifndef CALLTRANSFER_NO_EXCEPTIONS

template <class Ask> ct::error thrown(Ask &&ask)
{
    try {
        ask();
    } catch (const std::runtime_error &base) {
        return dynamic_cast<const ct::error &>(base);
    }
    std::fputs("nothing was thrown\n", stderr);
    std::exit(1);
}

void failure_throws_the_whole_error()
{
    const ct::client client(good_config());
    const ct::error error = thrown([&] { client.transfer(good_transfer()); });
    CHECK(error.kind() == ct::error_kind::connection && error.outcome() == ct::outcome::not_sent);
    CHECK(error.stage() == "connect" && error.attempts() == 1 && error.call_id() == "c-call123");
    CHECK(error.outcome() == ct::outcome::not_sent);
    CHECK(!error.causes().empty() && std::string(error.what()).find(error.causes().back()) != std::string::npos);
    CHECK(thrown([&] { client.get_call("c-1"); }).kind() == ct::error_kind::connection);
    CHECK(thrown([&] { client.answer("c-1"); }).kind() == ct::error_kind::connection);
    CHECK(thrown([&] { client.hang_up("c-1"); }).kind() == ct::error_kind::connection);
    CHECK(thrown([&] { client.prepare(); }).kind() == ct::error_kind::connection);
    CHECK(thrown([&] { client.check("c-1"); }).kind() == ct::error_kind::connection);
    CHECK(thrown([&] { to_json(ct::transfer{}); }).field() == "call_id");
    CHECK(thrown([&] { ct::client(ct::config{{}, {}, {}, "ftp://x"}); }).kind() == ct::error_kind::configuration);
    const ct::cancel cancel;
    cancel.request();
    CHECK(thrown([&] { client.transfer(good_transfer(), cancel); }).kind() == ct::error_kind::cancelled);
}

void a_log_that_throws_changes_nothing()
{
    ct::config config = good_config();
    config.log = [](std::string_view) { throw 1; };
    const ct::client client(config);
    CHECK(thrown([&] { client.transfer(good_transfer()); }).kind() == ct::error_kind::connection);
}

#endif

const struct {
    const char *name;
    void (*run)();
} cases[] = {
#define CASE(name) {#name, name}
    CASE(an_error_is_false_until_something_goes_wrong),
    CASE(a_refusal_carries_everything),
    CASE(a_later_success_clears_the_error),
    CASE(a_missing_setting_is_reported),
    CASE(extra_fields_arrive_under_their_names),
    CASE(a_nul_in_a_text_is_refused_not_cut_off),
    CASE(every_function_returns_without_throwing),
    CASE(request_cancelled_before_start_is_not_begun),
    CASE(a_client_that_was_moved_from_is_refused),
    CASE(the_log_goes_with_the_client),
    CASE(names_and_version_are_the_librarys),
#ifndef CALLTRANSFER_NO_EXCEPTIONS
    CASE(failure_throws_the_whole_error),
    CASE(a_log_that_throws_changes_nothing),
#endif
};

} // namespace

int main(int argc, char **argv)
{
    bool ran = false;
    for (const auto &each : cases) {
        if (argc > 1 && std::strcmp(argv[1], "--list") == 0) {
            std::puts(each.name);
            ran = true;
        } else if (argc == 1 || std::strcmp(argv[1], each.name) == 0) {
            each.run();
            ran = true;
        }
    }
    return ran ? 0 : 2;
}
