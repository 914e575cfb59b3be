//! Death of an owner, with a robust list: in child processes that do nothing else by libc.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{mem::offset_of, ptr};
use linux_support::*;
use pintle_park::linux::Tid;
use pintle_park::linux::futex::*;
use pintle_park::linux::robust::{self, Entry, Head, Kind};
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::thread;

#[repr(C)]
struct Lock {
    entry: Entry,
    word: Futex<Shared>,
}

impl Lock {
    const OFFSET: isize = offset_of!(Self, word) as isize;

    fn new() -> Self {
        Self {
            entry: Entry::new(),
            word: Futex::new(0),
        }
    }
}

/// Whether there is nothing to test: QEMU's emulation of Linux has no robust lists, say.
fn missing() -> bool {
    let missing = robust::get(None) == Err(robust::GetError::Unsupported);
    if missing {
        eprintln!("skipped: this kernel has no robust lists");
    }
    missing
}

/// Where a child dies.
#[derive(Clone, Copy, PartialEq)]
enum Death {
    /// With the lock announced and taken, before it is in the list.
    BeforePush,
    /// With the lock in the list.
    Holding,
    /// With the lock out of the list, and not released yet.
    BeforeRelease,
    /// With the lock released, and nobody woken yet.
    BeforeWake,
}

struct Shelf {
    head: Head,
    locks: [Lock; 3],
    /// Futex on which the child waits for its death.
    die: Futex<Shared>,
}

impl Shelf {
    fn new() -> &'static Self {
        Mapped::new(Self {
            head: Head::new(Lock::OFFSET),
            locks: [Lock::new(), Lock::new(), Lock::new()],
            die: Futex::new(0),
        })
        .get()
    }

    fn lock(&self, lock: &Lock, kind: Kind) -> bool {
        // SAFETY: all is mapped for as long as the process lives.
        unsafe { self.head.announce(&lock.entry, kind) };
        let me = Tid::current().get();
        lock.word.compare_exchange(0, me, Acquire, Relaxed).is_ok()
    }

    /// The child: takes the lock, says so, and dies when it is told to.
    fn live_and_die(&self, kind: Kind, death: Death) -> bool {
        // SAFETY: as above; this process has no thread that locks a robust pthread mutex.
        if unsafe { self.head.register() }.is_err() {
            return false;
        }
        let lock = &self.locks[0];
        if !self.lock(lock, kind) {
            return false;
        }
        if death != Death::BeforePush {
            // SAFETY: as above, and it is in no list.
            unsafe { self.head.push(&lock.entry, kind) };
            self.head.settle();
        }
        if matches!(death, Death::BeforeRelease | Death::BeforeWake) {
            // SAFETY: as above.
            unsafe { self.head.announce(&lock.entry, kind) };
            // SAFETY: as above.
            if !unsafe { self.head.remove(&lock.entry) } {
                return false;
            }
        }
        while self.die.load(Acquire) == 0 {
            let _ = self.die.wait(0);
        }
        if death == Death::BeforeWake {
            lock.word.store(0, Release);
        }
        true
    }

    fn kill(&self) {
        self.die.store(1, Release);
        Futex::wake(&self.die, 1).unwrap();
    }
}

/// Waits for the lock as its users do; returns what the word said when the owner was gone.
fn wait_for(word: &Futex<Shared>) -> PiWord {
    loop {
        let bits = word.load(Acquire);
        if PiWord::from_bits(bits).owner().is_none() {
            return PiWord::from_bits(bits);
        }
        let waiting = bits | PiWord::WAITERS;
        if word
            .compare_exchange(bits, waiting, Relaxed, Relaxed)
            .is_ok()
        {
            let _ = word.wait(waiting);
        }
    }
}

fn dies(death: Death) -> PiWord {
    let shelf = Shelf::new();
    let word = &shelf.locks[0].word;
    let child = fork(|| shelf.live_and_die(Kind::Plain, death));
    until(|| word.load(Relaxed) != 0);
    scope(|scope| {
        let waiter = scope.spawn(|| wait_for(word));
        until_asleep(word, 1);
        shelf.kill();
        child.join();
        until(|| waiter.is_finished());
        waiter.join().unwrap()
    })
}

