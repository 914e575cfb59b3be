use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuDomain, global};
use std::rc::Rc;

static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());

fn main() {
    // It is dropped on another thread.
    RECLAIMER.defer_drop(Rc::new(1)).unwrap();
}
