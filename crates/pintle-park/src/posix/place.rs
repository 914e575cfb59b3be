use super::InitError;
use core::{cell::UnsafeCell, marker::PhantomPinned, mem::MaybeUninit, pin::Pin};
use libc::c_int;
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// Memory for one of the C library's objects, and whether it is one yet.
///
/// # Invariants
///
/// - Once [`READY`], always `READY`: the object is initialised and stays where it is. Only the
///   `Drop` of what contains the place ends that.
/// - Who has set [`BUSY`] is the only one to touch the object.
#[repr(C)]
pub(super) struct Place<R> {
    state: AtomicU32,
    object: UnsafeCell<MaybeUninit<R>>,
    _pin: PhantomPinned,
}

/// No object yet; what memory that is fresh from the system holds.
const EMPTY: u32 = 0;
/// A thread is initialising it.
const BUSY: u32 = 1;
const READY: u32 = 2;

// === impl Place ===

impl<R> Place<R> {
    pub(super) const fn new() -> Self {
        Self {
            state: AtomicU32::new(EMPTY),
            object: UnsafeCell::new(MaybeUninit::uninit()),
            _pin: PhantomPinned,
        }
    }

    /// The object, which `init` makes if nobody has. If it fails, the next caller tries again.
    #[inline]
    pub(super) fn get_or_init(
        self: Pin<&Self>,
        init: impl FnOnce(*mut R) -> c_int,
    ) -> Result<*mut R, InitError> {
        match self.get_ref().get() {
            Some(object) => Ok(object),
            None => self.init(init),
        }
    }

    /// The object, if there is one.
    #[inline]
    pub(super) fn get(&self) -> Option<*mut R> {
        // Acquire: pairs with the release in `init`; the object's initialisation is visible.
        (self.state.load(Acquire) == READY).then(|| self.object.get().cast())
    }

    #[cold]
    fn init(self: Pin<&Self>, init: impl FnOnce(*mut R) -> c_int) -> Result<*mut R, InitError> {
        // Acquire, when it fails: as in `get`. When it succeeds: pairs with the release of one
        // who has failed.
        while let Err(state) = self.state.compare_exchange(EMPTY, BUSY, Acquire, Acquire) {
            if state == READY {
                return Ok(self.object.get().cast());
            }
            // Not a yield: the other thread may be a less urgent one.
            nap();
        }
        let object = self.object.get().cast();
        let errno = init(object);
        let state = if errno == 0 { READY } else { EMPTY };
        // Release: pairs with the acquire of everybody who finds the object ready, or may try
        // again.
        self.state.store(state, Release);
        match errno {
            0 => Ok(object),
            errno => Err(InitError::new(errno)),
        }
    }

    /// `whole`, which another process has made and of which `place` is a part, if its object is there.
    ///
    /// # Safety
    ///
    /// `place` is in `whole`. That is aligned and valid for reads for `'a`, and does not move meanwhile. The
    /// place is empty, as memory is that the system hands out, and then nothing is asked of the rest; or its
    /// object was initialised when the rest was.
    pub(super) unsafe fn attach<'a, T>(place: *const Self, whole: *const T) -> Option<Pin<&'a T>> {
        // SAFETY: the state is valid in fresh memory, too, and nothing but the place is borrowed.
        let place = unsafe { &*place };
        place.get()?;
        // SAFETY: initialised, and valid for `'a`: as the caller says.
        let whole = unsafe { &*whole };
        // SAFETY: it does not move: as the caller says.
        Some(unsafe { Pin::new_unchecked(whole) })
    }

    /// The object, in a place that nobody else can reach any more.
    pub(super) fn get_mut(&mut self) -> Option<*mut R> {
        // Relaxed: exclusive access has come with the memory of whoever had it before.
        (self.state.load(Relaxed) == READY).then(|| self.object.get().cast())
    }
}

/// Sleeps for as short as the system can.
fn nap() {
    let time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 1,
    };
    // SAFETY: `time` is a valid time; the remaining time is not asked for. An interruption only
    // makes it shorter.
    unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::pin::pin;
    use pintle_core::atomic::{AtomicBool, Ordering::SeqCst};
    use std::{sync::Barrier, thread, time::Duration};

    struct Shared(Place<u64>);

    // SAFETY: the test writes the object while it initialises it, and reads it afterwards.
    unsafe impl Sync for Shared {}

    #[test]
    fn nobody_gets_what_another_thread_is_initialising() {
        let shared = Shared(Place::new());
        let shared = pin!(shared);
        let shared = shared.as_ref();
        let (start, done) = (Barrier::new(2), AtomicBool::new(false));
        thread::scope(|scope| {
            let (start, done) = (&start, &done);
            scope.spawn(move || {
                // SAFETY: pinned with its owner.
                let place = unsafe { shared.map_unchecked(|shared| &shared.0) };
                let object = place.get_or_init(|_| {
                    start.wait();
                    thread::sleep(Duration::from_millis(20));
                    done.store(true, SeqCst);
                    0
                });
                assert!(object.is_ok());
            });
            start.wait();
            // SAFETY: as above.
            let place = unsafe { shared.map_unchecked(|shared| &shared.0) };
            assert!(place.get().is_none());
            let object = place.get_or_init(|_| unreachable!("the other thread does"));
            assert!(object.is_ok() && done.load(SeqCst));
        });
    }

    #[test]
    fn after_an_error_the_next_one_tries_again() {
        let place = pin!(Place::<u64>::new());
        let place = place.as_ref();
        let outcome = place.get_or_init(|_| libc::ENOMEM);
        assert_eq!(outcome, Err(InitError::NoMemory));
        assert!(place.get().is_none());
        assert!(place.get_or_init(|_| 0).is_ok());
        assert!(place.get_or_init(|_| unreachable!("it is ready")).is_ok());
    }
}
