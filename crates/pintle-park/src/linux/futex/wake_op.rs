//! `FUTEX_WAKE_OP`.

use super::{Futex, Scope, error::errors, scope, wake::clamp};
use crate::linux::raw;
use core::num::NonZeroU32;

errors! {
    /// Why the word has not been changed and nobody has been woken.
    pub enum WakeOpError {
        /// The memory of one of the words is gone.
        Fault = EFAULT => "the memory of a word is not there",
        /// The memory of one of the words cannot be accessed.
        Access = EACCES => "the memory of a word cannot be accessed",
        /// An address is not a multiple of four; or a thread waits on one of the words for a
        /// priority-inheritance lock (the target then *has* been changed).
        Invalid = EINVAL => "an address is not aligned, or of a priority-inheritance lock",
        /// This kernel, or this processor, does not have the operation.
        Unsupported = ENOSYS => "the kernel does not have this operation",
    }
}

/// The right side of an [`Operation`]: a small number, or a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operand {
    /// As the kernel reads it: twelve bits.
    bits: u16,
    /// Whether they are the position of a bit.
    shift: bool,
}

// === impl Operand ===

impl Operand {
    /// A number of -2048 to 2047, which the kernel extends to 32 bits with its sign; `None` for
    /// any other.
    #[must_use]
    pub const fn number(value: i16) -> Option<Self> {
        match Immediate::new(value) {
            Some(value) => Some(Self {
                bits: value.encoded() as u16,
                shift: false,
            }),
            None => None,
        }
    }

    /// The bit `1 << position`; `None` from 32 on.
    #[must_use]
    pub const fn bit(position: u32) -> Option<Self> {
        if position >= u32::BITS {
            return None;
        }
        Some(Self {
            bits: position as u16,
            shift: true,
        })
    }

    /// The 32 bits that the operation works with.
    #[must_use]
    pub const fn value(self) -> u32 {
        if self.shift {
            1 << self.bits
        } else {
            // Extends the twelve bits with their sign.
            (((self.bits << 4) as i16) >> 4) as u32
        }
    }
}

/// The right side of a [`Comparison`]: a number of -2048 to 2047.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Immediate(i16);

// === impl Immediate ===

impl Immediate {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// The number, `None` if twelve bits do not hold it.
    #[must_use]
    pub const fn new(value: i16) -> Option<Self> {
        if value >= -2048 && value <= 2047 {
            Some(Self(value))
        } else {
            None
        }
    }

    const fn encoded(self) -> u32 {
        self.0 as u32 & 0xfff
    }
}

/// How [`wake_op`](Futex::wake_op) changes the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `word = operand`.
    Set(Operand),
    /// `word += operand`, wrapping.
    Add(Operand),
    /// `word |= operand`.
    Or(Operand),
    /// `word &= !operand`.
    AndNot(Operand),
    /// `word ^= operand`.
    Xor(Operand),
}

// === impl Operation ===

impl Operation {
    /// What a word that holds `old` holds afterwards.
    #[must_use]
    pub const fn apply(self, old: u32) -> u32 {
        match self {
            Self::Set(operand) => operand.value(),
            Self::Add(operand) => old.wrapping_add(operand.value()),
            Self::Or(operand) => old | operand.value(),
            Self::AndNot(operand) => old & !operand.value(),
            Self::Xor(operand) => old ^ operand.value(),
        }
    }

    const fn encoded(self) -> u32 {
        const SHIFT: u32 = 8;
        let (code, operand) = match self {
            Self::Set(operand) => (0, operand),
            Self::Add(operand) => (1, operand),
            Self::Or(operand) => (2, operand),
            Self::AndNot(operand) => (3, operand),
            Self::Xor(operand) => (4, operand),
        };
        let code = if operand.shift { code | SHIFT } else { code };
        code << 28 | (operand.bits as u32) << 12
    }
}

