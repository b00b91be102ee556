-- Transfers a call through the C interface, from LuaJIT:
--
--     luajit transfer.lua LIBRARY CALL_ID TO [WHISPERED TEXT]
--
-- LIBRARY is the path of libcalltransfer.so. Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN,
-- BANDWIDTH_API_SECRET.
local ffi = require("ffi")

-- What is used of calltransfer.h, as it stands there.
ffi.cdef [[
typedef struct calltransfer_config calltransfer_config;
typedef struct calltransfer_transfer calltransfer_transfer;
typedef struct calltransfer_client calltransfer_client;
typedef struct calltransfer_result calltransfer_result;
typedef struct calltransfer_error calltransfer_error;

calltransfer_config *calltransfer_config_new(void);
int32_t calltransfer_config_use_environment(calltransfer_config *config);
void calltransfer_config_free(calltransfer_config *config);
calltransfer_transfer *calltransfer_transfer_new(const char *call_id, const char *to);
int32_t calltransfer_transfer_set_whisper_audio_sentence(calltransfer_transfer *transfer, const char *sentence);
void calltransfer_transfer_free(calltransfer_transfer *transfer);
int32_t calltransfer_client_new(const calltransfer_config *config, calltransfer_client **client,
                                calltransfer_error **error);
int32_t calltransfer_client_transfer(const calltransfer_client *client, const calltransfer_transfer *transfer,
                                     calltransfer_result **result, calltransfer_error **error);
void calltransfer_client_free(calltransfer_client *client);
const char *calltransfer_result_new_call_id(const calltransfer_result *result);
void calltransfer_result_free(calltransfer_result *result);
const char *calltransfer_error_outcome_name(const calltransfer_error *error);
const char *calltransfer_error_message(const calltransfer_error *error);
void calltransfer_error_free(calltransfer_error *error);
]]

local library, call_id, to, whisper = ...
if not to then
    io.stderr:write("usage: transfer.lua LIBRARY CALL_ID TO [TEXT]\n")
    os.exit(2)
end
local calltransfer = ffi.load(library)

-- Hands out what a function makes, freed by the collector; its error becomes a Lua error.
local function make(kind, call)
    local made = ffi.new("calltransfer_" .. kind .. " *[1]")
    local failed = ffi.new("calltransfer_error *[1]")
    if call(made, failed) ~= 0 then
        local text = ffi.string(calltransfer.calltransfer_error_outcome_name(failed[0])) .. ": "
            .. ffi.string(calltransfer.calltransfer_error_message(failed[0]))
        calltransfer.calltransfer_error_free(failed[0])
        error(text, 0)
    end
    return ffi.gc(made[0], calltransfer["calltransfer_" .. kind .. "_free"])
end

local config = ffi.gc(calltransfer.calltransfer_config_new(), calltransfer.calltransfer_config_free)
calltransfer.calltransfer_config_use_environment(config)
local transfer = ffi.gc(calltransfer.calltransfer_transfer_new(call_id, to), calltransfer.calltransfer_transfer_free)
if whisper then
    calltransfer.calltransfer_transfer_set_whisper_audio_sentence(transfer, whisper)
end

local ok, result = pcall(function()
    local client = make("client", function(made, failed)
        return calltransfer.calltransfer_client_new(config, made, failed)
    end)
    return make("result", function(made, failed)
        return calltransfer.calltransfer_client_transfer(client, transfer, made, failed)
    end)
end)
if not ok then
    io.stderr:write(result, "\n")
    os.exit(1)
end
local new_call = calltransfer.calltransfer_result_new_call_id(result)
print("the new call is " .. (new_call ~= nil and ffi.string(new_call) or "not named"))
