//! What a guard lends ends with the guard, mapped or not.

use pintle_lock::{blocking::{MappedMutexGuard, Mutex, MutexGuard}, spin::Spinlock};

fn main() {
    let mutex: Mutex<[u8; 2], Spinlock> = Mutex::const_init([0; 2]);
    let part = MutexGuard::map(mutex.lock(), |value| &mut value[0]);
    let kept = &*part;
    drop(part);
    println!("{kept}");

    let mut stolen = None;
    let part = MutexGuard::map(mutex.lock(), |value| {
        let (part, rest) = value.split_at_mut(1);
        stolen = Some(rest);
        part
    });
    drop(MappedMutexGuard::map(part, |part| part));
}
