//! Over the domain of this process, whose readers are its threads.

use crate::{
    WRITERS,
    canary::{Cage, Read},
    stress, turn,
};
use pintle_rcu::{
    RcuCell, RcuDomain, RcuGuard, global,
    reclaim::{Full, Reclaimer},
};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

/// The sections of a thread.
struct Threads;

impl Read for Threads {
    fn section(&self, f: impl FnOnce()) {
        global().run(f);
    }

    fn quiesce(&self) {
        global().quiesce();
    }
}

fn poison_after(synchronize: impl Fn() + Sync) {
    stress(
        |_| Threads,
        |cage, until| {
            cage.write(until, |old| {
                synchronize();
                old.poison();
            });
        },
    );
}

#[test]
fn writers_that_block() {
    poison_after(|| global().synchronize_blocking());
}

#[test]
fn writers_that_await() {
    poison_after(|| block_on(global().synchronize(async |time| thread::sleep(time))));
}

/// Woken by the last reader that they wait for, or by each other.
#[test]
fn writers_that_readers_wake() {
    poison_after(|| block_on(global().grace_period()));
}

/// Writers that look now and then whether what they have taken out can go.
#[test]
fn writers_that_poll_cookies() {
    stress(
        |_| Threads,
        |cage, until| {
            let mut waiting = VecDeque::new();
            cage.write(until, |old| {
                waiting.push_back((global().start_poll(), old));
                // Some have waited long.
                while waiting.len() > 8 {
                    let Some((cookie, old)) = waiting.pop_front() else {
                        return;
                    };
                    global().wait(cookie);
                    old.poison();
                }
                while let Some((cookie, old)) = waiting.pop_front() {
                    if !global().poll(cookie) {
                        waiting.push_front((cookie, old));
                        return;
                    }
                    old.poison();
                }
            });
            for (cookie, old) in waiting {
                global().wait(cookie);
                old.poison();
            }
        },
    );
}

/// Writers that go on, and a thread that reclaims.
#[test]
fn writers_that_defer() {
    static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::bounded(global(), 128);
    let driver = RECLAIMER.spawn_thread().unwrap();
    stress(
        |_| Threads,
        |cage, until| {
            cage.write(until, |old| {
                let mut poison = move || old.poison();
                while let Err(Full(function)) = RECLAIMER.defer_fn(poison) {
                    poison = function;
                    RECLAIMER.room_blocking();
                }
            });
            RECLAIMER.barrier_blocking();
        },
    );
    driver.stop();
    assert_eq!(RECLAIMER.backlog(), 0);
}

/// Readers keep one section open, and say in between that they hold nothing.
#[test]
fn readers_that_make_checkpoints() {
    struct Checkpoints {
        guard: RefCell<RcuGuard>,
        depth: Cell<usize>,
    }
    impl Read for Checkpoints {
        fn section(&self, f: impl FnOnce()) {
            // A panic leaves it, too.
            struct Inner<'a>(&'a Checkpoints);
            impl Drop for Inner<'_> {
                fn drop(&mut self) {
                    let depth = self.0.depth.get() - 1;
                    self.0.depth.set(depth);
                    if depth == 0 {
                        self.0.guard.borrow_mut().checkpoint();
                    }
                }
            }
            self.depth.set(self.depth.get() + 1);
            let _inner = Inner(self);
            f();
        }

        fn quiesce(&self) {
            global().quiesce();
        }
    }
    let reader = |_| Checkpoints {
        guard: RefCell::new(global().enter()),
        depth: Cell::new(0),
    };
    stress(reader, write);
}

/// Readers are tasks that give their thread back now and then, which is a quiescent state.
#[test]
fn readers_that_are_tasks() {
    struct Tasks;
    impl Read for Tasks {
        fn section(&self, f: impl FnOnce()) {
            let task = async {
                global().run(f);
                yield_now().await;
            };
            block_on(global().quiesce_on_pending(task));
        }

        fn quiesce(&self) {
            block_on(global().quiesce_on_pending(yield_now()));
        }
    }
    stress(|_| Tasks, write);
}

/// The last sections of each thread are in destructors of thread-local values, before and after the thread's
/// own slot is given back.
#[test]
fn threads_that_read_to_the_very_end() {
    /// Reads when it is dropped.
    struct AtEnd(Cell<Option<&'static Cage>>);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            if let Some(cage) = self.0.get() {
                cage.read(&Threads, 16);
            }
        }
    }
    // They are dropped in the order of their first use, or the other way round.
    thread_local! {
        static BEFORE: AtEnd = const { AtEnd(Cell::new(None)) };
        static AFTER: AtEnd = const { AtEnd(Cell::new(None)) };
    }
    /// Knows the cage when it has been read for the first time.
    struct ToTheEnd;
    impl Read for ToTheEnd {
        fn section(&self, f: impl FnOnce()) {
            global().run(f);
        }

        fn quiesce(&self) {
            global().quiesce();
        }

        fn begin(&self, cage: &'static Cage) {
            BEFORE.with(|end| end.0.set(Some(cage)));
            global().run(|| cage.current().look(1));
            AFTER.with(|end| end.0.set(Some(cage)));
        }
    }
    stress(|_| ToTheEnd, write);
}

/// Plain memory: AddressSanitizer sees a read of what is gone, and ThreadSanitizer one that nothing has ordered
/// before.
#[test]
fn values_that_are_freed() {
    let (_turn, until) = turn();
    let cell = RcuCell::new([0u64; 4]);
    let read = |times: usize| {
        for _ in 0..times {
            let guard = global().enter();
            let [first, .., last] = *cell.load(&guard);
            assert_eq!(first, last);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while Instant::now() < until {
                read(64);
            }
        });
        scope.spawn(|| {
            while Instant::now() < until {
                thread::scope(|scope| {
                    scope.spawn(|| read(64));
                });
            }
        });
        for _ in 0..WRITERS {
            scope.spawn(|| {
                let mut value = 0;
                while Instant::now() < until {
                    value += 1;
                    let [first, .., last] = cell.replace([value; 4]).synchronize();
                    assert_eq!(first, last);
                    // Is freed as it is dropped.
                    let _ = cell.replace([value; 4]);
                }
            });
        }
    });
}

fn write(cage: &'static Cage, until: Instant) {
    cage.write(until, |old| {
        global().synchronize_blocking();
        old.poison();
    });
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// Is pending once.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
