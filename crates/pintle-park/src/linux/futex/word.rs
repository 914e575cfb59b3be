use super::{Private, Scope};
use core::{fmt, marker::PhantomData, ops::Deref};
use pintle_core::atomic::AtomicU32;

/// A 32-bit word that threads wait on: [`Private`](super::Private) to the process, or
/// [`Shared`](super::Shared) between processes.
///
/// It dereferences to its [`AtomicU32`], which is all there is of it in memory: a `Futex` may
/// lie in memory that another process (or a C library) has mapped as a `uint32_t`, and any
/// `AtomicU32` can be seen as a `Futex` ([`from_atomic`](Self::from_atomic)). Waits and wakes meet
/// only if they agree on the scope.
///
/// The operations are in the [module](super)'s table. None allocates. Those that wait block: not
/// for an interrupt handler, a signal handler or a critical section.
///
/// # Examples
///
/// ```
/// use pintle_park::linux::futex::{Futex, Private};
/// use std::sync::atomic::Ordering::*;
///
/// static READY: Futex<Private> = Futex::new(0);
///
/// let other = std::thread::spawn(|| {
///     while READY.load(Acquire) == 0 {
///         // Woken, or it was no longer 0, or nothing at all: the loop looks.
///         let _ = READY.wait(0);
///     }
/// });
/// READY.store(1, Release);
/// Futex::wake(&READY, 1).unwrap();
/// other.join().unwrap();
/// ```
#[repr(transparent)]
pub struct Futex<S: Scope = Private> {
    word: AtomicU32,
    scope: PhantomData<S>,
}

// === impl Futex ===

impl<S: Scope> Futex<S> {
    /// A word that holds `value`.
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Self {
            word: AtomicU32::new(value),
            scope: PhantomData,
        }
    }

    /// Sees an atomic as a futex; it costs nothing.
    #[must_use]
    #[inline]
    pub const fn from_atomic(word: &AtomicU32) -> &Self {
        // SAFETY: `repr(transparent)` over the atomic, and the lifetime is the same.
        unsafe { &*Self::from_atomic_ptr(word) }
    }

    /// The same for a pointer that may dangle, as [`wake`](Self::wake) takes it.
    #[must_use]
    #[inline]
    pub const fn from_atomic_ptr(word: *const AtomicU32) -> *const Self {
        word.cast()
    }

    /// Sees a 32-bit word as a futex: one in shared memory, say.
    ///
    /// # Safety
    ///
    /// As for [`AtomicU32::from_ptr`]: `word` is aligned, valid for reads and writes for all of
    /// `'a`, and every other access to it in that time, by this process or another, is atomic.
    #[must_use]
    pub const unsafe fn from_ptr<'a>(word: *mut u32) -> &'a Self {
        // SAFETY: of the layout of an atomic; the rest is the caller's duty.
        unsafe { &*word.cast::<Self>() }
    }

    /// The word.
    #[must_use]
    #[inline]
    pub const fn as_atomic(&self) -> &AtomicU32 {
        &self.word
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> u32 {
        self.word.into_inner()
    }
}

impl<S: Scope> Deref for Futex<S> {
    type Target = AtomicU32;

    #[inline]
    fn deref(&self) -> &AtomicU32 {
        &self.word
    }
}

impl<S: Scope> AsRef<AtomicU32> for Futex<S> {
    fn as_ref(&self) -> &AtomicU32 {
        &self.word
    }
}

impl<'a, S: Scope> From<&'a AtomicU32> for &'a Futex<S> {
    fn from(word: &'a AtomicU32) -> Self {
        Futex::from_atomic(word)
    }
}

impl<S: Scope> From<u32> for Futex<S> {
    fn from(value: u32) -> Self {
        Self::new(value)
    }
}

impl<S: Scope> Default for Futex<S> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<S: Scope> fmt::Debug for Futex<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if S::SHARED {
            "Futex<Shared>"
        } else {
            "Futex<Private>"
        };
        f.debug_tuple(name).field(&self.word).finish()
    }
}
