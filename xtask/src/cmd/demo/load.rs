//! The demo's clients: many that work, and a few that show the rest of the server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::client::{Client, Reply};
use super::tally;

/// Requests that a connection sends at a time.
const PIPELINE: usize = 16;

/// Clients that listen to what one publishes.
const SUBSCRIBERS: usize = 4;

/// What is published when there is nothing more to come.
const LAST: &[u8] = b"last";

/// Clients at work, each on a thread of its own.
pub(super) struct Load {
    port: u16,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<Result<Vec<Duration>>>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    requests: AtomicU64,
    failed: AtomicBool,
    /// The INCRs that were answered.
    increments: AtomicU64,
    /// The elements that were pushed for the waiting client, once that is settled.
    jobs: OnceLock<u64>,
}

/// What the clients did.
pub(super) struct Done {
    pub(super) requests: u64,
    /// How long each batch took, ascending.
    batches: Vec<Duration>,
}

// === impl Load ===

impl Load {
    /// Starts `connections` that work, and some more: one that waits in BLPOP, one
    /// that pushes to it, one that changes settings, one that publishes and some that
    /// have subscribed.
    pub(super) fn start(port: u16, connections: usize) -> Result<Self> {
        let mut load = Self {
            port,
            shared: Arc::default(),
            threads: Vec::new(),
        };
        Client::connect(port)?.call(&[b"SET", b"hits", b"0"])?;
        for id in 0..connections {
            load.spawn(move |client, shared| work(client, shared, id))?;
        }
        load.spawn(wait)?;
        load.spawn(push)?;
        load.spawn(configure)?;
        for _ in 0..SUBSCRIBERS {
            load.spawn(subscribe)?;
        }
        load.spawn(publish)?;
        Ok(load)
    }

    fn spawn(
        &mut self,
        body: impl FnOnce(Client, &Shared) -> Result<Vec<Duration>> + Send + 'static,
    ) -> Result<()> {
        let client = Client::connect(self.port)?;
        let shared = Arc::clone(&self.shared);
        self.threads.push(thread::spawn(move || {
            let result = body(client, &shared);
            if result.is_err() {
                shared.failed.store(true, Ordering::Relaxed);
            }
            result
        }));
        Ok(())
    }

    pub(super) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// Whether a client got another reply than it should, or none.
    pub(super) fn failed(&self) -> bool {
        self.shared.failed.load(Ordering::Relaxed)
    }

    /// Stops the clients; what they did, or the first that failed.
    pub(super) fn finish(self) -> Result<Done> {
        self.shared.stop.store(true, Ordering::Relaxed);
        let mut batches = Vec::new();
        for thread in self.threads {
            let result = thread.join().map_err(|_| anyhow!("a client panicked"))?;
            batches.extend(result.context("a client failed")?);
        }
        batches.sort_unstable();
        let counted = Client::connect(self.port)?.call(&[b"GET", b"hits"])?;
        let answered = self.shared.increments.load(Ordering::Relaxed).to_string();
        ensure!(
            counted == Reply::Bulk(Some(answered.clone().into_bytes())),
            "{answered} INCRs were answered, and the counter is {counted:?}"
        );
        Ok(Done {
            requests: self.shared.requests.load(Ordering::Relaxed),
            batches,
        })
    }
}

// === impl Shared ===

impl Shared {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed) && !self.failed.load(Ordering::Relaxed)
    }

    fn count(&self, requests: usize) {
        self.requests.fetch_add(requests as u64, Ordering::Relaxed);
    }
}

// === impl Done ===

impl Done {
    /// One line about how long the batches took.
    pub(super) fn latency(&self) -> String {
        let at = |share: f64| {
            let index = (self.batches.len() as f64 * share) as usize;
            let batch = self
                .batches
                .get(index.min(self.batches.len().saturating_sub(1)));
            batch.map_or(0.0, |batch| batch.as_secs_f64() * 1000.0)
        };
        format!(
            "{} batches of {PIPELINE} requests: half within {:.2} ms, 99 of 100 within {:.2} ms",
            tally::grouped(self.batches.len() as u64),
            at(0.5),
            at(0.99),
        )
    }
}

/// Sends batches of mixed requests and checks every reply.
fn work(mut client: Client, shared: &Shared, id: usize) -> Result<Vec<Duration>> {
    let mut batches = Vec::new();
    let (key, list) = (
        format!("key:{id}").into_bytes(),
        format!("list:{id}").into_bytes(),
    );
    for round in 0u64.. {
        if !shared.goes_on() {
            break;
        }
        let value = format!("value {round} of {id}").into_bytes();
        let start = Instant::now();
        for _ in 0..PIPELINE / 8 {
            client.push(&[b"SET", &key, &value, b"PX", b"60000"]);
            client.push(&[b"GET", &key]);
            client.push(&[b"INCR", b"hits"]);
            client.push(&[b"MGET", &key, b"none"]);
            client.push(&[b"LPUSH", &list, &value]);
            client.push(&[b"LLEN", &list]);
            client.push(&[b"RPOP", &list]);
            client.push(&[b"TTL", &key]);
        }
        client.send()?;
        let bulk = || Reply::Bulk(Some(value.clone()));
        for _ in 0..PIPELINE / 8 {
            expect(&mut client, &Reply::Simple("OK".to_owned()))?;
            expect(&mut client, &bulk())?;
            let Reply::Integer(1..) = client.reply()? else {
                bail!("INCR did not count");
            };
            expect(
                &mut client,
                &Reply::Array(Some(vec![bulk(), Reply::Bulk(None)])),
            )?;
            expect(&mut client, &Reply::Integer(1))?;
            expect(&mut client, &Reply::Integer(1))?;
            expect(&mut client, &bulk())?;
            expect(&mut client, &Reply::Integer(60))?;
            shared.increments.fetch_add(1, Ordering::Relaxed);
        }
        batches.push(start.elapsed());
        shared.count(PIPELINE);
    }
    Ok(batches)
}

