//! A value that is made once, by whichever task needs it first: a [`OnceCell`].
//!
//! # States
//!
//! The cell is a wait queue whose one wake-up is the right to make the value, and which is closed when the
//! value is there:
//!
//! ```text
//!               get_or_init, set                         value is there
//!    ┌───────┐ ──────────────────► ┌────────────────┐ ────────────────────► ┌─────────────┐
//!    │ Empty │                     │ Initializing   │                       │ Initialized │
//!    │ woken │ ◄────────────────── │ the others wait│                       │ closed      │
//!    └───────┘  error, panic,      └────────────────┘                       └─────────────┘
//!               cancelled, and nobody waits   │ ▲
//!                                             └─┘ error, panic, cancelled: the next one makes it
//! ```
//!
//! # Invariants
//!
//! 1. The queue was made with one stored wake-up, and only who has taken it wakes or closes it. So there is one
//!    such right at a time, none when the queue is closed, and the queue's fairness and its handing on
//!    are the cell's.
//! 2. The value is initialized if and only if the queue is closed. Before that it is touched by who has the
//!    right alone; afterwards it is only read, or the owner's.

mod error;
mod right;

use core::{
    convert::Infallible,
    fmt,
    future::Future,
    mem::MaybeUninit,
    panic::{RefUnwindSafe, UnwindSafe},
    task::Poll,
};

use pintle_core::{cell::UnsafeCell, const_fn};

pub use self::error::SetError;
use self::right::Right;
use crate::{
    WaitQueue,
    blocking::{DefaultMutex, ScopedRawMutex},
};

/// A cell whose value is made once, asynchronously, by one of the tasks that ask for it.
///
/// The names are those of tokio's `OnceCell`. If the task that makes the value is cancelled, panics or gives an
/// error, the one that has waited longest makes it instead; so it does not matter who is cancelled.
///
/// # Memory order
///
/// What happened before the value was set is visible to whoever gets it.
///
/// # Contexts
///
/// [`get`](Self::get) and [`initialized`](Self::initialized) are a load and may be called from anywhere. The
/// others may be called from a `Drop` and a waker, and from an interrupt handler if `Lock` keeps that interrupt
/// out while it is held.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::OnceCell;
///
/// static CONFIG: OnceCell<String> = OnceCell::new();
///
/// async fn config() -> &'static str {
///     CONFIG.get_or_init(|| async { String::from("read from flash") }).await
/// }
///
/// assert_eq!(CONFIG.get(), None);
/// assert_eq!(block_on(config()), "read from flash");
/// assert!(CONFIG.initialized());
/// ```
pub struct OnceCell<T, Lock: ScopedRawMutex = DefaultMutex> {
    queue: WaitQueue<Lock>,
    value: UnsafeCell<MaybeUninit<T>>,
}

// === impl OnceCell ===

impl<T> OnceCell<T> {
    const_fn! {
        /// An empty cell, with the default lock.
        #[must_use]
        pub const fn new() -> Self {
            Self::new_with_raw_mutex(DefaultMutex::new())
        }
    }

    /// A cell that has the value already, or an empty one for `None`, with the default lock.
    #[must_use]
    pub fn new_with(value: Option<T>) -> Self {
        match value {
            Some(value) => Self::from(value),
            None => Self::new(),
        }
    }
}

impl<T, Lock: ScopedRawMutex> OnceCell<T, Lock> {
    const_fn! {
        /// An empty cell, with a lock of the caller's choice.
        #[must_use]
        pub const fn new_with_raw_mutex(lock: Lock) -> Self {
            Self {
                queue: WaitQueue::new_woken(lock),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        }
    }

    /// Whether the value is there.
    #[must_use]
    pub fn initialized(&self) -> bool {
        self.queue.is_closed()
    }

    /// The value, if it is there. Never waits.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: it is initialized.
        self.initialized().then(|| unsafe { self.assume_init() })
    }

