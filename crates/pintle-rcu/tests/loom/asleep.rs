//! Writers that sleep, and are woken by readers. A wake-up that is lost is a deadlock, which loom reports.

use super::{Shared, leak, slot};
use core::sync::atomic::{AtomicBool, AtomicUsize as Unmodelled};
use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use loom::future::block_on;
use pintle_core::{atomic::Ordering::Relaxed, model::check, thread};
use pintle_rcu::domain::{Barrier, Domain, Fences, ProcessWide, Reader};
use std::{sync::Arc, task::Wake};

/// A writer who waits by `sleep` beside a thread that does `reads`.
pub(crate) fn reader_and_sleeper<B: Barrier + Send + Sync + 'static>(
    barrier: fn() -> B,
    reads: fn(&Reader<B>, &Shared),
    sleep: fn(&Domain<B>),
) {
    check(move || {
        let domain = leak(Domain::with_barrier(barrier()));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                reads(&reader, &shared);
                // Its end would wake nobody either.
                core::mem::forget(reader);
            }
        });
        shared.unlink();
        sleep(domain);
        shared.free();
        other.join().unwrap();
    });
}

fn reader_and_task<B: Barrier + Send + Sync + 'static>(
    barrier: fn() -> B,
    reads: fn(&Reader<B>, &Shared),
) {
    reader_and_sleeper(barrier, reads, |domain| block_on(domain.grace_period()));
}

#[test]
fn the_end_of_a_section_wakes() {
    reader_and_task(|| Fences, |reader, shared| reader.run(|| shared.read()));
}

/// Where the reader itself makes the fences.
#[test]
fn the_end_of_a_fenced_section_wakes() {
    reader_and_task(
        || ProcessWide,
        |reader, shared| reader.run(|| shared.read()),
    );
}

#[test]
fn a_checkpoint_wakes() {
    reader_and_task(
        || Fences,
        |reader, shared| {
            let mut section = reader.enter();
            shared.read();
            section.checkpoint();
            shared.read();
        },
    );
}

#[test]
fn a_nested_section_wakes_at_its_very_end() {
    reader_and_task(
        || Fences,
        |reader, shared| {
            let _outer = reader.enter();
            reader.run(|| shared.read());
            shared.read();
        },
    );
}

/// A barrier whose light side does nothing at the end of sections.
struct Half(Unmodelled);

// SAFETY: none; it breaks the contract, and the model has to find that out.
unsafe impl Barrier for Half {
    fn light(&self) {
        // The first section is entered out of quiescence, and so by a fence of its own.
        if self.0.fetch_add(1, Relaxed) % 2 == 1 {
            Fences.light();
        }
    }

    fn heavy(&self) {
        Fences.heavy();
    }
}

/// Whether it was woken.
#[derive(Default)]
pub(crate) struct Woken(pub(crate) AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// The reader may look for who waits before it is seen to have left: the proof that these models would notice.
/// (Not by `block_on`, as loom's panic about a deadlock ends the process.)
#[test]
#[should_panic(expected = "nobody has woken")]
fn a_light_barrier_left_out_at_the_end_is_caught() {
    check(|| {
        let domain = leak(Domain::with_barrier(Half(Unmodelled::new(0))));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        let other = thread::spawn(move || {
            reader.run(|| {});
            core::mem::forget(reader);
        });
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let mut writer = pin!(domain.grace_period());
        let pending = writer
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending();
        other.join().unwrap();
        // The cell of the domain lives on, and with it the waker.
        assert!(!pending || woken.0.load(Relaxed), "nobody has woken");
    });
}

/// One leads and the other follows, and who leads may be done first.
#[test]
fn two_that_sleep() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = thread::spawn(|| block_on(domain.grace_period()));
        drop(section);
        block_on(domain.grace_period());
        other.join().unwrap();
    });
}

/// One that looks and one that sleeps: whichever drives.
#[test]
fn one_that_looks_and_one_that_sleeps() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        reader.run(|| {});
        let other = thread::spawn(|| domain.synchronize_with(thread::yield_now));
        block_on(domain.grace_period());
        other.join().unwrap();
    });
}

/// Who leads gives up, and the one who follows is left to lead.
#[test]
fn a_leader_that_is_dropped() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = {
            let mut leader = pin!(domain.grace_period());
            let mut context = Context::from_waker(Waker::noop());
            assert!(leader.as_mut().poll(&mut context).is_pending());
            let other = thread::spawn(|| block_on(domain.grace_period()));
            thread::yield_now();
            other
        };
        drop(section);
        other.join().unwrap();
    });
}

/// A reader leaves while both a writer that looks and one that sleeps wait for it: whoever of the two wakes.
#[test]
fn one_that_looks_takes_the_flag_from_a_reader() {
    check(|| {
        let domain = leak(Domain::with_barrier(Fences));
        let reader = domain.reader(slot()).unwrap();
        let section = reader.enter();
        let other = thread::spawn(|| domain.poll(domain.start_poll()));
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let mut writer = pin!(domain.grace_period());
        let pending = writer
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending();
        assert!(pending);
        drop(section);
        other.join().unwrap();
        assert!(woken.0.load(Relaxed), "nobody has woken");
    });
}
