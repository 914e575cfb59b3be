use pintle_rcu::domain::{Domain, Slot};

static DOMAIN: Domain = Domain::new();
static SLOT: Slot = Slot::new();

fn send<T: Send>(_: T) {}

fn main() {
    let reader = DOMAIN.reader(&SLOT).unwrap();
    send(reader.enter());
}