/// What [`wake_op`](Futex::wake_op) asks of the target's **old** value, as a signed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `old == number`.
    Equal(Immediate),
    /// `old != number`.
    NotEqual(Immediate),
    /// `old < number`.
    Less(Immediate),
    /// `old <= number`.
    LessOrEqual(Immediate),
    /// `old > number`.
    Greater(Immediate),
    /// `old >= number`.
    GreaterOrEqual(Immediate),
}

// === impl Comparison ===

impl Comparison {
    /// Whether it holds for a word that held `old`.
    #[must_use]
    pub const fn holds(self, old: u32) -> bool {
        let old = old as i32;
        match self {
            Self::Equal(Immediate(number)) => old == number as i32,
            Self::NotEqual(Immediate(number)) => old != number as i32,
            Self::Less(Immediate(number)) => old < number as i32,
            Self::LessOrEqual(Immediate(number)) => old <= number as i32,
            Self::Greater(Immediate(number)) => old > number as i32,
            Self::GreaterOrEqual(Immediate(number)) => old >= number as i32,
        }
    }

    const fn encoded(self) -> u32 {
        let (code, number) = match self {
            Self::Equal(number) => (0, number),
            Self::NotEqual(number) => (1, number),
            Self::Less(number) => (2, number),
            Self::LessOrEqual(number) => (3, number),
            Self::Greater(number) => (4, number),
            Self::GreaterOrEqual(number) => (5, number),
        };
        code << 24 | number.encoded()
    }
}

impl<S: Scope> Futex<S> {
    /// Changes `target`, wakes up to `count` threads that wait on `word`, and, if the old value of
    /// `target` meets `comparison`, up to `target_count` that wait on `target`:
    /// `FUTEX_WAKE_OP`. Returns how many in all.
    ///
    /// The change is atomic for everybody, and the whole is one step for threads that fall asleep
    /// on either word. It was made for signalling a condition variable and releasing its lock in
    /// one call. The counts are not zero because the kernel wakes one where it is asked for none;
    /// [`NonZeroU32::MAX`] is all.
    ///
    /// `word` may dangle, as for [`wake`](Self::wake). `target` is written by the kernel as any
    /// thread with an `&AtomicU32` may. The change is a full barrier on the kernel's architectures
    /// (its documentation does not promise one). It does not block but for a page fault.
    ///
    /// # Errors
    ///
    /// [`WakeOpError`].
    ///
    /// # References
    ///
    /// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); Linux 2.6.14.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use pintle_park::linux::futex::*;
    /// use std::sync::atomic::Ordering::Relaxed;
    ///
    /// // Unlock (2 means "locked, and somebody waits"), and wake one if somebody waits.
    /// let (condition, lock) = (Futex::<Private>::new(0), Futex::<Private>::new(2));
    /// let one = NonZeroU32::MIN;
    /// let unlock = Operation::Set(Operand::number(0).unwrap());
    /// let contended = Comparison::Greater(Immediate::new(1).unwrap());
    /// let woken = Futex::wake_op(&condition, one, &lock, one, unlock, contended);
    /// assert_eq!(woken, Ok(0), "nobody really waits");
    /// assert_eq!(lock.load(Relaxed), 0);
    /// ```
    pub fn wake_op(
        word: *const Self,
        count: NonZeroU32,
        target: &Self,
        target_count: NonZeroU32,
        operation: Operation,
        comparison: Comparison,
    ) -> Result<u32, WakeOpError> {
        let encoded = operation.encoded() | comparison.encoded();
        let (count, target_count) = (clamp(count.get()), clamp(target_count.get()));
        let call = raw::WAKE_OP | scope::flag::<S>();
        let (word, target) = (word.cast(), target.as_atomic());
        // SAFETY: it writes the target only, which is a live atomic.
        let woken = unsafe { raw::futex_counts(word, call, count, target_count, target, encoded) };
        woken.map(|woken| woken as u32).map_err(WakeOpError::new)
    }
}
