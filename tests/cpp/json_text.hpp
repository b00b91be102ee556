/* Prints a member of an object of JSON: what the drivers report. */
#ifndef JSON_TEXT_HPP
#define JSON_TEXT_HPP

#include <cstdio>
#include <optional>
#include <string>

using text = std::optional<std::string>;

inline void print(const char *name, const text &value)
{
    std::printf(",\"%s\":", name);
    if (!value) {
        std::printf("null");
        return;
    }
    std::putchar('"');
    for (const char c : *value) {
        if (c == '"' || c == '\\') {
            std::printf("\\%c", c);
        } else if (static_cast<unsigned char>(c) < ' ') {
            std::printf("\\u%04x", static_cast<unsigned>(c));
        } else {
            std::putchar(c);
        }
    }
    std::putchar('"');
}

#endif /* JSON_TEXT_HPP */
