use super::SrwLock;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::pin::Pin;
use pintle_core::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use windows_sys::Win32::System::Threading::{
    CRITICAL_SECTION, DeleteCriticalSection, EnterCriticalSection, InitializeCriticalSectionEx,
    LeaveCriticalSection, TryEnterCriticalSection,
};

/// A value behind a recursive lock (`CRITICAL_SECTION`): a thread that has it may lock it again.
///
/// Since a thread can so have several guards at once they give `&T` only; put a `Cell` or `RefCell`
/// in. Where recursion is not needed take [`SrwLock`], which is smaller and faster. It is not
/// poisoned by a panic.
///
/// # Where it may stand
///
/// The system forbids to move a critical section once it is initialised, so it is locked pinned: in a
/// `static` ([`Pin::static_ref`]), a `Box::pin`, an `Arc::pin`, or on the stack
/// ([`pin!`](core::pin::pin)). The first lock initialises it.
///
/// # Leaked guards
///
/// A guard that is leaked ([`core::mem::forget`]) leaves the section with its thread for ever. When
/// such a section is dropped it is not deleted, as the system does not say what that does: what the
/// system has attached to it, a handle at most, is leaked, too.
///
/// When that thread has ended the system calls the section's state undefined. It stays locked; but the
/// system gives the ids of threads out again, and a thread that gets this one is let in. Memory is
/// safe then, too: guards give `&T` only, and one that may not go to another thread ended with its
/// own.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::CriticalSection;
/// use std::{cell::Cell, pin::pin};
///
/// let count = pin!(CriticalSection::new(Cell::new(0)));
/// let count = count.as_ref();
///
/// let outer = count.lock();
/// let inner = count.lock();
/// inner.set(outer.get() + 1);
/// assert_eq!(outer.get(), 1);
/// ```
pub struct CriticalSection<T: ?Sized> {
    spins: u32,
    /// # Invariants
    ///
    /// - If it is set, `section` is initialised.
    /// - It is set through a pinned reference only: then the address stays, until `drop`.
    initialised: AtomicBool,
    section: UnsafeCell<MaybeUninit<CRITICAL_SECTION>>,
    /// How many guards there are, leaked ones included. Belongs to who owns the section.
    depth: Cell<usize>,
    _pinned: PhantomPinned,
    value: T,
}

/// Access to what a [`CriticalSection`] protects, until it is dropped.
///
/// Not `Send`: the section belongs to the thread.
#[must_use = "the section is left when the guard is dropped"]
pub struct CriticalSectionGuard<'a, T: ?Sized> {
    section: Pin<&'a CriticalSection<T>>,
    /// Not `Send`; `Sync` is below.
    thread: PhantomData<*const ()>,
}

/// One thread at a time initialises, whichever section it is.
static INITIALISING: SrwLock<()> = SrwLock::new(());

/// Do not enter it in the process's list for debuggers, which would point to it.
const NO_DEBUG_INFO: u32 = 0x0100_0000;

/// The system keeps flags in the upper byte of the number.
const MOST_SPINS: u32 = 0x00FF_FFFF;

/// The system counts levels, waiters among them, in 31 bits, and does not check. With 2^32 leaked
/// guards it would take the last one for the only one, and let another thread in beside it.
const MOST_LEVELS: usize = 1 << 30;

// === impl CriticalSection ===

impl<T> CriticalSection<T> {
    /// The value, with nobody inside.
    pub const fn new(value: T) -> Self {
        Self::with_spins(value, 0)
    }

    /// The value, with nobody inside. On a machine with several processors who waits for it spins so
    /// often before it sleeps, 2^24 - 1 times at most; the system's own heap takes about 4000.
    pub const fn with_spins(value: T, spins: u32) -> Self {
        Self {
            spins: if spins < MOST_SPINS {
                spins
            } else {
                MOST_SPINS
            },
            initialised: AtomicBool::new(false),
            section: UnsafeCell::new(MaybeUninit::uninit()),
            depth: Cell::new(0),
            _pinned: PhantomPinned,
            value,
        }
    }
}

