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
            _outer: Outer::enter(pool, slot),
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
    let slot = of_thread::slot(pool)?;
    // SAFETY: the thread is inside of `Entered`, which borrows the slot, of this pool.
    Some(unsafe { &*slot })
}

#[cfg(feature = "std")]
mod of_thread {
    use super::{Pool, Slot};
    use core::{cell::Cell, ptr};

    #[derive(Clone, Copy)]
    struct Here {
        pool: *const Pool,
        slot: *const Slot,
    }

    const NOWHERE: Here = Here {
        pool: ptr::null(),
        slot: ptr::null(),
    };

    pintle_core::not_loom! {
        std::thread_local! {
            static HERE: Cell<Here> = const { Cell::new(NOWHERE) };
        }
    }

    pintle_core::only_loom! {
        pintle_core::thread::thread_local! {
            static HERE: Cell<Here> = Cell::new(NOWHERE);
        }
    }

    #[inline]
    pub(super) fn slot(pool: &Pool) -> Option<*const Slot> {
        // A thread that ends has no such storage any more, and is no worker.
        let here = HERE.try_with(Cell::get).ok()?;
        ptr::eq(here.pool, pool).then_some(here.slot)
    }

    /// Where the thread was before.
    pub(super) struct Outer(Here);

    impl Outer {
        pub(super) fn enter(pool: &Pool, slot: &Slot) -> Self {
            Self(HERE.with(|here| here.replace(Here { pool, slot })))
        }
    }

    impl Drop for Outer {
        fn drop(&mut self) {
            HERE.with(|here| here.set(self.0));
        }
    }
}

#[cfg(not(feature = "std"))]
mod of_thread {
    use super::{Pool, Slot};

    pub(super) fn slot(_: &Pool) -> Option<*const Slot> {
        None
    }

    pub(super) struct Outer;

    impl Outer {
        pub(super) fn enter(_: &Pool, _: &Slot) -> Self {
            Self
        }
    }
}
