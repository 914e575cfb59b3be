use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuCell, RcuDomain};

pintle_rcu::domain! {
    struct Other;
}

static RECLAIMER: Reclaimer<RcuDomain<Other>> = Reclaimer::new(RcuDomain::new());

fn main() {
    let cell = RcuCell::new(1);
    // It would be freed after a grace period of other readers.
    cell.replace(2).defer(&RECLAIMER).unwrap();
}
