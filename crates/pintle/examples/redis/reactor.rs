//! Tells tasks when their sockets are ready, from a thread of its own.
//!
//! A socket is registered once, edge-triggered: the system reports each *change*
//! to ready, and nothing is to be re-armed. Whoever uses a socket tries the
//! non-blocking call first and waits only when that would block, so a busy
//! connection costs no system call but its reads and writes.
//!
//! Between "would block" and waiting, the socket may become ready. That wake is
//! not lost: a [`WaitCell`] that nobody waits on remembers it, and the next wait
//! returns at once. A remembered wake may be out of date; then the call is tried
//! once more, and would block again.
//!
//! Where the system knows no edges, each wait arms the direction that it waits
//! for, for one event.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use pintle::sync::WaitCell;
use pintle::sync::blocking::Mutex;
use polling::{AsRawSource, AsSource, Event, Events, PollMode, Poller};

use crate::stats::STATS;

/// A direction of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

/// Where a socket's task waits, per direction.
#[derive(Debug, Default)]
struct Source {
    readable: WaitCell,
    writable: WaitCell,
    /// Which directions are armed, where each event must be asked for.
    armed: Mutex<(bool, bool)>,
}

/// What the reactor's thread and the sockets share.
#[derive(Debug)]
struct Shared {
    poller: Poller,
    /// Whether the system reports edges.
    edges: bool,
    stop: AtomicBool,
    next_key: AtomicUsize,
    sources: Mutex<HashMap<usize, Arc<Source>>>,
}

/// Registers sockets; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Registry(Arc<Shared>);

/// The reactor's thread.
#[derive(Debug)]
pub(crate) struct Reactor {
    registry: Registry,
    thread: JoinHandle<()>,
}

impl Reactor {
    pub(crate) fn start() -> io::Result<Self> {
        let poller = Poller::new()?;
        let shared = Arc::new(Shared {
            edges: poller.supports_edge(),
            poller,
            stop: AtomicBool::new(false),
            next_key: AtomicUsize::new(0),
            sources: Mutex::new(HashMap::new()),
        });
        let registry = Registry(Arc::clone(&shared));
        let thread = thread::Builder::new()
            .name("reactor".to_owned())
            .spawn(move || run(&shared))?;
        Ok(Self { registry, thread })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn stop(self) -> io::Result<()> {
        // Release: pairs with the load in `run`, which the notify wakes.
        self.registry.0.stop.store(true, Ordering::Release);
        self.registry.0.poller.notify()?;
        drop(self.thread.join());
        Ok(())
    }
}

/// The reactor's life.
fn run(shared: &Shared) {
    let mut events = Events::new();
    let mut ready = Vec::new();
    // Acquire: pairs with the store in `Reactor::stop`.
    while !shared.stop.load(Ordering::Acquire) {
        events.clear();
        if let Err(error) = shared.poller.wait(&mut events, None) {
            // A signal is no reason to stop; anything else would come back.
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            eprintln!("reactor: {error}");
            return;
        }
        // Wakers run tasks' code paths: collect under the lock, wake outside.
        STATS.reactor_locks.add(1);
        shared.sources.with_lock(|sources| {
            for event in events.iter() {
                if let Some(source) = sources.get(&event.key) {
                    ready.push((event, Arc::clone(source)));
                }
            }
        });
        for (event, source) in ready.drain(..) {
            source.wake(&event, shared.edges);
        }
        // Where workers share the core with this thread, they go first, and what
        // becomes ready meanwhile comes in one call.
        thread::yield_now();
    }
}

impl Source {
    fn wake(&self, event: &Event, edges: bool) {
        if !edges {
            // The event was for once, and it was for both.
            self.armed.with_lock(|armed| *armed = (false, false));
        }
        for (ready, cell) in [
            (event.readable, &self.readable),
            (event.writable, &self.writable),
        ] {
            // Without edges, both are woken: what is still wanted is armed anew.
            if ready || !edges {
                STATS.wait_cell_wakes.add(1);
                cell.wake();
            }
        }
    }
}

impl Registry {
    /// Makes `socket` known. It must be in non-blocking mode.
    pub(crate) fn register<T: AsSource>(&self, socket: T) -> io::Result<Registered<T>>
    where
        for<'a> &'a T: AsRawSource,
    {
        let Self(shared) = self;
        let key = shared.next_key.fetch_add(1, Ordering::Relaxed);
        let source = Arc::new(Source::default());
        STATS.reactor_locks.add(1);
        // First in the table: the first event may come before the call returns.
        shared
            .sources
            .with_lock(|sources| sources.insert(key, Arc::clone(&source)));
        let registered = Registered {
            socket,
            source,
            read_blocked: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            key,
            registry: self.clone(),
        };
        let (interest, mode) = match shared.edges {
            true => (Event::all(key), PollMode::Edge),
            false => (Event::none(key), PollMode::Oneshot),
        };
        // SAFETY: the socket is removed from the poller before it is closed:
        // `Registered` owns it, and removes it when dropped.
        unsafe {
            shared
                .poller
                .add_with_mode(&registered.socket, interest, mode)
        }?;
        Ok(registered)
    }
}

/// A socket that the reactor watches.
///
/// # Invariants
///
/// - While it lives, `socket` is open and `key` stands for it in the registry.
#[derive(Debug)]
pub(crate) struct Registered<T: AsSource> {
    socket: T,
    source: Arc<Source>,
    /// The last call would have blocked: wait before the next.
    read_blocked: AtomicBool,
    write_blocked: AtomicBool,
    key: usize,
    registry: Registry,
}

impl<T: AsSource> Registered<T> {
    pub(crate) fn get(&self) -> &T {
        &self.socket
    }

