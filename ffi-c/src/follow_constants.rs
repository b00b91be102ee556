//! Numbers of followed transfers. Never changed and never reused.

/// A target answered. It may have hung up later.
pub const CALLTRANSFER_FOLLOW_ANSWERED: i32 = 501;
/// The target was busy.
pub const CALLTRANSFER_FOLLOW_BUSY: i32 = 502;
/// The target did not answer in time.
pub const CALLTRANSFER_FOLLOW_NO_ANSWER: i32 = 503;
/// The target rejected the call.
pub const CALLTRANSFER_FOLLOW_REJECTED: i32 = 504;
/// The caller hung up, or the new call was ended, before a target answered.
pub const CALLTRANSFER_FOLLOW_CANCELLED: i32 = 505;
/// The new call failed; the cause gives the reason if the platform gave one.
pub const CALLTRANSFER_FOLLOW_FAILED: i32 = 506;
/// The new call has ended, or is no longer followed, and nothing shows whether it was answered.
pub const CALLTRANSFER_FOLLOW_UNKNOWN: i32 = 507;

/// The state of the caller's own call is not known yet.
pub const CALLTRANSFER_CALLER_UNKNOWN: i32 = 601;
/// It is being transferred, or connected to the target.
pub const CALLTRANSFER_CALLER_TRANSFERRED: i32 = 602;
/// It has not ended and has no target.
pub const CALLTRANSFER_CALLER_ACTIVE: i32 = 603;
/// It has not ended; v2 does not say whether it is connected to a target.
pub const CALLTRANSFER_CALLER_ALIVE: i32 = 604;
/// It has ended.
pub const CALLTRANSFER_CALLER_ENDED: i32 = 605;

/// Follow until a target has answered, or no target can answer any more.
pub const CALLTRANSFER_UNTIL_ANSWERED: i32 = 701;
/// Follow until no target is connected or ringing any more.
pub const CALLTRANSFER_UNTIL_ENDED: i32 = 702;

/// An event is about another call, or an earlier transfer of this one.
pub const CALLTRANSFER_SEEN_OTHER: i32 = 801;
/// An event is about the transfer, and adds nothing, such as one that comes twice.
pub const CALLTRANSFER_SEEN_KNOWN: i32 = 802;
/// An event is about the transfer, and its status may have changed.
pub const CALLTRANSFER_SEEN_NEW: i32 = 803;

/// A sequence of targets stopped because one answered.
pub const CALLTRANSFER_STOP_ANSWERED: i32 = 901;
/// Every target was tried, none answered, and the caller's call is still active.
pub const CALLTRANSFER_STOP_ALL_TRIED: i32 = 902;
/// The caller's call has ended, or can't be transferred.
pub const CALLTRANSFER_STOP_CALLER_GONE: i32 = 903;
/// It isn't known whether a target has the caller, so no other one may be tried.
pub const CALLTRANSFER_STOP_UNKNOWN: i32 = 904;
/// A request was refused for a reason that applies to every target.
pub const CALLTRANSFER_STOP_REFUSED: i32 = 905;
