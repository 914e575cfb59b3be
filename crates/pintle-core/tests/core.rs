//! What the upper floors rely on.
#![cfg(not(loom))]

use core::mem::{align_of, size_of};
use pintle_core::{Backoff, CachePadded, atomic, cell::UnsafeCell, const_fn, not_loom};

not_loom! {
    static WORD: atomic::AtomicUsize = atomic::AtomicUsize::new(7);
}

struct Guarded<T>(UnsafeCell<T>);

impl<T> Guarded<T> {
    const_fn! {
        /// Attributes, visibility and generics pass through.
        #[must_use]
        pub const fn new(value: T) -> Self where T: Copy { Self(UnsafeCell::new(value)) }
    }

    const_fn! {
        pub(crate) const unsafe fn new_unchecked(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }
    }
}

#[test]
fn functions_stay_const_off_loom() {
    const _: () = {
        let _guarded = Guarded::new(3);
        // SAFETY: this test's function asks nothing of its caller.
        let _unchecked = unsafe { Guarded::new_unchecked(4) };
    };
    assert_eq!(WORD.load(atomic::Ordering::Relaxed), 7);
}

#[test]
#[cfg(target_has_atomic = "ptr")]
fn atomics_are_those_of_core() {
    fn takes_core(_: &core::sync::atomic::AtomicUsize) {}
    takes_core(&atomic::AtomicUsize::new(0));
    fn takes_core_ptr(_: &core::sync::atomic::AtomicPtr<u8>) {}
    takes_core_ptr(&atomic::AtomicPtr::new(core::ptr::null_mut()));
}

#[test]
fn a_cell_costs_nothing() {
    assert_eq!(size_of::<UnsafeCell<u8>>(), 1);
    let cell = UnsafeCell::new([1, 2]);
    // SAFETY: nothing else refers to the contents during either call.
    cell.with_mut(|array| unsafe { (*array)[0] = 5 });
    // SAFETY: as above.
    assert_eq!(cell.with(|array| unsafe { *array }), [5, 2]);
    assert_eq!(cell.into_inner(), [5, 2]);
}

#[test]
fn padding_is_by_feature() {
    if cfg!(feature = "no-cache-pad") {
        assert_eq!(size_of::<CachePadded<u8>>(), 1);
    } else if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        assert_eq!(align_of::<CachePadded<u8>>(), 128);
        assert_eq!(size_of::<CachePadded<[u8; 129]>>(), 256);
    }
    let mut padded = CachePadded::from(3);
    *padded += 1;
    assert_eq!(padded, CachePadded::new(4));
    assert_eq!(padded.into_inner(), 4);
}

#[test]
#[should_panic(expected = "at most DEFAULT_MAX_EXPONENT")]
fn a_backoff_is_bounded() {
    let _ = Backoff::with_max_exponent(9);
}

#[test]
fn a_backoff_stays_at_its_bound() {
    let mut backoff = Backoff::with_max_exponent(1);
    for _ in 0..300 {
        backoff.spin();
    }
}

#[test]
#[cfg(feature = "std")]
fn a_model_runs_once_natively() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    pintle_core::model::check(move || {
        counted.fetch_add(1, Relaxed);
    });
    assert_eq!(runs.load(Relaxed), 1);
}
