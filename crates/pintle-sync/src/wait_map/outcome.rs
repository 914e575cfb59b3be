/// What came of [`WaitMap::wake`](super::WaitMap::wake).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum WakeOutcome<V> {
    /// The value was moved to the one that waited under the key.
    Woke,
    /// Nobody waits under the key: here is the value again.
    NoMatch(V),
    /// The map is closed: here is the value again.
    Closed(V),
}
