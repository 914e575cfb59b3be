use crate::once::{Once, Spin};
use core::fmt;
use core::ops::{Deref, DerefMut};
use pintle_core::const_fn;

/// A value that is made by the first who asks for it; others wait, spinning.
///
/// Once it is made, asking is one load. It is dropped with the cell; a static's never is.
///
/// If the initialiser panics there is still no value, and the next one who asks runs it again, also
/// one of those that waited. So it is an `Fn`. One that asks for its own value waits for itself for
/// ever, and so does an interrupt handler that asks while the code it has interrupted is making it:
/// [`init`](Self::init) early, or ask by [`get_if_present`](Self::get_if_present).
///
/// It is `Sync` for a value that is `Send` as well as `Sync`, because a thread that has it for itself
/// may take out what another one made.
///
/// # Examples
///
/// ```
/// use pintle_lock::spin::Lazy;
///
/// static TABLE: Lazy<Vec<u32>> = Lazy::new(|| (0..4).map(|n| n * n).collect());
///
/// assert_eq!(TABLE.get_if_present(), None);
/// assert_eq!(TABLE[3], 9);
/// ```
pub struct Lazy<T, F = fn() -> T> {
    once: Once<T, Spin>,
    initializer: F,
}

// === impl Lazy ===

impl<T, F> Lazy<T, F> {
    const_fn! {
        /// A value that `initializer` makes when it is asked for.
        #[must_use]
        pub const fn new(initializer: F) -> Self {
            Self {
                once: Once::new(),
                initializer,
            }
        }
    }

    /// Returns the value, if it is made. Does not wait.
    #[inline]
    #[must_use]
    pub fn get_if_present(&self) -> Option<&T> {
        self.once.get()
    }
}

impl<T, F: Fn() -> T> Lazy<T, F> {
    /// Returns the value, and makes it if nobody has. Waits, spinning, for another one who does.
    ///
    /// # Panics
    ///
    /// If the initialiser does.
    #[inline]
    #[must_use]
    pub fn get(&self) -> &T {
        self.once.get_or_init(&self.initializer)
    }

    /// Returns the value, and makes it if nobody has.
    ///
    /// # Panics
    ///
    /// If the initialiser does.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T {
        self.init();
        match self.once.get_mut() {
            Some(value) => value,
            None => unreachable!("it was made in the line above, and `self` is ours alone"),
        }
    }

    /// Makes the value if nobody has. Waits, spinning, for another one who does.
    ///
    /// # Panics
    ///
    /// If the initialiser does.
    #[inline]
    pub fn init(&self) {
        let _ = self.get();
    }
}

impl<T, F: Fn() -> T> Deref for Lazy<T, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.get()
    }
}

impl<T, F: Fn() -> T> DerefMut for Lazy<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.get_mut()
    }
}

impl<T: fmt::Debug, F> fmt::Debug for Lazy<T, F> {
    /// Shows the value if it is made; showing does not make it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("Lazy");
        match self.get_if_present() {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninitialized>")),
        };
        debug.finish()
    }
}