fn expect(client: &mut Client, expected: &Reply) -> Result<()> {
    let reply = client.reply()?;
    ensure!(
        reply == *expected,
        "the server replied {reply:?}, not {expected:?}"
    );
    Ok(())
}

/// Waits for elements, the way a queue's worker does.
fn wait(mut client: Client, shared: &Shared) -> Result<Vec<Duration>> {
    let mut taken = 0;
    loop {
        // Before the request: what was pushed by then must come out by it.
        let jobs = shared.jobs.get();
        if jobs == Some(&taken) || shared.failed.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        match client.call(&[b"BLPOP", b"jobs", b"0.05"])? {
            Reply::Array(Some(_)) => taken += 1,
            Reply::Array(None) => {
                ensure!(jobs.is_none(), "{taken} of {jobs:?} elements came out");
            }
            other => bail!("BLPOP: {other:?}"),
        }
        shared.count(1);
    }
}

/// Gives the waiting client something now and then, and keys that expire.
fn push(mut client: Client, shared: &Shared) -> Result<Vec<Duration>> {
    let mut pushed = 0u64;
    while shared.goes_on() {
        client.call(&[b"RPUSH", b"jobs", b"job"])?;
        pushed += 1;
        let key = format!("soon:{pushed}");
        client.call(&[b"SET", key.as_bytes(), b"gone", b"PX", b"100"])?;
        shared.count(2);
        // Sometimes long enough for the waiting client's timeout.
        let pause = if pushed.is_multiple_of(20) { 80 } else { 5 };
        thread::sleep(Duration::from_millis(pause));
    }
    shared.jobs.get_or_init(|| pushed);
    Ok(Vec::new())
}

/// Changes a setting that everybody reads.
fn configure(mut client: Client, shared: &Shared) -> Result<Vec<Duration>> {
    for round in 0u64.. {
        if !shared.goes_on() {
            break;
        }
        let timeout = format!("{}", 300 + round % 2);
        let reply = client.call(&[b"CONFIG", b"SET", b"timeout", timeout.as_bytes()])?;
        ensure!(
            reply == Reply::Simple("OK".to_owned()),
            "CONFIG SET: {reply:?}"
        );
        shared.count(1);
        thread::sleep(Duration::from_millis(100));
    }
    Ok(Vec::new())
}

/// Listens, and checks that every message comes, in order.
fn subscribe(mut client: Client, shared: &Shared) -> Result<Vec<Duration>> {
    let bulk = |bytes: &[u8]| Reply::Bulk(Some(bytes.to_vec()));
    let message =
        |payload: &[u8]| Reply::Array(Some(vec![bulk(b"message"), bulk(b"news"), bulk(payload)]));
    client.push(&[b"SUBSCRIBE", b"news"]);
    client.send()?;
    expect(
        &mut client,
        &Reply::Array(Some(vec![
            bulk(b"subscribe"),
            bulk(b"news"),
            Reply::Integer(1),
        ])),
    )?;
    for n in 0u64.. {
        let heard = client.reply()?;
        if heard == message(LAST) {
            break;
        }
        ensure!(
            heard == message(n.to_string().as_bytes()),
            "heard {heard:?} in the place of message {n}"
        );
        shared.count(1);
    }
    Ok(Vec::new())
}

/// Publishes to those that listen, once all of them do.
fn publish(mut client: Client, shared: &Shared) -> Result<Vec<Duration>> {
    let all = Reply::Integer(SUBSCRIBERS as i64);
    let counts =
        |count: Reply| Reply::Array(Some(vec![Reply::Bulk(Some(b"news".to_vec())), count]));
    while client.call(&[b"PUBSUB", b"NUMSUB", b"news"])? != counts(all.clone()) {
        ensure!(!shared.failed.load(Ordering::Relaxed), "nobody subscribes");
        thread::sleep(Duration::from_millis(1));
    }
    for n in 0u64.. {
        if !shared.goes_on() {
            break;
        }
        client.push(&[b"PUBLISH", b"news", n.to_string().as_bytes()]);
        client.send()?;
        expect(&mut client, &all)?;
        shared.count(1);
        thread::sleep(Duration::from_millis(2));
    }
    client.call(&[b"PUBLISH", b"news", LAST])?;
    Ok(Vec::new())
}
