//! What the kernel refuses cannot be written: the wrong clock, no bits, a requeue between scopes.

use core::time::Duration;
use pintle_park::Deadline;
use pintle_park::linux::futex::*;

fn main() {
    let (private, shared) = (Futex::<Private>::new(1), Futex::<Shared>::new(1));
    let soon = Duration::from_millis(1);
    let _ = private.lock_pi(Deadline::after(soon));
    let _ = private.wait_timeout(0, RealtimeDeadline::after(soon));
    let _ = private.wait_bitset(0, 0, Timeout::Never);
    let _ = private.requeue(1, &shared, 1);
}
