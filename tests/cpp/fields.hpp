// Sets the members of a struct by their names, from JSON of their types.
#ifndef CALLTRANSFER_TESTS_FIELDS_HPP
#define CALLTRANSFER_TESTS_FIELDS_HPP

#include "driver.hpp"

#include <calltransfer/calltransfer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

inline void need(bool is_right, const char *name, const char *what)
{
    if (!is_right) {
        wrong_input(name, what);
    }
}

template <class Text> void assign(Text &field, const char *name, yyjson_val *value) { field = text(name, value); }
inline void assign(std::optional<bool> &field, const char *name, yyjson_val *value)
{
    need(yyjson_is_bool(value), name, "must be true or false");
    field = yyjson_get_bool(value);
}
inline void assign(std::optional<std::int32_t> &field, const char *name, yyjson_val *value)
{
    need(yyjson_is_int(value), name, "must be a whole number");
    field = yyjson_get_int(value);
}
inline void assign(std::optional<std::chrono::milliseconds> &field, const char *name, yyjson_val *value)
{
    need(yyjson_is_int(value), name, "must be a whole number");
    field = std::chrono::milliseconds(yyjson_get_int(value));
}
inline void assign(std::optional<std::chrono::duration<double>> &field, const char *name, yyjson_val *value)
{
    need(yyjson_is_num(value), name, "must be a number");
    field = std::chrono::duration<double>(yyjson_get_num(value));
}

template <class Object> using setter = std::function<void(Object &, const char *, yyjson_val *)>;

template <class Object, class Field> setter<Object> to(Field Object::*member)
{
    return [member](Object &object, const char *name, yyjson_val *value) { assign(object.*member, name, value); };
}

#define FIELD(type, name) {#name, to(&calltransfer::type::name)}

template <class Object> using fields = std::map<std::string, setter<Object>>;

// Sets what an object of JSON has, but what is null, and what others read.
template <class Object>
void set_all(const fields<Object> &known, Object &object, yyjson_val *json, const std::set<std::string> &others = {})
{
    std::size_t i, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach(json, i, count, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (others.count(name) > 0 || yyjson_is_null(value)) {
            continue;
        }
        const auto found = known.find(name);
        need(found != known.end(), name, "not a name that is known here");
        found->second(object, name, value);
    }
}

// The settings of a client.
inline const fields<calltransfer::config> settings = {
    FIELD(config, user_id),
    FIELD(config, token),
    FIELD(config, secret),
    FIELD(config, base_url),
    FIELD(config, ca_file),
    FIELD(config, proxy),
    FIELD(config, account_id),
    FIELD(config, client_id),
    FIELD(config, client_secret),
    FIELD(config, username),
    FIELD(config, password),
    FIELD(config, api),
    {"timeout_ms", to(&calltransfer::config::timeout)},
    FIELD(config, max_retries),
    FIELD(config, keep_alive),
};

#endif // CALLTRANSFER_TESTS_FIELDS_HPP
