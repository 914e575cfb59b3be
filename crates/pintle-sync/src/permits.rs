//! Permits, handed out in the order in which they were asked for: what [`Mutex`], [`RwLock`] and
//! [`Semaphore`] are made of.
//!
//! | | permits | taken by |
//! |---|---|---|
//! | [`Mutex`] | 1 | who locks: 1 |
//! | [`RwLock`] | [`Word::MAX`] | who reads: 1; who writes: all |
//! | [`Semaphore`] | the user's | the user's |
//!
//! # States
//!
//! One word: how many permits nobody has, whether somebody *waits* for some, and whether it is
//! *closed*. The waiters stand in line under the lock.
//!
//! ```text
//!      take n, give n                  take n †, of which there are not as many
//!          ⟲                 ┌───────────────────────────────────────────────┐
//!      ┌────────┐ ───────────┘                                               ▼
//!      │ n free │                                                       ┌─────────┐ ⟲ give n †,
//!      └────────┘ ◄──────────┐                                          │ Waiting │   take n †,
//!          │                 └───────────────────────────────────────── └─────────┘   cancel †
//!          │ close              the last one served or cancelled †           │
//!          ▼                                                                 │ close †
//!      ┌────────┐               the last one told †                  ┌──────────────────┐
//!      │ Closed │ ◄───────────────────────────────────────────────── │ Waiting + Closed │
//!      └────────┘ for good                                           └──────────────────┘
//! ```
//!
//! The transitions marked † are made only under the lock; the others are a single compare-exchange
//! without it. So as long as there are enough permits the lock is not touched.
//!
//! Those who wait go through the states of [`waiters`](crate::waiters): `Handed` means that the permits
//! are theirs, and that they go back if the future is dropped before it is polled.
//!
//! # Invariants
//!
//! Those of [`waiters`](crate::waiters), and:
//!
//! 1. Whenever the lock is free, the line is empty if and only if the word does not say `WAITING`.
//! 2. While it says so it is changed only under the lock. Nothing takes `CLOSED` back.
//! 3. Whenever the lock is free, the first of those who wait needs more permits than there are and they
//!    are not closed, or somebody is between two batches and will look again.
//!
//! # Fairness
//!
//! Permits that are given while somebody waits are the first waiter's: they stay in the word, from
//! which nobody else may take then, until there are as many as it needs. So nobody overtakes, and
//! one who needs many is not starved by those who need few.
//!
//! [`Mutex`]: crate::Mutex
//! [`RwLock`]: crate::RwLock
//! [`Semaphore`]: crate::Semaphore

mod place;
mod word;

use core::fmt;

use self::word::{AtomicWord, Close, Give};
pub(crate) use self::{
    place::Place,
    word::{Take, Word},
};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    trace::event,
    util::{BATCH, WakeBatch, wake_in_batches},
    waiters::{Stage, Waiters},
};
use pintle_core::const_fn;

/// Permits, and those who wait for some.
pub(crate) struct Permits<Lock> {
    word: AtomicWord,
    line: Mutex<Waiters<usize>, Lock>,
}

/// There would be more permits than [`Word::MAX`].
#[derive(Debug)]
pub(crate) struct TooMany;

// === impl Permits ===

impl<Lock> Permits<Lock> {
    const_fn! {
        /// Has `permits` permits, at most [`Word::MAX`].
        pub(crate) const fn new(permits: usize, lock: Lock) -> Self {
            Self {
                word: AtomicWord::new(permits),
                line: Mutex::new_with_raw_mutex(Waiters::new(), lock),
            }
        }
    }

    /// The word now.
    pub(crate) fn word(&self) -> Word {
        self.word.load()
    }

    /// Takes `need` permits, if nobody waits and there are as many. Lock-free.
    #[inline(always)]
    pub(crate) fn take(&self, need: usize) -> Take {
        self.word.take(need)
    }

    /// [`take(1)`](Self::take), where there is but one: it is there, or else it is `Short`.
    #[inline(always)]
    pub(crate) fn take_only(&self, _need: usize) -> Take {
        self.word.take_only()
    }

    /// Removes up to `n` of those that nobody has, and says how many. Lock-free.
    pub(crate) fn remove(&self, n: usize) -> usize {
        self.word.remove(n)
    }
}

impl<Lock: ScopedRawMutex> Permits<Lock> {
    /// Gives back `n` permits. Those that would be too many are dropped.
    #[inline(always)]
    pub(crate) fn give(&self, n: usize) {
        if self.word.give(n) == Give::Waiting {
            self.give_slow(n);
        }
    }

    /// [`give(1)`](Self::give), of permits that are never closed.
    #[inline(always)]
    pub(crate) fn give_one(&self) {
        if self.word.give(1) == Give::Waiting {
            self.give_one_slow();
        }
    }

