//! Threads that sleep until a grace period is over, on the futex that is modelled over loom. They have no hook and, as
//! readers make fences, do not nap: so they have no deadline, and a wake-up that is lost is a deadlock.

use super::{
    Shared,
    asleep::{Woken, reader_and_sleeper},
    leak, slot,
};
use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use loom::future::block_on;
use pintle_core::{
    atomic::Ordering::Relaxed,
    model::{check, check_bounded},
    thread,
};
use pintle_rcu::domain::{Barrier, Cookie, Domain, Fences, ProcessWide, Reader};
use std::sync::{Arc, Mutex};

fn reader_and_thread(reads: fn(&Reader, &Shared)) {
    reader_and_sleeper(|| ProcessWide, reads, Domain::synchronize);
}

#[test]
fn the_end_of_a_section_wakes_a_thread() {
    reader_and_thread(|reader, shared| reader.run(|| shared.read()));
}

#[test]
fn a_checkpoint_wakes_a_thread() {
    reader_and_thread(|reader, shared| {
        let mut section = reader.enter();
        shared.read();
        section.checkpoint();
        shared.read();
    });
}

/// One is on duty and the other is not, and who is may be done first.
#[test]
fn two_threads_that_sleep() {
    check(|| {
        let domain = leak(Domain::new());
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = thread::spawn(|| domain.synchronize());
        drop(section);
        domain.synchronize();
        other.join().unwrap();
        core::mem::forget(reader);
    });
}

/// Their grace periods are the one under way and the next: who is done first leaves the duty to the other.
#[test]
fn a_thread_whose_grace_period_is_the_next() {
    // Three threads: with a second preemption it takes a minute, with a third it does not end.
    check_bounded(1, || {
        let domain = leak(Domain::new());
        let reader = domain.reader(slot()).unwrap();
        core::mem::forget(reader.enter());
        let first = domain.start_poll();
        assert!(!domain.poll(first));
        let other = thread::spawn(|| domain.synchronize());
        // Its end is the end of the section.
        let reading = thread::spawn(move || drop(reader));
        domain.wait(first);
        other.join().unwrap();
        reading.join().unwrap();
    });
}

/// A barrier within whose light side, once, a task is polled that waits for a grace period.
struct Strikes(&'static Mutex<Option<(&'static Domain<Self>, Cookie)>>);

// SAFETY: it is `Fences`, and does something besides.
unsafe impl Barrier for Strikes {
    fn light(&self) {
        Fences.light();
        let armed = self.0.lock().unwrap().take();
        if let Some((domain, cookie)) = armed {
            let mut context = Context::from_waker(Waker::noop());
            let _ = pin!(domain.grace_period_of(cookie)).poll(&mut context);
        }
    }

    fn heavy(&self) {
        Fences.heavy();
    }

    fn readers_fence(&self) -> bool {
        true
    }
}

/// A task ends the grace period just when the reader has left and not looked who waits: so the task wakes the thread.
/// (As an interleaving of three threads loom does not find it.)
#[test]
fn a_task_that_takes_the_flag_from_a_reader() {
    check(|| {
        let armed = leak(Mutex::new(None));
        let domain = leak(Domain::with_barrier(Strikes(armed)));
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let cookie = domain.start_poll();
        assert!(!domain.poll(cookie));
        let other = thread::spawn(move || domain.wait(cookie));
        *armed.lock().unwrap() = Some((domain, cookie));
        drop(section);
        other.join().unwrap();
        core::mem::forget(reader);
    });
}

/// The reader rings already, so the thread makes no barrier before it sleeps but that of the event count. And if it ends the
/// grace period just when the reader has left and not looked who waits, it wakes the task.
#[test]
fn a_thread_that_sleeps_where_a_task_sleeps() {
    check(|| {
        let domain = leak(Domain::new());
        let reader = domain.reader(slot()).unwrap();
        core::mem::forget(reader.enter());
        let cookie = domain.start_poll();
        let mut task = Box::pin(domain.grace_period_of(cookie));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        assert!(task.as_mut().poll(&mut context).is_pending());
        // Its end is the end of the section.
        let other = thread::spawn(move || drop(reader));
        domain.wait(cookie);
        other.join().unwrap();
        assert!(woken.0.load(Relaxed), "nobody has woken");
    });
}

#[test]
fn a_thread_that_sleeps_and_one_that_looks() {
    check(|| {
        let domain = leak(Domain::new());
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = thread::spawn(|| {
            // May take the flag from the reader, or what the sleeper waits for.
            let _ = domain.poll(domain.start_poll());
        });
        drop(section);
        domain.synchronize();
        other.join().unwrap();
        core::mem::forget(reader);
    });
}

/// Both drive, and each may find the other at it.
#[test]
fn a_thread_and_a_task_that_sleep() {
    check(|| {
        let domain = leak(Domain::new());
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = thread::spawn(|| block_on(domain.grace_period()));
        drop(section);
        domain.synchronize();
        other.join().unwrap();
        core::mem::forget(reader);
    });
}
