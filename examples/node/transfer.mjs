// Transfers a call through the C interface, from Node.js:
//
//     npm install && node transfer.mjs LIBRARY CALL_ID TO [WHISPERED TEXT]
//
// LIBRARY is the path of libcalltransfer.so. Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
import { promisify } from "node:util";
import koffi from "koffi";
const [library, callId, to, whisper] = process.argv.slice(2);
const loaded = koffi.load(library);
const c = (name, returns, ...types) => loaded.func(`calltransfer_${name}`, returns, types);
const made = koffi.out(koffi.pointer("void *"));
const [client, result, error] = [[null], [null], [null]];
const config = c("config_new", "void *")();
c("config_use_environment", "int", "void *")(config);
const transfer = c("transfer_new", "void *", "str", "str")(callId, to);
if (whisper) c("transfer_set_whisper_audio_sentence", "int", "void *", "str")(transfer, whisper);
// A thread of koffi's waits for the platform: the event loop goes on.
const send = promisify(c("client_transfer", "int", "void *", "void *", made, made).async);
c("client_new", "int", "void *", made, made)(config, client, error) || (await send(client[0], transfer, result, error));
const text = (name, handle) => c(name, "str", "void *")(handle[0]);
if (error[0]) console.error(`${text("error_outcome_name", error)}: ${text("error_message", error)}`);
else console.log(`the new call is ${text("result_new_call_id", result) ?? "not named"}`);
process.exitCode = error[0] ? 1 : 0;
