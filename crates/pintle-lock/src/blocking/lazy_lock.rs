use crate::once::{Block, Once};
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use pintle_core::const_fn;

/// A value that is made by the first who asks for it: std's, without std.
///
/// Once it is made, asking is one load. With feature `os` waiters sleep in the operating system,
/// without they spin; an interrupt handler must not wait there, as what it waits for may be the code
/// that it has interrupted ([`get`](Self::get) does not wait). The value is dropped with the cell.
///
/// If the initialiser panics there is still no value, and the next one who asks runs it again, also
/// one of those that waited. In that it is not std's, which is poisoned then; and so the initialiser
/// is an `Fn`, where std takes any `FnOnce`. What has to give away something that it owns can keep
/// it in an `Option` behind a lock, and says itself what a second call is to do. One that asks for
/// its own value waits for itself for ever.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::LazyLock;
///
/// static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| (0..4).map(|n| n * n).collect());
///
/// assert_eq!(LazyLock::get(&TABLE), None);
/// assert_eq!(TABLE[3], 9);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    once: Once<T, Block>,
    /// Called by the thread that fills `once`.
    initializer: F,
}

// SAFETY: `once` may be shared, with such a `T`. The initialiser is called through a shared
// reference, but by one thread at a time: whoever has the right to fill `once`, which is handed on
// with release and acquire. So it goes from thread to thread, for which it is `Send`.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}

// Nobody sees what a panic of the initialiser has left, but the initialiser.
impl<T: UnwindSafe + RefUnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}

// === impl LazyLock ===

impl<T, F: Fn() -> T> LazyLock<T, F> {
    const_fn! {
        /// A value that `initializer` makes when it is asked for.
        #[inline]
        #[must_use]
        pub const fn new(initializer: F) -> Self {
            Self {
                once: Once::new(),
                initializer,
            }
        }
    }

    /// Returns the value, and makes it if nobody has. Waits for another one who does.
    ///
    /// Dereferencing does the same.
    ///
    /// # Panics
    ///
    /// If the initialiser does.
    #[inline]
    pub fn force(this: &Self) -> &T {
        this.once.get_or_init(&this.initializer)
    }

    /// Returns the value, and makes it if nobody has.
    ///
    /// # Panics
    ///
    /// If the initialiser does.
    #[inline]
    pub fn force_mut(this: &mut Self) -> &mut T {
        Self::force(this);
        match this.once.get_mut() {
            Some(value) => value,
            None => unreachable!("it was made in the line above, and `this` is ours alone"),
        }
    }
}

impl<T, F> LazyLock<T, F> {
    /// Returns the value, if it is made. Does not wait.
    #[inline]
    #[must_use]
    pub fn get(this: &Self) -> Option<&T> {
        this.once.get()
    }

    /// Returns the value, if it is made: an exclusive borrow needs not wait.
    #[inline]
    #[must_use]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.once.get_mut()
    }

    /// Takes the value out of a cell that is not needed any more, or its initialiser.
    ///
    /// # Errors
    ///
    /// If the value is not made: with the initialiser.
    pub fn into_inner(mut this: Self) -> Result<T, F> {
        this.once.take().ok_or(this.initializer)
    }
}

impl<T, F: Fn() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F: Fn() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    /// Shows the value if it is made; showing does not make it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("LazyLock");
        match Self::get(self) {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}
