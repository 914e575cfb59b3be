//! Before it is in use, and behind its pointer, it can.

use pintle_park::posix::Mutex;

fn main() {
    let mutex = Mutex::new(0);
    let moved = mutex;
    let mutex = Box::pin(moved);
    *mutex.as_ref().lock().unwrap() += 1;
    let moved = mutex;
    assert_eq!(*moved.as_ref().lock().unwrap(), 1);
}
