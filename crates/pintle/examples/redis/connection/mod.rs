//! One client's task: read, execute, write, until it goes.
//!
//! ```text
//!    ┌──▶ read what has come ──▶ decode all frames ──▶ take the store's lock once,
//!    │      (may wait)                                 execute them, collect replies
//!    │                                                        │
//!    └────────────────── write the replies at once ◀──────────┘
//!                              (may wait)
//! ```
//!
//! What a client can do to others is bounded here. A batch is what one read has
//! brought, or as many frames of it as the decoder finds at a time, and after some
//! of them others get their turn. Replies that it does not read stop its own
//! requests, because no batch starts before the last one's replies are written.
//! Its silence ends the connection when the settings say so.

use std::future::{pending, poll_fn};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pintle::future::yield_now;

use crate::commands::{self, Block, Call, Flow};
use crate::config::Settings;
use crate::pubsub::{Lagged, Session};
use crate::reactor::{Direction, Registered};
use crate::resp::Decoder;
use crate::resp::reply::Reply;
use crate::runtime;
use crate::server::{Client, Message, News, Server};
use crate::stats::STATS;

mod idle;
mod input;

use idle::Idle;
use input::Input;

/// Turns of a connection that never has to wait before others on its worker get
/// theirs.
const BURST: usize = 32;

/// Messages that a connection publishes before others on its worker get their turn,
/// subscribers among them.
const PUBLISHED: usize = 64;

/// Makes an accepted socket ready for the reactor.
pub(crate) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)
}

/// Tells a client that there is no room for it.
pub(crate) fn refuse(socket: &Registered<TcpStream>) {
    STATS.rejected_connections.add(1);
    // If even this does not fit into an empty socket's buffer, it has gone.
    drop(
        socket
            .get()
            .write_all(b"-ERR max number of clients reached\r\n"),
    );
}

/// Serves a client until it goes, breaks the protocol or falls silent.
pub(crate) async fn serve(client: Client, socket: Registered<TcpStream>) {
    let mut connection = Connection::new(client, socket);
    match connection.run().await {
        Ok(End::Said) => drop(connection.socket.get().shutdown(Shutdown::Write)),
        Ok(End::Idle) => STATS.idle_timeouts.add(1),
        Ok(End::Lagged) => STATS.subscribers_lagged.add(1),
        // A client may break off at any point; its loss is its own.
        Ok(End::Gone) | Err(_) => {}
    }
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client has closed its side.
    Gone,
    /// It was told: QUIT, a protocol error, a server that drains.
    Said,
    /// It was silent for longer than the settings allow.
    Idle,
    /// It has subscribed, and did not read what was published.
    Lagged,
}

/// What a connection waits for that has nothing to do.
enum Event<M> {
    /// Bytes of the client's.
    Input,
    /// A message that was published, or that some were missed.
    Message(M),
    End(End),
}

struct Connection {
    socket: Registered<TcpStream>,
    input: Input,
    decoder: Decoder,
    output: Vec<u8>,
    session: Session,
    idle: Idle,
    news: News,
    draining: bool,
    settings: Settings,
    /// Last, so that the client counts as gone when its socket is closed.
    client: Client,
}

impl Connection {
    fn new(client: Client, socket: Registered<TcpStream>) -> Self {
        let news = client.server().news();
        let settings = client.server().config.get();
        Self {
            socket,
            input: Input::new(),
            decoder: Decoder::default(),
            output: Vec::new(),
            session: Session::default(),
            idle: Idle::new(settings.timeout),
            news,
            draining: false,
            settings,
            client,
        }
    }

    async fn run(&mut self) -> io::Result<End> {
        let mut turns = 0usize;
        loop {
            let limit = usize::try_from(self.settings.proto_max_bulk_len).unwrap_or(usize::MAX);
            let malformed = self.decoder.decode(self.input.bytes_mut(), limit).err();
            if let Some(end) = self.execute().await? {
                return Ok(end);
            }
            if let Some(error) = malformed {
                STATS.protocol_errors.add(1);
                self.output.error(&error.message());
                return Ok(self.flush().await?.unwrap_or(End::Said));
            }
            let done = self.decoder.clear();
            self.input.consume(done);
            if done == 0 {
                // Nothing is complete any more, so more must come.
                if self.input.len() as u64 > self.settings.client_query_buffer_limit {
                    return Ok(End::Said);
                }
                if let Some(end) = self.fill().await? {
                    return Ok(end);
                }
                self.settings = self.client.server().config.get();
            }
            turns += 1;
            if turns % BURST == 0 {
                yield_now().await;
            }
        }
    }

