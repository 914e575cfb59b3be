use core::{fmt, mem::MaybeUninit};

use pintle_core::{
    atomic::{
        AtomicU8,
        Ordering::{AcqRel, Acquire, Relaxed},
    },
    cell::UnsafeCell,
    const_fn, not_loom, only_loom,
};

/// Nothing is in the place.
const EMPTY: u8 = 0;
/// Nothing is in the place, and the receiver has looked: it is to be woken.
const AWAITED: u8 = 1;
/// A value is in the place.
const FULL: u8 = 2;

/// A place for one value.
///
/// ```text
///               mark_awaited
///     ┌───────┐ ────────────► ┌─────────┐
///     │ Empty │               │ Awaited │
///     └───────┘               └─────────┘
///       ▲   │ fill                │ fill: wake the receiver
///       │   ▼                     │
///       │ ┌──────┐ ◄──────────────┘
///       └─│ Full │
///    take └──────┘
/// ```
///
/// `fill` is the sender's whose place it is, the other two are the receiver's.
///
/// That the receiver sleeps is said in the very word that the sender writes. So neither can miss the
/// other, without a fence, and a sender touches nothing else while the receiver is awake.
///
/// # Invariants
///
/// - `value` is initialized if and only if the state is `FULL`.
/// - While it is not, `value` belongs to the sender whose place this is, if there is one; while it
///   is, to the receiver.
pub(super) struct Slot<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// What a sender finds that has put its value in.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Filled {
    /// The receiver waits for it.
    Awaited,
    /// The receiver has not come by.
    Unnoticed,
}

/// What the receiver finds that is about to wait.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Mark {
    /// Nothing: whoever fills the place wakes.
    Awaited,
    /// A value has come.
    Full,
}

// === impl Slot ===

impl<T> Slot<T> {
    const_fn! {
        /// An empty place.
        pub(super) const fn new() -> Self {
            Self {
                state: AtomicU8::new(EMPTY),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        }
    }

    /// Whether a value is in it.
    pub(super) fn is_full(&self) -> bool {
        self.state.load(Relaxed) == FULL
    }

    /// Puts a value in.
    ///
    /// # Safety
    ///
    /// The place is the caller's: it has taken it from the gate, and not filled it yet.
    #[inline(always)]
    pub(super) unsafe fn fill(&self, value: T) -> Filled {
        self.value.with_mut(|place| {
            // SAFETY: the place is the caller's, and not full. It holds nothing that would be
            // forgotten.
            unsafe { place.write(MaybeUninit::new(value)) }
        });
        // Release pairs with the acquire in `take`: the receiver finds the value written. Acquire
        // pairs with the release in `mark_awaited`: the receiver's waker is registered.
        match self.state.swap(FULL, AcqRel) {
            AWAITED => Filled::Awaited,
            _ => Filled::Unnoticed,
        }
    }

    /// Takes the value out, if there is one.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, or alone with the channel.
    #[inline(always)]
    pub(super) unsafe fn take(&self) -> Option<T> {
        // Acquire pairs with the release in `fill`.
        if self.state.load(Acquire) != FULL {
            return None;
        }
        let value = self.value.with_mut(|place| {
            // SAFETY: the place is full, so it is the receiver's.
            unsafe { place.read() }
        });
        // Relaxed: who fills the place next has been told by the gate that it is empty.
        self.state.store(EMPTY, Relaxed);
        // SAFETY: the place was full, so a value was in it; it counts as gone since the store.
        Some(unsafe { value.assume_init() })
    }

    /// Says that the receiver, which has registered its waker, waits for this place.
    pub(super) fn mark_awaited(&self) -> Mark {
        // Release pairs with the acquire in `fill`; acquire on failure as in `take`.
        match self.state.compare_exchange(EMPTY, AWAITED, AcqRel, Acquire) {
            Ok(_) | Err(AWAITED) => Mark::Awaited,
            Err(_) => Mark::Full,
        }
    }

    /// Forgets that somebody waited for the place. The caller is alone with the channel, and the
    /// place is not full.
    pub(super) fn reset(&self) {
        self.state.store(EMPTY, Relaxed);
    }
}

not_loom! {
    impl<T> Slot<T> {
        /// `N` empty places.
        pub(super) const fn row<const N: usize>() -> [Self; N] {
            [const { Self::new() }; N]
        }
    }
}

only_loom! {
    impl<T> Slot<T> {
        /// `N` empty places.
        pub(super) fn row<const N: usize>() -> [Self; N] {
            core::array::from_fn(|_| Self::new())
        }
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state.load(Relaxed) {
            FULL => "Full",
            AWAITED => "Awaited",
            _ => "Empty",
        })
    }
}
