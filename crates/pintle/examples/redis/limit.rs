//! How many clients are served at a time: a [`Semaphore`] with a permit for each.
//!
//! `CONFIG SET maxclients` adds permits or takes some away. Those that it cannot take, because
//! clients have them, are *owed*: who goes then does not give its permit back.

use std::sync::Arc;

use pintle::sync::Semaphore;
use pintle::sync::blocking::{DefaultMutex, Mutex};
use pintle::sync::semaphore::OwnedPermit;

#[derive(Debug)]
pub(crate) struct Limit {
    permits: Arc<Semaphore>,
    state: Mutex<State>,
}

/// # Invariants
///
/// Permits that are free and permits that clients have are together `max + owed`.
#[derive(Debug)]
struct State {
    max: usize,
    owed: usize,
}

/// Room for one client, until it is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    limit: Arc<Limit>,
    permit: Option<OwnedPermit>,
}

impl Limit {
    pub(crate) fn new(max: usize) -> Self {
        let max = max.min(Semaphore::<DefaultMutex>::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(max)),
            state: Mutex::new(State { max, owed: 0 }),
        }
    }

    /// Room for one client more, if there is any.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Room> {
        let permit = self.permits.try_acquire_owned(1).ok()?;
        Some(Room {
            limit: Arc::clone(self),
            permit: Some(permit),
        })
    }

    /// Changes the limit to what `max` says, which is asked in turn with others that change it.
    pub(crate) fn set(&self, max: impl FnOnce() -> usize) {
        self.state.with_lock(|state| {
            let max = max().min(Semaphore::<DefaultMutex>::MAX_PERMITS);
            let more = max.saturating_sub(state.max);
            let fewer = state.max.saturating_sub(max);
            state.max = max;
            // Nobody waits for a permit, so no waker is called under this lock.
            let forgiven = more.min(state.owed);
            state.owed -= forgiven;
            self.permits.add_permits(more - forgiven);
            state.owed += fewer - self.permits.forget_permits(fewer);
        });
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        self.limit.state.with_lock(|state| {
            if state.owed > 0 {
                state.owed -= 1;
                permit.forget();
            } else {
                drop(permit);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;
    use std::sync::Arc;

    #[test]
    fn as_many_as_there_is_room_for() {
        let limit = Arc::new(Limit::new(2));
        let first = limit.enter().expect("room");
        let second = limit.enter().expect("room");
        assert!(limit.enter().is_none());
        drop(first);
        let first = limit.enter().expect("room again");

        // More than fit may stay, but nobody comes before there are fewer.
        limit.set(|| 1);
        drop(first);
        assert!(limit.enter().is_none());
        drop(second);
        let only = limit.enter().expect("room for one");
        assert!(limit.enter().is_none());

        // What is owed is forgiven first.
        let others = {
            limit.set(|| 3);
            let others = [limit.enter().expect("room"), limit.enter().expect("room")];
            limit.set(|| 1);
            limit.set(|| 2);
            assert!(limit.enter().is_none());
            others
        };
        drop(only);
        assert!(limit.enter().is_none());
        drop(others);
        let all = [limit.enter(), limit.enter()];
        assert!(all.iter().all(Option::is_some));
        assert!(limit.enter().is_none());
    }
}
