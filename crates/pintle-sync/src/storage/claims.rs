use core::fmt;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use pintle_bitfield::Transition;
use pintle_bitfield::{AtomicBits, bitfield};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed, Release},
    const_fn,
};

use super::AlreadySplit;

bitfield! {
    /// Who is there. The parent's docs have the states, and what overflow does.
    #[derive(PartialEq, Eq)]
    struct Word<usize> {
        /// Somebody uses the shared part, be it to clean it.
        const CLAIMED: bool;
        /// How many sides are here: 0, 1 or 2.
        const SIDES = 2;
        /// How many senders there are.
        const SENDERS = ..;
    }
}

/// The word that says whether a channel is in use, and by how many ends.
pub(crate) struct Claims(AtomicBits<Word>);

/// Who is left when somebody has left.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Leave {
    /// Somebody else.
    Others,
    /// Nobody of that kind.
    Last,
}

// === impl Claims ===

impl Claims {
    const ONE_SIDE: usize = Word::SIDES.first_bit();
    const ONE_SENDER: usize = Word::SENDERS.first_bit();

    /// A channel that has just been split.
    const SPLIT: Word =
        Word::from_bits(Word::CLAIMED.first_bit() + 2 * Self::ONE_SIDE + Self::ONE_SENDER);

    /// Half of what the count has room for, so that what is added before it is looked at stays in its
    /// field.
    const MOST: usize = 1 << (usize::BITS - 4);

    const_fn! {
        /// Nobody uses the shared part.
        pub(crate) const fn vacant() -> Self {
            Self(Word::new().into_atomic())
        }
    }

    const_fn! {
        /// One sender and one receiver use it.
        pub(crate) const fn split() -> Self {
            Self(Self::SPLIT.into_atomic())
        }
    }

    /// Vacant to split.
    pub(crate) fn try_claim(&self) -> Result<(), AlreadySplit> {
        // Acquire pairs with the release in `vacate`: the channel has been reset before.
        self.0
            .compare_exchange(Word::new(), Self::SPLIT, Acquire, Relaxed)
            .map(drop)
            .map_err(|_| AlreadySplit)
    }

    /// Split, whatever it was.
    pub(crate) fn claim(&mut self) {
        self.0.with_mut(|word| *word = Self::SPLIT);
    }

    /// Whether there is one end at least, or the channel is being cleaned.
    pub(crate) fn is_claimed(&self) -> bool {
        self.0.load(Relaxed).get(Word::CLAIMED)
    }

    /// How many senders there are.
    pub(crate) fn senders(&self) -> usize {
        self.0.load(Relaxed).get(Word::SENDERS)
    }

    /// Whether the last sender has left. What it and the others did is visible then.
    pub(crate) fn is_deserted(&self) -> bool {
        // Acquire pairs with the release in `leave_sender`.
        self.0.load(Acquire).get(Word::SENDERS) == 0
    }

    /// One sender more, made of another one.
    #[track_caller]
    pub(crate) fn add_sender(&self) {
        // Relaxed: it is made from one that is there, by whatever way it reaches another thread.
        let before = self.0.fetch_add(Self::ONE_SENDER, Relaxed);
        if before.get(Word::SENDERS) >= Self::MOST {
            let _ = self.0.fetch_sub(Self::ONE_SENDER, Relaxed);
            panic!("too many senders of one channel");
        }
    }

    /// One sender more, made of none: unless the last one has left.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[track_caller]
    pub(crate) fn try_add_sender(&self) -> bool {
        // Relaxed as in `add_sender`: the caller holds the shared part already. None comes back once the
        // last one has left, as that is what is looked at in the step that adds.
        self.0.transition(Relaxed, Relaxed, |seen| {
            let senders = seen.get(Word::SENDERS);
            assert!(senders < Self::MOST, "too many senders of one channel");
            if senders == 0 {
                Transition::Stay(false)
            } else {
                let more = Word::from_bits(seen.bits() + Self::ONE_SENDER);
                Transition::To(more, true)
            }
        })
    }

    /// One sender less. Its side stays: who was the last closes the channel, and then calls
    /// [`leave_side`](Self::leave_side).
    #[inline]
    pub(crate) fn leave_sender(&self) -> Leave {
        // Release, and acquire by the last: what each sender did comes before what the last does
        // about it.
        let before = self.0.fetch_sub(Self::ONE_SENDER, AcqRel);
        match before.get(Word::SENDERS) {
            1 => Leave::Last,
            _ => Leave::Others,
        }
    }

    /// One side less. `Last` says that the caller is alone with the shared part, which it cleans
    /// before it calls [`vacate`](Self::vacate).
    #[inline]
    pub(crate) fn leave_side(&self) -> Leave {
        // Release, and acquire by the last: all that the other side did to the shared part comes
        // before it is cleaned.
        let before = self.0.fetch_sub(Self::ONE_SIDE, AcqRel);
        match before.get(Word::SIDES) {
            1 => Leave::Last,
            _ => Leave::Others,
        }
    }

    /// Lets the channel be split again. Only for who has been told that its side was the last.
    #[inline]
    pub(crate) fn vacate(&self) {
        // Release pairs with the acquire in `try_claim`.
        self.0.store(Word::new(), Release);
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}
