/*
 * A telephone server that holds thousands of calls and moves them all, while
 * the audio of each goes on: one thread, one epoll, no wait for the platform.
 *
 *     server_2000 < calls.txt
 *
 * Each line of the input is a call's id and a number. The server opens a UDP
 * socket of its own for each call, whose audio it sends to itself, and transfers
 * the calls, WINDOW at a time. At the end it checks that each descriptor that it
 * opened is still the same socket and carries audio. Prints what it did.
 *
 * Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
 */
#include <calltransfer/calltransfer.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Transfers in flight: each has a connection, and the platform limits the rate. */
#define WINDOW 64
/* Sockets that send a frame at each tick of 20 ms. */
#define SLICE 40

struct call {
    char id[129];
    char to[129];
    int media;
    ino_t inode;
    unsigned frames;
};

static struct call *calls;
static size_t count, submitted, ended, moved;
/* What epoll gives for a descriptor that is not a call's; a call's is its index. */
static const uint64_t CLOCK = UINT64_MAX, QUEUE = UINT64_MAX - 1;

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static void watch(int loop, int fd, uint64_t name)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = EPOLLIN;
    event.data.u64 = name;
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

/* A descriptor for each call, the window's connections, and some for the rest. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)count + 2 * WINDOW + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        fail("getrlimit");
    }
    if (limit.rlim_cur < needed) {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            fail("setrlimit: more descriptors are needed");
        }
    }
}

static void open_media(int loop, size_t index)
{
    struct call *call = &calls[index];
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    struct stat status;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    call->media = socket(AF_INET, SOCK_DGRAM, 0);
    if (call->media < 0 || bind(call->media, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(call->media, (struct sockaddr *)&address, &length) != 0 ||
        connect(call->media, (struct sockaddr *)&address, length) != 0 || fstat(call->media, &status) != 0) {
        fail("socket");
    }
    call->inode = status.st_ino;
    watch(loop, call->media, index);
}

/* Reads all calls, and opens the socket of each. */
static void hold_calls(int loop)
{
    size_t room = 0, index;
    struct call call;
    memset(&call, 0, sizeof call);
    while (scanf("%128s %128s", call.id, call.to) == 2) {
        if (count == room) {
            room = room == 0 ? 256 : 2 * room;
            calls = (struct call *)realloc(calls, room * sizeof *calls);
            if (calls == NULL) {
                fail("realloc");
            }
        }
        calls[count++] = call;
    }
    allow_descriptors();
    for (index = 0; index < count; index++) {
        open_media(loop, index);
    }
}

/* One tick of the clock: a slice of the calls sends 20 ms of silence. */
static void send_frames(int clock)
{
    static const char silence[160];
    static size_t next;
    uint64_t ticks;
    size_t number;
    if (read(clock, &ticks, sizeof ticks) != (ssize_t)sizeof ticks) {
        return;
    }
    for (number = 0; number < SLICE && number < count; number++, next = (next + 1) % count) {
        if (send(calls[next].media, silence, sizeof silence, MSG_DONTWAIT) < 0 && errno != EAGAIN) {
            fail("send");
        }
    }
}

static void receive_frame(struct call *call)
{
    char frame[160];
    if (recv(call->media, frame, sizeof frame, MSG_DONTWAIT) == (ssize_t)sizeof frame) {
        call->frames++;
    }
}

static void report(const struct call *call, const calltransfer_error *error)
{
    ended++;
    if (error == NULL) {
        moved++;
    } else {
        printf("%s %s %s\n", call->id, calltransfer_error_outcome_name(error), calltransfer_error_message(error));
    }
}

static void fill_window(const calltransfer_queue *queue)
{
    while (submitted < count && calltransfer_queue_in_flight(queue) < WINDOW) {
        struct call *call = &calls[submitted++];
        calltransfer_error *error = NULL;
        calltransfer_transfer *transfer = calltransfer_transfer_new(call->id, call->to);
        if (calltransfer_queue_submit_transfer(queue, transfer, call, NULL, &error) != CALLTRANSFER_OK) {
            report(call, error); /* nothing was sent, and no completion will come */
            calltransfer_error_free(error);
        }
        calltransfer_transfer_free(transfer);
    }
}

static void take(const calltransfer_queue *queue)
{
    calltransfer_completion *done;
    while (calltransfer_queue_next(queue, 0, &done, NULL) == CALLTRANSFER_OK && done != NULL) {
        report((const struct call *)calltransfer_completion_user_data(done), calltransfer_completion_error(done));
        calltransfer_completion_free(done);
    }
    fill_window(queue);
}

/* Whether each socket is the one that was opened for its call, and has carried audio. */
static size_t count_untouched(void)
{
    size_t index, untouched = 0;
    struct stat status;
    for (index = 0; index < count; index++) {
        const struct call *call = &calls[index];
        untouched += fstat(call->media, &status) == 0 && status.st_ino == call->inode && call->frames > 0;
    }
    return untouched;
}

static int every_call_has_audio(void)
{
    size_t index = 0;
    while (index < count && calls[index].frames > 0) {
        index++;
    }
    return index == count;
}

int main(void)
{
    static const struct itimerspec frame_time = {{0, 20000000}, {0, 20000000}};
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *queue;
    calltransfer_error *error = NULL;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    size_t index;

    if (loop < 0 || clock < 0 || timerfd_settime(clock, 0, &frame_time, NULL) != 0) {
        fail("epoll and timer");
    }
    hold_calls(loop);
    calltransfer_config_use_environment(config);
    if (calltransfer_queue_new(config, &queue, &error) != CALLTRANSFER_OK) {
        fprintf(stderr, "%s\n", calltransfer_error_message(error));
        calltransfer_error_free(error);
        calltransfer_config_free(config);
        return 2;
    }
    calltransfer_config_free(config);
    watch(loop, clock, CLOCK);
    watch(loop, calltransfer_queue_fd(queue), QUEUE);

    fill_window(queue);
    while (ended < count || !every_call_has_audio()) {
        struct epoll_event events[64];
        int number = epoll_wait(loop, events, 64, -1);
        while (number-- > 0) {
            if (events[number].data.u64 == CLOCK) {
                send_frames(clock);
            } else if (events[number].data.u64 == QUEUE) {
                take(queue);
            } else {
                receive_frame(&calls[events[number].data.u64]);
            }
        }
    }
    calltransfer_queue_free(queue);

    printf("held %zu calls, moved %zu, descriptors untouched %zu\n", count, moved, count_untouched());
    for (index = 0; index < count; index++) {
        close(calls[index].media);
    }
    free(calls);
    close(clock);
    close(loop);
    return moved == count ? 0 : 1;
}
