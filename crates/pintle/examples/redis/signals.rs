//! Ctrl-C without a signal handler.
//!
//! A handler may call next to nothing and runs in whatever thread the system
//! picks. Instead, the two signals are blocked in every thread, and one thread
//! waits for them in a plain function call. (Not on Windows: there, Ctrl-C ends
//! the process.)

pub(crate) use sys::{Signals, raise_open_files_limit};

#[cfg(unix)]
mod sys {
    use std::io;
    use std::mem::MaybeUninit;

    /// SIGINT and SIGTERM, blocked.
    pub(crate) struct Signals(libc::sigset_t);

    impl Signals {
        /// Blocks the signals in this thread and in all that it starts from now
        /// on.
        pub(crate) fn block() -> io::Result<Self> {
            let mut set = MaybeUninit::uninit();
            // SAFETY: the pointer is to memory for one set, which this
            // initialises.
            unsafe { libc::sigemptyset(set.as_mut_ptr()) };
            for signal in [libc::SIGINT, libc::SIGTERM] {
                // SAFETY: the set was initialised above.
                unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
            }
            // SAFETY: initialised by `sigemptyset`.
            let set = unsafe { set.assume_init() };
            // SAFETY: `set` is a signal set, and a null third argument is
            // allowed.
            match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) } {
                0 => Ok(Self(set)),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }

        /// Waits for one of the signals.
        pub(crate) fn wait(&self) -> io::Result<()> {
            let mut signal = 0;
            // SAFETY: both pointers are to live values of their types.
            match unsafe { libc::sigwait(&self.0, &mut signal) } {
                0 => Ok(()),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
    }

    /// Allows the process as many open files as the system lets it have: a
    /// socket is one.
    pub(crate) fn raise_open_files_limit() {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the pointer is to a live `rlimit`.
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0 {
            limit.rlim_cur = limit.rlim_max;
            // SAFETY: as above. If it fails, the old limit stays, and serves.
            unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
        }
    }
}

#[cfg(not(unix))]
mod sys {
    use std::io;

    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn block() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for the process to be ended from outside.
        pub(crate) fn wait(&self) -> io::Result<()> {
            loop {
                std::thread::park();
            }
        }
    }

    pub(crate) fn raise_open_files_limit() {}
}
