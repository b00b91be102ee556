/*
 * calltransfer for C++17 and later: transfer a live phone call to another
 * number, and know the outcome. Header-only, over calltransfer.h.
 *
 *     calltransfer::client client; // the account is in the environment
 *     auto done = client.transfer({.call_id = "c-1", .to = "+18382947878"}); // C++20
 *
 * Handles: every class but error is move-only, its moves throw nothing, and it
 * frees what it holds. Moved from, it may be destroyed or assigned to; any other
 * use is error_kind::invalid_argument or gives nothing, never a crash.
 *
 * Text: std::string in UTF-8, copied in and copied out: nothing is borrowed. A
 * NUL within a text is refused as what it is not: UTF-8.
 *
 * Errors: what can fail throws calltransfer::error. With a last argument `failure`,
 * a calltransfer::error, the same function throws nothing and sets it there; an
 * empty result shows that it did. Without exceptions
 * (-fno-exceptions, or CALLTRANSFER_NO_EXCEPTIONS defined) only those are here.
 * Where memory runs out, a function that throws nothing ends the program, as
 * the library itself does.
 *
 * Threads: a const member function may be called by many threads at once; any
 * other by one at a time. <calltransfer/async.hpp> has what doesn't wait.
 */
#ifndef CALLTRANSFER_CALLTRANSFER_HPP
#define CALLTRANSFER_CALLTRANSFER_HPP

#include <calltransfer/calltransfer.h>

#include <calltransfer/call.hpp>
#include <calltransfer/call_list.hpp>
#include <calltransfer/client.hpp>
#include <calltransfer/config.hpp>
#include <calltransfer/error.hpp>
#include <calltransfer/event.hpp>
#include <calltransfer/follow.hpp>
#include <calltransfer/outcome.hpp>
#include <calltransfer/transfer.hpp>
#include <calltransfer/transferred.hpp>

#include <cstdint>

namespace calltransfer {

/// Returns the version of the loaded library, such as "0.1.0".
inline const char *version() noexcept { return calltransfer_version(); }

/// Returns the same as a number, 0x000100 for 0.1.0. CALLTRANSFER_VERSION_NUM is the one of these headers.
inline std::int32_t version_number() noexcept { return calltransfer_version_number(); }
/// Ends the library's threads and closes its descriptors, for a process that continues without it. Destroy
/// all clients and queues before. Returns the number of threads that are still running because they wait for
/// the system; usually 0.
inline std::int32_t shutdown() noexcept { return calltransfer_shutdown(); }

} // namespace calltransfer

#endif // CALLTRANSFER_CALLTRANSFER_HPP
