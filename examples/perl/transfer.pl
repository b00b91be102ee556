#!/usr/bin/perl
# Transfers a call through the C interface, from Perl, over a queue:
#
#     perl transfer.pl LIBRARY CALL_ID TO [WHISPERED TEXT]
#
# LIBRARY is the path of libcalltransfer.so. Needs FFI::Platypus (Debian: libffi-platypus-perl).
# Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
use v5.20;
use FFI::Platypus 1.00;
my ($library, $call_id, $to, $whisper, $queue, $done, $error) = @ARGV[0 .. 3];
my $ffi = FFI::Platypus->new(api => 1, lib => $library);
sub c { my ($name, $returns, $types) = splice @_, 0, 3; $ffi->function("calltransfer_$name", $types, $returns)->(@_) }
sub text { c(shift, 'string', ['opaque'], shift) // 'not named' }
sub fail { print STDERR text('error_outcome_name', $error), ': ', text('error_message', $error), "\n"; exit 1 }
my $config = c('config_new', 'opaque', []);
c('config_use_environment', 'int', ['opaque'], $config);
c('queue_new', 'int', ['opaque', 'opaque*', 'opaque*'], $config, \$queue, \$error) and fail();
my $transfer = c('transfer_new', 'opaque', ['string', 'string'], $call_id, $to);
c('transfer_set_whisper_audio_sentence', 'int', ['opaque', 'string'], $transfer, $whisper) if defined $whisper;
c('queue_submit_transfer', 'int', [('opaque') x 4, 'opaque*'], $queue, $transfer, undef, undef, \$error) and fail();
# A program with more to do would go on, and watch calltransfer_queue_fd().
c('queue_next', 'int', ['opaque', 'sint64', 'opaque*', 'opaque*'], $queue, -1, \$done, \$error) and fail();
$error = c('completion_error', 'opaque', ['opaque'], $done) and fail();
say 'the new call is ', text('result_new_call_id', c('completion_result', 'opaque', ['opaque'], $done));
