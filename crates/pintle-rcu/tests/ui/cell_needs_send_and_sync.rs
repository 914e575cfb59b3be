use core::cell::Cell;
use pintle_rcu::RcuCell;
use std::sync::MutexGuard;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

fn main() {
    // `Sync` alone is not enough: a value put in by one thread is taken out by another.
    shared::<RcuCell<MutexGuard<'static, u32>>>();
    // `Send` alone is not enough: threads read at the same time.
    shared::<RcuCell<Cell<u32>>>();
    sent::<RcuCell<MutexGuard<'static, u32>>>();
}
