// Makes one transfer and says its outcome, as tests/c/transfer_driver.c does. With exceptions it uses what throws,
// else what doesn't.
#include "fields.hpp"

#include <calltransfer/async.hpp>

#include <iostream>

namespace {

using calltransfer::transfer;

const fields<calltransfer::whisper_audio> whisper_fields = {
    FIELD(whisper_audio, sentence),     FIELD(whisper_audio, file_url), FIELD(whisper_audio, gender),
    FIELD(whisper_audio, locale),       FIELD(whisper_audio, voice),    FIELD(whisper_audio, tag),
    FIELD(whisper_audio, loop_enabled), FIELD(whisper_audio, volume),
};

// A sentence, or an object.
void set_whisper(transfer &request, const char *name, yyjson_val *value)
{
    if (yyjson_is_obj(value)) {
        set_all(whisper_fields, request.whisper_audio, value);
    } else {
        assign(request.whisper_audio.sentence, name, value);
    }
}

void set_extra(transfer &request, const char *, yyjson_val *object)
{
    std::size_t i, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, i, count, key, value)
    {
        char *json = yyjson_val_write(value, 0, nullptr);
        request.extra.emplace_back(yyjson_get_str(key), json);
        std::free(json);
    }
}

const fields<transfer> options = {
    FIELD(transfer, caller_id),
    FIELD(transfer, callback_url),
    FIELD(transfer, recording_enabled),
    FIELD(transfer, recording_file_format),
    {"whisper_audio", set_whisper},
    FIELD(transfer, diversion_treatment),
    FIELD(transfer, diversion_reason),
    FIELD(transfer, caller_display_name),
    FIELD(transfer, tag),
    FIELD(transfer, uui),
    FIELD(transfer, transfer_answer_url),
    FIELD(transfer, privacy),
    FIELD(transfer, call_timeout),
    {"extra", set_extra},
};

transfer transfer_of(yyjson_val *json)
{
    transfer request;
    yyjson_val *to = yyjson_obj_get(json, "to");
    request.call_id = needed(json, "call_id");
    request.to = text("to", yyjson_is_arr(to) ? yyjson_arr_get_first(to) : to);
    for (std::size_t i = 1; i < yyjson_arr_size(to); i++) {
        request.also_to.push_back(text("to", yyjson_arr_get(to, i)));
    }
    set_all(options, request, yyjson_obj_get(json, "options"));
    return request;
}

void put(yyjson_mut_val *report, const calltransfer::error &error)
{
    put(report, "kind", calltransfer::name(error.kind()));
    put(report, "outcome", calltransfer::name(error.outcome()));
    put(report, "message", error.what());
    put(report, "field", error.field());
    put(report, "stage", error.stage());
    put(report, "category", error.platform_category());
    put(report, "code", error.platform_code());
    put(report, "platform_message", error.platform_message());
    put(report, "kind_number", static_cast<int>(error.kind()));
    put(report, "http_status", error.http_status());
    put(report, "retry_after_ms", error.retry_after().value_or(std::chrono::milliseconds(-1)).count());
    put(report, "attempts", error.attempts());
    put(report, "elapsed_ms", error.elapsed().count());
    put(report, "is_safe_to_repeat", error.safe_to_repeat());
    yyjson_mut_val *details = yyjson_mut_obj_add_arr(output, report, "details");
    for (const auto &[name, value] : error.platform_details()) {
        yyjson_mut_val *detail = yyjson_mut_arr_add_obj(output, details);
        put(detail, "name", name);
        put(detail, "value", value);
    }
}

void put(yyjson_mut_val *report, const calltransfer::transferred &done)
{
    put(report, "kind", std::nullopt);
    put(report, "outcome", calltransfer::name(done.outcome()));
    put(report, "new_call_id", done.new_call_id());
    put(report, "note", done.note());
    put(report, "http_status", done.http_status());
    put(report, "attempts", done.attempts());
    put(report, "elapsed_ms", done.elapsed().count());
}

// The body as it would be sent; none where it is refused.
std::optional<std::string> body_of(const calltransfer::config &config, const transfer &request)
{
    calltransfer::error ignored;
    return config.account_id ? to_bxml(request, ignored) : to_json(request, ignored);
}

void put_whisper(yyjson_mut_val *report, const transfer &request)
{
    calltransfer::error error;
    put(report, "whisper", to_whisper_bxml(request.whisper_audio, error));
    put(report, "whisper_field", error.field());
}

// Sends it with a queue: what its handler was given.
std::optional<calltransfer::transferred> send_by_queue(const calltransfer::config &config, const transfer &request,
                                                       calltransfer::error &error)
{
    std::optional<calltransfer::transferred> done;
    if (const auto queue = calltransfer::queue::make(config, error)) {
        const auto id = queue->transfer(request).then(
            [&](std::optional<calltransfer::transferred> made, const calltransfer::error &failed) {
                done = std::move(made);
                error = failed;
            },
            error);
        if (id != 0) {
            queue->run();
        }
    }
    return done;
}

std::optional<calltransfer::transferred> send_by_client(const calltransfer::config &config, const transfer &request,
                                                        calltransfer::error &error)
{
#ifdef CALLTRANSFER_NO_EXCEPTIONS
    const auto client = calltransfer::client::make(config, error);
    return client ? client->transfer(request, error) : std::nullopt;
#else
    try {
        return calltransfer::client(config).transfer(request);
    } catch (const calltransfer::error &thrown) {
        error = thrown;
        return std::nullopt;
    }
#endif
}

} // namespace

int main()
{
    yyjson_val *json = read_input();
    yyjson_mut_val *report = yyjson_mut_doc_get_root(output);
    calltransfer::config config;
    config.use_environment = false;
    config.log = [](std::string_view line) { std::cerr << line << '\n'; };
    set_all(settings, config, json, {"call_id", "to", "options", "way", "whispers"});
    const transfer request = transfer_of(json);
    const auto body = body_of(config, request);
    calltransfer::error error;
    const auto done = (given(json, "way") == "queue" ? send_by_queue : send_by_client)(config, request, error);
    put(report, "status", static_cast<int>(error.kind()));
    put(report, "body", body);
    if (done) {
        put(report, *done);
    } else {
        put(report, error);
    }
    if (yyjson_get_bool(yyjson_obj_get(json, "whispers"))) {
        put_whisper(report, request);
    }
    write_output();
    return 0;
}
