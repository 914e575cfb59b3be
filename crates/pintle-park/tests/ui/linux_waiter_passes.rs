//! The same with a word that does.

use pintle_park::Deadline;
use pintle_park::linux::futex::*;

fn main() {
    let word = Futex::<Private>::new(1);
    let waiter = { Waiter::new(&word, 0) };
    let _ = waitv(&[waiter], Deadline::now());
}
