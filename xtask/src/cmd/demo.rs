//! The main job, shown: a Redis-protocol server on a runtime made of the kit, under
//! load.

pub(super) mod client;
mod load;
pub(super) mod server;
mod tally;

use std::io::{IsTerminal, Write};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use self::client::Client;
use self::load::Load;
use self::server::Server;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Build the Redis example, put load on it and show what each crate did.
///
/// The clients are part of this command: nothing of Redis needs to be installed. A
/// little over ten seconds after the build.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// How long the load lasts.
    #[arg(long, default_value_t = Args::default().seconds)]
    seconds: u64,
    /// Connections that send requests, 16 at a time.
    #[arg(long, default_value_t = Args::default().connections)]
    connections: usize,
    /// The server's worker threads.
    #[arg(long, default_value_t = Args::default().workers)]
    workers: usize,
}

// === impl Args ===

impl Default for Args {
    fn default() -> Self {
        Self {
            seconds: 10,
            connections: 50,
            workers: 2,
        }
    }
}

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        server::with_built(project, report, "demo", |program| self.show(program));
        Ok(())
    }

    fn show(&self, program: &server::Program) -> Result<Verdict> {
        let server = Server::start(program, self.workers)?;
        println!(
            "    127.0.0.1:{} with {} workers, {} connections, {} s",
            server.port, self.workers, self.connections, self.seconds
        );
        let load = Load::start(server.port, self.connections)?;
        let (start, length) = (Instant::now(), Duration::from_secs(self.seconds));
        let mut live = Live::new();
        while start.elapsed() < length && !load.failed() {
            thread::sleep(Live::PAUSE.min(length.saturating_sub(start.elapsed())));
            live.show(start.elapsed(), load.requests());
        }
        live.end();
        let time = start.elapsed();
        let done = load.finish()?;

        let info = Client::connect(server.port)?.info()?;
        print!("\n{}\n", tally::table(&info));
        println!("{}", done.latency());
        let drained = server.interrupt()?;
        ensure!(drained, "the server did not drain at Ctrl-C");
        let rate = done.requests as f64 / time.as_secs_f64();
        Ok(Verdict::passed(format!(
            "{} requests, {} per second, every reply checked; drained at Ctrl-C",
            tally::grouped(done.requests),
            tally::grouped(rate as u64),
        )))
    }
}

/// The line that shows that something happens: on a terminal written over, elsewhere
/// one per second.
struct Live {
    terminal: bool,
    shown: (Duration, u64),
}

// === impl Live ===

impl Live {
    const PAUSE: Duration = Duration::from_millis(200);

    fn new() -> Self {
        Self {
            terminal: std::io::stdout().is_terminal(),
            shown: (Duration::ZERO, 0),
        }
    }

    fn show(&mut self, time: Duration, requests: u64) {
        let (last_time, last_requests) = self.shown;
        let passed = time.saturating_sub(last_time);
        if passed.is_zero() || (!self.terminal && passed < Duration::from_secs(1)) {
            return;
        }
        self.shown = (time, requests);
        let rate = (requests - last_requests) as f64 / passed.as_secs_f64();
        let line = format!(
            "    {:>5.1} s  {:>12} requests  {:>10} per second",
            time.as_secs_f64(),
            tally::grouped(requests),
            tally::grouped(rate as u64),
        );
        if self.terminal {
            print!("\r\x1b[K{line}");
            // A terminal that went away is no reason to stop.
            let _ = std::io::stdout().flush();
        } else {
            println!("{line}");
        }
    }

    fn end(&self) {
        if self.terminal {
            println!();
        }
    }
}
