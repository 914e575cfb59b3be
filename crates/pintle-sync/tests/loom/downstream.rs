//! A program of somebody else's, in its own model: nothing but loom and this crate's public names.
//!
//! `--cfg loom` reaches every crate of a build, so a user's model explores these primitives together with
//! the user's own atomics and cells, if those are loom's.

use loom::{
    cell::UnsafeCell,
    future::block_on,
    model::Builder,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};
use pintle_sync::{Closed, Mutex, RwLock, Semaphore, WaitQueue};

/// Buffers that tasks borrow, as many at a time as there are, and a task that waits for the first error.
struct Pool {
    free: Semaphore,
    buffers: Mutex<Vec<Buffer>>,
    limit: RwLock<usize>,
    failed: WaitQueue,
    failures: AtomicUsize,
}

/// The user's own unsafe code, which the primitives are trusted to keep apart.
struct Buffer(UnsafeCell<usize>);

// SAFETY: who has taken it out of the pool is alone.
unsafe impl Send for Buffer {}

impl Pool {
    fn new(buffers: usize) -> Self {
        Self {
            free: Semaphore::new(buffers),
            buffers: Mutex::new((0..buffers).map(|_| Buffer(UnsafeCell::new(0))).collect()),
            limit: RwLock::new(1),
            failed: WaitQueue::new(),
            failures: AtomicUsize::new(0),
        }
    }

    /// Writes to a buffer, unless that is too much.
    async fn write(&self, bytes: usize) -> Result<(), Closed> {
        let _permit = self.free.acquire(1).await?;
        if bytes > *self.limit.read().await {
            self.failures.fetch_add(1, Relaxed);
            self.failed.wake_all();
            return Ok(());
        }
        let buffer = self.buffers.lock().await.pop().expect("the permit's");
        // SAFETY: it is out of the pool, so this task is alone with it.
        buffer.0.with_mut(|it| unsafe { *it += bytes });
        self.buffers.lock().await.push(buffer);
        Ok(())
    }

    fn written(&self) -> usize {
        let buffers = self.buffers.try_lock().expect("nobody is left");
        // SAFETY: as above.
        let read = |buffer: &Buffer| buffer.0.with(|it| unsafe { *it });
        buffers.iter().map(read).sum()
    }
}

/// With loom's own builder, since a user has no other.
fn model(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(2);
    builder.check(f);
}

#[test]
fn two_tasks_share_a_buffer() {
    model(|| {
        let pool = Arc::new(Pool::new(1));
        let other = thread::spawn({
            let pool = pool.clone();
            move || block_on(pool.write(1))
        });
        block_on(pool.write(1)).unwrap();
        other.join().unwrap().unwrap();
        assert_eq!(pool.written(), 2);
        assert_eq!(pool.free.available_permits(), 1);
    });
}

#[test]
fn one_fails_and_another_hears_of_it() {
    model(|| {
        let pool = Arc::new(Pool::new(1));
        let other = thread::spawn({
            let pool = pool.clone();
            move || block_on(pool.write(2))
        });
        block_on(pool.failed.wait_for(|| pool.failures.load(Relaxed) > 0)).unwrap();
        other.join().unwrap().unwrap();
        assert_eq!(pool.written(), 0);
    });
}

#[test]
fn a_pool_is_closed_while_it_is_used() {
    model(|| {
        let pool = Arc::new(Pool::new(1));
        let other = thread::spawn({
            let pool = pool.clone();
            move || block_on(pool.write(1)).is_ok()
        });
        pool.free.close();
        let wrote = other.join().unwrap();
        assert_eq!(pool.written(), usize::from(wrote));
        assert!(block_on(pool.write(1)).is_err());
    });
}