#[test]
fn the_death_of_an_owner_is_told() {
    if missing() {
        return;
    }
    for death in [Death::BeforePush, Death::Holding, Death::BeforeRelease] {
        let word = dies(death);
        assert!(word.owner_died());
        assert!(word.has_waiters(), "the bit stays for the next owner");
    }
}

#[test]
fn a_release_without_its_wake_wakes() {
    if missing() {
        return;
    }
    assert_eq!(dies(Death::BeforeWake), PiWord::FREE);
}

#[test]
fn a_kill_is_a_death_and_every_lock_of_the_list_is_told() {
    if missing() {
        return;
    }
    let shelf = Shelf::new();
    let [first, second, other] = &shelf.locks;
    other.word.store(12345, Relaxed);
    let child = fork(|| {
        // SAFETY: all is mapped for as long as the process lives.
        let registered = unsafe { shelf.head.register() };
        let mut good = registered.is_ok();
        for lock in [first, second] {
            good &= shelf.lock(lock, Kind::Plain);
            // SAFETY: as above, and it is in no list.
            unsafe { shelf.head.push(&lock.entry, Kind::Plain) };
            shelf.head.settle();
        }
        // Somebody else's lock, by mistake in the list: the kernel leaves it alone.
        // SAFETY: as above.
        unsafe { shelf.head.push(&other.entry, Kind::Plain) };
        if good {
            shelf.die.store(1, Release);
        }
        loop {
            let _ = shelf.die.wait(shelf.die.load(Relaxed));
        }
    });
    until(|| shelf.die.load(Acquire) != 0);
    assert_eq!(first.word.pi_word().owner(), Tid::new(child.pid() as u32));
    // SAFETY: the child has not been waited for.
    assert_eq!(unsafe { libc::kill(child.pid(), libc::SIGKILL) }, 0);
    assert!(libc::WIFSIGNALED(child.status()));
    for lock in [first, second] {
        assert_eq!(lock.word.load(Relaxed), PiWord::OWNER_DIED);
    }
    assert_eq!(other.word.load(Relaxed), 12345);
}

/// Each child takes the lock over from the one before, and dies with it. That all come to their
/// turn shows that no wake is lost.
#[test]
fn a_lock_outlives_all_its_owners() {
    const CHILDREN: usize = 6;

    struct Estate {
        lock: Lock,
        heads: [Head; CHILDREN],
        deaths: AtomicU32,
    }

    if missing() {
        return;
    }
    let estate = Mapped::new(Estate {
        lock: Lock::new(),
        heads: [const { Head::new(Lock::OFFSET) }; CHILDREN],
        deaths: AtomicU32::new(0),
    })
    .get();
    let word = &estate.lock.word;
    word.store(Tid::current().get(), Relaxed);
    let children = estate.heads.each_ref().map(|head| {
        fork(|| {
            let entry = &estate.lock.entry;
            // SAFETY: all is mapped for as long as the process lives.
            if unsafe { head.register() }.is_err() {
                return false;
            }
            // SAFETY: as above.
            unsafe { head.announce(entry, Kind::Plain) };
            let me = Tid::current().get();
            loop {
                let left = wait_for(word).bits();
                if word
                    .compare_exchange(left, left | me, Acquire, Relaxed)
                    .is_ok()
                {
                    break;
                }
            }
            // SAFETY: as above, and in no list: nobody else owns the lock.
            unsafe { head.push(entry, Kind::Plain) };
            head.settle();
            // Not one operation: the lock makes it one.
            let deaths = estate.deaths.load(Relaxed);
            estate.deaths.store(deaths + 1, Relaxed);
            true
        })
    });
    until_asleep(word, CHILDREN as u32);
    // As the parent's death would leave it.
    word.store(PiWord::OWNER_DIED | PiWord::WAITERS, Release);
    Futex::wake(word, 1).unwrap();
    children.into_iter().for_each(Child::join);
    assert_eq!(estate.deaths.load(Relaxed), CHILDREN as u32);
    assert!(word.pi_word().owner_died() && word.pi_word().owner().is_none());
}

