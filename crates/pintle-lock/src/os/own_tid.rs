//! The kernel's number of the calling thread, without a system call each time.

use core::cell::Cell;
use core::ffi::c_int;
use pintle_core::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use pintle_park::linux::Tid;

std::thread_local! {
    /// Zero: not asked for yet.
    static OWN: Cell<u32> = const { Cell::new(0) };
}

unsafe extern "C" {
    /// POSIX; the C library that std links. It reads and keeps the pointers.
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> c_int;
}

/// The number of the calling thread, also in the child of a `fork`, where it is another one than in
/// the parent. (Not of a bare `clone` system call, which the C library knows nothing of.)
#[inline]
pub(super) fn own_tid() -> u32 {
    match OWN.get() {
        0 => ask(),
        own => own,
    }
}

#[cold]
fn ask() -> u32 {
    let own = Tid::current().get();
    if forgets_in_children() {
        OWN.set(own);
    }
    own
}

/// Has children forget the number of the thread that forked, and says whether they will.
fn forgets_in_children() -> bool {
    static REGISTERED: AtomicBool = AtomicBool::new(false);

    // Acquire: pairs with the Release below; the C library's work comes before a fork.
    if REGISTERED.load(Acquire) {
        return true;
    }
    // SAFETY: the function stays, and does in the child what may be done there: it writes a
    // thread-local that is there from the thread's start. Twice does no harm.
    if unsafe { pthread_atfork(None, None, Some(forget)) } != 0 {
        return false;
    }
    // Release: see above.
    REGISTERED.store(true, Release);
    true
}

extern "C" fn forget() {
    OWN.set(0);
}
