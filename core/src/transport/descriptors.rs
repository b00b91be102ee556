//! Whether the file descriptors that this library opened are still its own.
//!
//! A host may close every descriptor that it did not open itself, as daemons do, and the numbers
//! are then given to its own files. Nothing that was opened before may be used or closed after
//! that: it is left alone, and opened again.

#[cfg(unix)]
pub use unix::Mark;

#[cfg(not(unix))]
pub use elsewhere::Mark;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
    use std::sync::atomic::{AtomicPtr, Ordering};

    /// The number from which the second end is looked for. Linux keeps numbers up to 63 without
    /// a larger table.
    const HIGH: libc::c_int = 48;

    /// A pipe that is never used: while it is open, nothing was closed behind the library's back.
    ///
    /// It has two numbers, a low and a higher one, so that closing a range of numbers meets one of
    /// them. A forked child inherits it. One that was closed is never freed, so each has an address
    /// of its own.
    #[derive(Clone, Copy)]
    pub struct Mark(&'static Ends);

    struct Ends {
        low: RawFd,
        high: Option<RawFd>,
        identity: (libc::dev_t, libc::ino_t),
        /// The mark before, which is never freed either: leak checkers find it here.
        _before: AtomicPtr<Ends>,
    }

    static CURRENT: AtomicPtr<Ends> = AtomicPtr::new(std::ptr::null_mut());

    impl Mark {
        /// The mark of all that is opened from now on. No lock is taken, so a fork leaves none
        /// held.
        ///
        /// # Errors
        /// The process has no file descriptor left.
        pub fn current() -> io::Result<Self> {
            loop {
                let seen = CURRENT.load(Ordering::Acquire);
                // SAFETY: NULL, or leaked below and never changed after.
                if let Some(mark) = unsafe { seen.as_ref() }.map(Self)
                    && mark.is_intact()
                {
                    return Ok(mark);
                }
                let made = Box::into_raw(Box::new(Ends::open(seen)?));
                match CURRENT.compare_exchange(seen, made, Ordering::AcqRel, Ordering::Acquire) {
                    // SAFETY: just leaked, and shared from now on.
                    Ok(_) => return Ok(Self(unsafe { &*made })),
                    // SAFETY: made above, and no other thread has seen it.
                    Err(_) => unsafe { Box::from_raw(made) }.close(),
                }
            }
        }

        /// Closes the mark of now, if it is intact; nothing may be open under it any more.
        pub(crate) fn close_current() {
            let seen = CURRENT.load(Ordering::Acquire);
            // SAFETY: NULL, or leaked by `current` and never changed after.
            let Some(mark) = unsafe { seen.as_ref() }.map(Self) else {
                return;
            };
            if mark.is_intact() {
                mark.0.close();
            }
        }

        /// Whether what was opened under this mark is still open.
        pub fn is_intact(self) -> bool {
            let open = |fd| identity(fd) == Some(self.0.identity);
            open(self.0.low) && self.0.high.is_none_or(open)
        }
    }

    impl PartialEq for Mark {
        fn eq(&self, other: &Self) -> bool {
            std::ptr::eq(self.0, other.0)
        }
    }

    impl Ends {
        fn open(before: *mut Self) -> io::Result<Self> {
            let (low, _) = io::pipe()?; // closed in child programs
            let low = OwnedFd::from(low);
            let identity = identity(low.as_raw_fd()).ok_or_else(io::Error::last_os_error)?;
            // SAFETY: takes numbers; the descriptor is open.
            let high = unsafe { libc::fcntl(low.as_raw_fd(), libc::F_DUPFD_CLOEXEC, HIGH) };
            Ok(Self {
                low: low.into_raw_fd(),
                // If no such number is free, one has to do.
                high: (high >= 0).then_some(high),
                identity,
                _before: AtomicPtr::new(before),
            })
        }

        /// Only for one that was just opened.
        fn close(&self) {
            for fd in [Some(self.low), self.high].into_iter().flatten() {
                // SAFETY: opened by `open`, and in no other hands.
                drop(unsafe { File::from_raw_fd(fd) });
            }
        }
    }

    fn identity(fd: RawFd) -> Option<(libc::dev_t, libc::ino_t)> {
        let mut stat = std::mem::MaybeUninit::<libc::stat>::uninit();
        // SAFETY: the pointer is valid for the call, which takes any number.
        if unsafe { libc::fstat(fd, stat.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: fstat initialises it where it returns 0.
        let stat = unsafe { stat.assume_init() };
        Some((stat.st_dev, stat.st_ino))
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    /// Elsewhere nothing closes what it did not open.
    #[derive(Clone, Copy, PartialEq)]
    pub struct Mark;

    impl Mark {
        /// The mark of all that is opened from now on.
        ///
        /// # Errors
        /// None here.
        #[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
        pub fn current() -> io::Result<Self> {
            Ok(Self)
        }

        /// Does nothing here.
        pub(crate) fn close_current() {}

        /// Whether what was opened under this mark is still open.
        #[allow(clippy::unused_self, reason = "as on Unix")]
        pub fn is_intact(self) -> bool {
            true
        }
    }
}
