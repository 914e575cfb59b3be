/// A grace period of one [`Domain`](super::Domain): the first that begins after
/// [`start_poll`](super::Domain::start_poll) gave this.
///
/// It does not expire. One that is so old that the numbers have wrapped (2^12, 2^28, 2^60 grace periods
/// on machines of 16, 32 and 64 bits) says that it is over, except for two values of all, by which it waits
/// for at most two grace periods more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it says which grace period to poll or to wait for"]
pub struct Cookie(pub(super) usize);
