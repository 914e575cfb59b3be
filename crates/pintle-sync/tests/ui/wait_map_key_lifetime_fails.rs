//! A wait that is never dropped leaves its key in the map, so the key must live as long as the map can be
//! used: a view of the map with a shorter lifetime would let in one that does not.

use pintle_sync::WaitMap;

fn shorten<'map, 'short>(
    map: &'map WaitMap<&'static str, ()>,
    _: &'short str,
) -> &'map WaitMap<&'short str, ()> {
    map
}

fn main() {
    let map = WaitMap::new();
    let key = String::from("short");
    let _ = shorten(&map, &key);
}
