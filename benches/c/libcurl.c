/* libcurl's easy handle, kept from transfer to transfer.
   libcurl URL WARM SECONDS [CA_FILE]; with 0 SECONDS it makes one transfer and ends.
   libcurl distance URL CA_FILE VARIANT SECONDS times transfers after pauses. */
#include "pauses.h"

#include <curl/curl.h>

static char location[256];

static size_t header(char *line, size_t size, size_t count, void *with)
{
    size_t length = size * count;
    (void)with;
    if (length > 10 && length < sizeof location && !strncmp(line, "Location: ", 10)) {
        memcpy(location, line + 10, length - 10);
        location[length - 10] = '\0';
    }
    return length;
}

static int once(void *with)
{
    CURL *curl = with;
    long status = 0;
    location[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, BODY);
    return curl_easy_perform(curl) != CURLE_OK ||
           curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 201 || !location[0];
}

int main(int argc, char **argv)
{
    char url[256];
    CURL *curl;
    struct curl_slist *headers = NULL;
    int failed, distance = argc == 6 && !strcmp(argv[1], "distance");
    const char *ca_file = distance ? argv[3] : argc > 4 ? argv[4] : NULL;
    if (argc < 4 || curl_global_init(CURL_GLOBAL_DEFAULT) || !(curl = curl_easy_init()))
        return 2;
    snprintf(url, sizeof url, "%s/v1/users/u-abc123/calls/c-call123", argv[distance ? 2 : 1]);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Accept: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERPWD, "t-token:s-secret");
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    if (distance)
        failed = pauses(argv[4], argv[5], NULL, once, curl);
    else
        failed = atof(argv[3]) > 0 ? measure(atof(argv[2]), atof(argv[3]), once, curl) : once(curl);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return failed;
}