impl<T: ?Sized> CriticalSection<T> {
    /// Waits until no other thread is inside, and goes in, once more if this one is already.
    ///
    /// Blocks. Past 30 days, or what the machine's `CriticalSectionTimeout` says, the system raises an
    /// exception for debuggers.
    ///
    /// # Panics
    ///
    /// If this thread is inside 2^30 times, which takes guards that are leaked.
    pub fn lock(self: Pin<&Self>) -> CriticalSectionGuard<'_, T> {
        let section = self.initialise();
        // SAFETY: it is initialised, and not dropped while it is borrowed.
        unsafe { EnterCriticalSection(section) };
        self.guard()
    }

    /// Goes in if no other thread is inside.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    pub fn try_lock(self: Pin<&Self>) -> Option<CriticalSectionGuard<'_, T>> {
        let section = self.initialise();
        // SAFETY: as in `lock`.
        let entered = unsafe { TryEnterCriticalSection(section) };
        (entered != 0).then(|| self.guard())
    }

    /// The thread is inside, once more than there are guards.
    fn guard(self: Pin<&Self>) -> CriticalSectionGuard<'_, T> {
        let depth = self.depth.get();
        if depth == MOST_LEVELS {
            // SAFETY: this thread has just gone in.
            unsafe { LeaveCriticalSection(self.raw()) };
            panic!("a critical section that is held 2^30 times");
        }
        self.depth.set(depth + 1);
        CriticalSectionGuard {
            section: self,
            thread: PhantomData,
        }
    }

    fn initialise(self: Pin<&Self>) -> *mut CRITICAL_SECTION {
        // Acquire pairs with the Release below: what the system has written there is seen.
        if !self.initialised.load(Acquire) {
            self.initialise_first();
        }
        self.raw()
    }

    #[cold]
    fn initialise_first(self: Pin<&Self>) {
        let _initialising = INITIALISING.exclusive();
        // Whoever has set it had the lock before us.
        if self.initialised.load(Relaxed) {
            return;
        }
        // SAFETY: it is a place for a section, which nobody else uses as it is not initialised, and
        // which stays where it is: it is pinned.
        let initialised =
            unsafe { InitializeCriticalSectionEx(self.raw(), self.spins, NO_DEBUG_INFO) };
        assert_ne!(initialised, 0, "it does not fail from Windows Vista on");
        // INVARIANT: it is initialised, and pinned. Release pairs with the Acquire in `initialise`.
        self.initialised.store(true, Release);
    }

    fn raw(&self) -> *mut CRITICAL_SECTION {
        self.section.get().cast()
    }
}

impl<T: ?Sized> Drop for CriticalSection<T> {
    fn drop(&mut self) {
        // A guard that was leaked: see the type.
        if *self.initialised.get_mut() && self.depth.get() == 0 {
            // SAFETY: it is initialised; nobody is inside and nobody waits, as both borrow it.
            unsafe { DeleteCriticalSection(self.raw()) };
        }
    }
}

impl<T: ?Sized> fmt::Debug for CriticalSection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To look inside it would have to be pinned.
        f.debug_struct("CriticalSection").finish_non_exhaustive()
    }
}

// SAFETY: it can be moved while nobody has locked it yet, and then it is a value and no lock. A
// pinned one may be dropped by another thread, when nobody is inside.
unsafe impl<T: ?Sized + Send> Send for CriticalSection<T> {}
// SAFETY: it gives `&T` to any thread, to one at a time; so the value need not be `Sync`. `depth` is
// accessed by that thread only.
unsafe impl<T: ?Sized + Send> Sync for CriticalSection<T> {}

// === impl CriticalSectionGuard ===

impl<T: ?Sized> CriticalSectionGuard<'_, T> {
    /// Whether the thread is inside just once.
    pub(super) fn is_only(&self) -> bool {
        self.section.depth.get() == 1
    }

    pub(super) fn raw(&self) -> *mut CRITICAL_SECTION {
        self.section.raw()
    }

    /// Says that the section is about to be left, or was entered again, behind the guard's back.
    pub(super) fn set_inside(&self, inside: bool) {
        self.section.depth.set(inside.into());
    }
}

impl<T: ?Sized> Deref for CriticalSectionGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.section.get_ref().value
    }
}

impl<T: ?Sized> Drop for CriticalSectionGuard<'_, T> {
    fn drop(&mut self) {
        self.section.depth.set(self.section.depth.get() - 1);
        // SAFETY: this thread is inside, at least once for each of its guards.
        unsafe { LeaveCriticalSection(self.section.raw()) };
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for CriticalSectionGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

// SAFETY: it gives `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for CriticalSectionGuard<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use core::pin::pin;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn one_level_too_many_is_left_again() {
        let section = pin!(CriticalSection::new(0));
        let section = section.as_ref();
        section.depth.set(MOST_LEVELS - 1);
        drop(section.lock());
        section.depth.set(MOST_LEVELS);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(section.lock()))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(section.try_lock()))).is_err());
        assert_eq!(section.depth.get(), MOST_LEVELS);
        section.depth.set(0);
        let other = std::thread::scope(|scope| {
            let other = scope.spawn(|| section.try_lock().is_some());
            other.join().unwrap()
        });
        assert!(other, "this thread is inside yet");
    }

    #[test]
    fn spins_leave_the_flags_alone() {
        let spins = |spins| CriticalSection::with_spins((), spins).spins;
        assert_eq!(spins(4000), 4000);
        assert_eq!(spins(u32::MAX), 0x00FF_FFFF);
    }
}
