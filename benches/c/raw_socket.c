/* The floor: one write and one read a transfer, and no more looking than it takes.
   raw_socket PORT WARM SECONDS */
#include "meter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static char request[1024];

static int once(void *with)
{
    int socket = *(int *)with;
    char response[4096];
    size_t have = 0, length = strlen(request);
    if (send(socket, request, length, MSG_NOSIGNAL) != (ssize_t)length)
        return 1;
    for (;;) {
        ssize_t more = recv(socket, response + have, sizeof response - 1 - have, 0);
        if (more <= 0)
            return 1;
        have += (size_t)more;
        response[have] = '\0';
        if (strstr(response, "\r\n\r\n"))
            return strncmp(response, "HTTP/1.1 201", 12) != 0 || !strstr(response, "\r\nLocation: ");
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {0};
    int made = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (argc < 4 || made < 0)
        return 2;
    server.sin_family = AF_INET;
    server.sin_port = htons((unsigned short)atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(made, (struct sockaddr *)&server, sizeof server))
        return 2;
    snprintf(request, sizeof request,
             "POST /v1/users/u-abc123/calls/c-call123 HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n"
             "Authorization: Basic dC10b2tlbjpzLXNlY3JldA==\r\nAccept: application/json\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             argv[1], strlen(BODY), BODY);
    return measure(atof(argv[2]), atof(argv[3]), once, &made);
}
