//! Wakers that use the semaphore or the lock that holds them, and wakers that panic.
//!
//! All of it would deadlock or corrupt the line if a waker were called, cloned or dropped under its
//! lock (defect 17).
#![cfg(not(loom))]

mod support;

use std::{
    future::Future,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
};

use pintle_sync::{Mutex, RwLock, RwLockWriteGuard, Semaphore, semaphore::Acquire};
use support::{Lock, Probe, for_each_lock, poll};

for_each_lock![
    a_waker_may_use_the_semaphore_when_it_is_called,
    a_waker_may_use_the_semaphore_when_it_is_cloned,
    a_waker_may_use_the_semaphore_when_it_is_dropped,
    a_waker_may_drop_what_it_wakes,
    a_waker_may_add_permits_while_they_are_added,
    a_waker_may_lock_what_is_being_unlocked,
    a_reader_may_end_while_readers_are_let_in,
    a_clone_that_panics_leaves_the_line_as_it_was,
    a_wake_that_panics_has_woken,
    wakes_that_panic_do_not_keep_the_others_from_waking,
    a_drop_that_panics_leaves_the_line_sound,
    permits_are_not_lost_with_a_waker_whose_drop_panics,
];

type Waiting<L> = (Pin<Box<Acquire<'static, L>>>, Arc<Probe>);

/// A semaphore that wakers and their hooks can hold on to.
fn leaked<L: Lock>(permits: usize) -> &'static Semaphore<L> {
    Box::leak(Box::new(Semaphore::new_with_raw_mutex(
        permits,
        L::default(),
    )))
}

fn waiting<L: Lock>(semaphore: &'static Semaphore<L>, n: usize) -> Vec<Waiting<L>> {
    (0..n)
        .map(|_| {
            let (mut acquire, task) = (Box::pin(semaphore.acquire(1)), Probe::new());
            assert!(poll(acquire.as_mut(), &task).is_pending());
            (acquire, task)
        })
        .collect()
}

/// Does everything that can be done with a semaphore, short of closing it, and leaves it as it was.
fn use_all_of<L: Lock>(semaphore: &Semaphore<L>) {
    drop(semaphore.try_acquire(1));
    assert!(!semaphore.is_closed());
    let mut waits = [2, 1].map(|n| Box::pin(semaphore.acquire(n)));
    for wait in &mut waits {
        let _ = poll(wait.as_mut(), &Probe::new());
    }
    drop(waits);
    semaphore.add_permits(0);
    let _ = format!("{semaphore:?}");
}

/// Takes what there is, and sees whether the semaphore still does what it is for.
fn assert_works<L: Lock>(semaphore: &'static Semaphore<L>) {
    semaphore.forget_permits(usize::MAX);
    for n in [1, 2, 20] {
        let mut waits = waiting(semaphore, n);
        semaphore.add_permits(n);
        for (acquire, task) in &mut waits {
            assert_eq!(task.wakes(), 1);
            assert!(
                poll(acquire.as_mut(), task)
                    .map(|it| it.unwrap().forget())
                    .is_ready()
            );
        }
    }
    assert_eq!(semaphore.available_permits(), 0);
}

fn a_waker_may_use_the_semaphore_when_it_is_called<L: Lock>() {
    let ways: [fn(&Semaphore<L>); 2] = [|it| it.add_permits(2), Semaphore::close];
    for (n, wake) in ways.into_iter().enumerate() {
        let semaphore = leaked::<L>(0);
        let mut waits = waiting(semaphore, 2);
        waits[0].1.on_wake(move || {
            if n == 0 {
                use_all_of(semaphore);
            } else {
                assert!(semaphore.try_acquire(1).is_err());
                assert!(poll(pin!(semaphore.acquire(1)), &Probe::new()).is_ready());
                semaphore.close();
            }
        });
        wake(semaphore);
        for (acquire, task) in &mut waits {
            assert_eq!(task.wakes(), 1);
            assert!(poll(acquire.as_mut(), task).is_ready());
        }
        drop(waits);
        if n == 0 {
            assert_works(semaphore);
        }
    }
}

