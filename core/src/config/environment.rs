//! The variables of the environment, where the environment is the program's own.

use super::Config;

/// Added to the message if a setting is missing that the environment could provide.
pub(super) const IGNORED: &str = "the environment is ignored in a set-user-id program";

/// The variable of the environment that fills this setting.
pub(super) fn variable_of(field: &str) -> &'static str {
    let mut known = Config::ENVIRONMENT.iter();
    known
        .find(|(known, _)| *known == field)
        .map_or("", |(_, variable)| variable)
}

/// What the environment has for this setting. Empty variables count as absent.
pub(super) fn value_of(field: &'static str) -> Option<String> {
    if is_untrusted() {
        return None;
    }
    let value = std::env::var(variable_of(field)).ok();
    value.filter(|value| !value.is_empty())
}

/// A variable from which other programs read a proxy for https; this library doesn't read it.
pub(super) fn unused_proxy() -> Option<&'static str> {
    let mut names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter();
    names.find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether this program has rights that the user who started it (and controls its environment) does
/// not have: a set-user-id or set-group-id program, or one with file capabilities.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_untrusted() -> bool {
    // SAFETY: reads a number that the kernel gave to the process; 0 where it gave none.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd"
))]
pub(crate) fn is_untrusted() -> bool {
    unsafe extern "C" {
        // In libc since 4.4BSD; the libc crate has it for some of these systems only.
        safe fn issetugid() -> libc::c_int;
    }
    issetugid() != 0
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd"
)))]
pub(crate) fn is_untrusted() -> bool {
    false
}
