//! What is in a channel is used when it is received, so a sender of values that live long cannot be taken
//! for one of values that do not.

use pintle_sync::mpsc::Sender;

fn shorten<'tx, 'short>(tx: &'tx Sender<&'static str>, _: &'short str) -> &'tx Sender<&'short str> {
    tx
}

fn main() {
    let (tx, _rx) = pintle_sync::mpsc::channel(1);
    let value = String::from("short");
    let _ = shorten(&tx, &value).try_send(&value);
}
