//! Writers that share grace periods, and cookies. The numbers of grace periods and the stamps begin just before they
//! wrap, so each model here sees the wrap.

use super::{Shared, leak, slot};
use core::sync::atomic::AtomicUsize as Unmodelled;
use pintle_core::{atomic::Ordering::Relaxed, model::check, thread};
use pintle_rcu::domain::{Barrier, Domain, Fences};

#[test]
fn a_cookie_and_a_reader() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        let shared = Shared::new();
        let early = domain.start_poll();
        let other = thread::spawn({
            let shared = shared.clone();
            move || reader.run(|| shared.read())
        });
        shared.unlink();
        let cookie = domain.start_poll();
        while !domain.poll(cookie) {
            thread::yield_now();
        }
        shared.free();
        // An earlier one, from before the wrap, and a later one after it.
        assert!(domain.is_over(early) && !domain.is_over(domain.start_poll()));
        other.join().unwrap();
    });
}

/// One thread takes the cookie, the other drives: what the first unlinked is covered.
#[test]
fn who_drives_sees_what_others_have_unlinked() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        let shared = Shared::new();
        let reading = thread::spawn({
            let shared = shared.clone();
            move || reader.run(|| shared.read())
        });
        let driving = thread::spawn(|| domain.synchronize_with(thread::yield_now));
        shared.unlink();
        let cookie = domain.start_poll();
        driving.join().unwrap();
        domain.wait_with(cookie, thread::yield_now);
        shared.free();
        reading.join().unwrap();
    });
}

/// Counts the heavy barriers of one run of a model.
struct Counting(&'static Unmodelled);

// SAFETY: it is `Fences`, and counts.
unsafe impl Barrier for Counting {
    fn light(&self) {
        Fences.light();
    }

    fn heavy(&self) {
        self.0.fetch_add(1, Relaxed);
        Fences.heavy();
    }
}

/// However many come at once, those who come while one is under way share the next.
#[test]
fn two_writers_make_two_barriers_at_most() {
    check(|| {
        let count: &'static Unmodelled = leak(Unmodelled::new(0));
        let domain = leak(Domain::with_barrier(Counting(count)));
        let reader = domain.reader(slot()).unwrap();
        // It is not quiescent, so there is a reason for the barrier.
        reader.run(|| {});
        let other = thread::spawn(|| domain.synchronize_with(thread::yield_now));
        let cookie = domain.start_poll();
        domain.wait_with(cookie, thread::yield_now);
        other.join().unwrap();
        assert!(count.load(Relaxed) <= 2);
    });
}
