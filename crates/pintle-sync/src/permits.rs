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
//! 3. Whenever the lock is free, the first of those who wait needs more permits than there are, or
//!    there is a [`Serving`] under way that will look again.
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
    util::WakeBatch,
    waiters::{Stage, Waiters},
};
use pintle_core::const_fn;

/// How many wakers are taken out each time the lock is held, where there may be many.
const BATCH: usize = 16;

/// Permits, and those who wait for some.
pub(crate) struct Permits<Lock> {
    word: AtomicWord,
    line: Mutex<Waiters<usize>, Lock>,
}

/// There would be more permits than [`Word::MAX`].
#[derive(Debug)]
pub(crate) struct TooMany;

/// Whether there may be somebody left to be served when the lock has been let go.
#[derive(PartialEq, Eq)]
#[must_use]
enum Left {
    /// Whoever waits has to.
    Nobody,
    /// The batch was full.
    Perhaps,
}

/// Serves those who are left, a batch at a time, also while a waker's panic unwinds.
struct Serving<'a, Lock: ScopedRawMutex> {
    permits: &'a Permits<Lock>,
    left: Left,
}

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
            self.give_slow::<BATCH>(n);
        }
    }

    /// [`give(1)`](Self::give), where nobody ever waits for fewer than are missing by one: the permit
    /// serves one waiter at most.
    #[inline(always)]
    pub(crate) fn give_one(&self) {
        if self.word.give(1) == Give::Waiting {
            self.give_slow::<1>(1);
        }
    }

    /// [`give(1)`](Self::give), where there is but one.
    #[inline(always)]
    pub(crate) fn give_only(&self) {
        if self.word.give_only() != Give::Given {
            self.give_slow::<1>(1);
        }
    }

    /// Gives `n` permits, if there are not too many then.
    pub(crate) fn try_give(&self, n: usize) -> Result<(), TooMany> {
        let mut give = self.word.try_give(n);
        if give == Give::Waiting {
            self.settle::<BATCH>(|line, batch| {
                // While the lock is held nobody begins to wait.
                give = self.word.try_give(n);
                if give != Give::Waiting {
                    return Left::Nobody;
                }
                match self.word.exclusive().try_plus(n) {
                    Some(word) => self.serve(word, line, batch),
                    None => {
                        give = Give::TooMany;
                        Left::Nobody
                    }
                }
            });
        }
        match give {
            Give::TooMany => Err(TooMany),
            Give::Given | Give::Waiting => Ok(()),
        }
    }

    /// Closes: every wait ends, now and later.
    pub(crate) fn close(&self) {
        if self.word.close() == Close::Waiting {
            self.settle::<BATCH>(|line, batch| match self.word.close() {
                Close::Settled => Left::Nobody,
                Close::Waiting => self.serve(self.word.exclusive().closed(), line, batch),
            });
        }
    }

    /// [`give`](Self::give), where somebody waits or has just waited.
    #[inline(never)]
    fn give_slow<const N: usize>(&self, n: usize) {
        self.settle::<N>(|line, batch| self.give_locked(n, line, batch));
    }

    /// [`give`](Self::give) with the lock held.
    #[inline]
    fn give_locked<const N: usize>(
        &self,
        n: usize,
        line: &mut Waiters<usize>,
        batch: &mut WakeBatch<N>,
    ) -> Left {
        match self.word.give(n) {
            Give::Given | Give::TooMany => Left::Nobody,
            Give::Waiting => self.serve(self.word.exclusive().plus(n), line, batch),
        }
    }

    /// Runs `f` under the lock, wakes whom it puts into the batch, and serves who is left.
    #[inline(always)]
    fn settle<const N: usize>(
        &self,
        f: impl FnOnce(&mut Waiters<usize>, &mut WakeBatch<N>) -> Left,
    ) {
        let mut batch = WakeBatch::new();
        let left = self.line.with_lock(|line| f(line, &mut batch));
        let mut serving = Serving {
            permits: self,
            left,
        };
        loop {
            batch.wake_all();
            if serving.left == Left::Nobody {
                break;
            }
            serving.next(&mut batch);
        }
    }

    /// Serves the first of those who wait, as long as there is something for them, and makes `word`,
    /// less what they got, the word.
    ///
    /// The lock is held, and `word` says that somebody waits, as the word does.
    #[inline]
    fn serve<const N: usize>(
        &self,
        mut word: Word,
        line: &mut Waiters<usize>,
        batch: &mut WakeBatch<N>,
    ) -> Left {
        let left = loop {
            let Some(need) = line.with_front(|need| *need) else {
                word = word.nobody_waits();
                break Left::Nobody;
            };
            let (rest, stage) = if word.is_closed() {
                (word, Stage::Closed)
            } else if let Some(rest) = word.minus(need) {
                (rest, Stage::Handed)
            } else {
                break Left::Nobody;
            };
            if batch.is_full() {
                break Left::Perhaps;
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

// === impl Serving ===

impl<Lock: ScopedRawMutex> Serving<'_, Lock> {
    #[cold]
    fn next<const N: usize>(&mut self, batch: &mut WakeBatch<N>) {
        let permits = self.permits;
        self.left = permits.line.with_lock(|line| {
            if line.is_empty() {
                // Somebody else has served them meanwhile.
                return Left::Nobody;
            }
            permits.serve(permits.word.exclusive(), line, batch)
        });
    }
}

impl<Lock: ScopedRawMutex> Drop for Serving<'_, Lock> {
    fn drop(&mut self) {
        // Somebody is left only while a waker's panic unwinds. What has been given is theirs, and
        // nobody else will look: a batch that is dropped full wakes, and holds back further panics.
        while self.left == Left::Perhaps {
            self.next(&mut WakeBatch::<BATCH>::new());
        }
    }
}
