//! Which worker the caller is on.

use self::of_thread::Outer;
use super::{pool::Pool, slot::Slot};

/// Tells a platform's cores apart, where there is no thread-local storage.
pub(super) type CoreId = fn() -> usize;

/// Makes a slot's worker the one that the caller is on, until it is dropped.
pub(super) struct Entered<'a> {
    slot: &'a Slot,
    _outer: Outer,
}

// === impl Entered ===

impl<'a> Entered<'a> {
    /// # Safety
    ///
    /// The caller has claimed the slot, the pool's `index`th, and is not inside of this already.
    pub(super) unsafe fn new(pool: &'a Pool, slot: &'a Slot, index: usize) -> Self {
        // A worker that has gone to another core since it was made is not what this core's number finds,
        // and its own core is not to find it either.
        slot.set_entered(pool.core_id.is_none_or(|core_id| core_id() == index));
        Self {
            slot,
            _outer: Outer::enter(slot),
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.slot.set_entered(false);
    }
}

/// Returns the worker that the caller is on, if it is one of `pool`'s.
#[inline]
pub(super) fn here<'a>(pool: &'a Pool, slots: &'a [Slot]) -> Option<&'a Slot> {
    if let Some(core_id) = pool.core_id {
        let slot = slots.get(core_id())?;
        return slot.is_entered().then_some(slot);
    }
    let slot = of_thread::slot();
    let is_of_pool = slots.as_ptr_range().contains(&slot);
    // SAFETY: it is one of these.
    is_of_pool.then(|| unsafe { &*slot })
}

/// A thread knows where it is by one word, which is written at once: a signal handler may come before that or after
/// it, and ask.
#[cfg(feature = "std")]
mod of_thread {
    use super::Slot;
    use core::ptr;
    use pintle_core::atomic::{Ordering::Relaxed, unmodelled::AtomicPtr};

    pintle_core::not_loom! {
        std::thread_local! {
            static HERE: AtomicPtr<Slot> = const { AtomicPtr::new(ptr::null_mut()) };
        }
    }

    pintle_core::only_loom! {
        pintle_core::thread::thread_local! {
            static HERE: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());
        }
    }

    /// The slot that the thread is in, or null.
    #[inline]
    pub(super) fn slot() -> *const Slot {
        // A thread that ends has no such storage any more, and is no worker.
        let slot = HERE.try_with(|here| here.load(Relaxed));
        slot.unwrap_or(ptr::null_mut())
    }

    /// Where the thread was before.
    pub(super) struct Outer(*mut Slot);

    impl Outer {
        pub(super) fn enter(slot: &Slot) -> Self {
            let slot = ptr::from_ref(slot).cast_mut();
            // The loads and stores are those of one thread and of what comes on top of it, which puts back what it
            // has found: no exchange is needed.
            Self(HERE.with(|here| {
                let outer = here.load(Relaxed);
                here.store(slot, Relaxed);
                outer
            }))
        }
    }

    impl Drop for Outer {
        fn drop(&mut self) {
            HERE.with(|here| here.store(self.0, Relaxed));
        }
    }
}

#[cfg(not(feature = "std"))]
mod of_thread {
    use super::Slot;
    use core::ptr;

    pub(super) fn slot() -> *const Slot {
        ptr::null()
    }

    pub(super) struct Outer;

    impl Outer {
        pub(super) fn enter(_: &Slot) -> Self {
            Self
        }
    }
}
