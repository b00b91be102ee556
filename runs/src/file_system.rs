//! Warnings about the place of a ledger's file.

use std::path::Path;

/// File systems of a network, whose locks and shared memory SQLite can't rely on.
#[cfg(target_os = "linux")]
const NETWORK: &[(i64, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB 2"),
    (0x00c3_6400, "Ceph"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x7461_636f, "OCFS2"),
    (0x0116_1970, "GFS2"),
    (0x6573_5546, "FUSE"),
];

pub(crate) fn notes(path: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(kind) = network_of(path) {
        notes.push(format!(
            "{} is on a file system of a network ({kind}), where a file can't be shared safely; \
             use a local disk, or PostgreSQL",
            path.display()
        ));
    }
    #[cfg(unix)]
    if let Ok(file) = std::fs::metadata(path)
        && std::os::unix::fs::MetadataExt::mode(&file) & 0o077 != 0
    {
        notes.push(format!(
            "{} holds phone numbers and is open to other users of this machine",
            path.display()
        ));
    }
    notes
}

#[cfg(target_os = "linux")]
fn network_of(path: &Path) -> Option<&'static str> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
    // SAFETY: all bytes zero are a valid value of this plain structure.
    let mut found: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: `path` ends with a zero byte, and `found` is a valid place for the result.
    if unsafe { libc::statfs(path.as_ptr(), &raw mut found) } != 0 {
        return None;
    }
    #[allow(
        clippy::unnecessary_cast,
        clippy::useless_conversion,
        reason = "its width differs between systems"
    )]
    let kind = found.f_type as i64 & 0xffff_ffff;
    let mut all = NETWORK.iter();
    all.find(|(number, _)| *number == kind)
        .map(|(_, name)| *name)
}

#[cfg(not(target_os = "linux"))]
fn network_of(_: &Path) -> Option<&'static str> {
    None
}
