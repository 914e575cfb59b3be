use pintle_rcu::{RcuDomain, global};

pintle_rcu::domain! {
    struct Routes;
}

fn main() {
    let routes = RcuDomain::<Routes>::new();
    routes.wait(routes.start_poll());
    routes.wait(global().start_poll());
}
