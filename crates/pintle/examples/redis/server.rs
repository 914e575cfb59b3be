//! What all connections share, and the task that accepts them.

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pintle::future::yield_now;
use pintle::sync::WaitQueue;
use pintle::sync::wait_queue::WaitOwned;

use crate::config::{Change, Config, Settings};
use crate::connection;
use crate::limit::{Limit, Room};
use crate::reactor::{Direction, Registered, Registry};
use crate::runtime::{self, Spawner};
use crate::stats::STATS;
use crate::store::{Db, Store};

/// The server, but for its threads.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) config: Config,
    /// Woken when settings change, closed when the server drains.
    news: Arc<WaitQueue>,
    limit: Arc<Limit>,
    clients: AtomicUsize,
    /// Woken when a client has gone.
    gone: WaitQueue,
    start: Instant,
    port: u16,
    workers: usize,
}

/// A section of INFO.
pub(crate) type Section = (&'static str, Vec<(&'static str, String)>);

impl Server {
    pub(crate) fn new(port: u16, workers: usize, settings: Settings) -> Self {
        Self {
            store: Store::new(),
            config: Config::new(settings),
            news: Arc::new(WaitQueue::new()),
            limit: Arc::new(Limit::new(max_clients(&settings))),
            clients: AtomicUsize::new(0),
            gone: WaitQueue::new(),
            start: Instant::now(),
            port,
            workers,
        }
    }

    /// Puts changed settings into force and tells every connection.
    pub(crate) async fn configure(&self, changes: &[Change]) {
        self.config.change(changes).await;
        self.limit.set(|| self.config.read(max_clients));
        STATS.wait_queue_broadcasts.add(1);
        self.news.wake_all();
    }

    /// Accepts no further client and has each one go that waits for nothing but
    /// its next request.
    pub(crate) fn drain(&self) {
        self.news.close();
    }

    /// Waits until a draining server has no client.
    pub(crate) async fn drained(&self) {
        let empty = || self.clients.load(Ordering::Acquire) == 0;
        // Nobody closes `gone`.
        let _ = self.gone.wait_for(empty).await;
    }

    /// News from now on.
    pub(crate) fn news(&self) -> News {
        News(Box::pin(self.news.wait_owned()))
    }

    /// What INFO shows.
    pub(crate) fn report(&self, db: &Db) -> Vec<Section> {
        let settings = self.config.get();
        let number = |value: usize| value.to_string();
        let counters = |lines: Vec<(&'static str, usize)>| {
            lines
                .into_iter()
                .map(|(name, value)| (name, number(value)))
                .collect()
        };
        let mut sections: Vec<Section> = vec![
            (
                "Server",
                vec![
                    // Clients ask it what the server can do: as much as this one.
                    ("redis_version", "7.0.15".to_owned()),
                    ("pintle_version", env!("CARGO_PKG_VERSION").to_owned()),
                    ("process_id", std::process::id().to_string()),
                    ("tcp_port", self.port.to_string()),
                    (
                        "uptime_in_seconds",
                        self.start.elapsed().as_secs().to_string(),
                    ),
                    ("workers", number(self.workers)),
                ],
            ),
            (
                "Clients",
                vec![
                    (
                        "connected_clients",
                        number(self.clients.load(Ordering::Relaxed)),
                    ),
                    ("maxclients", settings.maxclients.to_string()),
                    ("blocked_clients", number(db.blocked())),
                ],
            ),
        ];
        let counted = STATS.sections().into_iter();
        sections.extend(counted.map(|(section, lines)| (section, counters(lines))));
        let keyspace = match db.len() {
            0 => Vec::new(),
            keys => vec![("db0", format!("keys={keys},expires={}", db.expiring()))],
        };
        sections.push(("Keyspace", keyspace));
        sections
    }
}

/// One connection's subscription to what the server has to say.
#[derive(Debug)]
pub(crate) struct News(Pin<Box<WaitOwned>>);

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Read the settings again.
    Changed,
    /// Finish and go. Said again at each poll.
    Draining,
}

impl News {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, server: &Server) -> Poll<Message> {
        match self.0.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => {
                // A subscription hears what comes after it was made, so it is
                // made before the settings are read.
                *self = server.news();
                Poll::Ready(Message::Changed)
            }
            Poll::Ready(Err(_)) => {
                *self = server.news();
                Poll::Ready(Message::Draining)
            }
        }
    }
}

/// A client that is being served: counted until dropped.
#[derive(Debug)]
pub(crate) struct Client {
    server: Arc<Server>,
    _room: Room,
}

impl Client {
    /// `None`: there are as many clients as the settings allow.
    fn admit(server: &Arc<Server>) -> Option<Self> {
        let room = server.limit.enter()?;
        server.clients.fetch_add(1, Ordering::Relaxed);
        Some(Self {
            server: Arc::clone(server),
            _room: room,
        })
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Release: pairs with the load in `drained`, so that what the client did
        // is done when its going is seen.
        self.server.clients.fetch_sub(1, Ordering::Release);
        // Whether somebody waits is for the queue to find out: asking first whether
        // the server drains might miss a drain that begins just now, and that has
        // counted this client.
        self.server.gone.wake();
    }
}

/// Accepts clients until the server drains, and spawns a task for each.
pub(crate) async fn accept(
    server: Arc<Server>,
    listener: Registered<TcpListener>,
    registry: Registry,
    spawner: Spawner,
) {
    /// Clients accepted before other tasks get their turn.
    const BURST: usize = 64;
    let mut news = server.news();
    for accepted in 1usize.. {
        let next = poll_fn(|cx| {
            while let Poll::Ready(message) = news.poll(cx, &server) {
                if message == Message::Draining {
                    return Poll::Ready(None);
                }
            }
            listener
                .poll_io(cx, Direction::Read, TcpListener::accept)
                .map(Some)
        });
        let result = match next.await {
            None => return,
            Some(Ok((stream, _))) => {
                connection::prepare(&stream).and_then(|()| registry.register(stream))
            }
            Some(Err(error)) => Err(error),
        };
        match result {
            Ok(socket) => {
                STATS.total_connections_received.add(1);
                match Client::admit(&server) {
                    Some(client) => drop(spawner.spawn(connection::serve(client, socket))),
                    None => connection::refuse(&socket),
                }
            }
            // Out of files or memory, or a client that is gone already. Either
            // way the next may do better, and the first should not spin.
            Err(error) => {
                if !is_about_the_client(&error) {
                    // Whether anybody reads this or not.
                    drop(writeln!(io::stderr(), "accept: {error}"));
                    runtime::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        if accepted % BURST == 0 {
            yield_now().await;
        }
    }
}

/// The setting, as a number of clients.
fn max_clients(settings: &Settings) -> usize {
    usize::try_from(settings.maxclients).unwrap_or(usize::MAX)
}

fn is_about_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput, NotConnected};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | InvalidInput | NotConnected
    )
}
