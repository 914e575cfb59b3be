use pintle_lock::blocking::{LazyLock, OnceLock};
use pintle_lock::spin::{InitOnce, Lazy};
use std::cell::Cell;

fn shared<T: Send + Sync>() {}
fn sent<T: Send>() {}

fn made_by<F: Fn() -> u8 + Send>(f: F) -> impl Send + Sync {
    // Called by one thread at a time, so it needs not be `Sync`.
    LazyLock::new(f)
}

fn main() {
    shared::<OnceLock<u8>>();
    shared::<LazyLock<u8>>();
    shared::<InitOnce<u8>>();
    shared::<Lazy<u8>>();
    sent::<OnceLock<Cell<u8>>>();
    sent::<LazyLock<Cell<u8>>>();
    sent::<InitOnce<Cell<u8>>>();
    sent::<Lazy<Cell<u8>>>();
    let calls = Cell::new(0);
    made_by(move || calls.replace(1));
}
