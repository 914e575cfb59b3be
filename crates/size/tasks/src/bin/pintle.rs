//! Two tasks in statics: one counts, and the other joins it.
#![no_std]
#![no_main]

use core::{
    future::Future,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};
use pintle_task::{
    scheduler::{StaticScheduler, new_static},
    task::{JoinHandle, StaticStorage, Task},
};
use size::output;

/// Counts, once for each poll, and returns how far it came.
struct Count(u32);

impl Future for Count {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        self.0 += 1;
        output(self.0);
        if self.0 == 1000 {
            return Poll::Ready(self.0);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Waits for the other.
struct Watch(JoinHandle<u32>);

impl Future for Watch {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Ok(count) = ready!(Pin::new(&mut self.0).poll(cx)) {
            output(!count);
        }
        Poll::Ready(())
    }
}

type Static<F> = Task<&'static StaticScheduler, F, StaticStorage>;

static SCHEDULER: StaticScheduler = new_static!();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    static mut COUNT: Static<Count> = Task::new(Count(0));
    static mut WATCH: MaybeUninit<Static<Watch>> = MaybeUninit::uninit();

    let count = &raw mut COUNT;
    // SAFETY: this is the only place that borrows it, and runs once.
    let count = SCHEDULER.spawn_allocated::<_, StaticStorage>(unsafe { &mut *count });
    let watch = &raw mut WATCH;
    // SAFETY: as above.
    let watch = unsafe { &mut *watch };
    let watch = watch.write(Task::new(Watch(count)));
    SCHEDULER
        .spawn_allocated::<_, StaticStorage>(watch)
        .detach();
    loop {
        SCHEDULER.tick();
    }
}
