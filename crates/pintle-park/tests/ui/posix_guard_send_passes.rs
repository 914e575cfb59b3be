//! Another thread may look through a guard.

use core::pin::pin;
use pintle_park::posix::Mutex;

fn main() {
    let mutex = pin!(Mutex::new(5));
    let guard = mutex.as_ref().lock().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(*guard, 5));
    });
}
