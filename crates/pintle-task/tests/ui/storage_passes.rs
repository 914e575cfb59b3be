//! To make a task's owner of a pointer is unsafe.

use pintle_task::{
    scheduler::Scheduler,
    task::{BoxStorage, Storage, Task},
};
use std::{future::Ready, ptr::NonNull};

type Boxed = Task<Scheduler, Ready<()>, BoxStorage>;

fn from_raw(ptr: NonNull<Boxed>) -> Box<Boxed> {
    // SAFETY: this is never called.
    unsafe { <BoxStorage as Storage<Scheduler, Ready<()>>>::from_raw(ptr) }
}

fn main() {
    let _ = from_raw;
}
