#!/usr/bin/perl
# Transfers a call through the C interface, from a language that knows nothing of its header:
#
#     perl transfer.pl LIBRARY CALL_ID TO [WHISPERED TEXT]
#
# LIBRARY is the path of libcalltransfer.so. Needs FFI::Platypus (Debian: libffi-platypus-perl).
# Credentials: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET.
use strict;
use warnings;
use FFI::Platypus 1.00;

my ($library, $call_id, $to, $whisper) = @ARGV;
die "usage: $0 LIBRARY CALL_ID TO [TEXT]\n" unless defined $to;

my $ffi = FFI::Platypus->new(api => 1, lib => $library);

# Handles are opaque; a text is a string, copied on the way in and borrowed on the way out.
sub attach {
    my ($name, $arguments, $returns) = @_;
    $ffi->attach("calltransfer_$name" => $arguments => $returns);
}
attach(config_new                           => []                                            => 'opaque');
attach(config_use_environment               => ['opaque']                                    => 'sint32');
attach(config_free                          => ['opaque']                                    => 'void');
attach(transfer_new                         => ['string', 'string']                          => 'opaque');
attach(transfer_set_whisper_audio_sentence  => ['opaque', 'string']                          => 'sint32');
attach(transfer_free                        => ['opaque']                                    => 'void');
attach(queue_new                            => ['opaque', 'opaque*', 'opaque*']              => 'sint32');
attach(queue_submit_transfer => ['opaque', 'opaque', 'opaque', 'uint64*', 'opaque*'] => 'sint32');
attach(queue_next                           => ['opaque', 'sint64', 'opaque*', 'opaque*']    => 'sint32');
attach(queue_free                           => ['opaque']                                    => 'void');
attach(completion_result                    => ['opaque']                                    => 'opaque');
attach(completion_take_error                => ['opaque']                                    => 'opaque');
attach(completion_free                      => ['opaque']                                    => 'void');
attach(result_new_call_id                       => ['opaque']                                    => 'string');
attach(error_outcome_name                   => ['opaque']                                    => 'string');
attach(error_message                        => ['opaque']                                    => 'string');
attach(error_free                           => ['opaque']                                    => 'void');

sub fail {
    my ($error) = @_;
    my $text = calltransfer_error_outcome_name($error) . ': ' . calltransfer_error_message($error);
    calltransfer_error_free($error);
    print STDERR "$text\n";
    exit 1;
}

my ($queue, $done, $id, $error);
my $config = calltransfer_config_new();
calltransfer_config_use_environment($config);
calltransfer_queue_new($config, \$queue, \$error) and fail($error);
calltransfer_config_free($config);

my $transfer = calltransfer_transfer_new($call_id, $to);
calltransfer_transfer_set_whisper_audio_sentence($transfer, $whisper) if defined $whisper;
calltransfer_queue_submit_transfer($queue, $transfer, undef, \$id, \$error) and fail($error);
calltransfer_transfer_free($transfer);

# A program with more to do would go on, and watch calltransfer_queue_fd().
calltransfer_queue_next($queue, -1, \$done, \$error) and fail($error);
$error = calltransfer_completion_take_error($done);
fail($error) if defined $error;
print 'the new call is ', calltransfer_result_new_call_id(calltransfer_completion_result($done)), "\n";
calltransfer_completion_free($done);
calltransfer_queue_free($queue);