    /// Reads what has come, once, waiting for something to come; or writes the
    /// messages that have come for a subscriber.
    ///
    /// When the server drains, it answers what has come and waits for no more.
    async fn fill(&mut self) -> io::Result<Option<End>> {
        let wants = self.decoder.wants(self.input.len());
        // Taken away, as waiting borrows it. If this is dropped meanwhile, so is the rest.
        let mut receiver = self.session.take_receiver();
        let event = {
            let mut message = pin!(async {
                match &mut receiver {
                    Some(receiver) => receiver.recv().await,
                    None => pending().await,
                }
            });
            poll_fn(|cx| {
                loop {
                    let last = self.draining;
                    if last {
                        // The event may still be under way for what is there already.
                        self.socket.retry(Direction::Read);
                    }
                    match self.poll_read(cx, wants) {
                        Poll::Ready(Ok(0)) => return Poll::Ready(Ok(Event::End(End::Gone))),
                        Poll::Ready(result) => return Poll::Ready(result.map(|_| Event::Input)),
                        Poll::Pending if last => return Poll::Ready(Ok(Event::End(End::Said))),
                        Poll::Pending => {}
                    }
                    if let Poll::Ready(message) = message.as_mut().poll(cx) {
                        return Poll::Ready(Ok(Event::Message(message)));
                    }
                    if let Poll::Ready(end) = self.poll_interrupts(cx) {
                        return Poll::Ready(Ok(Event::End(end)));
                    }
                    if !self.draining {
                        return Poll::Pending;
                    }
                }
            })
            .await
        };
        self.session.put_back(receiver);
        match event? {
            Event::Input => Ok(None),
            Event::End(end) => Ok(Some(end)),
            Event::Message(message) => match self.session.write(message, &mut self.output) {
                Err(Lagged) => Ok(Some(End::Lagged)),
                Ok(()) => match self.hear() {
                    None => self.flush().await,
                    end => Ok(end),
                },
            },
        }
    }

    /// Collects the messages that have come for a subscriber.
    fn hear(&mut self) -> Option<End> {
        let limit = usize::try_from(self.settings.reply_buffer_limit).unwrap_or(usize::MAX);
        let heard = self.session.write_all(&mut self.output, limit);
        heard.err().map(|Lagged| End::Lagged)
    }

    /// Executes the frames that were decoded and writes the replies.
    async fn execute(&mut self) -> io::Result<Option<End>> {
        let mut next = 0;
        while next < self.decoder.frames() {
            let first = next;
            // What was published before these are executed comes before their replies.
            if let Some(end) = self.hear() {
                return Ok(Some(end));
            }
            let (flow, published) = self.execute_batch(&mut next);
            STATS.total_commands_processed.add(next - first);
            let end = match flow {
                Flow::Next => None,
                Flow::Close => Some(End::Said),
                Flow::Configure(changes) => {
                    self.client.server().configure(&changes).await;
                    None
                }
                Flow::Block(block) => {
                    // At once: whatever happens from here on gives the place up.
                    let place = Place {
                        server: Arc::clone(self.client.server()),
                        block,
                    };
                    match self.flush().await? {
                        None => self.wait_for_element(&place).await?,
                        end => end,
                    }
                }
            };
            let broken = self.flush().await?;
            if let Some(end) = broken.or(end) {
                return Ok(Some(end));
            }
            if published >= PUBLISHED {
                yield_now().await;
            }
        }
        Ok(None)
    }

    /// Executes frames from `next` on, under one taking of the store's lock: all
    /// of them, or up to one that does not go straight on, or until the replies
    /// have grown enough for a write, or so many messages have been published that
    /// subscribers should get their turn. How many those are is said, too.
    fn execute_batch(&mut self, next: &mut usize) -> (Flow, usize) {
        let server: &Server = self.client.server();
        let limit = usize::try_from(self.settings.reply_buffer_limit).unwrap_or(usize::MAX);
        server.store.with(|db| {
            while *next < self.decoder.frames()
                && self.output.len() <= limit
                && db.unsent() < PUBLISHED
            {
                let flow = commands::execute(Call {
                    args: self.decoder.frame(*next, self.input.bytes()),
                    db,
                    out: &mut self.output,
                    server,
                    session: &mut self.session,
                });
                *next += 1;
                if !matches!(flow, Flow::Next) {
                    return (flow, db.unsent());
                }
            }
            (Flow::Next, db.unsent())
        })
    }

