<?php
// Transfers a call through the C interface, from PHP:
//
//     php transfer.php LIBRARY FFI_H CALL_ID TO [WHISPERED TEXT]
//
// LIBRARY is the path of libcalltransfer.so, and FFI_H that of calltransfer/ffi.h, which is installed with
// the headers. Needs the extension FFI (part of Debian's php-cli).
// Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
[, $library, $header, $call_id, $to] = $argv;
$c = FFI::cdef(file_get_contents($header), $library);
$c->calltransfer_config_use_environment($config = $c->calltransfer_config_new());
$transfer = $c->calltransfer_transfer_new($call_id, $to);
if (isset($argv[5])) $c->calltransfer_transfer_set_whisper_audio_sentence($transfer, $argv[5]);
$client = $c->calltransfer_client_open($config);
$done = $c->calltransfer_client_request_transfer($client, $transfer, null);
$error = $client === null ? $c->calltransfer_config_check($config) : $c->calltransfer_completion_error($done);
$new_call = $c->calltransfer_result_new_call_id($c->calltransfer_completion_result($done));
if ($error === null) exit('the new call is ' . ($new_call ?? 'not named') . "\n");
fprintf(STDERR, "%s: %s\n", $c->calltransfer_error_outcome_name($error), $c->calltransfer_error_message($error));
exit(1);