fn a_waker_may_use_the_semaphore_when_it_is_cloned<L: Lock>() {
    let (semaphore, task, other) = (leaked::<L>(0), Probe::new(), Probe::new());
    task.on_clone(|| use_all_of(semaphore));
    let mut acquire = Box::pin(semaphore.acquire(1));
    for task in [&task, &other, &task] {
        assert!(poll(acquire.as_mut(), task).is_pending());
    }
    assert_eq!(task.clones(), 2);

    // What has been seen before the clone need not hold after it.
    other.on_clone(|| semaphore.add_permits(1));
    let permit = poll(acquire.as_mut(), &other);
    assert!(permit.is_ready(), "given while it offered another waker");
    drop(acquire);
    drop(permit);
    semaphore.forget_permits(1);
    let permit = poll(pin!(semaphore.acquire(1)), &other);
    assert!(permit.is_ready(), "given while it arrived");
    drop(permit);
    other.disarm();
    task.disarm();
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(semaphore);

    task.on_clone(|| semaphore.close());
    let mut acquire = pin!(semaphore.acquire(1));
    assert!(
        poll(acquire.as_mut(), &task)
            .map(|it| it.is_err())
            .is_ready()
    );
}

fn a_waker_may_use_the_semaphore_when_it_is_dropped<L: Lock>() {
    let (semaphore, task, other) = (leaked::<L>(0), Probe::new(), Probe::new());
    task.on_drop(|| use_all_of(semaphore));
    for replaced in [false, true] {
        let mut acquire = Box::pin(semaphore.acquire(1));
        // The waker of the poll itself is dropped as well, after it.
        assert!(poll(acquire.as_mut(), &task).is_pending());
        if replaced {
            assert!(poll(acquire.as_mut(), &other).is_pending());
        }
        drop(acquire);
    }
    task.disarm();
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(semaphore);
}

fn a_waker_may_drop_what_it_wakes<L: Lock>() {
    let semaphore = leaked::<L>(0);
    let mut waits = waiting(semaphore, 2);
    let (first, task) = waits.remove(0);
    let mut first = Some(first);
    task.on_wake(move || drop(first.take()));
    semaphore.add_permits(1);
    task.disarm();
    assert_eq!(waits[0].1.wakes(), 1, "it gave the permit on");
    drop(waits);
    assert_eq!(semaphore.available_permits(), 1);
    assert_works(semaphore);
}

/// Defect 14's like: what comes while many are served is served, and once.
fn a_waker_may_add_permits_while_they_are_added<L: Lock>() {
    let semaphore = leaked::<L>(0);
    let mut waits = waiting(semaphore, 40);
    waits[3].1.on_wake(|| {
        drop(waiting(semaphore, 1));
        semaphore.add_permits(10);
    });
    semaphore.add_permits(25);
    for (n, (acquire, task)) in waits.iter_mut().enumerate() {
        assert_eq!(task.wakes(), usize::from(n < 35));
        let served = poll(acquire.as_mut(), task).map(|it| it.unwrap().forget());
        assert_eq!(served.is_ready(), n < 35);
    }
    waits.truncate(35);
    drop(waits);
    assert_works(semaphore);
}

