use super::{SetError, set};
use core::{ffi::c_long, fmt, ptr};
use pintle_core::atomic::{
    AtomicPtr,
    Ordering::{Relaxed, SeqCst},
    compiler_fence,
};

/// What kind of lock an entry belongs to: the low bit of each link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An ordinary one: the kernel wakes one waiter.
    Plain,
    /// One with priority inheritance: the kernel hands it to the most urgent waiter.
    Pi,
}

/// The part of a lock that links it to its owner's list: `struct robust_list`.
///
/// It lies at the same distance from the lock's word in every lock of a list.
#[repr(C)]
pub struct Entry {
    /// The next entry, or the head; its lowest bit is the next one's [`Kind`].
    next: AtomicPtr<Entry>,
}

// === impl Entry ===

impl Entry {
    /// An entry in no list.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            next: AtomicPtr::new(ptr::null_mut()),
        }
    }
}

impl Default for Entry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.next.load(Relaxed);
        f.debug_struct("Entry").field("next", &next).finish()
    }
}

/// The head of one thread's list: `struct robust_list_head`.
///
/// Only its thread changes the list. The kernel reads it in the same thread, at its end, so the
/// order in which the methods write is the compiler's to keep and not the processor's.
///
/// # Invariants
///
/// - From [`register`](Self::register) on, the list is a ring that leads from the head through
///   each entry pushed and not removed back to the head, at every instruction.
#[repr(C)]
pub struct Head {
    list: Entry,
    futex_offset: c_long,
    pending: AtomicPtr<Entry>,
}

const _: () = assert!(
    size_of::<Head>() == 3 * size_of::<usize>(),
    "the kernel's size"
);

/// The entry's address with its kind in the lowest bit, which its alignment leaves free.
fn tagged(entry: *const Entry, kind: Kind) -> *mut Entry {
    let tag = match kind {
        Kind::Plain => 0,
        Kind::Pi => 1,
    };
    // Exposed: the kernel accesses the lock by way of it.
    let address = entry.expose_provenance() | tag;
    ptr::with_exposed_provenance_mut(address)
}

fn untagged(link: *mut Entry) -> *const Entry {
    link.map_addr(|address| address & !1)
}

// === impl Head ===

impl Head {
    /// A list of locks whose words lie `futex_offset` bytes after their [`Entry`], or before it if
    /// negative.
    #[must_use]
    pub const fn new(futex_offset: isize) -> Self {
        Self {
            list: Entry::new(),
            futex_offset: futex_offset as c_long,
            pending: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Makes this the calling thread's list, which is empty then.
    ///
    /// # Safety
    ///
    /// As for [`set`].
    ///
    /// # Errors
    ///
    /// [`SetError`].
    pub unsafe fn register(&self) -> Result<(), SetError> {
        self.list.next.store(self.end(), Relaxed);
        self.pending.store(ptr::null_mut(), Relaxed);
        compiler_fence(SeqCst);
        // SAFETY: passed on to the caller.
        unsafe { set(self) }
    }

    /// Tells the kernel that the caller is about to lock or unlock: if the thread dies before it
    /// [settles](Self::settle), `entry` is seen to as well.
    ///
    /// There is one announcement at a time.
    ///
    /// # Safety
    ///
    /// `entry` is valid until the announcement is taken back, as [`set`] wants it.
    pub unsafe fn announce(&self, entry: *const Entry, kind: Kind) {
        compiler_fence(SeqCst);
        self.pending.store(tagged(entry, kind), Relaxed);
        compiler_fence(SeqCst);
    }

    /// Takes the announcement back.
    pub fn settle(&self) {
        compiler_fence(SeqCst);
        self.pending.store(ptr::null_mut(), Relaxed);
        compiler_fence(SeqCst);
    }

    /// Links `entry`, in constant time.
    ///
    /// # Safety
    ///
    /// The list has been registered, by the calling thread. `entry` is valid, in no list, and
    /// stays so until it is [removed](Self::remove).
    pub unsafe fn push(&self, entry: *const Entry, kind: Kind) {
        // SAFETY: valid, as the caller says.
        let next = unsafe { &(*entry).next };
        next.store(self.list.next.load(Relaxed), Relaxed);
        compiler_fence(SeqCst);
        self.list.next.store(tagged(entry, kind), Relaxed);
        compiler_fence(SeqCst);
    }

    /// Takes `entry` out, and says whether it was there. Linear in the number of locks that were
    /// taken after it: constant if they are released in the opposite order.
    ///
    /// # Safety
    ///
    /// The list has been registered, by the calling thread, and its entries are valid.
    pub unsafe fn remove(&self, entry: *const Entry) -> bool {
        let mut link = &self.list.next;
        loop {
            let current = untagged(link.load(Relaxed));
            if ptr::eq(current, &self.list) {
                return false;
            }
            // SAFETY: by the invariant an entry that has been pushed, and valid.
            let next = unsafe { &(*current).next };
            if ptr::eq(current, entry) {
                // With the kind of the one after it.
                link.store(next.load(Relaxed), Relaxed);
                compiler_fence(SeqCst);
                return true;
            }
            link = next;
        }
    }

    /// What the last link holds.
    fn end(&self) -> *mut Entry {
        tagged(&self.list, Kind::Plain)
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("futex_offset", &self.futex_offset)
            .finish_non_exhaustive()
    }
}