    /// [`give(1)`](Self::give), where there is but one.
    #[inline(always)]
    pub(crate) fn give_only(&self) {
        if self.word.give_only() != Give::Given {
            self.give_one_slow();
        }
    }

    /// Gives `n` permits, if there are not too many then.
    pub(crate) fn try_give(&self, n: usize) -> Result<(), TooMany> {
        let mut give = self.word.try_give(n);
        if give == Give::Waiting {
            let served = self.settle(|line, batch| {
                // While the lock is held nobody begins to wait.
                give = self.word.try_give(n);
                if give != Give::Waiting {
                    return false;
                }
                match self.word.exclusive().try_plus(n) {
                    Some(word) => self.serve(word, line, batch),
                    None => {
                        give = Give::TooMany;
                        false
                    }
                }
            });
            if served {
                event!(self, "wake");
            }
        }
        match give {
            Give::TooMany => Err(TooMany),
            Give::Given | Give::Waiting => Ok(()),
        }
    }

    /// Closes: every wait ends, now and later.
    pub(crate) fn close(&self) {
        event!(self, "close");
        if self.word.close() == Close::Waiting {
            self.settle(|line, batch| match self.word.close() {
                Close::Settled => false,
                Close::Waiting => self.serve(self.word.exclusive().closed(), line, batch),
            });
        }
    }

    /// [`give`](Self::give), where somebody waits or has just waited.
    #[inline(never)]
    fn give_slow(&self, n: usize) {
        if self.settle(|line, batch| self.give_locked(n, line, batch)) {
            event!(self, "wake");
        }
    }

    /// [`give_one`](Self::give_one), where somebody waits or has just waited.
    ///
    /// One permit serves one waiter at most: the first needed one more at least, so nothing is left for
    /// the next. (Unless somebody is between two batches, and that one will look again.)
    #[inline(never)]
    fn give_one_slow(&self) {
        let waker = self.line.with_lock(|line| {
            if self.word.give(1) != Give::Waiting {
                // Not since the lock was taken: while it is held nobody begins to wait.
                return None;
            }
            let word = self.word.exclusive().plus(1);
            let Some(rest) = line.with_front(|need| word.minus(*need)).flatten() else {
                self.word.set(word);
                return None;
            };
            let waker = line.pop_front(Stage::Handed).flatten();
            self.word.set(if line.is_empty() {
                rest.nobody_waits()
            } else {
                rest
            });
            waker
        });
        if let Some(waker) = waker {
            waker.wake();
            event!(self, "wake");
        }
    }

    /// [`give`](Self::give) with the lock held.
    #[inline]
    fn give_locked(
        &self,
        n: usize,
        line: &mut Waiters<usize>,
        batch: &mut WakeBatch<BATCH>,
    ) -> bool {
        match self.word.give(n) {
            Give::Given | Give::TooMany => false,
            Give::Waiting => self.serve(self.word.exclusive().plus(n), line, batch),
        }
    }

    /// Runs `f` under the lock, wakes whom it puts into the batch, and serves who is left, if it says
    /// that somebody may be. Whether anybody was served.
    #[inline(always)]
    fn settle(&self, f: impl FnOnce(&mut Waiters<usize>, &mut WakeBatch<BATCH>) -> bool) -> bool {
        let mut first = Some(f);
        let mut served = false;
        wake_in_batches(|batch| {
            let more = self.line.with_lock(|line| match first.take() {
                Some(f) => f(line, batch),
                // Somebody else may have served them meanwhile.
                None => !line.is_empty() && self.serve(self.word.exclusive(), line, batch),
            });
            served |= !batch.is_empty();
            more
        });
        served
    }

    /// Serves the first of those who wait, as long as there is something for them, and makes `word`,
    /// less what they got, the word. `true`: the batch is full, and there may be something for others.
    ///
    /// The lock is held, and `word` says that somebody waits, as the word does.
    #[inline]
    fn serve(
        &self,
        mut word: Word,
        line: &mut Waiters<usize>,
        batch: &mut WakeBatch<BATCH>,
    ) -> bool {
        let left = loop {
            let Some(need) = line.with_front(|need| *need) else {
                word = word.nobody_waits();
                break false;
            };
            let (rest, stage) = if word.is_closed() {
                (word, Stage::Closed)
            } else if let Some(rest) = word.minus(need) {
                (rest, Stage::Handed)
            } else {
                break false;
            };
            if batch.is_full() {
                break true;
            }
            word = rest;
            if let Some(Some(waker)) = line.pop_front(stage) {
                batch.push(waker);
            }
        };
        self.word.set(word);
        left
    }
}

impl<Lock> fmt::Debug for Permits<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.word.fmt(f)
    }
}

// `Send` and `Sync` come from the parts: the lock guards the line, which is `Send`, so the permits are
// `Send` if the lock is, and `Sync` if the lock is.
