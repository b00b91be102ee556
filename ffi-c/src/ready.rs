//! A file descriptor that is readable while something is ready: what event loops watch.

#[cfg(unix)]
pub(crate) use unix::Ready;

#[cfg(not(unix))]
pub(crate) use elsewhere::Ready;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::mem::ManuallyDrop;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    use calltransfer_core::Mark;

    /// An eventfd on Linux and a pipe elsewhere; neither blocks, and no child program inherits it.
    pub(crate) struct Ready {
        ends: ManuallyDrop<Ends>,
        /// Once the host has closed all descriptors, the numbers of these may be those of its files.
        mark: Mark,
    }

    struct Ends {
        read: File,
        /// Where it isn't the same one.
        write: Option<File>,
    }

    impl Ready {
        pub(crate) fn new() -> io::Result<Self> {
            #[cfg(target_os = "linux")]
            return Self::eventfd();
            #[cfg(not(target_os = "linux"))]
            Self::pipe()
        }

        #[cfg(target_os = "linux")]
        pub(super) fn eventfd() -> io::Result<Self> {
            // SAFETY: takes two numbers.
            let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: just opened, and not shared.
            let read = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
            Self::of(Ends { read, write: None })
        }

        #[cfg(any(test, not(target_os = "linux")))]
        pub(super) fn pipe() -> io::Result<Self> {
            let (read, write) = io::pipe()?; // closed in child programs
            let (read, write) = (OwnedFd::from(read), OwnedFd::from(write));
            for end in [&read, &write] {
                // SAFETY: takes numbers; the descriptor is open.
                let set = unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
                if set < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Self::of(Ends {
                read: File::from(read),
                write: Some(File::from(write)),
            })
        }

        fn of(ends: Ends) -> io::Result<Self> {
            let mark = Mark::current()?;
            let ends = ManuallyDrop::new(ends);
            Ok(Self { ends, mark })
        }

        pub(crate) fn fd(&self) -> i32 {
            self.ends.read.as_raw_fd()
        }

        /// From nothing to something. A pipe takes the eight bytes of an eventfd as they are.
        pub(crate) fn raise(&self) {
            if !self.mark.is_intact() {
                return;
            }
            let mut end = self.ends.write.as_ref().unwrap_or(&self.ends.read);
            let _ = end.write(&1_u64.to_ne_bytes()); // fails only where it is readable already
        }

        /// From something to nothing.
        pub(crate) fn lower(&self) {
            if !self.mark.is_intact() {
                return;
            }
            let mut bytes = [0; 8];
            let _ = (&self.ends.read).read(&mut bytes); // fails only where it isn't readable
        }
    }

    impl Drop for Ready {
        fn drop(&mut self) {
            if self.mark.is_intact() {
                // SAFETY: dropped once, here.
                unsafe { ManuallyDrop::drop(&mut self.ends) };
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    /// There is no descriptor to watch; `next` is the way.
    pub(crate) struct Ready;

    impl Ready {
        #[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn fd(&self) -> i32 {
            -1
        }

        pub(crate) fn raise(&self) {}

        pub(crate) fn lower(&self) {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::Ready;

    fn is_readable(ready: &Ready) -> bool {
        let mut poll = libc::pollfd {
            fd: ready.fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one entry, as said.
        unsafe { libc::poll(&mut poll, 1, 0) == 1 }
    }

    fn goes_up_and_down(ready: &Ready) {
        for _ in 0..3 {
            assert!(!is_readable(ready));
            ready.raise();
            assert!(is_readable(ready));
            ready.lower();
        }
        ready.lower();
        assert!(!is_readable(ready));
    }

    #[test]
    fn pipe_is_readable_while_it_is_raised() {
        goes_up_and_down(&Ready::pipe().unwrap_or_else(|error| panic!("{error}")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn eventfd_is_readable_while_it_is_raised() {
        goes_up_and_down(&Ready::eventfd().unwrap_or_else(|error| panic!("{error}")));
    }
}
