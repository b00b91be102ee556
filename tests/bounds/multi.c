/*
 * The same with libcurl's multi handle, a connection limit of 64 and a handle for
 * each request: `multi COUNT TIMEOUT_MS URL`.
 */
#include <curl/curl.h>

#include "../c/check.h"
#include "host.h"

static size_t nothing(char *data, size_t size, size_t count, void *unused)
{
    (void)data;
    (void)unused;
    return size * count;
}

int main(int count, char **arguments)
{
    long all, i, applied = 0, failed = 0, begin_kib, submitted_kib;
    int running = 1;
    struct timespec begin;
    double submitted;
    CURLM *multi;
    CHECK(count == 4 && curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
    all = atol(arguments[1]);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 64L);
    begin_kib = resident_kib();
    begin_watch();
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (i = 0; i < all; i++) {
        char url[256];
        CURL *one = curl_easy_init();
        snprintf(url, sizeof url, "%s/v1/users/u-abc123/calls/c-%ld", arguments[3], i);
        curl_easy_setopt(one, CURLOPT_URL, url);
        curl_easy_setopt(one, CURLOPT_USERPWD, "t-token:s-secret");
        curl_easy_setopt(one, CURLOPT_POSTFIELDS, "{\"state\":\"transferring\",\"transferTo\":\"+18382947878\"}");
        curl_easy_setopt(one, CURLOPT_TIMEOUT_MS, atol(arguments[2]));
        curl_easy_setopt(one, CURLOPT_WRITEFUNCTION, nothing);
        curl_easy_setopt(one, CURLOPT_NOSIGNAL, 1L);
        CHECK(curl_multi_add_handle(multi, one) == CURLM_OK);
    }
    submitted = seconds_since(&begin);
    submitted_kib = resident_kib();
    while (running > 0) {
        CURLMsg *message;
        int left;
        CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            CURL *one = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(one, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result == CURLE_OK && status == 201) {
                applied++;
            } else {
                failed++;
            }
            curl_multi_remove_handle(multi, one);
            curl_easy_cleanup(one);
        }
        curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"program\": \"libcurl\", \"submit_seconds\": %.3f, \"seconds\": %.3f, \"submitted_kib\": %ld, "
           "\"applied\": %ld, \"failed\": %ld, ",
           submitted, seconds_since(&begin), submitted_kib, applied, failed);
    end_watch(begin_kib);
    curl_multi_cleanup(multi);
    return 0;
}
