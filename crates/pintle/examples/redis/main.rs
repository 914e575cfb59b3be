//! A Redis-protocol server on a multi-threaded runtime made of pintle.
//!
//! `README.md` beside this file says what each file shows.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

mod commands;
mod config;
mod connection;
mod limit;
mod pubsub;
mod reactor;
mod resp;
mod runtime;
mod server;
mod signals;
mod stats;
mod store;

use config::Settings;
use reactor::Reactor;
use runtime::Runtime;
use server::Server;
use signals::Signals;

const USAGE: &str = "\
A Redis-protocol server made of pintle. It listens on the loopback interface.

Usage: redis [--port N] [--workers N] [--maxclients N]

  --port N        the TCP port; 0, the default, is any free one, and is printed
  --workers N     threads that run tasks; as many as the machine has by default
  --maxclients N  clients served at a time, 10000 by default; CONFIG SET changes it
";

/// How long clients have, once the server is told to end, to take what they
/// are owed.
const DRAIN: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprint!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redis: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    signals::raise_open_files_limit();
    // Before the first thread starts, so that all of them block the signals.
    let signals = Signals::block()?;
    let reactor = Reactor::start()?;
    let runtime = Runtime::start(options.workers)?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let listener = reactor.registry().register(listener)?;

    let spawner = runtime.spawner();
    let server = Arc::new(Server::new(
        address.port(),
        spawner.workers(),
        Settings {
            maxclients: options.maxclients,
            ..Settings::DEFAULT
        },
    ));
    spawner.spawn({
        let server = Arc::clone(&server);
        async move { server.store.sweep().await }
    });
    spawner.spawn(server::accept(
        Arc::clone(&server),
        listener,
        reactor.registry().clone(),
        spawner.clone(),
    ));
    let workers = spawner.workers();
    say(format_args!(
        "listening on {address} with {workers} workers"
    ));

    signals.wait()?;
    say("draining");
    server.drain();
    let drained = spawner.spawn({
        let server = Arc::clone(&server);
        async move { runtime::timeout(DRAIN, server.drained()).await.is_ok() }
    });
    match runtime::block_on(drained) {
        Ok(true) => say("drained"),
        _ => say("some clients did not take what they were owed"),
    }
    runtime.stop();
    reactor.stop()
}

/// Prints a line. That nobody reads it any more is no reason to leave clients
/// undrained: Ctrl-C ends the other side of a pipe, too.
fn say(line: impl Display) {
    drop(writeln!(io::stdout(), "{line}"));
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    port: u16,
    workers: usize,
    maxclients: u64,
}

impl Options {
    /// `None`: help was asked for.
    fn read(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            port: 0,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            maxclients: Settings::DEFAULT.maxclients,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a number"));
            match word.as_str() {
                "--port" => options.port = number(&word, &value()?)?,
                "--workers" => options.workers = number(&word, &value()?)?,
                "--maxclients" => options.maxclients = u64::from(number::<u32>(&word, &value()?)?),
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option {word}")),
            }
        }
        match &options {
            Self { workers: 0, .. } => Err("--workers needs at least 1".to_owned()),
            Self { maxclients: 0, .. } => Err("--maxclients needs at least 1".to_owned()),
            _ => Ok(Some(options)),
        }
    }
}

fn number<N: std::str::FromStr>(option: &str, text: &str) -> Result<N, String> {
    text.parse()
        .map_err(|_| format!("{option} cannot be {text}"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options() {
        let read = |line: &str| Options::read(line.split_whitespace().map(str::to_owned));
        let good = Options {
            port: 6379,
            workers: 2,
            maxclients: 3,
        };
        assert_eq!(
            read("--port 6379 --workers 2 --maxclients 3"),
            Ok(Some(good))
        );
        assert_eq!(read("--help"), Ok(None));
        for bad in [
            "--port",
            "--port x",
            "--port 65536",
            "--workers 0",
            "--workers -1",
            "--maxclients 0",
            "--maxclients",
            "6379",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
