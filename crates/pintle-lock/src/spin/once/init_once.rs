use super::TryInitError;
use crate::once::{Begin, Once, Phase, Spin};
use core::any::type_name;
use core::fmt;
use pintle_core::const_fn;

/// A value that is put there once, and read by everybody from then on.
///
/// For a static that an early step of start-up fills and the rest of the program reads. Reading is
/// one load. The value is dropped with the cell; a static's never is.
///
/// Nothing here waits for code of the caller: [`get_or_else`](Self::get_or_else) runs its closure
/// before it touches the cell. It waits, spinning, while another thread moves its value in, which
/// is a few instructions; the other functions do not wait at all. So an interrupt handler may call
/// all of them but that one, and what it would wait for is the code that it has interrupted.
///
/// It is `Sync` for a value that is `Send` as well as `Sync`, because the thread that drops the cell
/// need not be the one that filled it.
///
/// # Examples
///
/// ```
/// use pintle_lock::spin::InitOnce;
///
/// static CORES: InitOnce<usize> = InitOnce::uninitialized();
///
/// CORES.init(4);
/// assert_eq!(*CORES.get(), 4);
/// assert_eq!(CORES.try_init(8).unwrap_err().into_inner(), 8);
/// ```
pub struct InitOnce<T> {
    once: Once<T, Spin>,
}

// === impl InitOnce ===

impl<T> InitOnce<T> {
    const_fn! {
        /// A cell with no value in it.
        #[must_use]
        pub const fn uninitialized() -> Self {
            Self { once: Once::new() }
        }
    }

    /// Puts `value` there, if nothing is. Does not wait.
    ///
    /// # Errors
    ///
    /// If there is a value, or another thread is about to put one there: with `value`.
    pub fn try_init(&self, value: T) -> Result<(), TryInitError<T>> {
        match self.once.begin() {
            Begin::Begun(filling) => {
                filling.finish(value);
                Ok(())
            }
            Begin::Filling => Err(TryInitError::new(value, true)),
            Begin::Full => Err(TryInitError::new(value, false)),
        }
    }

    /// Puts `value` there, and returns it. Does not wait.
    ///
    /// # Panics
    ///
    /// If there is a value, or another thread is about to put one there. The cell is as it was, and
    /// `value` is dropped.
    #[track_caller]
    pub fn init(&self, value: T) -> &T {
        match self.once.begin() {
            Begin::Begun(filling) => filling.finish(value),
            Begin::Filling => cannot::<T>("be initialised: another thread is initialising it"),
            Begin::Full => cannot::<T>("be initialised: it is initialised already"),
        }
    }

    /// Returns the value, if it is there. Does not wait. Acquires what its initialisation released.
    #[inline]
    #[must_use]
    pub fn try_get(&self) -> Option<&T> {
        self.once.get()
    }

    /// Returns the value, which is there. Does not wait.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    #[track_caller]
    #[must_use]
    pub fn get(&self) -> &T {
        match self.once.get() {
            Some(value) => value,
            None => self.not_there(),
        }
    }

    /// Returns the value; if there is none, puts there what `f` makes.
    ///
    /// `f` runs before the cell is touched. So several threads may run theirs at once: the first value
    /// stays, the others are dropped. `f` may panic and may use this cell. Waits, spinning, while
    /// another thread moves its value in. [`Lazy`](super::Lazy) runs one closure only, for which
    /// everybody waits.
    ///
    /// # Panics
    ///
    /// If `f` does.
    #[must_use]
    pub fn get_or_else(&self, f: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.once.get() {
            return value;
        }
        let value = f();
        self.once.get_or_init(|| value)
    }

    /// Returns the value without looking whether it is there.
    ///
    /// # Panics
    ///
    /// With debug assertions, if it is not.
    ///
    /// # Safety
    ///
    /// It is there, and the call that put it there happens before this one.
    #[inline]
    #[track_caller]
    #[must_use]
    pub unsafe fn get_unchecked(&self) -> &T {
        debug_assert!(
            self.once.phase() == Phase::Full,
            "get_unchecked of an InitOnce that is not initialised"
        );
        // SAFETY: the caller's: the state is `Full`, and that has been synchronised with.
        unsafe { self.once.get_unchecked() }
    }

    #[cold]
    #[track_caller]
    fn not_there(&self) -> ! {
        match self.once.phase() {
            Phase::Filling => cannot::<T>("be read: another thread is initialising it"),
            _ => cannot::<T>("be read: it is not initialised"),
        }
    }
}

/// Out of the way of those who can.
#[cold]
#[inline(never)]
#[track_caller]
fn cannot<T>(what: &str) -> ! {
    panic!("InitOnce<{}> cannot {what}", type_name::<T>())
}

impl<T: fmt::Debug> fmt::Debug for InitOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("InitOnce");
        match (self.try_get(), self.once.phase()) {
            (Some(value), _) => debug.field(value),
            (None, Phase::Empty) => debug.field(&format_args!("<uninitialized>")),
            (None, _) => debug.field(&format_args!("<initializing>")),
        };
        debug.finish()
    }
}
