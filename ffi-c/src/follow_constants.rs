//! Numbers of followed transfers. Never changed and never reused.

/// A target answered. It may have hung up since.
pub const CALLTRANSFER_FOLLOW_ANSWERED: i32 = 1;
/// The target was busy.
pub const CALLTRANSFER_FOLLOW_BUSY: i32 = 2;
/// The target did not answer in time.
pub const CALLTRANSFER_FOLLOW_NO_ANSWER: i32 = 3;
/// The target rejected the call.
pub const CALLTRANSFER_FOLLOW_REJECTED: i32 = 4;
/// The caller hung up, or the new call was ended, before an answer.
pub const CALLTRANSFER_FOLLOW_CANCELLED: i32 = 5;
/// The new call failed; the cause says more where the platform does.
pub const CALLTRANSFER_FOLLOW_FAILED: i32 = 6;
/// The new call has ended, or is no longer followed, and nothing shows whether it was answered.
pub const CALLTRANSFER_FOLLOW_UNKNOWN: i32 = 7;

/// Nothing has said yet how it is with the caller's own call.
pub const CALLTRANSFER_CALLER_UNKNOWN: i32 = 1;
/// It is being transferred, or connected to the target.
pub const CALLTRANSFER_CALLER_TRANSFERRED: i32 = 2;
/// It is alive without a target.
pub const CALLTRANSFER_CALLER_ACTIVE: i32 = 3;
/// It is alive; v2 does not say whether with a target or without.
pub const CALLTRANSFER_CALLER_ALIVE: i32 = 4;
/// It has ended.
pub const CALLTRANSFER_CALLER_ENDED: i32 = 5;

/// Follow until a target has answered, or until none can any more.
pub const CALLTRANSFER_UNTIL_ANSWERED: i32 = 1;
/// Follow until no target is connected any more, nor rings.
pub const CALLTRANSFER_UNTIL_ENDED: i32 = 2;

/// An event is about another call, or an earlier transfer of this one.
pub const CALLTRANSFER_SEEN_OTHER: i32 = 1;
/// An event is about the transfer, and says nothing that was not known: as one that comes twice.
pub const CALLTRANSFER_SEEN_KNOWN: i32 = 2;
/// An event is about the transfer, and its status may have changed.
pub const CALLTRANSFER_SEEN_NEW: i32 = 3;

/// A sequence of targets stopped because one answered.
pub const CALLTRANSFER_STOP_ANSWERED: i32 = 1;
/// Every target was tried, none answered, and the caller is still there.
pub const CALLTRANSFER_STOP_ALL_TRIED: i32 = 2;
/// The caller's call has ended, or can't be transferred.
pub const CALLTRANSFER_STOP_CALLER_GONE: i32 = 3;
/// It isn't known whether a target has the caller, so no other one may be tried.
pub const CALLTRANSFER_STOP_UNKNOWN: i32 = 4;
/// A request was refused for a reason that holds for every target.
pub const CALLTRANSFER_STOP_REFUSED: i32 = 5;