    /// Has the next [`poll_io`](Self::poll_io) try its call, even if the last would
    /// have blocked and no event has come since.
    pub(crate) fn retry(&self, direction: Direction) {
        self.blocked(direction).store(false, Ordering::Relaxed);
    }

    fn blocked(&self, direction: Direction) -> &AtomicBool {
        match direction {
            Direction::Read => &self.read_blocked,
            Direction::Write => &self.write_blocked,
        }
    }

    /// Tries `call` until it does something else than block.
    ///
    /// One task at a time may wait per direction.
    pub(crate) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut call: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let blocked = self.blocked(direction);
        let cell = match direction {
            Direction::Read => &self.source.readable,
            Direction::Write => &self.source.writable,
        };
        loop {
            // Relaxed: only the task that waits uses the flag.
            if blocked.load(Ordering::Relaxed) {
                // A closed or a busy cell would be a bug here, and trying the
                // call again does no harm.
                if cell.poll_wait(cx).is_pending() {
                    return match self.arm(direction) {
                        Ok(()) => Poll::Pending,
                        Err(error) => Poll::Ready(Err(error)),
                    };
                }
                blocked.store(false, Ordering::Relaxed);
            }
            match call(&self.socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    blocked.store(true, Ordering::Relaxed);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }

    /// Asks for an event, where each must be asked for.
    fn arm(&self, direction: Direction) -> io::Result<()> {
        let Registry(shared) = &self.registry;
        if shared.edges {
            return Ok(());
        }
        self.source.armed.with_lock(|(readable, writable)| {
            match direction {
                Direction::Read => *readable = true,
                Direction::Write => *writable = true,
            }
            let interest = Event::new(self.key, *readable, *writable);
            shared
                .poller
                .modify_with_mode(&self.socket, interest, PollMode::Oneshot)
        })
    }
}

impl<T: AsSource> Drop for Registered<T> {
    fn drop(&mut self) {
        let Registry(shared) = &self.registry;
        STATS.reactor_locks.add(1);
        // The table may hold the last reference: drop it outside of the lock.
        drop(
            shared
                .sources
                .with_lock(|sources| sources.remove(&self.key)),
        );
        // It fails only for a socket that was never added.
        drop(shared.poller.delete(&self.socket));
    }
}
