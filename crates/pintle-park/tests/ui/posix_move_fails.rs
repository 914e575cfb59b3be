//! A mutex that is in use cannot be moved.

use pintle_park::posix::Mutex;

fn main() {
    let mutex = Box::pin(Mutex::new(0));
    *mutex.as_ref().lock().unwrap() += 1;
    let moved = *mutex;
    drop(moved);
}
