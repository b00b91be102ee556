# Transfers a call through the C interface, from Ruby:
#
#     ruby transfer.rb LIBRARY CALL_ID TO [WHISPERED TEXT]
#
# LIBRARY is the path of libcalltransfer.so. Needs the gem ffi (Debian: ruby-ffi).
# Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
require "ffi"
library, call_id, to, whisper = ARGV
LOADED = FFI::DynamicLibrary.open(library, FFI::DynamicLibrary::RTLD_NOW)
# `blocking` lets other threads of Ruby run while one waits for the platform.
def c(name, returns, types, *arguments)
  FFI::Function.new(returns, types, LOADED.find_function("calltransfer_#{name}"), blocking: true).call(*arguments)
end
config = c("config_new", :pointer, [])
c("config_use_environment", :int32, [:pointer], config)
transfer = c("transfer_new", :pointer, %i[string string], call_id, to)
c("transfer_set_whisper_audio_sentence", :int32, %i[pointer string], transfer, whisper) if whisper
client, result, error = Array.new(3) { FFI::MemoryPointer.new(:pointer) }
failed = c("client_new", :int32, [:pointer] * 3, config, client, error).nonzero? ||
         c("client_transfer", :int32, [:pointer] * 4, client.read_pointer, transfer, result, error).nonzero?
def text(name, handle) = c(name, :string, [:pointer], handle.read_pointer)
abort "#{text('error_outcome_name', error)}: #{text('error_message', error)}" if failed
puts "the new call is #{text('result_new_call_id', result) || 'not named'}"
