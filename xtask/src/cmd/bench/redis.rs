//! The Redis example beside Redis's own server.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use crate::cmd::demo::server::{self, Server};
use crate::cmd::redis_tools;
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// What `redis-benchmark -t` calls the commands.
const COMMANDS: [&str; 4] = ["SET", "GET", "INCR", "LPUSH"];

/// The share of redis-server's requests per second that the example must reach.
const BAR: f64 = 0.5;

/// Drive the example and redis-server with redis-benchmark, in turns, and compare.
///
/// Needs Debian's redis-server and redis-tools. Both servers run all the time and one
/// works at a time; a figure is the median of the rounds.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Turns that each server gets.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Requests of each command in a turn.
    #[arg(long, default_value_t = 200_000)]
    requests: usize,
    /// The example's worker threads.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

// === impl Args ===

impl Args {
    pub(super) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let tools = redis_tools(project);
        if tools.is_skipped() {
            report.step("bench redis", || Ok(tools));
            return Ok(());
        }
        server::with_built(project, report, "bench redis", |program| {
            self.compare(project, program)
        });
        Ok(())
    }

    fn compare(&self, project: &Project, program: &server::Program) -> Result<Verdict> {
        ensure!(self.rounds > 0, "no rounds, no figures");
        if let Some(busy) = load_average().filter(|load| *load > 1.0) {
            println!("    the machine is busy (load average {busy}): the figures will say little");
        }
        let (real, ours) = (RealServer::start()?, Server::start(program, self.workers)?);
        // Per command, what each server did per second in each round.
        let mut rates = [const { [const { Vec::new() }; 2] }; COMMANDS.len()];
        for round in 1..=self.rounds {
            for (side, (name, port)) in [("redis-server", real.port), ("pintle", ours.port)]
                .into_iter()
                .enumerate()
            {
                let label = format!("round {round} of {}, {name}", self.rounds);
                for (rates, rate) in rates.iter_mut().zip(self.measure(project, &label, port)?) {
                    rates[side].push(rate);
                }
            }
        }
        println!(
            "\n{:<8}{:>14}{:>14}{:>9}{:>8}   requests per second, median of {} (lowest … highest)",
            "", "redis-server", "pintle", "ratio", "bar", self.rounds
        );
        let mut below = Vec::new();
        for (command, [real, ours]) in COMMANDS.iter().zip(&rates) {
            let ratio = median(ours) / median(real);
            println!(
                "{command:<8}{:>14.0}{:>14.0}{ratio:>9.2}{BAR:>8.2}   {} / {}",
                median(real),
                median(ours),
                spread(real),
                spread(ours),
            );
            if ratio < BAR {
                below.push(*command);
            }
        }
        Ok(match below.as_slice() {
            [] => Verdict::passed(format!("each command at {BAR} x redis-server or better")),
            below => Verdict::failed(format!("below {BAR} x redis-server: {}", below.join(" "))),
        })
    }

    /// One turn: requests per second for each of [`COMMANDS`].
    fn measure(&self, project: &Project, label: &str, port: u16) -> Result<Vec<f64>> {
        let sh = &project.sh;
        let (port, requests) = (port.to_string(), self.requests.to_string());
        let flush = cmd!(sh, "redis-cli -h 127.0.0.1 -p {port} FLUSHALL");
        ensure!(exec::works(flush), "{label}: FLUSHALL failed");
        let commands = COMMANDS.join(",");
        let bench = cmd!(
            sh,
            "redis-benchmark -h 127.0.0.1 -p {port} -t {commands} -n {requests} -P 16 -c 50 --csv"
        );
        let output = exec::run(project, label, bench)?;
        COMMANDS
            .iter()
            .map(|command| {
                rate(&output.stdout, command)
                    .with_context(|| format!("redis-benchmark says nothing of {command}"))
            })
            .collect()
    }
}

/// How many threads wanted to run in the last minute, where the system says.
fn load_average() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// The rate in the line `"SET","904977.38",…`.
fn rate(csv: &str, command: &str) -> Option<f64> {
    csv.lines().find_map(|line| {
        let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
        (cells.next() == Some(command)).then(|| cells.next()?.parse().ok())?
    })
}

fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    (low + high) / 2.0
}

fn spread(rates: &[f64]) -> String {
    let lowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = rates.iter().copied().fold(0.0, f64::max);
    format!("{lowest:.0} … {highest:.0}")
}

/// Redis's server, on a free port. It ends with its owner.
struct RealServer {
    port: u16,
    process: Child,
}

// === impl RealServer ===

impl RealServer {
    fn start() -> Result<Self> {
        // It cannot choose a port itself, so somebody else may be faster.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port();
            let process = Command::new("redis-server")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
                .args(["--save", "", "--appendonly", "no"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()?;
            let mut server = Self { port, process };
            let start = Instant::now();
            while server.process.try_wait()?.is_none() && start.elapsed() < Duration::from_secs(10)
            {
                if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                    return Ok(server);
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        bail!("redis-server does not start")
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::{median, rate};

    #[test]
    fn redis_benchmarks_lines_are_read() {
        let csv = "\"test\",\"rps\",\"avg_latency_ms\"\n\"SET\",\"904977.38\",\"0.5\"\n\"GET\",\"1.50\",\"2\"\n";
        assert_eq!(rate(csv, "SET"), Some(904_977.38));
        assert_eq!(rate(csv, "GET"), Some(1.5));
        assert_eq!(rate(csv, "INCR"), None);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
