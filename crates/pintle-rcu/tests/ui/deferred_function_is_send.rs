use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuDomain, global};
use std::rc::Rc;

static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());

fn main() {
    let value = Rc::new(1);
    // It is called on another thread.
    RECLAIMER.defer_fn(move || drop(value)).unwrap();
}
