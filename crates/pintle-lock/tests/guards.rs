//! Guards: whole, mapped, and those that own a share of their mutex.
#![cfg(not(loom))]

use pintle_lock::blocking::{MappedMutexGuard, Mutex, MutexGuard};
use pintle_lock::spin::Spinlock;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn mutex<T>(value: T) -> Mutex<T, Spinlock> {
    Mutex::new_with_raw_mutex(value, Spinlock::new())
}

#[test]
fn a_mapped_guard_keeps_the_whole_locked() {
    let mutex = mutex((1, [2, 3]));
    let array = MutexGuard::map(mutex.lock(), |value| &mut value.1);
    assert!(mutex.is_locked() && mutex.try_lock().is_none());
    let mut slice: MappedMutexGuard<'_, [i32], _> =
        MappedMutexGuard::map(array, |array| &mut array[1..]);
    assert!(mutex.is_locked());
    slice[0] = 9;
    assert_eq!(format!("{slice:?}"), "[9]");
    drop(slice);
    assert!(!mutex.is_locked());
    assert_eq!(mutex.into_inner(), (1, [2, 9]));
}

#[test]
fn a_part_that_is_not_there_gives_the_guard_back() {
    let mutex = mutex(vec![1]);
    let guard = MutexGuard::try_map(mutex.lock(), |value| value.get_mut(1)).unwrap_err();
    assert!(mutex.is_locked(), "it is the same lock all along");
    let first = MutexGuard::try_map(guard, |value| value.get_mut(0)).unwrap();
    let first = MappedMutexGuard::try_map(first, |_| None::<&mut ()>).unwrap_err();
    assert!(mutex.is_locked());
    let mut first = MappedMutexGuard::try_map(first, |part| Some(part)).unwrap();
    *first += 1;
    assert_eq!(format!("{first}"), "2");
    drop(first);
    assert!(!mutex.is_locked());
    assert_eq!(*mutex.lock(), [2]);
}

#[test]
fn a_map_that_panics_releases() {
    let mutex = mutex(1);
    let panics = |f: fn(&Mutex<i32, Spinlock>)| {
        catch_unwind(AssertUnwindSafe(|| f(&mutex))).unwrap_err();
        assert!(!mutex.is_locked());
    };
    panics(|mutex| drop(MutexGuard::map(mutex.lock(), |_| -> &mut () { panic!() })));
    panics(|mutex| {
        drop(MutexGuard::try_map(mutex.lock(), |_| -> Option<&mut ()> {
            panic!()
        }))
    });
    panics(|mutex| {
        let guard = MutexGuard::map(mutex.lock(), |value| value);
        drop(MappedMutexGuard::map(guard, |_| -> &mut () { panic!() }));
    });
    panics(|mutex| {
        let guard = MutexGuard::map(mutex.lock(), |value| value);
        drop(MappedMutexGuard::try_map(guard, |_| -> Option<&mut ()> {
            panic!()
        }));
    });
}

#[test]
fn a_panic_while_a_guard_lives_releases() {
    let mutex = mutex(1);
    catch_unwind(AssertUnwindSafe(|| {
        let _guard = MutexGuard::map(mutex.lock(), |value| value);
        panic!("on purpose");
    }))
    .unwrap_err();
    assert!(mutex.try_lock().is_some());
}

#[test]
fn constructors() {
    static STATIC: Mutex<&str, Spinlock> = Mutex::const_init("static");
    assert_eq!(*STATIC.lock(), "static");
    assert_eq!(*Mutex::<_, Spinlock>::from(3).lock(), 3);
    assert_eq!(*Mutex::<u8, Spinlock>::default().lock(), 0);
    assert!(!pintle_lock::ScopedRawMutex::is_locked(STATIC.raw_mutex()));
}

#[cfg(feature = "alloc")]
mod arc {
    use super::*;
    use pintle_lock::blocking::ArcMutexGuard;
    use std::sync::Arc;

    #[test]
    fn an_arc_guard_keeps_the_mutex_alive() {
        let count = Arc::new(());
        let shared = Arc::new(mutex(Arc::clone(&count)));
        let guard = shared.lock_arc();
        assert!(shared.try_lock_arc().is_none());
        drop(shared);
        assert_eq!(Arc::strong_count(&count), 2, "the value lives by the guard");
        drop(guard);
        assert_eq!(Arc::strong_count(&count), 1, "and ends with it");
    }

    #[test]
    fn an_arc_guard_of_an_unsized_value_goes_to_another_thread() {
        let shared: Arc<Mutex<[u8], Spinlock>> = Arc::new(mutex([1, 2]));
        let mut guard = shared.try_lock_arc().unwrap();
        std::thread::spawn(move || guard[0] = 5).join().unwrap();
        assert_eq!(&*shared.lock(), &[5, 2]);
    }

    #[test]
    fn an_arc_guard_turns_back_into_its_arc() {
        let shared = Arc::new(mutex(1));
        let guard = Arc::clone(&shared).lock_arc();
        let again = ArcMutexGuard::into_arc(guard);
        assert!(!shared.is_locked());
        assert!(Arc::ptr_eq(&shared, &again));
        drop(again);
        assert_eq!(Arc::strong_count(&shared), 1);
    }

    #[test]
    fn a_panic_while_an_arc_guard_lives_releases() {
        let shared = Arc::new(mutex(1));
        catch_unwind(AssertUnwindSafe(|| {
            let _guard = shared.lock_arc();
            panic!("on purpose");
        }))
        .unwrap_err();
        assert!(!shared.is_locked());
        assert_eq!(Arc::strong_count(&shared), 1);
    }
}
