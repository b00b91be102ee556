// Makes one transfer, reported line by line on standard input, and prints the outcome of it as one line
// of JSON, as tests/c/transfer_driver.c does. With exceptions it uses what throws, else what doesn't.
#include <calltransfer/async.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

namespace {

using calltransfer::transfer;

std::string decoded(const std::string &text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] == '%' && i + 2 < text.size()) {
            plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

// An object of one field, reported apart: its name, and its value as JSON.
std::pair<std::string, std::string> field(const std::string &object)
{
    const auto open = object.find('"');
    const auto close = object.find('"', open + 1);
    const auto colon = object.find(':', close);
    return {object.substr(open + 1, close - open - 1), object.substr(colon + 1, object.rfind('}') - colon - 1)};
}

using setter = std::function<void(calltransfer::config &, transfer &, const std::string &)>;

template <class Field> setter of_config(Field calltransfer::config::*member)
{
    return [member](calltransfer::config &config, transfer &, const std::string &value) { config.*member = value; };
}

template <class Field> setter of_transfer(Field transfer::*member)
{
    return [member](calltransfer::config &, transfer &request, const std::string &value) { request.*member = value; };
}

setter of_whisper(std::optional<std::string> calltransfer::whisper_audio::*member)
{
    return [member](calltransfer::config &, transfer &request, const std::string &value) {
        request.whisper_audio.*member = value;
    };
}

const std::map<std::string, setter> setters = {
    {"user_id", of_config(&calltransfer::config::user_id)},
    {"token", of_config(&calltransfer::config::token)},
    {"secret", of_config(&calltransfer::config::secret)},
    {"base_url", of_config(&calltransfer::config::base_url)},
    {"ca_file", of_config(&calltransfer::config::ca_file)},
    {"proxy", of_config(&calltransfer::config::proxy)},
    {"account_id", of_config(&calltransfer::config::account_id)},
    {"client_id", of_config(&calltransfer::config::client_id)},
    {"client_secret", of_config(&calltransfer::config::client_secret)},
    {"username", of_config(&calltransfer::config::username)},
    {"password", of_config(&calltransfer::config::password)},
    {"api", of_config(&calltransfer::config::api)},
    {"timeout_ms",
     [](auto &config, auto &, auto &value) { config.timeout = std::chrono::milliseconds(std::stoi(value)); }},
    {"max_retries", [](auto &config, auto &, auto &value) { config.max_retries = std::stoi(value); }},
    {"keep_alive", [](auto &config, auto &, auto &value) { config.keep_alive = value != "0"; }},
    {"call_id", of_transfer(&transfer::call_id)},
    {"to", of_transfer(&transfer::to)},
    {"caller_id", of_transfer(&transfer::caller_id)},
    {"callback_url", of_transfer(&transfer::callback_url)},
    {"recording_enabled", [](auto &, auto &request, auto &value) { request.recording_enabled = value != "0"; }},
    {"recording_file_format", of_transfer(&transfer::recording_file_format)},
    {"whisper_audio.sentence", of_whisper(&calltransfer::whisper_audio::sentence)},
    {"whisper_audio.file_url", of_whisper(&calltransfer::whisper_audio::file_url)},
    {"whisper_audio.gender", of_whisper(&calltransfer::whisper_audio::gender)},
    {"whisper_audio.locale", of_whisper(&calltransfer::whisper_audio::locale)},
    {"whisper_audio.voice", of_whisper(&calltransfer::whisper_audio::voice)},
    {"whisper_audio.tag", of_whisper(&calltransfer::whisper_audio::tag)},
    {"whisper_audio.loop_enabled",
     [](auto &, auto &request, auto &value) { request.whisper_audio.loop_enabled = value != "0"; }},
    {"whisper_audio.volume",
     [](auto &, auto &request, auto &value) { request.whisper_audio.volume = std::stoi(value); }},
    {"also_to", [](auto &, auto &request, auto &value) { request.also_to.push_back(value); }},
    {"caller_display_name", of_transfer(&transfer::caller_display_name)},
    {"tag", of_transfer(&transfer::tag)},
    {"uui", of_transfer(&transfer::uui)},
    {"transfer_answer_url", of_transfer(&transfer::transfer_answer_url)},
    {"privacy", [](auto &, auto &request, auto &value) { request.privacy = value != "0"; }},
    {"call_timeout", [](auto &, auto &request,
                        auto &value) { request.call_timeout = std::chrono::duration<double>(std::stod(value)); }},
    {"diversion_treatment", of_transfer(&transfer::diversion_treatment)},
    {"diversion_reason", of_transfer(&transfer::diversion_reason)},
    {"extra", [](auto &, auto &request, auto &value) { request.extra.push_back(field(value)); }},
};

std::string quoted(const std::string &text)
{
    std::string json = "\"";
    for (const char c : text) {
        char escape[8];
        if (c == '"' || c == '\\') {
            json += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            json += escape;
        } else {
            json += c;
        }
    }
    return json + '"';
}

void print(const char *name, const std::optional<std::string> &text)
{
    std::cout << ",\"" << name << "\":" << (text ? quoted(*text) : "null");
}

void print(const char *name, long long number) { std::cout << ",\"" << name << "\":" << number; }

void print(const calltransfer::error &error)
{
    print("kind", calltransfer::name(error.kind()));
    print("outcome", calltransfer::name(error.outcome()));
    print("message", error.what());
    print("field", error.field());
    print("stage", error.stage());
    print("category", error.platform_category());
    print("code", error.platform_code());
    print("platform_message", error.platform_message());
    print("kind_number", static_cast<int>(error.kind()));
    print("http_status", error.http_status());
    print("retry_after_ms", error.retry_after().value_or(std::chrono::milliseconds(-1)).count());
    print("attempts", error.attempts());
    print("elapsed_ms", error.elapsed().count());
    print("is_safe_to_repeat", error.safe_to_repeat());
    std::cout << ",\"details\":[";
    const char *comma = "";
    for (const auto &[name, value] : error.platform_details()) {
        std::cout << comma << "{\"name\":" << quoted(name) << ",\"value\":" << quoted(value) << '}';
        comma = ",";
    }
    std::cout << ']';
}

void print(const calltransfer::transferred &done)
{
    print("kind", std::nullopt);
    print("outcome", calltransfer::name(done.outcome()));
    print("new_call_id", done.new_call_id());
    print("note", done.note());
    print("http_status", done.http_status());
    print("attempts", done.attempts());
    print("elapsed_ms", done.elapsed().count());
}

void begin(int status, const std::optional<std::string> &body)
{
    std::cout << "{\"status\":" << status;
    print("body", body);
}

// The body as it would be sent; none where it is refused.
std::optional<std::string> body_of(const calltransfer::config &config, const transfer &request)
{
    calltransfer::error ignored;
    return config.account_id ? to_bxml(request, ignored) : to_json(request, ignored);
}

void print_whisper(const transfer &request)
{
    calltransfer::error error;
    print("whisper", to_whisper_bxml(request.whisper_audio, error));
    print("whisper_field", error.field());
}

// What was answered to a handler.
void drive_queue(const calltransfer::config &config, const transfer &request)
{
    calltransfer::error error;
    const auto body = body_of(config, request);
    std::optional<calltransfer::transferred> done;
    if (const auto queue = calltransfer::queue::make(config, error)) {
        queue->transfer(request).then(
            [&](std::optional<calltransfer::transferred> made, const calltransfer::error &failed) {
                done = std::move(made);
                error = failed;
            },
            error);
        queue->run();
    }
    begin(static_cast<int>(error.kind()), body);
    if (done) {
        print(*done);
    } else {
        print(error);
    }
}

#ifdef CALLTRANSFER_NO_EXCEPTIONS

void drive(const calltransfer::config &config, const transfer &request)
{
    calltransfer::error error;
    const auto body = body_of(config, request);
    std::optional<calltransfer::transferred> done;
    if (const auto client = calltransfer::client::make(config, error)) {
        done = client->transfer(request, error);
    }
    begin(static_cast<int>(error.kind()), body);
    if (done) {
        print(*done);
    } else {
        print(error);
    }
}

#else

void drive(const calltransfer::config &config, const transfer &request)
{
    const auto body = body_of(config, request);
    try {
        const auto done = calltransfer::client(config).transfer(request);
        begin(0, body);
        print(done);
    } catch (const calltransfer::error &error) {
        begin(static_cast<int>(error.kind()), body);
        print(error);
    }
}

#endif

} // namespace

int main()
{
    calltransfer::config config;
    config.use_environment = false;
    config.log = [](std::string_view line) { std::cerr << line << '\n'; };
    transfer request;
    bool queued = false;
    bool whispers = false;
    for (std::string line; std::getline(std::cin, line);) {
        const auto space = line.find(' ');
        if (line == "way queue") {
            queued = true;
            continue;
        }
        if (line == "whispers yes") {
            whispers = true;
            continue;
        }
        const auto found = setters.find(line.substr(0, space));
        if (space == std::string::npos || found == setters.end()) {
            std::cerr << "no such line: " << line << '\n';
            return 2;
        }
        found->second(config, request, decoded(line.substr(space + 1)));
    }
    (queued ? drive_queue : drive)(config, request);
    if (whispers) {
        print_whisper(request);
    }
    std::cout << "}\n";
    return 0;
}
