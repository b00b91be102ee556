// A call center on one thread: call_center TARGET... gives each incoming call to the first target that answers. One
// loop over poll(2) takes the events of calls and the library's completions; each call is a coroutine.
#include <calltransfer/async.hpp>

#include <iostream>
#include <list>
#include <map>
#include <set>

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

namespace {
using calltransfer::follow_result;

struct detached {
    struct promise_type {
        detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

using leg = std::pair<calltransfer::follow *, std::coroutine_handle<>>;
std::set<std::string> served;
std::map<std::string, leg> waiting;
std::list<calltransfer::event> early; // They may come before the transfer has returned.

struct decided { // co_await decided: until an event says whether the target answered
    calltransfer::follow &state;
    std::string id;
    bool await_ready() const
    {
        for (const auto &event : early) {
            state.event(event);
        }
        return state.result() != follow_result::none;
    }
    void await_suspend(std::coroutine_handle<> call) const { waiting[id] = {&state, call}; }
    void await_resume() const {}
};

detached serve(const calltransfer::queue &queue, std::string id, std::vector<std::string> targets, std::string url)
{
    try {
        co_await queue.answer(id);
        for (const auto &to : targets) {
            calltransfer::transfer request{.call_id = id, .to = to, .callback_url = url};
            request.whisper_audio.sentence = "You have an incoming call";
            const auto new_call_id = (co_await queue.transfer(request)).new_call_id();
            auto state = calltransfer::follow::make("v1", id, new_call_id);
            const decided result{state, new_call_id.value_or("")};
            co_await result; // Where events are lost, state.wait(client, ...) reads the call.
            std::cout << id << ' ' << state.result_name().value_or("") << std::endl;
            if (state.result() == follow_result::answered || !state.is_certainly_unanswered()) {
                co_return;
            }
            const auto caller = co_await queue.get_call(id);
            if (caller.state() != "active") {
                co_return;
            }
        }
    } catch (const calltransfer::error &error) {
        std::cout << id << ' ' << name(error.outcome()) << ": " << error.what() << std::endl;
    }
}

void take(calltransfer::event event, const calltransfer::queue &queue, std::vector<std::string> targets,
          std::string url)
{
    const std::string id = event.call_id().value_or("");
    const auto found = waiting.find(id);
    if (event.kind() == calltransfer::event_kind::incoming_call) {
        if (served.insert(id).second) { // An event may come twice.
            serve(queue, id, std::move(targets), std::move(url));
        }
    } else if (found == waiting.end()) {
        early.push_back(std::move(event));
        if (early.size() > 100) {
            early.pop_front();
        }
    } else if (found->second.first->event(event); found->second.first->result() != follow_result::none) {
        waiting.extract(found).mapped().second.resume();
    }
}

// The body of a request, once it is there; a server in front of the program checks the password.
std::optional<std::string> body_of(const std::string &request)
{
    const auto head = request.find("\r\n\r\n"), length = request.find("content-length: ");
    if (head == std::string::npos || length > head ||
        request.size() < head + 4 + std::stoul(request.substr(length + 16))) {
        return std::nullopt;
    }
    return request.substr(head + 4);
}
} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> targets(argv + 1, argv + argc);
    const calltransfer::queue queue;
    sockaddr_in address{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
    socklen_t size = sizeof address;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    auto *const socket_address = reinterpret_cast<sockaddr *>(&address);
    if (::bind(listener, socket_address, size) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, socket_address, &size) != 0) {
        return 1;
    }
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    std::cout << url << std::endl;
    std::map<int, std::string> requests;
    for (std::vector<pollfd> watched;; watched.clear()) {
        watched = {{queue.fd(), POLLIN, 0}, {listener, POLLIN, 0}};
        for (const auto &request : requests) {
            watched.push_back({request.first, POLLIN, 0});
        }
        ::poll(watched.data(), watched.size(), -1);
        queue.poll();
        if (watched[1].revents != 0) {
            requests[::accept(listener, nullptr, nullptr)];
        }
        for (std::size_t i = 2; i < watched.size(); i++) {
            char part[4096];
            const int fd = watched[i].fd;
            const auto count = watched[i].revents == 0 ? 0 : ::read(fd, part, sizeof part);
            const auto body = body_of(requests[fd].append(part, count > 0 ? count : 0));
            if (body) {
                const std::string response = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
                (void)!::write(fd, response.data(), response.size());
                calltransfer::error refused;
                if (auto event = calltransfer::parse_event(*body, {}, refused)) {
                    take(std::move(*event), queue, targets, url);
                }
            }
            if (body || (watched[i].revents != 0 && count <= 0)) {
                requests.erase(fd);
                ::close(fd);
            }
        }
    }
}
