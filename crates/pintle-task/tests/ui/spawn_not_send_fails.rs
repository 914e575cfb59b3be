//! A task may be dropped by another thread than the one that spawned it.

use pintle_task::scheduler::Scheduler;
use std::rc::Rc;

fn main() {
    let here = Rc::new(());
    Scheduler::new().spawn(async move { drop(here) });
}
