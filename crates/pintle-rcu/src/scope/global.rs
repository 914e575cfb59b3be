/// The scope of [`global`](crate::global): the domain of this process, whose readers are its threads.
#[derive(Clone, Copy, Debug)]
pub enum Global {}

threads!(Global);

/// The RCU domain of this process.
///
/// # Examples
///
/// ```
/// use pintle_rcu::{RcuDomain, global};
///
/// const RCU: RcuDomain = global();
///
/// assert_eq!(RCU.run(|| 1 + 1), 2);
/// RCU.synchronize_blocking();
/// ```
#[inline]
#[must_use]
pub const fn global() -> super::RcuDomain {
    super::RcuDomain::new()
}
