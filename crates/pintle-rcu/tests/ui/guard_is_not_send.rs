fn send<T: Send>(_: T) {}

fn main() {
    send(pintle_rcu::global().enter());
}
