//! One thread that sleeps until it is handed a token.
//!
//! # States of a token's word
//!
//! ```text
//!              park                          unpark (+ wake)
//!    EMPTY ────────────▶ PARKED ─────────────────────────────┐
//!    │ ▲                   │                                 ▼
//!    │ └───────────────────┘ timed out                    NOTIFIED ◀─┐
//!    │ ▲                                                     │ │     │ unpark
//!    │ └─────────────────────────────────────────────────────┘ └─────┘
//!    │             park (takes the token, does not sleep)      ▲
//!    └─────────────────────────────────────────────────────────┘ unpark
//! ```
//!
//! | transition | who | returns |
//! |---|---|---|
//! | `EMPTY → PARKED`, `NOTIFIED → EMPTY` | [`Token::start_park`]: the one [`Parker`] | [`Start`] |
//! | `NOTIFIED → EMPTY` on waking | [`Token::try_take`]: the `Parker` | [`ParkOutcome`] or none |
//! | `PARKED, NOTIFIED → EMPTY` at the deadline | [`Token::give_up`]: the `Parker` | [`ParkOutcome`] |
//! | `any → NOTIFIED` | [`Token::unpark`]: anyone, one swap | – |
//!
//! # Invariants
//!
//! - Only the parker whose claim stands makes the word `PARKED` or `EMPTY`, and it is `PARKED` only
//!   inside one of its calls.
//! - Whoever replaces `PARKED` by `NOTIFIED` wakes; the parker sleeps only while the word is
//!   `PARKED`. So no token is lost and a running thread costs `unpark` no system call.
//!
//! Source: the thread parker of the Rust standard library; Mara Bos, *Rust Atomics and Locks*,
//! chapter 8.

#[cfg(test)]
mod tests;
mod token;
mod unparker;

pub use self::token::{AlreadyClaimed, Token};
pub use self::unparker::Unparker;

use self::token::Start;
use super::{Deadline, WaitOutcome, wait_until};
use crate::{Park, ParkOutcome, ParkUntil};
#[cfg(feature = "alloc")]
use alloc::sync::Arc;
use core::{cell::Cell, fmt, marker::PhantomData, ops::Deref, time::Duration};

