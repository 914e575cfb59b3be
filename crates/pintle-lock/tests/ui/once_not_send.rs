use pintle_lock::blocking::{LazyLock, OnceLock};
use pintle_lock::spin::{InitOnce, Lazy};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::MutexGuard;

fn shared<T: Sync>() {}
fn sent<T: Send>() {}

/// `Sync`, and not `Send`: it must not go to the thread that drops or takes what another one made.
type Shown = MutexGuard<'static, u8>;

fn main() {
    shared::<OnceLock<Shown>>();
    shared::<LazyLock<Shown>>();
    shared::<InitOnce<Shown>>();
    shared::<Lazy<Shown>>();

    shared::<OnceLock<Cell<u8>>>();
    shared::<LazyLock<Cell<u8>>>();
    shared::<InitOnce<Cell<u8>>>();
    shared::<Lazy<Cell<u8>>>();

    sent::<OnceLock<Rc<u8>>>();
    sent::<Lazy<Rc<u8>>>();
}
