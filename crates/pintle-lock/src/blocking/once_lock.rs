use crate::once::{Block, Once};
use core::fmt;
use pintle_core::const_fn;

/// A value that is put there once, by a call, and read by everybody from then on: std's, without
/// std.
///
/// Reading is one load. With feature `os` waiters sleep in the operating system, without they spin;
/// an interrupt handler must not wait there, as what it waits for may be the code that it has
/// interrupted ([`get`](Self::get) does not wait). The value is dropped with the cell.
///
/// An initialiser that panics or fails leaves the cell empty, and another one who waits for it tries
/// its own. One that initialises its own cell waits for itself for ever.
///
/// # Examples
///
/// ```
/// use pintle_lock::blocking::OnceLock;
///
/// static NAME: OnceLock<String> = OnceLock::new();
///
/// assert_eq!(NAME.get(), None);
/// assert_eq!(NAME.get_or_init(|| "pintle".into()), "pintle");
/// assert_eq!(NAME.set("gudgeon".into()), Err("gudgeon".into()));
/// ```
pub struct OnceLock<T> {
    once: Once<T, Block>,
}

// === impl OnceLock ===

impl<T> OnceLock<T> {
    const_fn! {
        /// A cell with no value in it.
        #[inline]
        #[must_use]
        pub const fn new() -> Self {
            Self { once: Once::new() }
        }
    }

    /// Returns the value, if it is there. Does not wait. Acquires what its initialisation released.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.once.get()
    }

    /// Returns the value, if it is there: an exclusive borrow needs not wait.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.once.get_mut()
    }

    /// Waits until there is a value, whoever puts it there.
    #[must_use]
    pub fn wait(&self) -> &T {
        self.once.wait()
    }

    /// Puts `value` there, if nothing is. Waits for another thread that is about to, which may fail.
    ///
    /// # Errors
    ///
    /// If there is a value: with `value`.
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        let _ = self.once.get_or_try_init(|| value.take().ok_or(()));
        match value {
            None => Ok(()),
            Some(value) => Err(value),
        }
    }

    /// Returns the value; if there is none, puts there what `f` makes.
    ///
    /// One `f` runs at a time, and others wait for it. If it panics one of them runs its own.
    ///
    /// # Panics
    ///
    /// If `f` does.
    #[inline]
    pub fn get_or_init(&self, f: impl FnOnce() -> T) -> &T {
        self.once.get_or_init(f)
    }

    /// Returns the value; if there is none, puts there what `f` makes, if it does.
    ///
    /// # Errors
    ///
    /// If `f` fails: with its error. The cell is still empty.
    ///
    /// # Panics
    ///
    /// If `f` does.
    #[inline]
    pub fn get_or_try_init<E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        self.once.get_or_try_init(f)
    }

    /// Takes the value out of a cell that is not needed any more.
    #[inline]
    #[must_use]
    pub fn into_inner(mut self) -> Option<T> {
        self.take()
    }

    /// Takes the value out, which leaves the cell empty.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.once.take()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        Self {
            once: Once::with_value(value),
        }
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::new, Self::from)
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("OnceLock");
        match self.get() {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}
