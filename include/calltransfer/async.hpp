/*
 * Transfers without a waiting thread, in C++17 and later: with a handler,
 * a std::future, or co_await (C++20). Over the queue of calltransfer.h.
 *
 *     calltransfer::queue queue;                          // watch queue.fd(), then queue.poll()
 *     queue.transfer(request).then(handler);              // the handler runs within poll()
 *     auto done = co_await queue.transfer(request);       // goes on within poll()
 *
 *     calltransfer::async_client client;                  // or have a thread that takes the answers
 *     std::future<calltransfer::transferred> done = client.transfer(request);
 *
 * Whose thread: of a queue, nothing of yours runs but within poll() and run(), on
 * the thread that calls them, the log of the configuration too. An async_client
 * has one thread, on which it fulfils futures and calls the log, nothing else.
 */
#ifndef CALLTRANSFER_ASYNC_HPP
#define CALLTRANSFER_ASYNC_HPP

#include <calltransfer/async_client.hpp>
#include <calltransfer/calltransfer.hpp>
#include <calltransfer/queue.hpp>

#endif // CALLTRANSFER_ASYNC_HPP
