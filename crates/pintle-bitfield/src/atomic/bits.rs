use core::{fmt, marker::PhantomData};
use pintle_core::{
    atomic::Ordering::{self, Relaxed},
    const_fn,
};

use super::{AtomicWord, Field, Transition, word::AtomicInt};
use crate::Bitfield;

/// An atomic word made of a [`bitfield!`](crate::bitfield): typed loads, and transitions by
/// compare-exchange.
///
/// It is as large as its word and does what the atomic of that word does, instruction for
/// instruction. A `bitfield!` of `u8`, `u16`, `u32` or `usize` has `into_atomic`, which makes one in
/// constants too (not under loom, whose atomics have no constants).
///
/// ```
/// use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
/// use pintle_bitfield::{bitfield, AtomicBits, Transition};
///
/// bitfield! {
///     /// A gate that is closed once, and the visitors behind it.
///     #[derive(PartialEq, Eq)]
///     struct Gate<usize> {
///         const CLOSED: bool;
///         const VISITORS = ..;
///     }
/// }
///
/// #[derive(Debug, PartialEq, Eq)]
/// enum Enter {
///     Entered,
///     Refused,
/// }
///
/// static GATE: AtomicBits<Gate> = Gate::new().into_atomic();
///
/// fn enter() -> Enter {
///     // Acquire on failure: pairs with the release of `close`; who is refused sees what led to it.
///     GATE.transition(Relaxed, Acquire, |gate| {
///         if gate.get(Gate::CLOSED) {
///             return Transition::Stay(Enter::Refused);
///         }
///         let visitors = gate.get(Gate::VISITORS) + 1;
///         Transition::To(gate.with(Gate::VISITORS, visitors), Enter::Entered)
///     })
/// }
///
/// assert_eq!(enter(), Enter::Entered);
/// let before = GATE.fetch_set_all(Gate::CLOSED, Release);
/// assert_eq!(before.get(Gate::VISITORS), 1);
/// assert_eq!(enter(), Enter::Refused);
/// // What has no check to make needs no loop.
/// GATE.fetch_sub(Gate::VISITORS.first_bit(), Release);
/// assert_eq!(GATE.load(Acquire), Gate::new().with(Gate::CLOSED, true));
/// ```
///
/// # Orderings
///
/// All are the caller's, and mean what they mean for the atomics of `core`: what was done before an
/// operation with `Release` (or `AcqRel`) is visible after one with `Acquire` (or `AcqRel`) that
/// reads what the first wrote, or what other read-modify-writes have made of it since. A
/// [`store`](Self::store) ends that chain; everything else here that writes goes on with it. So for
/// a state word:
///
/// | the transition | needs |
/// |---|---|
/// | gives something away (a slot, a wake-up, the last reference) | `Release`, pairs with whoever takes it |
/// | takes it | `Acquire`, pairs with whoever gave it |
/// | both | `AcqRel` |
/// | stays, but the caller acts on what it saw | `Acquire` on failure |
/// | counts, and tells nobody anything | `Relaxed` |
///
/// # Where it may be called
///
/// Anywhere: in an interrupt, in a critical section, in `Drop`. Each function is one atomic
/// operation, but for the transitions, which are lock-free: they repeat only when the word has
/// changed meanwhile (or spuriously, on cores with load-linked), so somebody always gets on. How
/// often one caller repeats is not bounded. On a target without compare-and-swap the operations
/// are those of `portable-atomic`'s backend, which holds interrupts off for each of them.
#[repr(transparent)]
pub struct AtomicBits<T: Bitfield<Bits: AtomicWord>> {
    word: <T::Bits as AtomicWord>::Atomic,
    // The word is an integer, whatever `T` is: Send and Sync.
    bits: PhantomData<fn(T) -> T>,
}

// === impl AtomicBits ===