fn a_waker_may_lock_what_is_being_unlocked<L: Lock>() {
    fn try_it<'a, T>(
        task: &Arc<Probe>,
        future: impl Future<Output = T> + 'a,
    ) -> Pin<Box<dyn Future<Output = T> + 'a>> {
        let mut future = Box::pin(future);
        assert!(poll(future.as_mut(), task).is_pending());
        future
    }

    let mutex: &Mutex<u32, L> = Box::leak(Box::default());
    let (guard, task) = (mutex.try_lock().unwrap(), Probe::new());
    let mut waits = try_it(&task, mutex.lock());
    task.on_wake(|| {
        assert!(mutex.try_lock().is_none());
        assert!(poll(pin!(mutex.lock()), &Probe::new()).is_pending());
    });
    drop(guard);
    assert!(poll(waits.as_mut(), &task).map(drop).is_ready());
    drop(waits);
    assert!(mutex.try_lock().is_some());

    let lock: &RwLock<u32, L> = Box::leak(Box::default());
    let (guard, task) = (lock.try_write().unwrap(), Probe::new());
    let mut waits = [(); 20].map(|()| try_it(&task, lock.read()));
    task.on_wake(|| {
        let _ = lock.try_read();
        let _ = poll(pin!(lock.read()), &Probe::new());
        assert!(poll(pin!(lock.write()), &Probe::new()).is_pending());
    });
    let guard = RwLockWriteGuard::downgrade(guard);
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &task).map(drop).is_ready());
    }
    drop(guard);
    assert!(lock.try_write().is_some());
}

/// Between two batches there are permits and somebody waits: what comes back then serves the next, once.
fn a_reader_may_end_while_readers_are_let_in<L: Lock>() {
    let lock: &RwLock<u32, L> = Box::leak(Box::default());
    let guard = lock.try_write().unwrap();
    let mut readers: Vec<_> = (0..40)
        .map(|_| {
            let (mut read, task) = (Box::pin(lock.read()), Probe::new());
            assert!(poll(read.as_mut(), &task).is_pending());
            (read, task)
        })
        .collect();
    let (mut writer, writer_task) = (Box::pin(lock.write()), Probe::new());
    assert!(poll(writer.as_mut(), &writer_task).is_pending());
    let (first, task) = readers.remove(0);
    let mut first = Some(first);
    // Its permit comes back as that of a future that was served, the next one's as a guard's.
    task.on_wake(move || drop(first.take()));
    let (second, second_task) = readers.remove(0);
    let mut second = Some(second);
    second_task.on_wake(move || {
        let guard = poll(second.take().unwrap().as_mut(), &Probe::new());
        assert!(guard.is_ready());
        assert!(lock.try_read().is_none(), "somebody waits");
    });
    drop(guard);
    for (read, task) in &mut readers {
        assert_eq!(task.wakes(), 1);
        assert_eq!(writer_task.wakes(), 0);
        assert!(poll(read.as_mut(), task).map(drop).is_ready());
    }
    assert_eq!(writer_task.wakes(), 1);
    assert!(poll(writer.as_mut(), &writer_task).map(drop).is_ready());
    assert!(lock.try_write().is_some());
}

fn a_clone_that_panics_leaves_the_line_as_it_was<L: Lock>() {
    let (semaphore, task, other) = (leaked::<L>(0), Probe::new(), Probe::new());
    let mut acquire = Box::pin(semaphore.acquire(1));
    task.on_clone(|| panic!("no clone"));
    for registered in [false, true] {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            poll(acquire.as_mut(), &task).is_ready()
        }));
        assert!(polled.is_err());
        if registered {
            semaphore.add_permits(1);
            assert_eq!(other.wakes(), 1, "the waker of the poll before");
        } else {
            assert!(poll(acquire.as_mut(), &other).is_pending());
        }
    }
    assert!(poll(acquire.as_mut(), &task).map(drop).is_ready());
    assert_eq!((task.live(), other.live()), (0, 0));
    assert_works(semaphore);
}

fn a_wake_that_panics_has_woken<L: Lock>() {
    let semaphore = leaked::<L>(1);
    let permit = semaphore.try_acquire(1).unwrap();
    let mut waits = waiting(semaphore, 2);
    waits[0].1.on_wake(|| panic!("no wake"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(permit))).is_err());
    let (acquire, _) = &mut waits[0];
    assert!(poll(acquire.as_mut(), &Probe::new()).map(drop).is_ready());
    assert_eq!(waits[1].1.wakes(), 1);
    drop(waits);
    assert_works(semaphore);
}

