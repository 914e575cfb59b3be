//! A value that is moved to a waiter must live as long as the waiter was promised: a view of the map
//! with a shorter lifetime would let in one that does not.

use pintle_sync::WaitMap;

fn shorten<'map, 'short>(
    map: &'map WaitMap<u8, &'static str>,
    _: &'short str,
) -> &'map WaitMap<u8, &'short str> {
    map
}

fn main() {
    let map = WaitMap::new();
    let value = String::from("short");
    let _ = shorten(&map, &value);
}