impl<T: Bitfield<Bits: AtomicWord>> AtomicBits<T> {
    const_fn! {
        /// Makes one of the atomic of its word.
        ///
        /// `into_atomic`, which the `bitfield!` has, does not need to be told which that is.
        #[inline]
        #[must_use]
        pub const fn from_atomic(word: <T::Bits as AtomicWord>::Atomic) -> Self {
            Self { word, bits: PhantomData }
        }
    }

    /// Returns the atomic itself: to wait on it, or for an operation that is not here.
    #[inline]
    #[must_use]
    pub const fn as_atomic(&self) -> &<T::Bits as AtomicWord>::Atomic {
        &self.word
    }

    /// Returns the word.
    ///
    /// # Panics
    ///
    /// If `order` is one that a load cannot have: `Release` or `AcqRel`.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn load(&self, order: Ordering) -> T {
        T::from_bits(self.word.load(order))
    }

    /// Replaces the word, whatever it was.
    ///
    /// # Panics
    ///
    /// If `order` is one that a store cannot have: `Acquire` or `AcqRel`.
    #[inline]
    #[track_caller]
    pub fn store(&self, value: T, order: Ordering) {
        self.word.store(value.bits(), order);
    }

    /// Replaces the word, and returns the one before.
    #[inline]
    pub fn swap(&self, value: T, order: Ordering) -> T {
        T::from_bits(self.word.swap(value.bits(), order))
    }

    /// Replaces the word by `new` if it is `current`, all its bits; `Ok` with the one before.
    ///
    /// # Errors
    ///
    /// If it is another one: with that, which was loaded with the order `failure`.
    ///
    /// # Panics
    ///
    /// If `failure` is `Release` or `AcqRel`.
    #[inline]
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T> {
        match self
            .word
            .compare_exchange(current.bits(), new.bits(), success, failure)
        {
            Ok(before) => Ok(T::from_bits(before)),
            Err(actual) => Err(T::from_bits(actual)),
        }
    }

    /// [`compare_exchange`](Self::compare_exchange) that may fail though the word is `current`.
    ///
    /// For loops: it is cheaper on cores with load-linked and store-conditional.
    ///
    /// # Errors
    ///
    /// With the word as it is, which may be `current`.
    ///
    /// # Panics
    ///
    /// If `failure` is `Release` or `AcqRel`.
    #[inline]
    #[track_caller]
    pub fn compare_exchange_weak(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T> {
        match self
            .word
            .compare_exchange_weak(current.bits(), new.bits(), success, failure)
        {
            Ok(before) => Ok(T::from_bits(before)),
            Err(actual) => Err(T::from_bits(actual)),
        }
    }

    /// Makes a transition: asks `step` what is to become of the state, carries it out, and returns
    /// the outcome.
    ///
    /// The state that `step` sees was loaded with the order `failure`. [`Transition::To`] writes
    /// with the order `success`, if the word is still the same; if it is not, `step` is asked again
    /// about the new one, and what it said before is dropped. So `step` may run several times, and
    /// only the outcome that is returned has come true: it should do nothing but decide.
    /// [`Transition::Stay`] writes nothing: its caller has loaded the word with the order `failure`.
    ///
    /// The word is compared, not watched: if it was changed and changed back meanwhile, that goes
    /// unnoticed, so the state must say all that the decision depends on.
    ///
    /// Lock-free; see [above](Self#where-it-may-be-called).
    ///
    /// # Panics
    ///
    /// If `step` does, and then the word is as it was; if `failure` is `Release` or `AcqRel`.
    #[inline]
    #[track_caller]
    pub fn transition<R>(
        &self,
        success: Ordering,
        failure: Ordering,
        step: impl FnMut(T) -> Transition<T, R>,
    ) -> R {
        self.transition_from(self.load(failure), success, failure, step)
    }

    /// [`transition`](Self::transition) by one who has loaded the word already: `seen` is what
    /// `step` is asked about first.
    ///
    /// If that says [`Transition::Stay`], the word is not looked at again, and the order is that of
    /// the caller's own load.
    ///
    /// # Panics
    ///
    /// As [`transition`](Self::transition).
    #[inline]
    #[track_caller]
    pub fn transition_from<R>(
        &self,
        mut seen: T,
        success: Ordering,
        failure: Ordering,
        mut step: impl FnMut(T) -> Transition<T, R>,
    ) -> R {
        loop {
            match step(seen) {
                Transition::Stay(outcome) => return outcome,
                Transition::To(next, outcome) => {
                    match self.compare_exchange_weak(seen, next, success, failure) {
                        Ok(_) => return outcome,
                        Err(now) => seen = now,
                    }
                }
            }
        }
    }

    /// Sets every bit of `field`, and returns the word before.
    #[inline]
    pub fn fetch_set_all(&self, field: impl Field<T>, order: Ordering) -> T {
        self.fetch_or(field.mask(), order)
    }

    /// Clears every bit of `field`, and returns the word before.
    #[inline]
    pub fn fetch_unset_all(&self, field: impl Field<T>, order: Ordering) -> T {
        self.fetch_and(!field.mask(), order)
    }

    /// Flips every bit of `field`, and returns the word before.
    #[inline]
    pub fn fetch_toggle_all(&self, field: impl Field<T>, order: Ordering) -> T {
        self.fetch_xor(field.mask(), order)
    }

    /// Sets the bits that are set in `mask`, and returns the word before.
    #[inline]
    pub fn fetch_or(&self, mask: T::Bits, order: Ordering) -> T {
        T::from_bits(self.word.fetch_or(mask, order))
    }

    /// Clears the bits that are **not** set in `mask`, and returns the word before.
    #[inline]
    pub fn fetch_and(&self, mask: T::Bits, order: Ordering) -> T {
        T::from_bits(self.word.fetch_and(mask, order))
    }

    /// Flips the bits that are set in `mask`, and returns the word before.
    #[inline]
    pub fn fetch_xor(&self, mask: T::Bits, order: Ordering) -> T {
        T::from_bits(self.word.fetch_xor(mask, order))
    }

    /// Adds `by` to the word, and returns the one before.
    ///
    /// For counters: `n` times a field's `first_bit` adds `n` to it. A field that overflows carries
    /// into the next one, and the last one wraps: it is for counts that cannot get there.
    #[inline]
    pub fn fetch_add(&self, by: T::Bits, order: Ordering) -> T {
        T::from_bits(self.word.fetch_add(by, order))
    }

    /// Subtracts `by` from the word, and returns the one before.
    ///
    /// As [`fetch_add`](Self::fetch_add): a field that would get less than zero borrows from the
    /// next one.
    #[inline]
    pub fn fetch_sub(&self, by: T::Bits, order: Ordering) -> T {
        T::from_bits(self.word.fetch_sub(by, order))
    }

    /// Gives `f` the word to change, without any atomic operation: nobody else can see it.
    ///
    /// If `f` panics the word stays as it was.
    #[inline]
    pub fn with_mut<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        self.word.with_mut(|bits| {
            let mut value = T::from_bits(*bits);
            let result = f(&mut value);
            *bits = value.bits();
            result
        })
    }

    /// Returns the word, without any atomic operation.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        T::from_bits(self.word.into_inner())
    }
}

impl<T: Bitfield<Bits: AtomicWord>> From<T> for AtomicBits<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::from_atomic(AtomicInt::new(value.bits()))
    }
}

/// All bits are zero.
impl<T: Bitfield<Bits: AtomicWord>> Default for AtomicBits<T> {
    fn default() -> Self {
        Self::from(T::from_bits(T::Bits::default()))
    }
}

/// Shows the word, loaded without any order.
impl<T: Bitfield<Bits: AtomicWord> + fmt::Debug> fmt::Debug for AtomicBits<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load(Relaxed).fmt(f)
    }
}
