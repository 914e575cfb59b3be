//! Two tasks in statics, one of which counts. There is no joining, so the other watches.
#![no_std]
#![no_main]

use core::{
    future::Future,
    pin::Pin,
    sync::atomic::Ordering::Relaxed,
    task::{Context, Poll},
};
use embassy_executor::raw::{Executor, TaskStorage};
use size::{DEVICE, output};

/// Counts, once for each poll.
struct Count(u32);

impl Future for Count {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0 += 1;
        output(self.0);
        if self.0 == 1000 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Looks whether the other is done.
struct Watch;

impl Future for Watch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let count = DEVICE.load(Relaxed);
        if count == 1000 {
            output(!count);
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

static COUNT: TaskStorage<Count> = TaskStorage::new();
static WATCH: TaskStorage<Watch> = TaskStorage::new();

#[unsafe(no_mangle)]
extern "Rust" fn __pender(_: *mut ()) {}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    static mut EXECUTOR: Option<Executor> = None;

    let executor = &raw mut EXECUTOR;
    // SAFETY: this is the only place that borrows it, and runs once.
    let executor = unsafe { &mut *executor };
    let executor: &'static Executor = executor.insert(Executor::new(core::ptr::null_mut()));
    let spawner = executor.spawner();
    if let Ok(token) = COUNT.spawn(|| Count(0)) {
        spawner.spawn(token);
    }
    if let Ok(token) = WATCH.spawn(|| Watch) {
        spawner.spawn(token);
    }
    loop {
        // SAFETY: it is not polled by its own tasks, and has its spawner.
        unsafe { executor.poll() };
    }
}
