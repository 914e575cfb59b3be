//! When keys expire: a sleep on the timer wheel for each.
//!
//! ```text
//!   Db                          the wheel                        the sweeper
//!   ──                          ─────────                        ───────────
//!   set_expiry() ── arms ─────▶ a Sleep per key
//!   writes, DEL ─── cancel ───▶    │ its time has come
//!                                  └─ Alarm::wake ── Due: key ──▶ Db::sweep
//! ```
//!
//! Arming and cancelling cost the same whether ten keys expire or ten million. A
//! key is looked at by its time wherever it is used, so none is seen that is past
//! it: how soon the sweeper comes decides about memory only.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use pintle::sync::WaitCell;
use pintle::sync::blocking::Mutex;
use pintle::time::Sleep;

use super::{Key, Millis};
use crate::runtime;

/// A key's time, and its sleep on the wheel. Dropped, it leaves the wheel.
pub(super) struct Expiry {
    pub(super) at: Millis,
    _sleep: Pin<Box<Sleep<'static>>>,
}

impl Expiry {
    /// Has `key` reported to `due` at `at`, or at once if that is not after `now`.
    pub(super) fn start(at: Millis, now: Millis, key: Key, due: &Arc<Due>) -> Self {
        let alarm = Arc::new(Alarm {
            key,
            due: Arc::clone(due),
        });
        let lives = Duration::from_millis(at.saturating_sub(now));
        let mut sleep = Box::pin(runtime::sleep(lives));
        let waker = Waker::from(Arc::clone(&alarm));
        // Nobody polls it again: its waker does all there is to do.
        if sleep
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            alarm.wake();
        }
        Self { at, _sleep: sleep }
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

/// What a key's sleep wakes.
struct Alarm {
    key: Key,
    due: Arc<Due>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.due
            .keys
            .with_lock(|keys| keys.push(Key::clone(&self.key)));
        self.due.some.wake();
    }
}

/// Keys whose sleep has ended. They may have been given another time since, or be
/// gone.
#[derive(Debug, Default)]
pub(super) struct Due {
    keys: Mutex<Vec<Key>>,
    some: WaitCell,
}

impl Due {
    /// Waits until there are some, and takes all.
    pub(super) async fn take(&self) -> Vec<Key> {
        loop {
            let keys = self.keys.with_lock(std::mem::take);
            if !keys.is_empty() {
                return keys;
            }
            // A wake-up that comes between the look and this is kept by the cell.
            // Nobody closes it.
            let _ = self.some.wait().await;
        }
    }
}
