//! Keys and values may borrow what outlives the map.

use pintle_sync::{WaitMap, wait_map::WakeOutcome};

fn main() {
    let (key, value) = (String::from("key"), String::from("value"));
    let map = WaitMap::<&str, &str>::new();
    let wait = map.wait(&key);
    assert!(matches!(map.wake(&&*key, &value), WakeOutcome::NoMatch(_)));
    drop(wait);
}
