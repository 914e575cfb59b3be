use super::{Token, over_a_token};
use crate::Unpark;
use core::{
    fmt,
    ops::Deref,
    task::{RawWaker, RawWakerVTable, Waker},
};

over_a_token! {
    /// Hands a [`Parker`](super::Parker) its token, from any thread.
    ///
    /// It converts into a [`Waker`] where the token lives long enough for one, in an `Arc` or a
    /// `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_park::{Parker, Token};
    /// use std::task::Waker;
    ///
    /// static TOKEN: Token = Token::new();
    ///
    /// let parker = Parker::claim(&TOKEN).unwrap();
    /// let waker = Waker::from(parker.unparker());
    /// waker.wake();
    /// parker.park();
    /// ```
    pub struct Unparker {
        token: H,
    }
}

// === impl Unparker ===

impl<H: Deref<Target = Token>> Unparker<H> {
    pub(super) fn new(token: H) -> Self {
        Self { token }
    }

    /// Puts the token there, and wakes the parker if it sleeps.
    ///
    /// As [`Token::unpark`], which says where it may be called. Two calls before the parker takes the
    /// token count as one.
    pub fn unpark(&self) {
        self.token.unpark();
    }
}

impl<H: Deref<Target = Token> + Clone + Send + Sync> Unpark for Unparker<H> {
    fn unpark(&self) {
        Self::unpark(self);
    }
}

impl<H: Deref<Target = Token> + Clone> Clone for Unparker<H> {
    fn clone(&self) -> Self {
        Self::new(self.token.clone())
    }
}

impl<H: Deref<Target = Token>> fmt::Debug for Unparker<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unparker").field(&*self.token).finish()
    }
}

#[cfg(feature = "alloc")]
impl From<Unparker> for Waker {
    fn from(unparker: Unparker) -> Self {
        Waker::from(unparker.token)
    }
}

impl From<Unparker<&'static Token>> for Waker {
    fn from(unparker: Unparker<&'static Token>) -> Self {
        // SAFETY: the data pointer is a `&'static Token`, which is what the functions of `STATIC`
        // expect, and they meet the contract of a waker: a `Token` is `Sync`, a clone is a copy
        // of the reference, and there is nothing to drop.
        unsafe { Waker::new(core::ptr::from_ref(unparker.token).cast(), &STATIC) }
    }
}

/// The functions of a waker whose data is a `&'static Token`.
static STATIC: RawWakerVTable = RawWakerVTable::new(
    |token| RawWaker::new(token, &STATIC),
    unpark_static,
    unpark_static,
    |_token| {},
);

/// # Safety
///
/// `token` must come from a `&'static Token`.
unsafe fn unpark_static(token: *const ()) {
    // SAFETY: the caller promises that it is one.
    let token: &'static Token = unsafe { &*token.cast() };
    token.unpark();
}
