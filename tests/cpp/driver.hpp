// What every driver does, as tests/c/driver.h has it, with C++'s types.
#ifndef CALLTRANSFER_TESTS_DRIVER_HPP
#define CALLTRANSFER_TESTS_DRIVER_HPP

#include "../c/driver.h"

#include <chrono>
#include <optional>
#include <string>

inline void put(yyjson_mut_val *report, const char *name, const std::optional<std::string> &value)
{
    put_text(report, name, value ? value->c_str() : nullptr);
}

inline void put(yyjson_mut_val *report, const char *name, long long number) { put_number(report, name, number); }

// The text of this name; none where there is none, or null.
inline std::optional<std::string> given(yyjson_val *object, const char *name)
{
    const char *value = text_of(object, name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// The text of this name, which there must be.
inline std::string needed(yyjson_val *object, const char *name) { return text(name, yyjson_obj_get(object, name)); }

// Milliseconds since 1970, or -1.
inline long long since_1970(const std::optional<std::chrono::system_clock::time_point> &time)
{
    const auto since = time ? time->time_since_epoch() : std::chrono::milliseconds(-1);
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

#endif // CALLTRANSFER_TESTS_DRIVER_HPP
