//! [`Park`]: how a thread, or a core, sleeps until there is something to do.

use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

/// A place where one thread, or one core, sleeps until it is handed a token.
///
/// Executors, workers and whatever else has to idle take a `Park` and leave it to the application
/// what that is: a [`Parker`](crate::Parker) under an operating system, `wfi` or `hlt` on bare
/// metal, a loop over a device that has to be polled.
///
/// There is at most one token. [`unpark`](Unpark::unpark) puts it there, [`park`](Self::park) sleeps
/// until it is there and takes it.
///
/// # What an implementation promises
///
/// 1. **No token is lost.** A `park` that begins after an `unpark`, or during it, returns, unless
///    another `park` has taken the token before.
/// 2. What was written before an `unpark` is visible after the `park` that takes its token, also if
///    an earlier `unpark` had put the token there.
/// 3. `unpark` does not block.
///
/// # What it does not promise
///
/// `park` **may return for no reason**: an interrupt that had nothing to say ends a `wfi`, too. So
/// call it in a loop that looks for work. (A `Parker` returns only for a token.) Nor need it be
/// `Sync`: as a rule one thread parks, and has the `Park` to itself.
///
/// # The token between the look and the sleep
///
/// An implementation looks for the token and then sleeps, and the token may come in between. An
/// operating system's futex compares and falls asleep in one step. A core has to get there
/// differently, or it sleeps until the *next* interrupt, with the token in place:
///
/// - **Arm, RISC-V**: mask interrupts, look, `wfi`, unmask. An interrupt that comes in between
///   stays pending, and `wfi` returns for a pending interrupt though it is masked; its handler runs,
///   and leaves the token, at the unmasking. The next `park` finds it. Masked by the switch for all
///   of them, that is (`PRIMASK`, `DAIF`, `mstatus.MIE`): for what is masked by its priority
///   (`BASEPRI`) or on its own (`mie`) a core sleeps on.
/// - **x86**: `cli`, look, then `sti` and `hlt` as neighbours: after `sti` no interrupt is taken
///   before the end of the next instruction.
/// - **More than one core**: an `unpark` from another core is no interrupt. It must send one, or
///   (Arm) execute `sev` where the parked core uses `wfe`, whose event register is itself a token.
///   And it leaves the token by a swap: a store would hide what the `unpark` of another core has
///   published before it (promise 2).
///
/// # Examples
///
/// Running a future on it, by [`block_on`](crate::block_on):
///
/// ```
/// # #[cfg(all(not(loom), any(target_os = "linux", feature = "std")))] {
/// use core::{future::poll_fn, task::Poll};
/// use pintle_park::{Parker, Token, block_on};
///
/// static TOKEN: Token = Token::new();
/// let parker = Parker::claim(&TOKEN).unwrap();
/// let mut polls = 0;
/// let output = block_on(&parker, poll_fn(|context| {
///     polls += 1;
///     if polls == 3 { return Poll::Ready(polls) }
///     context.waker().wake_by_ref();
///     Poll::Pending
/// }));
/// assert_eq!(output, 3);
/// # }
/// ```
///
/// A Cortex-M core, which needs no atomic read-modify-write for it (`cortex_m` is its usual crate):
///
/// ```
/// # /// What the crate does on its core, for a host: one interrupt, which a `wfi` waits for.
/// # mod cortex_m {
/// #     pub mod interrupt {
/// #         pub struct CriticalSection;
/// #         pub fn free<R>(f: impl FnOnce(&CriticalSection) -> R) -> R {
/// #             let result = f(&CriticalSection);
/// #             // Unmasked: the handler of what is pending runs.
/// #             if super::asm::PENDING.swap(false, super::SeqCst) { super::super::TIMER() }
/// #             result
/// #         }
/// #     }
/// #     pub mod asm {
/// #         pub static PENDING: super::AtomicBool = super::AtomicBool::new(false);
/// #         pub fn wfi() { PENDING.store(true, super::SeqCst) }
/// #     }
/// #     use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
/// # }
/// use core::sync::atomic::{AtomicBool, Ordering::*};
/// use core::task::Waker;
/// use cortex_m::{asm, interrupt};
/// use pintle_park::{Park, Unpark};
///
/// static TOKEN: AtomicBool = AtomicBool::new(false);
///
/// /// The core that this program runs on.
/// struct Wfi;
///
/// impl Park for Wfi {
///     type Unparker = UnparkCore;
///
///     fn park(&self) {
///         // With interrupts masked: see above. A handler cannot come between the load and the
///         // store either, so they need not be one step.
///         interrupt::free(|_| {
///             // Acquire pairs with the Release in `unpark`.
///             if TOKEN.load(Acquire) {
///                 TOKEN.store(false, Relaxed);
///             } else {
///                 asm::wfi();
///             }
///         });
///     }
///
///     fn unparker(&self) -> UnparkCore {
///         UnparkCore
///     }
/// }
///
/// #[derive(Clone)]
/// struct UnparkCore;
///
/// impl Unpark for UnparkCore {
///     fn unpark(&self) {
///         // From a handler of this core: it has ended the `wfi` already, or will.
///         TOKEN.store(true, Release);
///     }
/// }
///
/// // For executors.
/// impl From<UnparkCore> for Waker {
///     fn from(_: UnparkCore) -> Self {
///         UnparkCore.waker()
///     }
/// }
///
/// #[allow(non_snake_case)]
/// fn TIMER() {
///     // An interrupt handler.
///     Wfi.unparker().unpark();
/// }
///
/// fn main() {
///     Wfi.park();
///     assert!(TOKEN.load(Relaxed), "the handler has left it, for the next park");
///     Wfi.park();
///     assert!(!TOKEN.load(Relaxed));
///
///     // A waker leaves it, too.
///     Waker::from(Wfi.unparker()).wake();
///     Wfi.park();
/// }
/// ```
pub trait Park {
    /// What hands it the token: see [`Unpark`].
    ///
    /// An executor asks for `P::Unparker: Into<Waker>` on top.
    type Unparker: Unpark;

