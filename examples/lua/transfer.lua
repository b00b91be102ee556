-- Transfers a call through the C interface, from LuaJIT:
--
--     luajit transfer.lua LIBRARY CALL_ID TO [WHISPERED TEXT]
--
-- LIBRARY is the path of libcalltransfer.so. Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN,
-- BANDWIDTH_API_SECRET.
local ffi = require("ffi")
ffi.cdef [[ typedef void *h; typedef const char *s; h calltransfer_config_new(); h calltransfer_transfer_new(s, s);
int calltransfer_config_use_environment(h); int calltransfer_transfer_set_whisper_audio_sentence(h, s);
int calltransfer_client_new(h, h *, h *); int calltransfer_client_transfer(h, h, h *, h *);
s calltransfer_result_new_call_id(h); s calltransfer_error_outcome_name(h); s calltransfer_error_message(h); ]]
local library, call_id, to, whisper = ...
local c, client, result, failure = ffi.load(library), ffi.new("h[1]"), ffi.new("h[1]"), ffi.new("h[1]")
local config, transfer = c.calltransfer_config_new(), c.calltransfer_transfer_new(call_id, to)
c.calltransfer_config_use_environment(config)
if whisper then c.calltransfer_transfer_set_whisper_audio_sentence(transfer, whisper) end
local failed = c.calltransfer_client_new(config, client, failure) ~= 0
    or c.calltransfer_client_transfer(client[0], transfer, result, failure) ~= 0
local function text(pointer) return pointer ~= nil and ffi.string(pointer) or "not named" end
local outcome, message = c.calltransfer_error_outcome_name(failure[0]), c.calltransfer_error_message(failure[0])
if failed then io.stderr:write(text(outcome), ": ", text(message), "\n") os.exit(1) end
print("the new call is " .. text(c.calltransfer_result_new_call_id(result[0])))
