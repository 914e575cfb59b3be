use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuCell, RcuDomain, global};

static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());

fn main() {
    // It is dropped when its borrow is over.
    let local = 1;
    let cell = RcuCell::new(&local);
    cell.replace(&local).defer(&RECLAIMER).unwrap();
}
