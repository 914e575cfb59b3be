//! Functions of the C library that only newer versions of a system have, found at run time.

use core::{
    ffi::{CStr, c_void},
    ptr,
};
use pintle_core::atomic::{
    AtomicPtr, AtomicU8,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

const UNDECIDED: u8 = 0;
const ABSENT: u8 = 1;
const FOUND: u8 = 2;
const PRESENT: u8 = 3;

/// `N` functions by name, which are there together or not at all.
///
/// ```text
///                 ┌─ one is missing ─▶ ABSENT
///   UNDECIDED ────┤
///                 └─ all are found ──▶ FOUND ──── fence ────▶ PRESENT
/// ```
///
/// # Invariants
///
/// 1. The state leaves `UNDECIDED` once, and the result changes no more: each look-up has the same, so
///    threads that look up at the same time write the same. (So it may go from `PRESENT` to `FOUND` and
///    back, which are one to a waker.)
/// 2. When it becomes `FOUND` the addresses have been stored.
/// 3. Who writes `PRESENT` has made a fence since the state left `UNDECIDED`.
pub(super) struct Symbols<const N: usize> {
    names: [&'static CStr; N],
    addresses: [AtomicPtr<c_void>; N],
    state: AtomicU8,
}

/// What is known without a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known<const N: usize> {
    /// No thread has looked them up whose look-up comes before the caller's last write, for those
    /// who see that write too late: see [`Symbols::known`].
    Undecided,
    Absent,
    Present([*mut c_void; N]),
}

// === impl Symbols ===

impl<const N: usize> Symbols<N> {
    pub(super) const fn new(names: [&'static CStr; N]) -> Self {
        Self {
            names,
            addresses: [const { AtomicPtr::new(ptr::null_mut()) }; N],
            state: AtomicU8::new(UNDECIDED),
        }
    }

    /// The addresses, looked up if nobody has; `None` if one of them is missing.
    ///
    /// The look-up takes locks of the dynamic linker's: not for a signal handler.
    #[inline]
    pub(super) fn get(&self) -> Option<[*mut c_void; N]> {
        // Acquire pairs with the Release in `look_up`: for the addresses, and for the fence there.
        match self.state.load(Acquire) {
            PRESENT => Some(self.addresses()),
            ABSENT => None,
            // Or found, by who has not come to the fence yet: then we make one of our own.
            _ => self.look_up(),
        }
    }

    /// What is known; never looks anything up, so a signal handler may call it.
    ///
    /// It is for a waker, which has changed a word and asks whether anybody can sleep on it. The
    /// waiter has called [`get`](Self::get) before it looks at the word. If this says
    /// [`Undecided`](Known::Undecided), then the waiter sees the change: the waker has changed the
    /// word and reads the state; the waiter, or somebody whose fence happens before (invariant 3), has
    /// written the state and the waiter reads the word, with a sequentially consistent fence in between
    /// on both sides. (Where one is missing there is no function to sleep by, and so the word is not
    /// this waker's business.)
    #[inline]
    pub(super) fn known(&self) -> Known<N> {
        match self.read() {
            Known::Undecided => {
                // Pairs with the fence in `look_up`.
                fence(SeqCst);
                self.read()
            }
            known => known,
        }
    }

    #[inline]
    fn read(&self) -> Known<N> {
        // Acquire pairs with the Release in `look_up`, for the addresses.
        match self.state.load(Acquire) {
            UNDECIDED => Known::Undecided,
            ABSENT => Known::Absent,
            _ => Known::Present(self.addresses()),
        }
    }

    /// After an `Acquire` load of `FOUND` or `PRESENT`.
    #[inline]
    fn addresses(&self) -> [*mut c_void; N] {
        self.addresses
            .each_ref()
            .map(|address| address.load(Relaxed))
    }

    #[cold]
    fn look_up(&self) -> Option<[*mut c_void; N]> {
        // SAFETY: the name ends with a zero.
        let find = |name: &CStr| unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        let found = self.names.map(find);
        let present = found.iter().all(|address| !address.is_null());
        for (place, address) in self.addresses.iter().zip(found) {
            place.store(address, Relaxed);
        }
        if !present {
            self.state.store(ABSENT, Relaxed);
            return None;
        }
        // INVARIANT: (2) the addresses are above. Release pairs with the Acquire in `read`.
        self.state.store(FOUND, Release);
        // Pairs with the fence in `known`.
        fence(SeqCst);
        // INVARIANT: (3) the fence is above. Release pairs with the Acquire in `get`.
        self.state.store(PRESENT, Release);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn finds_what_is_there() {
        let symbols = Symbols::new([c"malloc", c"free"]);
        assert_eq!(symbols.known(), Known::Undecided);
        let found = symbols.get().unwrap();
        assert!(!found.iter().any(|address| address.is_null()));
        assert_ne!(found[0], found[1]);
        assert_eq!(symbols.known(), Known::Present(found));
        assert_eq!(symbols.get(), Some(found));
    }

    #[test]
    fn one_that_is_missing_is_all_missing() {
        let symbols = Symbols::new([c"malloc", c"pintle_has_no_such_function"]);
        assert_eq!(symbols.get(), None);
        assert_eq!(symbols.known(), Known::Absent);
        assert_eq!(symbols.get(), None);
    }

    #[test]
    fn threads_that_look_up_at_once_agree() {
        for _ in 0..100 {
            let symbols = Symbols::new([c"malloc", c"free", c"realloc"]);
            let answers = thread::scope(|scope| {
                let threads =
                    [(); 4].map(|()| scope.spawn(|| symbols.get().map(|a| a.map(<*mut _>::addr))));
                threads.map(|thread| thread.join().unwrap())
            });
            assert!(answers[0].is_some());
            assert!(answers.iter().all(|answer| *answer == answers[0]));
        }
    }
}
