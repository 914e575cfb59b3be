use super::raw;
use core::{fmt, num::NonZeroU32, ptr};

/// The kernel's number of a thread, as it stands in a priority-inheritance or robust futex word.
///
/// It is a number of the caller's PID namespace. 30 bits, not zero.
///
/// # Examples
///
/// ```
/// use pintle_park::linux::Tid;
///
/// let me = Tid::current();
/// assert_eq!(Tid::new(me.get()), Some(me));
/// let other = std::thread::spawn(Tid::current).join().unwrap();
/// assert_ne!(me, other);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tid(NonZeroU32);

// === impl Tid ===

impl Tid {
    /// The bits of a futex word that hold it: `FUTEX_TID_MASK`.
    pub const MASK: u32 = 0x3fff_ffff;

    /// The thread of this number; `None` for zero, and for what does not fit 30 bits.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) if number.get() <= Self::MASK => Some(Self(number)),
            _ => None,
        }
    }

    /// The calling thread.
    ///
    /// A system call each time: keep what it returns in a thread-local. The child of a `fork` has
    /// another number than the thread that forked.
    ///
    /// # Panics
    ///
    /// Never: the call does not fail, and the kernel allows no thread number beyond 30 bits.
    ///
    /// # References
    ///
    /// [`gettid(2)`](https://man7.org/linux/man-pages/man2/gettid.2.html)
    #[must_use]
    pub fn current() -> Self {
        // SAFETY: takes no argument, touches no memory.
        let number = unsafe { raw::call(libc::SYS_gettid, [ptr::null(); 6]) };
        let number = number.ok().and_then(|number| u32::try_from(number).ok());
        number
            .and_then(Self::new)
            .expect("gettid does not fail, and its numbers have 22 bits at most")
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Debug for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tid").field(&self.get()).finish()
    }
}

impl fmt::Display for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
