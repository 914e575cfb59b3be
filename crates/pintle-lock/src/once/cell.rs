use super::state::{AtomicState, Begin, Phase, State, Wake};
use super::waiting::Waiting;
use core::convert::Infallible;
use core::marker::PhantomData;
use core::mem::{self, MaybeUninit};
use core::panic::{RefUnwindSafe, UnwindSafe};
use pintle_core::{cell::UnsafeCell, const_fn};

/// A slot that is filled once, and read by everybody from then on.
///
/// # Invariants
///
/// - While the state is `Full`, `value` is initialised, and only read but by the owner of `&mut`.
/// - While it is `Filling`, one [`Filling`] exists, and who has it alone touches `value`.
/// - Otherwise `value` is not initialised.
pub(crate) struct Once<T, W> {
    state: AtomicState,
    value: UnsafeCell<MaybeUninit<T>>,
    waiting: PhantomData<fn() -> W>,
}

// SAFETY: it owns the value, so it may go where that may.
unsafe impl<T: Send, W> Send for Once<T, W> {}

// SAFETY: everybody who shares it reads the value (`T: Sync`), which one of them has put there and
// which the owner drops or takes out, maybe on another thread (`T: Send`).
unsafe impl<T: Send + Sync, W> Sync for Once<T, W> {}

// A panic of an initialiser leaves the slot empty, and it is one store that fills it: there is no
// broken state to be seen.
impl<T: UnwindSafe + RefUnwindSafe, W> RefUnwindSafe for Once<T, W> {}

// === impl Once ===

impl<T, W> Once<T, W> {
    const_fn! {
        /// A slot with nothing in it.
        pub(crate) const fn new() -> Self {
            Self {
                state: AtomicState::new(State::EMPTY),
                value: UnsafeCell::new(MaybeUninit::uninit()),
                waiting: PhantomData,
            }
        }
    }

    const_fn! {
        /// A slot with `value` in it.
        pub(crate) const fn with_value(value: T) -> Self {
            // INVARIANT: the value is there.
            Self {
                state: AtomicState::new(State::FULL),
                value: UnsafeCell::new(MaybeUninit::new(value)),
                waiting: PhantomData,
            }
        }
    }

    /// The value, if it is there.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.state.is_full().then(|| {
            // SAFETY: the state is `Full`.
            unsafe { self.get_unchecked() }
        })
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// The state is `Full`, and the caller has seen that with `Acquire`.
    #[inline]
    pub(crate) unsafe fn get_unchecked(&self) -> &T {
        self.value.with(|value| {
            // SAFETY: while the state is `Full` nobody writes without `&mut self`, which the result
            // excludes as it borrows `self`.
            let value = unsafe { &*value };
            // SAFETY: while the state is `Full` it is initialised.
            unsafe { value.assume_init_ref() }
        })
    }

    /// The value, if it is there, for its owner.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.state.is_full().then(|| {
            self.value.with_mut(|value| {
                // SAFETY: there is nobody else: the result borrows `self` for itself.
                let value = unsafe { &mut *value };
                // SAFETY: while the state is `Full` it is initialised.
                unsafe { value.assume_init_mut() }
            })
        })
    }

    /// Takes the value out, which leaves the slot as it was made.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.state.empty().then(|| {
            self.value.with_mut(|value| {
                // SAFETY: there is nobody else: `self` is borrowed for this.
                let value = unsafe { &mut *value };
                // SAFETY: the state was `Full`, so it is initialised. It is `Empty` now, so nobody
                // takes the value a second time.
                unsafe { mem::replace(value, MaybeUninit::uninit()).assume_init() }
            })
        })
    }

    /// How far the value has come.
    pub(crate) fn phase(&self) -> Phase {
        self.state.phase()
    }
}

impl<T, W: Waiting> Once<T, W> {
    /// The right to fill the slot, if nobody has it, without waiting.
    pub(crate) fn begin(&self) -> Begin<Filling<'_, T, W>> {
        match self.state.begin() {
            // INVARIANT: the state has become `Filling`.
            Begin::Begun(()) => Begin::Begun(Filling { once: self }),
            Begin::Filling => Begin::Filling,
            Begin::Full => Begin::Full,
        }
    }

    /// The value; if there is none, what `f` makes. Waits for another one who makes it.
    #[inline]
    pub(crate) fn get_or_init(&self, f: impl FnOnce() -> T) -> &T {
        match self.get_or_try_init(|| Ok::<_, Infallible>(f())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// The value; if there is none, what `f` makes, or its error. Waits for another one who makes it.
    #[inline]
    pub(crate) fn get_or_try_init<E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.try_init(f),
        }
    }

    #[cold]
    fn try_init<E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let mut waiting = W::default();
        loop {
            match self.begin() {
                Begin::Begun(filling) => return Ok(filling.finish(f()?)),
                Begin::Filling => waiting.wait(&self.state, Phase::Filling),
                Begin::Full => {
                    // SAFETY: the state is `Full`, which `begin` has seen with `Acquire`.
                    return Ok(unsafe { self.get_unchecked() });
                }
            }
        }
    }

    /// Waits for the value, whoever makes it.
    pub(crate) fn wait(&self) -> &T {
        let mut waiting = W::default();
        loop {
            if let Some(value) = self.get() {
                return value;
            }
            match self.phase() {
                Phase::Full => {}
                phase => waiting.wait(&self.state, phase),
            }
        }
    }

    fn wake(&self, wake: Wake) {
        match wake {
            Wake::Nobody => {}
            Wake::Everybody => W::wake_all(&self.state),
        }
    }
}

impl<T, W> Drop for Once<T, W> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// The right and the duty to fill a slot. Dropped without, by a panic or an error, it gives the slot
/// back for another to try.
///
/// # Invariants
///
/// The state of `once` is `Filling`, and this is the one that made it so.
#[must_use]
pub(crate) struct Filling<'a, T, W: Waiting> {
    once: &'a Once<T, W>,
}

// === impl Filling ===

impl<'a, T, W: Waiting> Filling<'a, T, W> {
    /// Puts the value there and lets everybody see it.
    pub(crate) fn finish(self, value: T) -> &'a T {
        let once = self.once;
        once.value.with_mut(|slot| {
            // SAFETY: while this exists nobody else touches the slot. There is nothing in it that
            // would have to be dropped.
            unsafe { slot.write(MaybeUninit::new(value)) }
        });
        mem::forget(self);
        once.wake(once.state.finish());
        // SAFETY: the state is `Full`, by this thread.
        unsafe { once.get_unchecked() }
    }
}

impl<T, W: Waiting> Drop for Filling<'_, T, W> {
    #[cold]
    fn drop(&mut self) {
        self.once.wake(self.once.state.abandon());
    }
}