/// Without waiters the kernel frees the word; the next owner learns of it.
#[test]
fn a_lock_with_priority_inheritance_passes_on() {
    if missing() {
        return;
    }
    let shelf = Shelf::new();
    let word = &shelf.locks[0].word;
    let child = fork(|| shelf.live_and_die(Kind::Pi, Death::Holding));
    until(|| word.load(Relaxed) != 0);
    shelf.kill();
    child.join();
    assert_eq!(word.load(Relaxed), PiWord::OWNER_DIED);
    word.try_lock_pi().unwrap();
    assert_eq!(word.pi_word().owner(), Some(Tid::current()));
    assert!(word.pi_word().owner_died());
    word.unlock_pi().unwrap();
    assert_eq!(word.pi_word(), PiWord::FREE);
}

/// A thread that waits meanwhile is handed the lock.
#[test]
fn a_waiter_for_priority_inheritance_is_the_next_owner() {
    if missing() {
        return;
    }
    let shelf = Shelf::new();
    let word = &shelf.locks[0].word;
    let child = fork(|| shelf.live_and_die(Kind::Pi, Death::Holding));
    until(|| word.load(Relaxed) != 0);
    scope(|scope| {
        let waiter = scope.spawn(|| {
            word.lock_pi(RealtimeDeadline::NEVER).unwrap();
            (word.pi_word(), Tid::current())
        });
        until(|| word.pi_word().has_waiters());
        shelf.kill();
        child.join();
        let (last, waiter) = waiter.join().unwrap();
        assert!(last.owner_died());
        assert_eq!(last.owner(), Some(waiter));
    });
}

/// A lock whose announcement was taken back, or was there before the list was registered anew.
#[test]
fn what_is_neither_listed_nor_announced_is_left_alone() {
    if missing() {
        return;
    }
    for register_anew in [false, true] {
        let shelf = Shelf::new();
        let lock = &shelf.locks[0];
        let child = fork(|| {
            // SAFETY: all is mapped for as long as the process lives.
            let mut good = unsafe { shelf.head.register() }.is_ok();
            // SAFETY: as above.
            unsafe { shelf.head.announce(&lock.entry, Kind::Plain) };
            if register_anew {
                // SAFETY: as above.
                good &= unsafe { shelf.head.register() }.is_ok();
            } else {
                shelf.head.settle();
            }
            lock.word.store(Tid::current().get(), Release);
            good
        });
        let child_tid = child.pid() as u32;
        child.join();
        assert_eq!(lock.word.load(Relaxed), child_tid, "{register_anew}");
    }
}

/// The pitfall: the kernel's wake is a shared one.
#[test]
fn a_private_waiter_is_not_told() {
    if missing() {
        return;
    }
    static HEAD: Head = Head::new(Lock::OFFSET);
    static LOCK: Lock = Lock {
        entry: Entry::new(),
        word: Futex::new(0),
    };
    static DIE: AtomicU32 = AtomicU32::new(0);

    let owner = thread::spawn(|| {
        // SAFETY: statics, and the thread locks no robust pthread mutex.
        unsafe { HEAD.register() }.unwrap();
        // SAFETY: as above.
        unsafe { HEAD.push(&LOCK.entry, Kind::Plain) };
        let word = Tid::current().get() | PiWord::WAITERS;
        LOCK.word.store(word, Release);
        while DIE.load(Acquire) == 0 {
            thread::yield_now();
        }
    });
    let private = Futex::<Private>::from_atomic(LOCK.word.as_atomic());
    until(|| LOCK.word.load(Acquire) != 0);
    let word = LOCK.word.load(Relaxed);
    scope(|scope| {
        scope.spawn(|| private.wait(word));
        let shared = scope.spawn(|| LOCK.word.wait(word));
        until_asleep(private, 1);
        until_asleep(&LOCK.word, 1);
        DIE.store(1, Release);
        assert_eq!(shared.join().unwrap(), Ok(()));
        assert_eq!(
            LOCK.word.load(Relaxed),
            PiWord::OWNER_DIED | PiWord::WAITERS
        );
        assert_eq!(sleepers(private), 1);
        assert_eq!(Futex::wake(private, 1), Ok(1));
    });
    owner.join().unwrap();
}

