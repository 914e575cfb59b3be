//! Interior mutability that a model checker can watch.
//!
//! loom finds a data race only if it is told when an access begins and ends. So the cell hands
//! its pointer to a closure instead of returning it. In a normal build the closure is inlined and
//! nothing is left of it.

#[cfg(loom)]
pub use loom::cell::UnsafeCell;

#[cfg(not(loom))]
pub use self::native::UnsafeCell;

#[cfg(not(loom))]
mod native {
    /// A [`core::cell::UnsafeCell`] whose pointer is lent to a closure.
    ///
    /// The closures are where an access starts and ends in the eyes of the model checker. A
    /// pointer may be carried out of the closure (a linked list has to), but then loom no longer
    /// sees what is done with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_core::cell::UnsafeCell;
    ///
    /// let cell = UnsafeCell::new(1);
    /// // SAFETY: no other reference to the contents exists.
    /// cell.with_mut(|value| unsafe { *value += 1 });
    /// // SAFETY: as above.
    /// assert_eq!(cell.with(|value| unsafe { *value }), 2);
    /// ```
    #[derive(Debug, Default)]
    #[repr(transparent)]
    pub struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        /// Puts `value` in a cell.
        #[inline(always)]
        #[must_use]
        pub const fn new(value: T) -> Self {
            Self(core::cell::UnsafeCell::new(value))
        }

        /// Takes the value out again.
        #[inline(always)]
        pub fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }

    impl<T: ?Sized> UnsafeCell<T> {
        /// Lends a pointer for reading.
        ///
        /// Dereferencing it is sound as long as nobody writes during the call of `f`.
        #[inline(always)]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// Lends a pointer for reading and writing.
        ///
        /// Dereferencing it is sound as long as nobody else reads or writes during the call of
        /// `f`.
        #[inline(always)]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}
