/* What a client or a queue needs to know. */
#ifndef CALLTRANSFER_CONFIG_HPP
#define CALLTRANSFER_CONFIG_HPP

#include <calltransfer/handle.hpp>
#include <calltransfer/log.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace calltransfer {

/// The settings of a client. A setting that isn't set is read from the environment, or has its default.
struct config {
    std::optional<std::string> user_id{};               ///< BANDWIDTH_USER_ID.
    std::optional<std::string> token{};                 ///< BANDWIDTH_API_TOKEN.
    std::optional<std::string> secret{};                ///< BANDWIDTH_API_SECRET.
    std::optional<std::string> base_url{};              ///< CALLTRANSFER_BASE_URL, or the platform's own.
    std::optional<std::chrono::milliseconds> timeout{}; ///< All attempts and waits of a transfer; 10 seconds.
    std::optional<std::int32_t> max_retries{};          ///< Where that can't make it twice; 2.
    std::optional<std::int32_t> max_connections{};      ///< Open at once, of a queue; 64.
    std::optional<double> rate{};                       ///< Transfers begun a second; no limit.
    std::optional<bool> keep_alive{};                   ///< Whether connections are used again; true.
    std::optional<bool> keep_ready{};                   ///< Whether one is kept open, and renewed; false.
    std::optional<std::string> ca_file{};               ///< PEM to trust in place of the system's.
    std::optional<std::string> proxy{}; ///< As "http://user:password@proxy:3128"; CALLTRANSFER_PROXY, or none.
    /* Of the v2 API. */
    std::optional<std::string> account_id{};
    std::optional<std::string> client_id{};     ///< With client_secret.
    std::optional<std::string> client_secret{}; ///< Goes to the token endpoint only.
    std::optional<std::string> username{};      ///< With password, in place of a client; being retired.
    std::optional<std::string> password{};
    std::optional<std::string> api{}; ///< "v1" or "v2", where the credentials of both are there.
    /// Called on the threads that make the requests, possibly several at the same time; exceptions are
    /// dropped.
    log_function log{};
    /// Called when an attempt ends; for a queue on threads of the library, possibly several at the same time,
    /// and never after the queue is destroyed. It must not destroy the client or queue; exceptions are
    /// dropped.
    log_record_function log_records{};
    bool use_environment = true; ///< Whether the environment is read at all.
};

namespace detail {

/// `logs` must live as long as the clients and queues that are made with the configuration.
inline handle<calltransfer_config> native(const config &config, const logs *logs)
{
    handle<calltransfer_config> native(calltransfer_config_new());
    set(native, calltransfer_config_set_user_id, config.user_id);
    set(native, calltransfer_config_set_token, config.token);
    set(native, calltransfer_config_set_secret, config.secret);
    set(native, calltransfer_config_set_base_url, config.base_url);
    set(native, calltransfer_config_set_timeout_ms, config.timeout);
    set(native, calltransfer_config_set_max_retries, config.max_retries);
    set(native, calltransfer_config_set_max_connections, config.max_connections);
    set(native, calltransfer_config_set_rate, config.rate);
    set(native, calltransfer_config_set_keep_alive, config.keep_alive);
    set(native, calltransfer_config_set_keep_ready, config.keep_ready);
    set(native, calltransfer_config_set_ca_file, config.ca_file);
    set(native, calltransfer_config_set_proxy, config.proxy);
    set(native, calltransfer_config_set_account_id, config.account_id);
    set(native, calltransfer_config_set_client_id, config.client_id);
    set(native, calltransfer_config_set_client_secret, config.client_secret);
    set(native, calltransfer_config_set_username, config.username);
    set(native, calltransfer_config_set_password, config.password);
    set(native, calltransfer_config_set_api, config.api);
    auto *const user_data = const_cast<detail::logs *>(logs);
    if (logs != nullptr && logs->lines) {
        calltransfer_config_set_log(native.get(), write_log, user_data);
    }
    if (logs != nullptr && logs->records) {
        calltransfer_config_set_log_function(native.get(), write_record, user_data);
    }
    if (config.use_environment) {
        calltransfer_config_use_environment(native.get());
    }
    return native;
}

} // namespace detail

} // namespace calltransfer

#endif // CALLTRANSFER_CONFIG_HPP