    /// Sleeps until the token is there, and takes it. It may also return for no reason.
    ///
    /// Blocks: not for an interrupt handler or a critical section.
    fn park(&self);

    /// A handle that puts the token there, from anywhere.
    fn unparker(&self) -> Self::Unparker;
}

/// A [`Park`] that can be told when to stop sleeping: there is a clock, and an alarm.
///
/// What a point in time is, is the implementation's: [`Deadline`](crate::Deadline) for a
/// [`Parker`](crate::Parker), ticks of a timer on a board.
pub trait ParkUntil: Park {
    /// A point in time on the clock of this platform.
    type Deadline;

    /// Sleeps as [`park`](Park::park) does, until `deadline` at the latest.
    ///
    /// It does not time out early. With a deadline that has passed it takes the token if it is
    /// there, and does not sleep. [`ParkOutcome::Unparked`] may be for no reason.
    fn park_until(&self, deadline: Self::Deadline) -> ParkOutcome;
}

/// Hands a [`Park`] its token.
pub trait Unpark: Clone + Send + Sync {
    /// Puts the token there, and ends the sleep of who waits for it.
    ///
    /// Does not block. Where it may be called (interrupt handlers, signal handlers) the
    /// implementation says.
    fn unpark(&self);

    /// A waker that does it, without an allocation.
    ///
    /// It is for a type that is written for one place of its program, and its `Into<Waker>`: see the
    /// example at [`Park`]. Cloning the waker copies a reference, dropping it does nothing.
    fn waker(&'static self) -> Waker
    where
        Self: Sized,
    {
        // SAFETY: the data pointer is a `&'static Self`, which is what the functions of the table
        // expect, and they meet the contract of a waker: it is `Sync`, a clone is a copy of the
        // reference, and there is nothing to drop.
        unsafe { Waker::new(ptr::from_ref(self).cast(), vtable::<Self>()) }
    }
}

/// The functions of a waker whose data is a `&'static U`.
fn vtable<U: Unpark>() -> &'static RawWakerVTable {
    /// # Safety
    ///
    /// `unparker` must come from a `&'static U`.
    unsafe fn unpark<U: Unpark>(unparker: *const ()) {
        // SAFETY: the caller promises that it is one.
        let unparker: &U = unsafe { &*unparker.cast() };
        unparker.unpark();
    }

    &RawWakerVTable::new(
        |unparker| RawWaker::new(unparker, vtable::<U>()),
        unpark::<U>,
        unpark::<U>,
        |_unparker| {},
    )
}

impl<P: Park + ?Sized> Park for &P {
    type Unparker = P::Unparker;

    fn park(&self) {
        P::park(self);
    }

    fn unparker(&self) -> P::Unparker {
        P::unparker(self)
    }
}

impl<P: ParkUntil + ?Sized> ParkUntil for &P {
    type Deadline = P::Deadline;

    fn park_until(&self, deadline: P::Deadline) -> ParkOutcome {
        P::park_until(self, deadline)
    }
}

/// Why a timed park ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a timed park may end without a token: the outcome says which it was"]
pub enum ParkOutcome {
    /// The token was there, or came in time; it is consumed.
    Unparked,
    /// The deadline passed and no token had come.
    TimedOut,
}