/// libc has registered a head for each thread; ours takes its place, and can give it back.
#[test]
fn a_thread_has_one_head() {
    if missing() {
        return;
    }
    thread::spawn(|| {
        let libc = robust::get(None).unwrap();
        static HEAD: Head = Head::new(Lock::OFFSET);
        // SAFETY: a static, and the thread locks no robust pthread mutex meanwhile.
        unsafe { HEAD.register() }.unwrap();
        assert!(ptr::eq(robust::get(None).unwrap(), &HEAD));
        // SAFETY: what was registered before.
        unsafe { robust::set(libc) }.unwrap();
        assert_eq!(robust::get(Some(Tid::current())), Ok(libc));
    })
    .join()
    .unwrap();
    let nobody = Tid::new(Tid::MASK).unwrap();
    assert_eq!(robust::get(Some(nobody)), Err(robust::GetError::NoThread));
}

#[test]
fn entries_come_out_in_any_order() {
    if missing() {
        return;
    }
    thread::spawn(|| {
        let shelf = Shelf::new();
        let libc = robust::get(None).unwrap();
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            // SAFETY: mapped for as long as the process lives.
            unsafe { shelf.head.register() }.unwrap();
            for (index, lock) in shelf.locks.iter().enumerate() {
                let kind = if index == 1 { Kind::Pi } else { Kind::Plain };
                // SAFETY: in no list, and it stays mapped.
                unsafe { shelf.head.push(&lock.entry, kind) };
            }
            for index in order {
                let entry = &shelf.locks[index].entry;
                // SAFETY: the list is registered, and its entries are mapped.
                assert!(unsafe { shelf.head.remove(entry) });
                // SAFETY: as above.
                assert!(!unsafe { shelf.head.remove(entry) });
            }
        }
        // SAFETY: what was registered before.
        unsafe { robust::set(libc) }.unwrap();
    })
    .join()
    .unwrap();
}

/// A link carries the kind of the entry that it leads to, and taking one out hands it on: the
/// kernel wakes waiters of a plain lock, and nobody by the word of one with priority inheritance.
#[test]
fn a_removal_keeps_the_kind_of_the_next_entry() {
    if missing() {
        return;
    }
    for kind in [Kind::Plain, Kind::Pi] {
        let shelf = Shelf::new();
        let [first, second, _] = &shelf.locks;
        let child = fork(|| {
            // SAFETY: all is mapped for as long as the process lives.
            if unsafe { shelf.head.register() }.is_err() {
                return false;
            }
            let word = Tid::current().get() | PiWord::WAITERS;
            second.word.store(word, Release);
            // SAFETY: as above, and in no list.
            unsafe { shelf.head.push(&second.entry, kind) };
            // SAFETY: as above.
            unsafe { shelf.head.push(&first.entry, Kind::Plain) };
            // SAFETY: as above.
            let removed = unsafe { shelf.head.remove(&first.entry) };
            while shelf.die.load(Acquire) == 0 {
                let _ = shelf.die.wait(0);
            }
            removed
        });
        let word = &second.word;
        until(|| word.load(Relaxed) != 0);
        let value = word.load(Relaxed);
        scope(|scope| {
            scope.spawn(|| word.wait(value));
            until_asleep(word, 1);
            shelf.kill();
            child.join();
            assert!(word.pi_word().owner_died());
            let asleep = if kind == Kind::Pi { 1 } else { 0 };
            assert_eq!(sleepers(word), asleep);
            assert_eq!(Futex::wake(word, 1), Ok(asleep));
        });
    }
}