    /// Waits until BLPOP's client is given an element, its time is up, or it
    /// goes; writes the reply.
    async fn wait_for_element(&mut self, place: &Place) -> io::Result<Option<End>> {
        let Place { server, block } = place;
        let mut served = Box::pin(async {
            match block.timeout {
                // Whether served or late, the look at the gift decides.
                Some(timeout) => {
                    let _ = runtime::timeout(timeout, block.ready.wait()).await;
                }
                None => {
                    let _ = block.ready.wait().await;
                }
            }
        });
        let end = poll_fn(|cx| {
            if served.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(None));
            }
            // Its next requests wait in the input; its end must not.
            let mut reads = 0;
            while let Poll::Ready(read) = self.poll_read(cx, 0) {
                reads += 1;
                match read {
                    Ok(0) => return Poll::Ready(Ok(Some(End::Gone))),
                    Ok(_) if self.input.len() as u64 > self.settings.client_query_buffer_limit => {
                        return Poll::Ready(Ok(Some(End::Said)));
                    }
                    // It sends as fast as this reads: the rest after the others' turn.
                    Ok(_) if reads == BURST => {
                        cx.waker().wake_by_ref();
                        break;
                    }
                    Ok(_) => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            self.poll_news(cx);
            match self.draining {
                true => Poll::Ready(Ok(Some(End::Said))),
                false => Poll::Pending,
            }
        })
        .await?;
        if end.is_none() {
            match server.store.with(|db| db.collect(block.ticket)) {
                Some((key, element)) => {
                    self.output.array(2);
                    self.output.bulk(&key);
                    self.output.bulk(&element);
                }
                None => {
                    STATS.blpop_timeouts.add(1);
                    self.output.nil_array();
                }
            }
            self.idle.touch();
        }
        Ok(end)
    }

    /// Writes all replies, waiting for the client to read them.
    async fn flush(&mut self) -> io::Result<Option<End>> {
        let mut written = 0;
        while written < self.output.len() {
            let write = poll_fn(|cx| {
                let rest = &self.output[written..];
                let mut count = |socket: &TcpStream| {
                    STATS.writes.add(1);
                    (&*socket).write(rest)
                };
                match self.socket.poll_io(cx, Direction::Write, &mut count) {
                    Poll::Ready(result) => Poll::Ready(result.map(Ok)),
                    Poll::Pending => self.poll_interrupts(cx).map(|end| Ok(Err(end))),
                }
            });
            match write.await? {
                Ok(0) => return Ok(Some(End::Gone)),
                Ok(bytes) => {
                    STATS.total_net_output_bytes.add(bytes);
                    written += bytes;
                    self.idle.touch();
                }
                Err(end) => return Ok(Some(end)),
            }
        }
        self.output.clear();
        // What one large reply needed is not kept for the small ones after it.
        self.output.shrink_to(input::KEPT);
        Ok(None)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, wants: usize) -> Poll<io::Result<usize>> {
        let room = self.input.room(wants);
        let read = self.socket.poll_io(cx, Direction::Read, |mut socket| {
            STATS.reads.add(1);
            socket.read(room)
        });
        if let Poll::Ready(Ok(bytes)) = read {
            STATS.total_net_input_bytes.add(bytes);
            self.input.filled(bytes);
            self.idle.touch();
        }
        read
    }

    /// Ready when the client has been silent for too long. Hears the news.
    fn poll_interrupts(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.poll_news(cx);
        // A subscriber has nothing to say.
        if self.session.is_subscribed() {
            return Poll::Pending;
        }
        self.idle.poll(cx).map(|()| End::Idle)
    }

    fn poll_news(&mut self, cx: &mut Context<'_>) {
        while !self.draining {
            match self.news.poll(cx, self.client.server()) {
                Poll::Pending => return,
                Poll::Ready(Message::Draining) => self.draining = true,
                Poll::Ready(Message::Changed) => {
                    let timeout = self
                        .client
                        .server()
                        .config
                        .read(|settings| settings.timeout);
                    self.idle.set_timeout(timeout);
                }
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.session.is_subscribed() {
            let server = Arc::clone(self.client.server());
            server
                .store
                .with(|db| while self.session.unsubscribe_one(db).is_some() {});
        }
    }
}

/// A blocked client's place in its queues, given up when dropped, be it served
/// or not.
struct Place {
    server: Arc<Server>,
    block: Block,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.server.store.with(|db| db.withdraw(self.block.ticket));
    }
}
