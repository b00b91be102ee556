<?php
// Transfers a call through the C interface, from PHP:
//
//     php transfer.php LIBRARY CALL_ID TO [WHISPERED TEXT]
//
// LIBRARY is the path of libcalltransfer.so. Needs the extension FFI (part of Debian's php-cli).
// Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
$c = FFI::cdef('void *calltransfer_config_new(); int calltransfer_config_use_environment(void *);
    void *calltransfer_transfer_new(char *, char *); const char *calltransfer_error_outcome_name(void *);
    int calltransfer_transfer_set_whisper_audio_sentence(void *, char *);
    int calltransfer_client_new(void *, void **, void **); const char *calltransfer_error_message(void *);
    int calltransfer_client_transfer(void *, void *, void **, void **);
    const char *calltransfer_result_new_call_id(void *);', $argv[1]);
[$client, $result, $error] = [$c->new('void *'), $c->new('void *'), $c->new('void *')];
$c->calltransfer_config_use_environment($config = $c->calltransfer_config_new());
$transfer = $c->calltransfer_transfer_new($argv[2], $argv[3]);
if (isset($argv[4])) $c->calltransfer_transfer_set_whisper_audio_sentence($transfer, $argv[4]);
if ($c->calltransfer_client_new($config, FFI::addr($client), FFI::addr($error)) === 0
    && $c->calltransfer_client_transfer($client, $transfer, FFI::addr($result), FFI::addr($error)) === 0)
    exit('the new call is ' . ($c->calltransfer_result_new_call_id($result) ?? 'not named') . "\n");
fprintf(STDERR, "%s: %s\n", $c->calltransfer_error_outcome_name($error), $c->calltransfer_error_message($error));
exit(1);
