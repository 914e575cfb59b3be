//! Where the shared part of a channel lives, and how its ends hold it: [`Storage`].
//!
//! Each channel of this crate is one *shared part* (the places for values, a state word, the
//! wakers) and *ends* that refer to it: senders and receivers. The algorithms do not care where the
//! shared part is. There are three answers, and each end has one of them as a type parameter:
//!
//! | storage | the shared part lives | an end holds | made by | who may split, and when again |
//! |---|---|---|---|---|
//! | [`Heap`] (feature `alloc`) | in an `Arc` ([`oneshot`](crate::oneshot): in a block that the last end frees) | the `Arc` | a function, as tokio's: `mpsc::channel(64)` | each call makes a new one |
//! | [`Static`] | in a `static`, from `const fn new` | `&'static` | `CHANNEL.split_static()` | anybody; [`AlreadySplit`] until all ends are gone |
//! | [`Inline`] | on a stack, in a struct, in a pinned task | `&'a` | `channel.split()`, with `&mut` | who owns it; the borrow checker sees to it that the ends are gone |
//!
//! `Heap` is the default, so `mpsc::Sender<T>` means what it means to a user of tokio.
//!
//! ```
//! use pintle_sync::{mpsc, storage::{AlreadySplit, Static}};
//!
//! static COMMANDS: mpsc::Channel<u32, 8> = mpsc::Channel::new();
//!
//! let (tx, mut rx): (mpsc::Sender<u32, Static>, _) = COMMANDS.split_static()?;
//! tx.try_send(7).unwrap();
//! assert_eq!(rx.try_recv(), Ok(7));
//!
//! assert!(COMMANDS.split_static().is_err(), "the ends are in use");
//! drop((tx, rx));
//! let _again = COMMANDS.split_static()?;
//!
//! let mut inline = mpsc::Channel::<u32, 8>::new();
//! let (tx, mut rx) = inline.split();
//! tx.try_send(8).unwrap();
//! assert_eq!(rx.try_recv(), Ok(8));
//! # Ok::<(), AlreadySplit>(())
//! ```
//!
//! # Sides
//!
//! A channel in use has two *sides*: that of the senders and that of the receivers. One word of
//! the shared part counts who is there ([`oneshot`](crate::oneshot) has one end on each side, and keeps it
//! in its state):
//!
//! ```text
//!             try_claim                   last sender gone:           last receiver gone:
//!  ┌────────┐ ─────────► ┌──────────────┐ closes the channel  ┌────┐  the same, the other way
//!  │ Vacant │            │ 2 sides here │ ──────────────────► │ 1  │
//!  └────────┘            └──────────────┘ then leave_side     └────┘
//!      ▲                                                        │ leave_side
//!      │                    vacate                              ▼
//!      └──────────────────────────────────────────────── ┌──────────┐
//!                                                        │ Cleaning │ drops what was not received
//!                                                        └──────────┘
//! ```
//!
//! 1. A side is here until its last end has *finished* closing the channel. So nobody touches the
//!    shared part of a channel that has been vacated, and may have been split anew.
//! 2. Who makes the last side leave is alone with the shared part: it drops the values that nobody
//!    has received, and resets the words. Only then may the channel be split again.
//!    (On the heap nobody can split it again. There the `Arc` sees the last end go, and the shared
//!    part drops what is left in it.)
//! 3. Ends that were leaked (`mem::forget`) keep a `static` channel occupied for ever. An inline
//!    one is reset by its next `split`, whose `&mut` proves that they cannot be used any more.
//!
//! # Overflow
//!
//! The word counts up to 2^60 senders on a 64-bit target, 2^28 on a 32-bit one and 2^12 on a 16-bit
//! one. One more panics, and changes nothing.

mod already_split;
mod borrowed;
mod claims;
#[cfg(not(all(feature = "alloc", target_has_atomic = "ptr")))]
mod nowhere;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned;

use core::{convert::Infallible, marker::PhantomData, ops::Deref};

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use pintle_core::{not_loom, only_loom};

pub use self::already_split::AlreadySplit;
#[doc(hidden)]
pub use self::borrowed::Borrowed;
pub(crate) use self::claims::{Claims, Leave};
#[cfg(not(all(feature = "alloc", target_has_atomic = "ptr")))]
use self::nowhere::Nowhere;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub(crate) use self::owned::Owned;

/// A kind of place for the shared part of a channel. See the [module](self) for the three.
///
/// Sealed: the soundness of channels rests on what the three handles do.
pub trait Storage: sealed::Sealed + Sized {
    /// How an end holds the shared part. A clone refers to the same one.
    #[doc(hidden)]
    type Handle<C: ?Sized>: Clone + Deref<Target = C>;

    /// How one of two ends holds a shared part that tells by itself which of them goes last. It does not
    /// see to anything when it is dropped.
    #[doc(hidden)]
    type Half<C>: Deref<Target = C>;

    /// A row of places for values, as the last field of a shared part.
    #[doc(hidden)]
    type Row<P>: ?Sized + AsRef<[P]> + AsMut<[P]>;

    /// Whether the shared part outlives its ends, so that somebody has to see the last one go. An
    /// `Arc` does that by itself.
    #[doc(hidden)]
    const OUTLIVES_ENDS: bool = true;

    /// Frees a shared part that is held by halves, unless it outlives its ends. Says whether it has.
    ///
    /// # Safety
    ///
    /// The half is the caller's, and the other one is not used any more. If this gives `true` the shared part
    /// is gone.
    #[doc(hidden)]
    #[inline(always)]
    unsafe fn free<C>(_half: &Self::Half<C>) -> bool {
        false
    }
}

/// The shared part is in an `Arc`.
///
/// The type exists in every build, so that it can be the default everywhere. Ends of it exist with
/// the feature `alloc` only, on targets with pointer atomics.
#[derive(Debug)]
pub enum Heap {}

/// The shared part is in a `static`.
#[derive(Debug)]
pub enum Static {}

/// The shared part is wherever its owner has put it, and the ends borrow it for `'a`.
#[derive(Debug)]
pub struct Inline<'a> {
    _never: Infallible,
    _lifetime: PhantomData<&'a ()>,
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Heap {}
    impl Sealed for super::Static {}
    impl Sealed for super::Inline<'_> {}
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
not_loom! {
    /// The `Arc` sees the last end go.
    const HEAP_OUTLIVES_ENDS: bool = false;
}
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
only_loom! {
    /// A model does not see what the `Arc` of `alloc` orders, so it goes the other storages' way.
    const HEAP_OUTLIVES_ENDS: bool = true;
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl Storage for Heap {
    type Handle<C: ?Sized> = alloc::sync::Arc<C>;
    type Half<C> = Owned<C>;
    type Row<P> = alloc::boxed::Box<[P]>;
    const OUTLIVES_ENDS: bool = HEAP_OUTLIVES_ENDS;

    #[inline(always)]
    unsafe fn free<C>(half: &Owned<C>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { half.free() };
        true
    }
}

#[cfg(not(all(feature = "alloc", target_has_atomic = "ptr")))]
impl Storage for Heap {
    type Handle<C: ?Sized> = Nowhere<C>;
    type Half<C> = Nowhere<C>;
    type Row<P> = [P];
}

impl Storage for Static {
    type Handle<C: ?Sized> = Borrowed<'static, C>;
    type Half<C> = Borrowed<'static, C>;
    type Row<P> = [P];
}

impl<'a> Storage for Inline<'a> {
    type Handle<C: ?Sized> = Borrowed<'a, C>;
    type Half<C> = Borrowed<'a, C>;
    type Row<P> = [P];
}