/// Declares a struct over a handle to a [`Token`], which is an `Arc` by default where there are
/// `Arc`s.
macro_rules! over_a_token {
    ($(#[$meta:meta])* pub struct $Name:ident $fields:tt) => {
        $(#[$meta])*
        #[cfg(feature = "alloc")]
        pub struct $Name<H: Deref<Target = Token> = alloc::sync::Arc<Token>> $fields

        $(#[$meta])*
        #[cfg(not(feature = "alloc"))]
        pub struct $Name<H: Deref<Target = Token>> $fields
    };
}
use over_a_token;

over_a_token! {
    /// Puts its thread to sleep until it is handed a token by an [`Unparker`].
    ///
    /// There is at most one token: [`unpark`](Unparker::unpark) puts it there, [`park`](Self::park)
    /// sleeps until it is there and takes it. So an `unpark` that comes before the `park` is not lost,
    /// and two that come before it count as one. Unlike `std::thread::park` it returns only for a token,
    /// never spuriously, and nobody else's code can take the token away.
    ///
    /// A parker belongs to one thread at a time: it is `Send` and not `Sync`. Its token lives in an
    /// `Arc` (`Parker::new`, feature `alloc`) or is borrowed, from a `static` say
    /// ([`claim`](Self::claim)).
    ///
    /// What was written before an `unpark` is visible after the `park` that takes its token (release
    /// and acquire), also if an earlier `unpark` had put the token there.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "alloc")] {
    /// use pintle_park::Parker;
    ///
    /// let parker = Parker::new();
    /// let unparker = parker.unparker();
    /// let other = std::thread::spawn(move || unparker.unpark());
    /// parker.park();
    /// other.join().unwrap();
    /// # }
    /// ```
    ///
    /// Without a heap:
    ///
    /// ```
    /// use pintle_park::{Parker, Token};
    ///
    /// static TOKEN: Token = Token::new();
    ///
    /// let parker = Parker::claim(&TOKEN).expect("nobody else parks on it");
    /// let other = std::thread::spawn(|| TOKEN.unpark());
    /// parker.park();
    /// other.join().unwrap();
    /// ```
    ///
    /// Two threads cannot park on one:
    ///
    /// ```compile_fail,E0277
    /// use pintle_park::{Parker, Token};
    ///
    /// static TOKEN: Token = Token::new();
    ///
    /// let parker = Parker::claim(&TOKEN).unwrap();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| parker.park());
    ///     parker.park();
    /// });
    /// ```
    pub struct Parker {
        token: H,
        /// Takes `Sync` away: two threads in `park` at once would share one token.
        _not_sync: PhantomData<Cell<()>>,
    }
}

// === impl Parker ===

#[cfg(feature = "alloc")]
impl Parker {
    /// A parker with a token of its own, which is not there yet.
    #[must_use]
    pub fn new() -> Self {
        let token = Arc::new(Token::new());
        // Nobody has seen this token: the claim is only for its release in `drop`.
        token.try_claim();
        Self {
            token,
            _not_sync: PhantomData,
        }
    }
}

#[cfg(feature = "alloc")]
impl Default for Parker {
    fn default() -> Self {
        Self::new()
    }
}

impl<H: Deref<Target = Token>> Parker<H> {
    /// Makes the caller the one that parks on `token`, until this parker is dropped.
    ///
    /// If the token is already there (it may have been left by the parker before), the first
    /// `park` takes it.
    ///
    /// # Errors
    ///
    /// [`AlreadyClaimed`], which gives `token` back, while another parker has it.
    pub fn claim(token: H) -> Result<Self, AlreadyClaimed<H>> {
        if token.try_claim() {
            Ok(Self {
                token,
                _not_sync: PhantomData,
            })
        } else {
            Err(AlreadyClaimed(token))
        }
    }

    /// Takes the token, sleeping until it is there.
    ///
    /// Blocks: not for an interrupt handler or a critical section.
    pub fn park(&self) {
        // Only a token ends it, as the deadline does not come.
        let _ = self.park_deadline(Deadline::NEVER);
    }

    /// Takes the token, sleeping until it is there, for `timeout` at most.
    ///
    /// It does not time out early. `Duration::ZERO` takes the token if it is there and never
    /// sleeps; a timeout that is beyond the clock (`Duration::MAX`) is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use pintle_park::{ParkOutcome, Parker, Token};
    ///
    /// let token = Token::new();
    /// let parker = Parker::claim(&token).unwrap();
    /// assert_eq!(parker.park_timeout(Duration::from_millis(1)), ParkOutcome::TimedOut);
    /// token.unpark();
    /// assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::Unparked);
    /// ```
    pub fn park_timeout(&self, timeout: Duration) -> ParkOutcome {
        match self.token.start_park() {
            Start::Taken => ParkOutcome::Unparked,
            Start::Parked if timeout.is_zero() => self.token.give_up(),
            Start::Parked => self.sleep(Deadline::after(timeout)),
        }
    }

    /// Takes the token, sleeping until it is there, or until `deadline` at the latest.
    ///
    /// It does not time out early. With a deadline that has passed it takes the token if it is
    /// there.
    pub fn park_deadline(&self, deadline: impl Into<Deadline>) -> ParkOutcome {
        // The caller's code, which may panic or park: not while the word is `PARKED`.
        let deadline = deadline.into();
        match self.token.start_park() {
            Start::Taken => ParkOutcome::Unparked,
            Start::Parked => self.sleep(deadline),
        }
    }

    /// A handle that hands this parker its token, from any thread.
    #[must_use]
    pub fn unparker(&self) -> Unparker<H>
    where
        H: Clone,
    {
        Unparker::new(self.token.clone())
    }

    /// Sleeps in the state `PARKED` until there is a token or the deadline has passed.
    fn sleep(&self, deadline: Deadline) -> ParkOutcome {
        loop {
            if wait_until(self.token.word(), Token::PARKED, deadline) == WaitOutcome::TimedOut {
                return self.token.give_up();
            }
            if let Some(unparked) = self.token.try_take() {
                return unparked;
            }
        }
    }
}

impl<H: Deref<Target = Token> + Clone + Send + Sync> Park for Parker<H> {
    type Unparker = Unparker<H>;

    fn park(&self) {
        Self::park(self);
    }

    fn unparker(&self) -> Unparker<H> {
        Self::unparker(self)
    }
}

impl<H: Deref<Target = Token> + Clone + Send + Sync> ParkUntil for Parker<H> {
    type Deadline = Deadline;

    fn park_until(&self, deadline: Deadline) -> ParkOutcome {
        self.park_deadline(deadline)
    }
}

impl<H: Deref<Target = Token>> Drop for Parker<H> {
    fn drop(&mut self) {
        self.token.release_claim();
    }
}

impl<H: Deref<Target = Token>> fmt::Debug for Parker<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Parker").field(&*self.token).finish()
    }
}