fn wakes_that_panic_do_not_keep_the_others_from_waking<L: Lock>() {
    // One in each batch, or several in one: the first panic is passed on, the others are dropped.
    for panicking in [
        vec![0],
        vec![17],
        vec![39],
        vec![3, 4],
        vec![0, 16, 39],
        (0..40).collect(),
    ] {
        // Without `std` there is nothing to hold a second panic back.
        if panicking.len() > 1 && !cfg!(feature = "std") {
            continue;
        }
        for close in [false, true] {
            let semaphore = leaked::<L>(0);
            let mut waits = waiting(semaphore, 40);
            for &n in &panicking {
                waits[n].1.on_wake(move || panic!("no wake {n}"));
            }
            let all = || {
                if close {
                    semaphore.close()
                } else {
                    semaphore.add_permits(40)
                }
            };
            let payload = catch_unwind(AssertUnwindSafe(all)).unwrap_err();
            let message = payload.downcast::<String>().unwrap();
            assert_eq!(*message, format!("no wake {}", panicking[0]));
            for (acquire, task) in &mut waits {
                assert_eq!((task.wakes(), task.live()), (1, 0));
                assert!(poll(acquire.as_mut(), &Probe::new()).is_ready());
            }
            drop(waits);
            assert_eq!(semaphore.is_closed(), close);
            if !close {
                assert_works(semaphore);
            }
        }
    }
}

fn a_drop_that_panics_leaves_the_line_sound<L: Lock>() {
    let (semaphore, task, other) = (leaked::<L>(1), Probe::new(), Probe::new());
    // What is left in the line behind one who leaves by such a drop is served all the same.
    let mut many = Box::pin(semaphore.acquire(2));
    assert!(poll(many.as_mut(), &task).is_pending());
    let mut behind = Box::pin(semaphore.acquire(1));
    assert!(poll(behind.as_mut(), &other).is_pending());
    task.on_drop(|| panic!("no drop"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(many))).is_err());
    assert_eq!(other.wakes(), 1);
    drop(behind);
    task.disarm();

    // Replaced: the other is registered all the same.
    semaphore.forget_permits(1);
    let mut acquire = Box::pin(semaphore.acquire(1));
    assert!(poll(acquire.as_mut(), &task).is_pending());
    task.on_drop(|| panic!("no drop"));
    let polled = catch_unwind(AssertUnwindSafe(|| {
        poll(acquire.as_mut(), &other).is_ready()
    }));
    assert!(polled.is_err());
    task.disarm();
    semaphore.add_permits(1);
    assert_eq!(other.wakes(), 2);
    drop(acquire);
    assert_works(semaphore);
}

/// Panics when it is called first: what is dropped while that unwinds must not.
fn panics_once() -> impl FnMut() {
    let mut called = false;
    move || assert!(mem::replace(&mut called, true), "no drop")
}

/// The permit comes after the waker has been cloned, so that the clone is not needed, and dropped.
fn permits_are_not_lost_with_a_waker_whose_drop_panics<L: Lock>() {
    let (semaphore, task) = (leaked::<L>(0), Probe::new());
    task.on_clone(|| semaphore.add_permits(1));
    task.on_drop(panics_once());
    let mut given_up = Box::pin(semaphore.acquire(1));
    let polled = catch_unwind(AssertUnwindSafe(|| {
        poll(given_up.as_mut(), &task).is_ready()
    }));
    assert!(polled.is_err());
    task.disarm();
    drop(given_up);
    assert_eq!(semaphore.available_permits(), 1);

    task.on_clone(|| semaphore.add_permits(1));
    task.on_drop(panics_once());
    let mut kept = Box::pin(semaphore.acquire(2));
    let polled = catch_unwind(AssertUnwindSafe(|| poll(kept.as_mut(), &task).is_ready()));
    assert!(polled.is_err());
    task.disarm();
    assert_eq!(semaphore.available_permits(), 0);
    let both = poll(kept.as_mut(), &task);
    assert!(both.is_ready(), "they had been given");
    drop((both, kept));
    assert_eq!(semaphore.available_permits(), 2);
    assert_works(semaphore);
}
