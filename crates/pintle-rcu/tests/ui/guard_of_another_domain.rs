use pintle_rcu::{RcuDomain, RcuGuard, global};

pintle_rcu::domain! {
    struct Routes;
}

fn look_up(_: &RcuGuard<Routes>) {}

fn main() {
    look_up(&RcuDomain::<Routes>::new().enter());
    look_up(&global().enter());
}
