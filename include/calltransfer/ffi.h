/* calltransfer.h for the FFI of PHP, LuaJIT and others, which have no preprocessor. Generated; do not edit. */
enum {
    CALLTRANSFER_OK = 0,
    CALLTRANSFER_E_INVALID_ARGUMENT = 1,
    CALLTRANSFER_E_CONFIGURATION = 2,
    CALLTRANSFER_E_CONNECTION = 3,
    CALLTRANSFER_E_TIMEOUT = 4,
    CALLTRANSFER_E_TLS = 5,
    CALLTRANSFER_E_PROXY = 6,
    CALLTRANSFER_E_CANCELLED = 7,
    CALLTRANSFER_E_INTERNAL = 8,
    CALLTRANSFER_E_OUTCOME_UNKNOWN = 9,
    CALLTRANSFER_E_REDIRECT_REFUSED = 10,
    CALLTRANSFER_E_BAD_REQUEST = 11,
    CALLTRANSFER_E_AUTHENTICATION = 12,
    CALLTRANSFER_E_AUTHORIZATION = 13,
    CALLTRANSFER_E_INSUFFICIENT_CREDIT = 14,
    CALLTRANSFER_E_FORBIDDEN = 15,
    CALLTRANSFER_E_CALL_NOT_FOUND = 16,
    CALLTRANSFER_E_CALL_NOT_ACTIVE = 17,
    CALLTRANSFER_E_CONFLICT = 18,
    CALLTRANSFER_E_RATE_LIMITED = 19,
    CALLTRANSFER_E_UNAVAILABLE = 20,
    CALLTRANSFER_E_REJECTED = 21,
    CALLTRANSFER_OUTCOME_NOT_SENT = 1,
    CALLTRANSFER_OUTCOME_NOT_APPLIED = 2,
    CALLTRANSFER_OUTCOME_APPLIED = 3,
    CALLTRANSFER_OUTCOME_UNKNOWN = 4,
    CALLTRANSFER_EVENT_INCOMING_CALL = 1,
    CALLTRANSFER_EVENT_ANSWER = 2,
    CALLTRANSFER_EVENT_TIMEOUT = 3,
    CALLTRANSFER_EVENT_HANGUP = 4,
    CALLTRANSFER_EVENT_SPEAK = 5,
    CALLTRANSFER_EVENT_PLAYBACK = 6,
    CALLTRANSFER_EVENT_RECORDING = 7,
    CALLTRANSFER_EVENT_TRANSFER_ANSWER = 8,
    CALLTRANSFER_EVENT_TRANSFER_COMPLETE = 9,
    CALLTRANSFER_EVENT_TRANSFER_DISCONNECT = 10,
    CALLTRANSFER_EVENT_REDIRECT = 11,
    CALLTRANSFER_EVENT_UNKNOWN = 99,
    CALLTRANSFER_CAUSE_ANSWERED = 1,
    CALLTRANSFER_CAUSE_BUSY = 2,
    CALLTRANSFER_CAUSE_NO_ANSWER = 3,
    CALLTRANSFER_CAUSE_REJECTED = 4,
    CALLTRANSFER_CAUSE_CANCELLED = 5,
    CALLTRANSFER_CAUSE_UNALLOCATED = 6,
    CALLTRANSFER_CAUSE_FAILED = 7,
    CALLTRANSFER_CAUSE_UNKNOWN = 8,
    CALLTRANSFER_LOG_ERROR = 1,
    CALLTRANSFER_LOG_WARNING = 2,
    CALLTRANSFER_LOG_INFO = 3,
    CALLTRANSFER_REQUEST_TRANSFER = 1,
    CALLTRANSFER_REQUEST_GET_CALL = 2,
    CALLTRANSFER_REQUEST_ANSWER = 3,
    CALLTRANSFER_REQUEST_HANG_UP = 4,
    CALLTRANSFER_REQUEST_CHECK = 5,
    CALLTRANSFER_REQUEST_PREPARE = 6,
};
const char *calltransfer_version(void);
const char *calltransfer_kind_name(int32_t kind);
const char *calltransfer_outcome_name(int32_t outcome);
typedef struct calltransfer_call calltransfer_call;
typedef struct calltransfer_call_list calltransfer_call_list;
typedef struct calltransfer_call_query calltransfer_call_query;
typedef struct calltransfer_cancel calltransfer_cancel;
typedef struct calltransfer_client calltransfer_client;
typedef struct calltransfer_completion calltransfer_completion;
typedef struct calltransfer_config calltransfer_config;
typedef struct calltransfer_error calltransfer_error;
typedef struct calltransfer_event calltransfer_event;
typedef struct calltransfer_finding calltransfer_finding;
typedef struct calltransfer_log_record calltransfer_log_record;
typedef struct calltransfer_queue calltransfer_queue;
typedef struct calltransfer_result calltransfer_result;
typedef struct calltransfer_transfer calltransfer_transfer;
typedef void (*calltransfer_log_function)(const calltransfer_log_record *record, void *user_data);
calltransfer_config *calltransfer_config_new(void);
int32_t calltransfer_config_set_user_id(calltransfer_config *config, const char *user_id);
int32_t calltransfer_config_set_token(calltransfer_config *config, const char *token);
int32_t calltransfer_config_set_secret(calltransfer_config *config, const char *secret);
int32_t calltransfer_config_set_base_url(calltransfer_config *config, const char *base_url);
int32_t calltransfer_config_set_ca_file(calltransfer_config *config, const char *ca_file);
int32_t calltransfer_config_set_timeout_ms(calltransfer_config *config, int64_t timeout_ms);
int32_t calltransfer_config_set_max_retries(calltransfer_config *config, int32_t max_retries);
int32_t calltransfer_config_set_proxy(calltransfer_config *config, const char *proxy);
int32_t calltransfer_config_set_keep_alive(calltransfer_config *config, int32_t keep_alive);
int32_t calltransfer_config_set_keep_ready(calltransfer_config *config, int32_t keep_ready);
int32_t calltransfer_config_set_log(calltransfer_config *config, void (*log)(const char *line, void *user_data), void *user_data);
int32_t calltransfer_config_use_environment(calltransfer_config *config);
void calltransfer_config_free(calltransfer_config *config);
int32_t calltransfer_config_set_max_connections(calltransfer_config *config, int32_t max_connections);
int32_t calltransfer_config_set_rate(calltransfer_config *config, double rate);
calltransfer_config *calltransfer_config_copy(const calltransfer_config *config);
int32_t calltransfer_config_set_account_id(calltransfer_config *config, const char *account_id);
int32_t calltransfer_config_set_client_id(calltransfer_config *config, const char *client_id);
int32_t calltransfer_config_set_client_secret(calltransfer_config *config, const char *client_secret);
int32_t calltransfer_config_set_username(calltransfer_config *config, const char *username);
int32_t calltransfer_config_set_password(calltransfer_config *config, const char *password);
int32_t calltransfer_config_set_api(calltransfer_config *config, const char *api);
int32_t calltransfer_config_set_log_function(calltransfer_config *config, calltransfer_log_function function, void *user_data);
calltransfer_transfer *calltransfer_transfer_new(const char *call_id, const char *to);
int32_t calltransfer_transfer_set_caller_id(calltransfer_transfer *transfer, const char *caller_id);
int32_t calltransfer_transfer_set_callback_url(calltransfer_transfer *transfer, const char *callback_url);
int32_t calltransfer_transfer_set_recording_enabled(calltransfer_transfer *transfer, int32_t recording_enabled);
int32_t calltransfer_transfer_set_recording_file_format(calltransfer_transfer *transfer, const char *recording_file_format);
int32_t calltransfer_transfer_set_diversion_treatment(calltransfer_transfer *transfer, const char *diversion_treatment);
int32_t calltransfer_transfer_set_diversion_reason(calltransfer_transfer *transfer, const char *diversion_reason);
int32_t calltransfer_transfer_set_extra_json(calltransfer_transfer *transfer, const char *extra_json);
int32_t calltransfer_transfer_set_timeout_ms(calltransfer_transfer *transfer, int64_t timeout_ms);
int32_t calltransfer_transfer_set_whisper_audio_sentence(calltransfer_transfer *transfer, const char *sentence);
int32_t calltransfer_transfer_set_whisper_audio_file_url(calltransfer_transfer *transfer, const char *file_url);
int32_t calltransfer_transfer_set_whisper_audio_gender(calltransfer_transfer *transfer, const char *gender);
int32_t calltransfer_transfer_set_whisper_audio_locale(calltransfer_transfer *transfer, const char *locale);
int32_t calltransfer_transfer_set_whisper_audio_voice(calltransfer_transfer *transfer, const char *voice);
int32_t calltransfer_transfer_set_whisper_audio_loop_enabled(calltransfer_transfer *transfer, int32_t loop_enabled);
int32_t calltransfer_transfer_set_whisper_audio_tag(calltransfer_transfer *transfer, const char *tag);
int32_t calltransfer_transfer_set_whisper_audio_volume(calltransfer_transfer *transfer, int32_t volume);
int32_t calltransfer_transfer_set_caller_display_name(calltransfer_transfer *transfer, const char *caller_display_name);
int32_t calltransfer_transfer_set_tag(calltransfer_transfer *transfer, const char *tag);
int32_t calltransfer_transfer_set_uui(calltransfer_transfer *transfer, const char *uui);
int32_t calltransfer_transfer_set_transfer_answer_url(calltransfer_transfer *transfer, const char *transfer_answer_url);
int32_t calltransfer_transfer_set_privacy(calltransfer_transfer *transfer, int32_t privacy);
int32_t calltransfer_transfer_set_call_timeout(calltransfer_transfer *transfer, double call_timeout);
int32_t calltransfer_transfer_to_json(const calltransfer_transfer *transfer, char **json, calltransfer_error **error);
void calltransfer_transfer_free(calltransfer_transfer *transfer);
int32_t calltransfer_transfer_also_to(calltransfer_transfer *transfer, const char *to);
int32_t calltransfer_transfer_to_bxml(const calltransfer_transfer *transfer, char **bxml, calltransfer_error **error);
int32_t calltransfer_transfer_to_whisper_bxml(const calltransfer_transfer *transfer, char **bxml, calltransfer_error **error);
int32_t calltransfer_transfer_set(calltransfer_transfer *transfer, const char *name, const char *value);
char *calltransfer_transfer_get(const calltransfer_transfer *transfer, const char *name);
calltransfer_transfer *calltransfer_transfer_copy(const calltransfer_transfer *transfer);
void calltransfer_string_free(char *string);
int32_t calltransfer_client_new(const calltransfer_config *config, calltransfer_client **client, calltransfer_error **error);
const char *calltransfer_client_api(const calltransfer_client *client);
int32_t calltransfer_client_transfer(const calltransfer_client *client, const calltransfer_transfer *transfer, calltransfer_result **result, calltransfer_error **error);
int32_t calltransfer_client_transfer_cancellable(const calltransfer_client *client, const calltransfer_transfer *transfer, const calltransfer_cancel *cancel, calltransfer_result **result, calltransfer_error **error);
int32_t calltransfer_client_get_call(const calltransfer_client *client, const char *call_id, calltransfer_call **call, calltransfer_error **error);
int32_t calltransfer_client_answer(const calltransfer_client *client, const char *call_id, calltransfer_error **error);
int32_t calltransfer_client_hang_up(const calltransfer_client *client, const char *call_id, calltransfer_error **error);
int32_t calltransfer_client_prepare(const calltransfer_client *client, calltransfer_error **error);
int32_t calltransfer_client_check(const calltransfer_client *client, const char *call_id, calltransfer_finding **finding, calltransfer_error **error);
void calltransfer_client_free(calltransfer_client *client);
calltransfer_completion *calltransfer_client_request(const calltransfer_client *client, int32_t request, const char *call_id, int64_t timeout_ms, const calltransfer_cancel *cancel);
calltransfer_completion *calltransfer_client_request_transfer(const calltransfer_client *client, const calltransfer_transfer *transfer, const calltransfer_cancel *cancel);
int32_t calltransfer_client_list_calls(const calltransfer_client *client, const calltransfer_call_query *query, calltransfer_call_list **list, calltransfer_error **error);
const char *calltransfer_result_new_call_id(const calltransfer_result *result);
const char *calltransfer_result_call_id(const calltransfer_result *result);
int32_t calltransfer_result_outcome(const calltransfer_result *result);
int32_t calltransfer_result_http_status(const calltransfer_result *result);
int32_t calltransfer_result_attempts(const calltransfer_result *result);
int64_t calltransfer_result_elapsed_ms(const calltransfer_result *result);
const char *calltransfer_result_note(const calltransfer_result *result);
void calltransfer_result_free(calltransfer_result *result);
int32_t calltransfer_error_kind(const calltransfer_error *error);
const char *calltransfer_error_kind_name(const calltransfer_error *error);
int32_t calltransfer_error_outcome(const calltransfer_error *error);
const char *calltransfer_error_outcome_name(const calltransfer_error *error);
int32_t calltransfer_error_is_safe_to_repeat(const calltransfer_error *error);
const char *calltransfer_error_message(const calltransfer_error *error);
size_t calltransfer_error_cause_count(const calltransfer_error *error);
const char *calltransfer_error_cause(const calltransfer_error *error, size_t index);
const char *calltransfer_error_field(const calltransfer_error *error);
const char *calltransfer_error_call_id(const calltransfer_error *error);
const char *calltransfer_error_stage(const calltransfer_error *error);
int32_t calltransfer_error_http_status(const calltransfer_error *error);
const char *calltransfer_error_platform_category(const calltransfer_error *error);
const char *calltransfer_error_platform_code(const calltransfer_error *error);
const char *calltransfer_error_platform_message(const calltransfer_error *error);
size_t calltransfer_error_platform_detail_count(const calltransfer_error *error);
const char *calltransfer_error_platform_detail_name(const calltransfer_error *error, size_t index);
const char *calltransfer_error_platform_detail_value(const calltransfer_error *error, size_t index);
int64_t calltransfer_error_retry_after_ms(const calltransfer_error *error);
int32_t calltransfer_error_attempts(const calltransfer_error *error);
int64_t calltransfer_error_elapsed_ms(const calltransfer_error *error);
void calltransfer_error_free(calltransfer_error *error);
calltransfer_call_query *calltransfer_call_query_new(void);
int32_t calltransfer_call_query_set_state(calltransfer_call_query *query, const char *state);
int32_t calltransfer_call_query_set_from(calltransfer_call_query *query, const char *from);
int32_t calltransfer_call_query_set_to(calltransfer_call_query *query, const char *to);
int32_t calltransfer_call_query_set_min_start_time(calltransfer_call_query *query, const char *min_start_time);
int32_t calltransfer_call_query_set_max_start_time(calltransfer_call_query *query, const char *max_start_time);
int32_t calltransfer_call_query_set_page_size(calltransfer_call_query *query, int32_t page_size);
void calltransfer_call_query_free(calltransfer_call_query *query);
int32_t calltransfer_call_list_next(calltransfer_call_list *list, calltransfer_call **call, calltransfer_error **error);
void calltransfer_call_list_free(calltransfer_call_list *list);
const char *calltransfer_call_id(const calltransfer_call *call);
const char *calltransfer_call_state(const calltransfer_call *call);
const char *calltransfer_call_direction(const calltransfer_call *call);
const char *calltransfer_call_from(const calltransfer_call *call);
const char *calltransfer_call_to(const calltransfer_call *call);
const char *calltransfer_call_start_time(const calltransfer_call *call);
const char *calltransfer_call_active_time(const calltransfer_call *call);
const char *calltransfer_call_end_time(const calltransfer_call *call);
const char *calltransfer_call_json(const calltransfer_call *call);
void calltransfer_call_free(calltransfer_call *call);
int32_t calltransfer_finding_outcome(const calltransfer_finding *finding);
const char *calltransfer_finding_reason(const calltransfer_finding *finding);
const char *calltransfer_finding_doubt(const calltransfer_finding *finding);
const calltransfer_call *calltransfer_finding_call(const calltransfer_finding *finding);
void calltransfer_finding_free(calltransfer_finding *finding);
int32_t calltransfer_event_parse(const char *body, size_t length, const char *content_type, calltransfer_event **event, calltransfer_error **error);
int32_t calltransfer_event_kind(const calltransfer_event *event);
int32_t calltransfer_event_cause(const calltransfer_event *event);
int64_t calltransfer_event_time_ms(const calltransfer_event *event);
const char *calltransfer_event_api(const calltransfer_event *event);
const char *calltransfer_event_kind_name(const calltransfer_event *event);
const char *calltransfer_event_type(const calltransfer_event *event);
const char *calltransfer_event_call_id(const calltransfer_event *event);
const char *calltransfer_event_parent_call_id(const calltransfer_event *event);
const char *calltransfer_event_from(const calltransfer_event *event);
const char *calltransfer_event_to(const calltransfer_event *event);
const char *calltransfer_event_time_text(const calltransfer_event *event);
const char *calltransfer_event_cause_name(const calltransfer_event *event);
const char *calltransfer_event_cause_text(const calltransfer_event *event);
const char *calltransfer_event_tag(const calltransfer_event *event);
const char *calltransfer_event_call_state(const calltransfer_event *event);
const char *calltransfer_event_json(const calltransfer_event *event);
const char *calltransfer_event_line(const calltransfer_event *event);
void calltransfer_event_free(calltransfer_event *event);
const char *calltransfer_event_application_id(const calltransfer_event *event);
const char *calltransfer_event_diversion(const calltransfer_event *event);
const char *calltransfer_event_status(const calltransfer_event *event);
const char *calltransfer_event_recording_id(const calltransfer_event *event);
const char *calltransfer_event_recording_uri(const calltransfer_event *event);
const char *calltransfer_event_start_time(const calltransfer_event *event);
const char *calltransfer_event_end_time(const calltransfer_event *event);
const char *calltransfer_event_transfer_caller_id(const calltransfer_event *event);
const char *calltransfer_event_transfer_to(const calltransfer_event *event);
const char *calltransfer_event_error_message(const calltransfer_event *event);
const char *calltransfer_event_error_id(const calltransfer_event *event);
const char *calltransfer_event_field(const calltransfer_event *event, const char *name);
int32_t calltransfer_log_record_level(const calltransfer_log_record *record);
const char *calltransfer_log_record_line(const calltransfer_log_record *record);
const char *calltransfer_log_record_action(const calltransfer_log_record *record);
const char *calltransfer_log_record_call_id(const calltransfer_log_record *record);
const char *calltransfer_log_record_host(const calltransfer_log_record *record);
int32_t calltransfer_log_record_attempt(const calltransfer_log_record *record);
int32_t calltransfer_log_record_outcome(const calltransfer_log_record *record);
int32_t calltransfer_log_record_kind(const calltransfer_log_record *record);
int32_t calltransfer_log_record_http_status(const calltransfer_log_record *record);
int64_t calltransfer_log_record_elapsed_ms(const calltransfer_log_record *record);
calltransfer_cancel *calltransfer_cancel_new(void);
void calltransfer_cancel_request(const calltransfer_cancel *cancel);
void calltransfer_cancel_free(calltransfer_cancel *cancel);
int32_t calltransfer_queue_new(const calltransfer_config *config, calltransfer_queue **queue, calltransfer_error **error);
int32_t calltransfer_queue_fd(const calltransfer_queue *queue);
int32_t calltransfer_queue_submit_request(const calltransfer_queue *queue, int32_t request, const char *call_id, int64_t timeout_ms, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_transfer(const calltransfer_queue *queue, const calltransfer_transfer *transfer, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_get_call(const calltransfer_queue *queue, const char *call_id, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_answer(const calltransfer_queue *queue, const char *call_id, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_hang_up(const calltransfer_queue *queue, const char *call_id, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_check(const calltransfer_queue *queue, const char *call_id, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_submit_prepare(const calltransfer_queue *queue, void *user_data, uint64_t *id, calltransfer_error **error);
int32_t calltransfer_queue_next(const calltransfer_queue *queue, int64_t timeout_ms, calltransfer_completion **completion, calltransfer_error **error);
void calltransfer_queue_wake(const calltransfer_queue *queue);
int32_t calltransfer_queue_cancel(const calltransfer_queue *queue, uint64_t id);
size_t calltransfer_queue_cancel_all(const calltransfer_queue *queue);
size_t calltransfer_queue_in_flight(const calltransfer_queue *queue);
void calltransfer_queue_free(calltransfer_queue *queue);
uint64_t calltransfer_completion_id(const calltransfer_completion *completion);
int32_t calltransfer_completion_request(const calltransfer_completion *completion);
void *calltransfer_completion_user_data(const calltransfer_completion *completion);
int32_t calltransfer_completion_status(const calltransfer_completion *completion);
const calltransfer_result *calltransfer_completion_result(const calltransfer_completion *completion);
const calltransfer_call *calltransfer_completion_call(const calltransfer_completion *completion);
const calltransfer_finding *calltransfer_completion_finding(const calltransfer_completion *completion);
const calltransfer_error *calltransfer_completion_error(const calltransfer_completion *completion);
calltransfer_result *calltransfer_completion_take_result(calltransfer_completion *completion);
calltransfer_call *calltransfer_completion_take_call(calltransfer_completion *completion);
calltransfer_finding *calltransfer_completion_take_finding(calltransfer_completion *completion);
calltransfer_error *calltransfer_completion_take_error(calltransfer_completion *completion);
void calltransfer_completion_free(calltransfer_completion *completion);
int32_t calltransfer_shutdown(void);
