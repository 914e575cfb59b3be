//! The twins of the cases that fail.
use pintle_rcu::domain::{Domain, Slot};
use pintle_rcu::reclaim::Reclaimer;
use pintle_rcu::{RcuCell, RcuDomain, RcuGuard, global};
use std::sync::Mutex;

static DOMAIN: Domain = Domain::new();
static SLOT: Slot = Slot::new();

pintle_rcu::domain! {
    struct Routes;
}

fn main() {
    // Guards and cookies serve their own domain.
    fn look_up(_: &RcuGuard<Routes>) {}
    let routes = RcuDomain::<Routes>::new();
    look_up(&routes.enter());
    routes.wait(routes.start_poll());

    // A guard may be dropped in its own thread.
    let guard = global().enter();
    std::thread::spawn(|| drop(global().enter())).join().unwrap();
    drop(guard);

    // A reader may go to another thread, and begin its section there.
    let reader = DOMAIN.reader(&SLOT).unwrap();
    std::thread::spawn(move || drop(reader.enter())).join().unwrap();

    // A value may be used until the guard is dropped.
    let cell = RcuCell::new(1);
    let guard = global().enter();
    println!("{}", cell.load(&guard));
    drop(guard);

    // A cell may be shared if its value may be both sent and shared, and sent if it may be sent.
    fn shared<T: Sync>(_: T) {}
    fn sent<T: Send>(_: T) {}
    shared(RcuCell::new(Mutex::new(1)));
    sent(RcuCell::new(core::cell::Cell::new(1)));

    // A retired value may be left to a reclaimer of its domain.
    static RECLAIMER: Reclaimer<RcuDomain> = Reclaimer::new(global());
    RcuCell::new(1).replace(2).defer(&RECLAIMER).unwrap();
    RECLAIMER.defer_drop(std::sync::Arc::new(1)).unwrap();
    RECLAIMER.drain();
}
