//! One value, by a sender that nobody can copy.

fn main() {
    let (tx, _rx) = pintle_sync::oneshot::channel();
    let _ = tx.send(1);
    let _ = tx.send(2);
}
