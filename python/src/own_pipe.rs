//! A pipe that is used and closed only while it is the library's own: a host may have closed it, and
//! the number may have become that of one of the host's files.

use std::io;
use std::mem::ManuallyDrop;
use std::ops::Deref;

/// One end of a pipe.
pub(crate) struct Own<T: Raw> {
    end: ManuallyDrop<T>,
    identity: Identity,
}

/// What has a file descriptor, where there are such.
#[cfg(unix)]
pub(crate) use std::os::fd::AsRawFd as Raw;

#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(not(unix))]
pub(crate) trait Raw {}

#[cfg(not(unix))]
impl<T> Raw for T {}

#[cfg(not(unix))]
type Identity = ();

impl<T: Raw> Own<T> {
    pub(crate) fn new(end: T) -> io::Result<Self> {
        let identity = identity(&end)?;
        let end = ManuallyDrop::new(end);
        Ok(Self { end, identity })
    }

    /// The end, if it is still the library's.
    pub(crate) fn get(&self) -> Option<&T> {
        let same = identity(self.end.deref()).is_ok_and(|now| now == self.identity);
        same.then_some(&*self.end)
    }
}

impl<T: Raw> Drop for Own<T> {
    fn drop(&mut self) {
        if self.get().is_some() {
            // SAFETY: dropped once, here.
            unsafe { ManuallyDrop::drop(&mut self.end) };
        }
    }
}

#[cfg(unix)]
fn identity(end: &impl Raw) -> io::Result<Identity> {
    use std::fs::File;
    use std::os::fd::FromRawFd;
    use std::os::unix::fs::MetadataExt;

    // SAFETY: it is only looked at, and never closed by this.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(end.as_raw_fd()) });
    let metadata = file.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
fn identity<T>(_: &T) -> io::Result<Identity> {
    Ok(())
}
