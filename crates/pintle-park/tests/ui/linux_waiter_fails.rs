//! What `waitv` waits on lives as long as the wait.

use pintle_park::Deadline;
use pintle_park::linux::futex::*;

fn main() {
    let waiter = {
        let word = Futex::<Private>::new(1);
        Waiter::new(&word, 0)
    };
    let _ = waitv(&[waiter], Deadline::now());
}
