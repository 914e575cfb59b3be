use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuCell, RcuDomain, global};
use std::rc::Rc;

static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());

fn main() {
    // They are dropped on another thread.
    RECLAIMER.defer_drop(Rc::new(1)).unwrap();
    RcuCell::new(Rc::new(1)).replace(Rc::new(2)).defer(&RECLAIMER).unwrap();
}
