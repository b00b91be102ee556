-- Transfers a call through the C interface, from LuaJIT:
--
--     luajit transfer.lua LIBRARY FFI_H CALL_ID TO [WHISPERED TEXT]
--
-- LIBRARY is the path of libcalltransfer.so, and FFI_H that of calltransfer/ffi.h, which is installed
-- with the headers. Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
local ffi = require("ffi")
local library, header, call_id, to, whisper = ...
ffi.cdef(io.open(header):read("*a"))
local c = ffi.load(library)
local config, transfer = c.calltransfer_config_new(), c.calltransfer_transfer_new(call_id, to)
c.calltransfer_config_use_environment(config)
if whisper then c.calltransfer_transfer_set_whisper_audio_sentence(transfer, whisper) end
local client = c.calltransfer_client_open(config)
local done = c.calltransfer_client_request_transfer(client, transfer, nil)
local failure = client == nil and c.calltransfer_config_check(config) or c.calltransfer_completion_error(done)
local function text(pointer) return pointer ~= nil and ffi.string(pointer) or "not named" end
local outcome, message = c.calltransfer_error_outcome_name(failure), c.calltransfer_error_message(failure)
if failure ~= nil then io.stderr:write(text(outcome), ": ", text(message), "\n") os.exit(1) end
print("the new call is " .. text(c.calltransfer_result_new_call_id(c.calltransfer_completion_result(done))))
