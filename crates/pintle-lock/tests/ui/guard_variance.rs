//! A guard gives `&mut T`: one of a longer-lived `T` is none of a shorter-lived one.

use pintle_lock::{blocking::{ArcMutexGuard, MappedMutexGuard, MutexGuard}, spin::Spinlock};

fn whole<'s>(guard: MutexGuard<'s, &'static str, Spinlock>) -> MutexGuard<'s, &'s str, Spinlock> {
    guard
}

fn mapped<'s>(
    guard: MappedMutexGuard<'s, &'static str, Spinlock>,
) -> MappedMutexGuard<'s, &'s str, Spinlock> {
    guard
}

fn arc<'s>(guard: ArcMutexGuard<&'static str, Spinlock>) -> ArcMutexGuard<&'s str, Spinlock> {
    guard
}

fn main() {}
