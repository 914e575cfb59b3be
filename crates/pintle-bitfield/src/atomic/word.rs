use core::ops::Not;
use pintle_core::{
    atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering},
    not_loom, only_loom,
};

/// An integer that [`AtomicBits`](super::AtomicBits) can be made of: `u8`, `u16`, `u32`, `usize`.
///
/// Nothing else can implement it.
#[diagnostic::on_unimplemented(
    message = "a bitfield of `{Self}` cannot be atomic",
    label = "the word of this bitfield is `{Self}`",
    note = "`AtomicBits` takes a bitfield of `u8`, `u16`, `u32` or `usize`; wider atomics are a table of locks on 32-bit cores"
)]
pub trait AtomicWord: Copy + Default + Not<Output = Self> {
    /// The atomic of this integer, of `pintle_core::atomic`.
    type Atomic: AtomicInt<Self>;
}

/// What the atomics have in common: their own functions, under their own names.
///
/// It cannot be named from outside, so no other crate has an [`AtomicWord`].
pub trait AtomicInt<W> {
    fn new(word: W) -> Self;
    fn load(&self, order: Ordering) -> W;
    fn store(&self, word: W, order: Ordering);
    fn swap(&self, word: W, order: Ordering) -> W;
    fn compare_exchange(
        &self,
        current: W,
        new: W,
        success: Ordering,
        failure: Ordering,
    ) -> Result<W, W>;
    fn compare_exchange_weak(
        &self,
        current: W,
        new: W,
        success: Ordering,
        failure: Ordering,
    ) -> Result<W, W>;
    fn fetch_add(&self, by: W, order: Ordering) -> W;
    fn fetch_sub(&self, by: W, order: Ordering) -> W;
    fn fetch_and(&self, mask: W, order: Ordering) -> W;
    fn fetch_or(&self, mask: W, order: Ordering) -> W;
    fn fetch_xor(&self, mask: W, order: Ordering) -> W;
    fn with_mut<R>(&mut self, f: impl FnOnce(&mut W) -> R) -> R;
    fn into_inner(self) -> W;
}

/// `fn name(&self, arguments) -> result`: the atomic's own.
macro_rules! forward {
    ($($name:ident($($argument:ident: $Type:ty),*) $(-> $Output:ty)?;)+) => {$(
        #[inline]
        #[track_caller]
        fn $name(&self, $($argument: $Type),*) $(-> $Output)? {
            self.$name($($argument),*)
        }
    )+};
}

macro_rules! words {
    ($($Word:ident: $Atomic:ident),+) => {$(
        impl AtomicWord for $Word {
            type Atomic = $Atomic;
        }

        impl AtomicInt<$Word> for $Atomic {
            forward! {
                load(order: Ordering) -> $Word;
                store(word: $Word, order: Ordering);
                swap(word: $Word, order: Ordering) -> $Word;
                compare_exchange(
                    current: $Word, new: $Word, success: Ordering, failure: Ordering
                ) -> Result<$Word, $Word>;
                compare_exchange_weak(
                    current: $Word, new: $Word, success: Ordering, failure: Ordering
                ) -> Result<$Word, $Word>;
                fetch_add(by: $Word, order: Ordering) -> $Word;
                fetch_sub(by: $Word, order: Ordering) -> $Word;
                fetch_and(mask: $Word, order: Ordering) -> $Word;
                fetch_or(mask: $Word, order: Ordering) -> $Word;
                fetch_xor(mask: $Word, order: Ordering) -> $Word;
            }

            #[inline]
            fn new(word: $Word) -> Self {
                Self::new(word)
            }

            not_loom! {
                #[inline]
                fn with_mut<R>(&mut self, f: impl FnOnce(&mut $Word) -> R) -> R {
                    f(self.get_mut())
                }
            }

            only_loom! {
                fn with_mut<R>(&mut self, f: impl FnOnce(&mut $Word) -> R) -> R {
                    self.with_mut(f)
                }
            }

            #[inline]
            fn into_inner(self) -> $Word {
                self.into_inner()
            }
        }
    )+};
}

words!(u8: AtomicU8, u16: AtomicU16, u32: AtomicU32, usize: AtomicUsize);
