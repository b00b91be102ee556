/*
 * Transfers without a waiting thread, in C++17 and later: with a handler,
 * a std::future, or co_await (C++20). Over the queue of calltransfer.h.
 *
 *     calltransfer::queue queue;                          // watch queue.fd(), then queue.poll()
 *     queue.transfer(request).then(handler);              // the handler runs within poll()
 *     auto done = co_await queue.transfer(request);       // goes on within poll()
 *
 *     calltransfer::async_client client;                  // or have a thread that takes the results
 *     std::future<calltransfer::transferred> done = client.transfer(request);
 *
 * Whose thread: of a queue, your code runs only within poll() and run(), on the
 * thread that calls them, also the function config::log. The exception is
 * config::log_records, which is called on the library's threads. An async_client
 * has one thread, on which it fulfils futures and calls config::log.
 */
#ifndef CALLTRANSFER_ASYNC_HPP
#define CALLTRANSFER_ASYNC_HPP

#include <calltransfer/async_client.hpp>
#include <calltransfer/calltransfer.hpp>
#include <calltransfer/queue.hpp>

#endif // CALLTRANSFER_ASYNC_HPP