    /// The value, if it is there, to be changed.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if !self.initialized() {
            return None;
        }
        self.value.with_mut(|value| {
            // SAFETY: the cell is exclusively borrowed.
            let value = unsafe { &mut *value };
            // SAFETY: it is initialized (invariant 2).
            Some(unsafe { value.assume_init_mut() })
        })
    }

    /// Puts the value in, if the cell is empty and nobody is making it. Never waits.
    ///
    /// # Errors
    ///
    /// The value comes back in a [`SetError`] that says which of the two was not so.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.queue.try_wait() {
            Poll::Ready(Ok(())) => {
                // SAFETY: the wake-up has just been taken.
                unsafe { Right::taken(self) }.set(value);
                Ok(())
            }
            Poll::Ready(Err(_)) => Err(SetError::AlreadyInitializedError(value)),
            Poll::Pending => Err(SetError::InitializingError(value)),
        }
    }

    /// The value; if it is not there, makes it by `f`, or waits for who is making it.
    ///
    /// `f` is called at most once per call of this, and only one's future runs at a time. It must not ask for
    /// this cell's value, for which it would wait for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before the value is there drops `f`'s future; the next one in line makes the value.
    pub async fn get_or_init<F, Fut>(&self, f: F) -> &T
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let made = self
            .get_or_try_init(|| async { Ok::<_, Infallible>(f().await) })
            .await;
        match made {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// The value; if it is not there, tries to make it by `f`, or waits for who is making it.
    ///
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// # Errors
    ///
    /// That of `f`'s future. The next one in line then tries it with its own.
    ///
    /// # Cancellation
    ///
    /// As for [`get_or_init`](Self::get_or_init).
    pub async fn get_or_try_init<E, F, Fut>(&self, f: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        if self.queue.wait().await.is_ok() {
            // Handed on if this is dropped in `f`, or gives up here.
            // SAFETY: the wake-up has just been taken.
            let right = unsafe { Right::taken(self) };
            right.set(f().await?);
        }
        // SAFETY: the queue was closed before the wait, or has just been, by `set`.
        Ok(unsafe { self.assume_init() })
    }

    /// Takes the value out, and leaves the cell empty.
    pub fn take(&mut self) -> Option<T>
    where
        Lock: Default,
    {
        core::mem::take(self).into_inner()
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        let this = core::mem::ManuallyDrop::new(self);
        let initialized = this.initialized();
        // SAFETY: `this` is not used again, nor dropped: what is read here is dropped here.
        let queue = unsafe { core::ptr::read(&raw const this.queue) };
        drop(queue);
        initialized.then(|| {
            this.value.with(|value| {
                // SAFETY: nobody else reaches the cell, and it is not used again.
                let value = unsafe { value.read() };
                // SAFETY: it is initialized (invariant 2).
                unsafe { value.assume_init() }
            })
        })
    }

    /// Puts the value in and lets everybody go on.
    ///
    /// # Safety
    ///
    /// The caller has the right to make the value, and gives it up.
    unsafe fn finish(&self, value: T) {
        self.value.with_mut(|slot| {
            // SAFETY: the value is the caller's alone (invariant 2).
            unsafe { slot.write(MaybeUninit::new(value)) };
        });
        // INVARIANT: it is initialized, so the queue is closed. That releases what has been written to
        // whoever finds it closed.
        self.queue.close();
    }

    /// # Safety
    ///
    /// The queue has been seen closed.
    unsafe fn assume_init(&self) -> &T {
        self.value.with(|value| {
            // SAFETY: it is only read from now on (invariant 2).
            let value = unsafe { &*value };
            // SAFETY: it is initialized (invariant 2).
            unsafe { value.assume_init_ref() }
        })
    }
}

impl<T, Lock: ScopedRawMutex> Drop for OnceCell<T, Lock> {
    fn drop(&mut self) {
        if self.initialized() {
            self.value.with_mut(|value| {
                // SAFETY: the cell is exclusively borrowed.
                let value = unsafe { &mut *value };
                // SAFETY: it is initialized (invariant 2), and not used again.
                unsafe { value.assume_init_drop() };
            });
        }
    }
}

impl<T, Lock: ScopedRawMutex + Default> Default for OnceCell<T, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(Lock::default())
    }
}

impl<T, Lock: ScopedRawMutex + Default> From<T> for OnceCell<T, Lock> {
    fn from(value: T) -> Self {
        let cell = Self::default();
        if cell.set(value).is_err() {
            unreachable!("nobody else has this cell");
        }
        cell
    }
}

impl<T: Clone, Lock: ScopedRawMutex + Default> Clone for OnceCell<T, Lock> {
    /// A cell with a clone of the value, or an empty one.
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::default, Self::from)
    }
}

impl<T: PartialEq, Lock: ScopedRawMutex> PartialEq for OnceCell<T, Lock> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq, Lock: ScopedRawMutex> Eq for OnceCell<T, Lock> {}

impl<T: fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for OnceCell<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell")
            .field("value", &self.get())
            .finish_non_exhaustive()
    }
}

// SAFETY: the cell owns its value and its queue.
unsafe impl<T: Send, Lock: ScopedRawMutex + Send> Send for OnceCell<T, Lock> {}

// SAFETY: through a shared cell one thread puts the value in and another may take it out (by dropping the
// cell), so it must be `Send`; and all may read it at once, so it must be `Sync`. The queue orders the two.
unsafe impl<T: Send + Sync, Lock: ScopedRawMutex + Sync> Sync for OnceCell<T, Lock> {}

// A panic of who makes the value leaves the cell empty, not half made.
impl<T: UnwindSafe, Lock: ScopedRawMutex> UnwindSafe for OnceCell<T, Lock> {}
impl<T: RefUnwindSafe + UnwindSafe, Lock: ScopedRawMutex> RefUnwindSafe for OnceCell<T, Lock> {}
