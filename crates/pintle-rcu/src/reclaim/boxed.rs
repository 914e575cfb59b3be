//! Deferring what has no head: in a box beside one.

use super::{AsDomain, Full, RcuHead, Reclaimer, head::Call};
use alloc::boxed::Box;
use core::ptr::NonNull;
use pintle_sync::blocking::ScopedRawMutex;

/// A value and its head.
#[repr(C)]
pub(crate) struct Boxed<T> {
    /// First, so that its address is that of the whole.
    pub(crate) value: T,
    pub(crate) head: RcuHead,
}

// === impl Boxed ===

impl<T> Boxed<T> {
    pub(crate) fn new(value: T) -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            value,
            head: RcuHead::new(),
        })))
    }

    /// Takes the value out.
    ///
    /// # Safety
    ///
    /// `this` comes from `new`, and this is its end.
    pub(crate) unsafe fn into_value(this: NonNull<Self>) -> T {
        // SAFETY: `new` has leaked a box, says the caller.
        unsafe { Box::from_raw(this.as_ptr()) }.value
    }

    /// # Safety
    ///
    /// `this` comes from `new` and is live.
    unsafe fn head(this: NonNull<Self>) -> NonNull<RcuHead> {
        // SAFETY: it is live, says the caller.
        let head = unsafe { &raw mut (*this.as_ptr()).head };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(head) }
    }

    /// Defers the value, to be passed to `consume`.
    ///
    /// # Errors
    ///
    /// [`Full`]: nothing has happened.
    ///
    /// # Safety
    ///
    /// `this` comes from `new`, is not used but by readers of the reclaimer's domain from now on, and not
    /// found by new ones. The value may be
    /// consumed on any thread after a grace period.
    unsafe fn defer_to<D: AsDomain, Lock: ScopedRawMutex>(
        this: NonNull<Self>,
        reclaimer: &Reclaimer<D, Lock>,
        consume: unsafe fn(NonNull<()>),
    ) -> Result<(), Full<()>> {
        // SAFETY: the caller says so.
        let head = unsafe { Self::head(this) };
        // SAFETY: the caller says so.
        unsafe { reclaimer.defer_call(head, Call::new(consume, this.cast())) }
    }

    /// Defers the value, to be dropped.
    ///
    /// # Errors
    ///
    /// [`Full`]: nothing has happened.
    ///
    /// # Safety
    ///
    /// `this` comes from `new`, is not used but by readers of the reclaimer's domain from now on, and not
    /// found by new ones. The value may be dropped on any thread after a grace period.
    pub(crate) unsafe fn defer_drop<D: AsDomain, Lock: ScopedRawMutex>(
        this: NonNull<Self>,
        reclaimer: &Reclaimer<D, Lock>,
    ) -> Result<(), Full<()>> {
        /// # Safety
        ///
        /// `object` comes from `new`, and this is its end.
        unsafe fn consume<T>(object: NonNull<()>) {
            // SAFETY: the caller says so.
            drop(unsafe { Boxed::<T>::into_value(object.cast()) });
        }

        // SAFETY: the caller's promise.
        unsafe { Self::defer_to(this, reclaimer, consume::<T>) }
    }
}

// === impl Reclaimer ===

impl<D: AsDomain, Lock: ScopedRawMutex> Reclaimer<D, Lock> {
    /// Drops a value after a grace period: a `Box`, an `Arc`, whatever may be sent to the driver's thread.
    ///
    /// Allocates a place for the value and its head; [`defer`](Self::defer) does not.
    ///
    /// # Errors
    ///
    /// [`Full`] gives the value back if the backlog is full.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::{domain::Domain, reclaim::Reclaimer};
    /// use std::sync::Arc;
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::new(&DOMAIN);
    ///
    /// let value = Arc::new(5);
    /// RECLAIMER.defer_drop(value.clone()).unwrap();
    /// assert_eq!(Arc::strong_count(&value), 2);
    /// RECLAIMER.drain();
    /// assert_eq!(Arc::strong_count(&value), 1);
    /// ```
    pub fn defer_drop<T: Send + 'static>(&self, value: T) -> Result<(), Full<T>> {
        let boxed = Boxed::new(value);
        // SAFETY: it is new, and `T` may be sent and lives as long as it likes.
        unsafe { Boxed::defer_drop(boxed, self) }.map_err(|Full(())| {
            // SAFETY: it is new, and nothing has happened.
            Full(unsafe { Boxed::into_value(boxed) })
        })
    }

    /// Calls a function after a grace period.
    ///
    /// Allocates a place for the function and its head.
    ///
    /// # Errors
    ///
    /// [`Full`] gives the function back if the backlog is full.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::{domain::Domain, reclaim::Reclaimer};
    /// use std::sync::mpsc::channel;
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::new(&DOMAIN);
    ///
    /// let (sender, receiver) = channel();
    /// RECLAIMER.defer_fn(move || sender.send("over").unwrap()).unwrap();
    /// RECLAIMER.drain();
    /// assert_eq!(receiver.recv(), Ok("over"));
    /// ```
    pub fn defer_fn<F: FnOnce() + Send + 'static>(&self, function: F) -> Result<(), Full<F>> {
        /// # Safety
        ///
        /// `object` comes from `Boxed::new`, and this is its end.
        unsafe fn consume<F: FnOnce()>(object: NonNull<()>) {
            // SAFETY: the caller says so.
            let function = unsafe { Boxed::<F>::into_value(object.cast()) };
            function();
        }

        let boxed = Boxed::new(function);
        // SAFETY: it is new, and `F` may be sent and lives as long as it likes.
        unsafe { Boxed::defer_to(boxed, self, consume::<F>) }.map_err(|Full(())| {
            // SAFETY: it is new, and nothing has happened.
            Full(unsafe { Boxed::into_value(boxed) })
        })
    }
}
