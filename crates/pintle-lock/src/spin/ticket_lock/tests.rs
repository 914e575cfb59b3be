use super::*;

#[test]
fn tickets_wrap() {
    let lock = TicketLock::at(u32::MAX - 1);
    for round in 0..4 {
        assert!(!RawMutex::is_locked(&lock), "round {round}");
        lock.lock();
        assert!(RawMutex::is_locked(&lock));
        assert!(!lock.try_lock());
        // SAFETY: locked above.
        unsafe { lock.unlock() };
        assert!(lock.try_lock(), "round {round}");
        assert!(RawMutex::is_locked(&lock));
        // SAFETY: locked above.
        unsafe { lock.unlock() };
    }
    assert_eq!(lock.serving.load(Relaxed), 6);
}

#[test]
fn try_lock_does_not_get_into_the_line() {
    let lock = TicketLock::at(u32::MAX);
    lock.lock();
    assert!(!lock.try_lock());
    assert_eq!(lock.next.load(Relaxed), 0, "a ticket was drawn");
}

/// `try_lock` has looked at `serving`; before its next instruction the lock is taken so often that
/// the same ticket comes round, and is not served.
#[test]
fn a_ticket_from_a_round_ago_is_not_taken_for_served() {
    extern crate std;
    use std::sync::atomic::AtomicBool;

    let lock = TicketLock::at(4);
    // Ticket 4 of the next round is the next one, and 3 is held.
    lock.serving.store(3, Relaxed);
    let released = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            assert!(lock.draw_served(4));
            assert!(released.load(Relaxed), "two hold the lock");
        });
        // It has drawn its ticket, and a lock that is wrong would have been taken by now.
        while lock.next.load(Relaxed) != 5 {
            std::thread::yield_now();
        }
        for _ in 0..100 {
            std::thread::yield_now();
        }
        released.store(true, Relaxed);
        // SAFETY: this test stands for the holder of ticket 3.
        unsafe { lock.unlock() };
        late.join().unwrap();
    });
}

/// Who draws first is served first, whoever runs.
#[test]
fn they_are_served_in_the_order_in_which_they_came() {
    extern crate std;
    use std::sync::Mutex;
    use std::vec::Vec;

    let lock = TicketLock::at(u32::MAX - 2);
    let order = Mutex::new(Vec::new());
    lock.lock();
    std::thread::scope(|scope| {
        for waiter in 0..6_u32 {
            let (lock, order) = (&lock, &order);
            scope.spawn(move || {
                lock.lock();
                order.lock().unwrap().push(waiter);
                // SAFETY: locked above.
                unsafe { lock.unlock() };
            });
            // The next one comes when this one is in line: this thread's ticket was u32::MAX - 2.
            while lock.next.load(Relaxed) != waiter.wrapping_sub(1) {
                std::thread::yield_now();
            }
        }
        // SAFETY: locked above.
        unsafe { lock.unlock() };
    });
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
}
