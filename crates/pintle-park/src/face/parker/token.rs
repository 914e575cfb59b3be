use crate::ParkOutcome;
use crate::sized::wake_one_alone;
use core::fmt;
use pintle_core::{
    atomic::{
        AtomicBool, AtomicU32,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};

/// The place where an [`Unparker`](super::Unparker) leaves a token for a [`Parker`](super::Parker).
///
/// Eight bytes, for a `static` or a field: [`Parker::claim`](super::Parker::claim) makes a thread the one
/// that sleeps on it. A `Parker::new` has one of its own.
pub struct Token {
    /// One of `EMPTY`, `NOTIFIED`, `PARKED`; see the states in the module.
    state: AtomicU32,
    /// Whether a `Parker` for it exists.
    claimed: AtomicBool,
}

/// What the beginning of a park found.
pub(super) enum Start {
    /// The token was there and is taken.
    Taken,
    /// It was not: the word is `PARKED` now.
    Parked,
}

// === impl Token ===

impl Token {
    const EMPTY: u32 = 0;
    const NOTIFIED: u32 = 1;
    pub(super) const PARKED: u32 = u32::MAX;

    const_fn! {
        /// A place without a token, which no parker has claimed.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                state: AtomicU32::new(Self::EMPTY),
                claimed: AtomicBool::new(false),
            }
        }
    }

    /// Puts the token there, and wakes the parker if it sleeps.
    ///
    /// If the parker runs it is one swap without a system call. A signal handler may call it, with
    /// [the exceptions of a wake](crate#where-it-may-be-called); on Linux it waits for no other
    /// thread.
    pub fn unpark(&self) {
        // Release pairs with the Acquire of whoever takes the token. It is a swap even if the
        // token is there already, so that this call's writes are published with it.
        if self.state.swap(Self::NOTIFIED, Release) == Self::PARKED {
            wake_one_alone(&raw const self.state);
        }
    }

    pub(super) fn word(&self) -> &AtomicU32 {
        &self.state
    }

    /// `NOTIFIED → EMPTY` or `EMPTY → PARKED`, in one subtraction.
    pub(super) fn start_park(&self) -> Start {
        const { assert!(Self::NOTIFIED - 1 == Self::EMPTY) };
        const { assert!(Self::EMPTY.wrapping_sub(1) == Self::PARKED) };
        // Acquire pairs with the Release of the `unpark` whose token this may be.
        match self.state.fetch_sub(1, Acquire) {
            Self::NOTIFIED => Start::Taken,
            state => {
                debug_assert_eq!(state, Self::EMPTY, "only the parker parks");
                Start::Parked
            }
        }
    }

    /// `NOTIFIED → EMPTY`, or nothing while the word is `PARKED`.
    pub(super) fn try_take(&self) -> Option<ParkOutcome> {
        // Acquire pairs with the Release of the `unpark` whose token this is.
        self.state
            .compare_exchange(Self::NOTIFIED, Self::EMPTY, Acquire, Relaxed)
            .ok()
            .map(|_| ParkOutcome::Unparked)
    }

    /// `PARKED → EMPTY`, or `NOTIFIED → EMPTY` if the token has come in the last moment.
    pub(super) fn give_up(&self) -> ParkOutcome {
        // Acquire pairs with the Release of the `unpark` whose token this may be.
        match self.state.swap(Self::EMPTY, Acquire) {
            Self::NOTIFIED => ParkOutcome::Unparked,
            _ => ParkOutcome::TimedOut,
        }
    }

    pub(super) fn try_claim(&self) -> bool {
        // Acquire pairs with the Release in `release_claim`: the parker before has left its calls.
        !self.claimed.swap(true, Acquire)
    }

    pub(super) fn release_claim(&self) {
        // Release pairs with the Acquire in `try_claim`.
        self.claimed.store(false, Release);
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state.load(Relaxed) {
            Self::EMPTY => "empty",
            Self::NOTIFIED => "notified",
            _ => "parked",
        };
        f.debug_struct("Token")
            .field("state", &format_args!("{state}"))
            .field("claimed", &self.claimed.load(Relaxed))
            .finish()
    }
}

#[cfg(feature = "alloc")]
impl alloc::task::Wake for Token {
    fn wake(self: alloc::sync::Arc<Self>) {
        self.unpark();
    }

    fn wake_by_ref(self: &alloc::sync::Arc<Self>) {
        self.unpark();
    }
}

/// Another [`Parker`](super::Parker) has claimed the token, which this error gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyClaimed<H>(pub H);

impl<H> fmt::Display for AlreadyClaimed<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another parker has claimed the token")
    }
}

impl<H: fmt::Debug> core::error::Error for AlreadyClaimed<H> {}
