//! `futex_waitv`.

use super::{Futex, Scope, Timeout, error::errors, scope};
use crate::linux::raw::{self, Timespec64, integer};
use core::{fmt, marker::PhantomData, ptr};

errors! {
    /// Why the wait has not been ended by a wake.
    pub enum WaitvError {
        /// One of the words did not hold its expected value, so the thread did not sleep.
        Mismatch = EAGAIN => "a word does not hold its expected value",
        /// The time is up, and was not up any earlier.
        TimedOut = ETIMEDOUT => "the wait has timed out",
        /// The memory of a word is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of a word cannot be read.
        Access = EACCES => "the memory of a word cannot be read",
        /// The kernel has no memory for the list.
        NoMemory = ENOMEM => "the kernel has no memory for the list",
        /// The kernel finds fault with an argument; what the types allow does not cause it.
        Invalid = EINVAL => "the kernel takes an argument for invalid",
        /// This kernel does not have the call: it is older than 5.16.
        Unsupported = ENOSYS => "the kernel does not have this call",
        ; ours:
        /// There are no words, or more than [`WAITV_MAX`]; found before the kernel was asked.
        Count = EINVAL => "a wait is for 1 to 128 words",
    }
}

/// The most words that [`waitv`] waits on: `FUTEX_WAITV_MAX`.
pub const WAITV_MAX: usize = 128;

/// `FUTEX2_SIZE_U32`: the only size that the kernel has, so far.
pub(super) const SIZE_U32: u32 = 2;

/// One word to wait on, and the value that it is expected to hold: `struct futex_waitv`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Waiter<'a> {
    expected: u64,
    address: u64,
    flags: u32,
    reserved: u32,
    word: PhantomData<&'a Futex>,
}

// === impl Waiter ===

impl<'a> Waiter<'a> {
    /// Waits on `word`, of either scope, while it holds `expected`.
    #[must_use]
    pub fn new<S: Scope>(word: &'a Futex<S>, expected: u32) -> Self {
        Self {
            expected: expected.into(),
            // The kernel accesses the word through it, so the provenance is exposed.
            address: ptr::from_ref(word).expose_provenance() as u64,
            flags: SIZE_U32 | scope::flag::<S>() as u32,
            reserved: 0,
            word: PhantomData,
        }
    }
}

impl fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field(
                "word",
                &ptr::without_provenance::<Futex>(self.address as usize),
            )
            .field("expected", &(self.expected as u32))
            .finish()
    }
}

/// Sleeps while each of the words holds its expected value, until `timeout` at the latest, and
/// returns the index of one that was woken: `futex_waitv`.
///
/// Falling asleep is not one step for all words: the kernel looks at them one after the other, and
/// sleeps if nobody has woken one meanwhile. If several have been woken, it returns one of them
/// and the wakes of the others are spent. **It may also return for no reason**: look at the words.
/// Private and shared ones may be mixed. Linear in the number of words.
///
/// A signal handler that runs meanwhile does not end it.
///
/// # Errors
///
/// [`WaitvError`].
///
/// # References
///
/// [futex2](https://docs.kernel.org/userspace-api/futex2.html); Linux 5.16.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_park::Deadline;
/// use pintle_park::linux::futex::*;
///
/// let (mine, theirs) = (Futex::<Private>::new(0), Futex::<Shared>::new(0));
/// let words = [Waiter::new(&mine, 0), Waiter::new(&theirs, 0)];
/// let outcome = waitv(&words, Deadline::after(Duration::from_millis(1)));
/// assert!(matches!(outcome, Err(WaitvError::TimedOut | WaitvError::Unsupported)));
/// assert_eq!(waitv(&[], Timeout::Never), Err(WaitvError::Count));
/// ```
pub fn waitv(waiters: &[Waiter<'_>], timeout: impl Into<Timeout>) -> Result<usize, WaitvError> {
    const NO_FLAGS: usize = 0;
    let timeout = timeout.into();
    if waiters.is_empty() || waiters.len() > WAITV_MAX {
        return Err(WaitvError::Count);
    }
    let time = Timespec64::new(timeout.at());
    let arguments = [
        waiters.as_ptr().cast(),
        integer(waiters.len()),
        integer(NO_FLAGS),
        raw::address(time.as_ref()),
        integer(timeout.clock() as usize),
        ptr::null(),
    ];
    loop {
        // SAFETY: the kernel reads the list, its words, which live as long as it, and the time.
        match unsafe { raw::call(raw::SYS_FUTEX_WAITV, arguments) } {
            // A signal. The time is absolute.
            Err(errno) if errno.raw() == libc::EINTR => {}
            result => return result.map_err(WaitvError::new),
        }
    }
}
