//! Numbers of events and causes. Never changed and never reused.

/// A call comes in. v1: incomingcall; v2: initiate, which expects BXML.
pub const CALLTRANSFER_EVENT_INCOMING_CALL: i32 = 301;
/// A call, or in v1 the new leg, was answered. v1 and v2: answer, which expects BXML in v2.
pub const CALLTRANSFER_EVENT_ANSWER: i32 = 302;
/// v1 timeout: the leg was not answered in time.
pub const CALLTRANSFER_EVENT_TIMEOUT: i32 = 303;
/// The call ended. v1: hangup; v2: disconnect.
pub const CALLTRANSFER_EVENT_HANGUP: i32 = 304;
/// v1 speak: a sentence, such as the whisper, begins or has ended.
pub const CALLTRANSFER_EVENT_SPEAK: i32 = 305;
/// v1 playback: an audio file begins or has ended.
pub const CALLTRANSFER_EVENT_PLAYBACK: i32 = 306;
/// v1 recording: a recording was saved, or failed.
pub const CALLTRANSFER_EVENT_RECORDING: i32 = 307;
/// v2 transferAnswer: a target has answered; expects the BXML of its whisper.
pub const CALLTRANSFER_EVENT_TRANSFER_ANSWER: i32 = 308;
/// v2 transferComplete: a transfer is over; expects BXML for the original call, which goes on.
pub const CALLTRANSFER_EVENT_TRANSFER_COMPLETE: i32 = 309;
/// v2 transferDisconnect: the leg to a target ended.
pub const CALLTRANSFER_EVENT_TRANSFER_DISCONNECT: i32 = 310;
/// v2 redirect: the call was redirected by a request; expects BXML.
pub const CALLTRANSFER_EVENT_REDIRECT: i32 = 311;
/// An event that this library doesn't know: calltransfer_event_type() names it.
pub const CALLTRANSFER_EVENT_UNKNOWN: i32 = 399;

/// The call was answered, and one side hung up. v1: NORMAL_CLEARING; v2: hangup.
pub const CALLTRANSFER_CAUSE_ANSWERED: i32 = 401;
/// The target was busy. v1: USER_BUSY; v2: busy.
pub const CALLTRANSFER_CAUSE_BUSY: i32 = 402;
/// The target did not answer in time. v1: NO_ANSWER, and the event timeout; v2: timeout.
pub const CALLTRANSFER_CAUSE_NO_ANSWER: i32 = 403;
/// The target rejected the call. v1: CALL_REJECTED; v2: rejected.
pub const CALLTRANSFER_CAUSE_REJECTED: i32 = 404;
/// The calling side hung up before the call was answered. v1: ORIGINATOR_CANCEL; v2: cancel.
pub const CALLTRANSFER_CAUSE_CANCELLED: i32 = 405;
/// The number is not in use. v1: UNALLOCATED_NUMBER.
pub const CALLTRANSFER_CAUSE_UNALLOCATED: i32 = 406;
/// The platform, a limit of the account or the program's own BXML ended it.
pub const CALLTRANSFER_CAUSE_FAILED: i32 = 407;
/// The platform gives no cause, or one that this library doesn't know.
pub const CALLTRANSFER_CAUSE_UNKNOWN: i32 = 408;
