//! What a hundred thousand timers cost the requests of the Redis example.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::section::{self, Options};
use crate::cmd::demo::client::Client;
use crate::cmd::demo::server::{self, Program, Server};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Keys in the server; with timers, each expires in an hour or two.
const KEYS: usize = 100_000;

/// How many more instructions a request may take with the timers than without.
const BAR: f64 = 0.02;

/// How often each request is counted in a server, unless asked otherwise.
const ROUNDS: usize = 8;

/// Servers that are started on each side: each hashes keys in its own way.
const SERVERS: usize = 3;

/// Where the section begins in the document.
const HEADING: &str = "## Redis beside 100,000 timers";

/// What clients do in a round.
struct Workload {
    name: &'static str,
    /// Requests that are sent before the replies are read.
    at_once: usize,
    run: fn(&mut [Client; 2], usize) -> Result<()>,
}

const WORKLOADS: &[Workload] = &[
    Workload {
        name: "GET",
        at_once: 1,
        run: |clients, at_once| pipelined(clients, at_once, &[b"GET", b"k"]),
    },
    Workload {
        name: "GET",
        at_once: 16,
        run: |clients, at_once| pipelined(clients, at_once, &[b"GET", b"k"]),
    },
    Workload {
        name: "INCR",
        at_once: 16,
        run: |clients, at_once| pipelined(clients, at_once, &[b"INCR", b"n"]),
    },
    Workload {
        name: "SET … EX",
        at_once: 1,
        run: |clients, at_once| pipelined(clients, at_once, &[b"SET", b"e", b"v", b"EX", b"5000"]),
    },
    Workload {
        name: "SET … EX",
        at_once: 16,
        run: |clients, at_once| pipelined(clients, at_once, &[b"SET", b"e", b"v", b"EX", b"5000"]),
    },
    Workload {
        name: "PEXPIRE",
        at_once: 16,
        run: |clients, at_once| pipelined(clients, at_once, &[b"PEXPIRE", b"k", b"5000000"]),
    },
    Workload {
        name: "PING and a BLPOP that waits, and the RPUSH that ends it",
        at_once: 1,
        run: |clients, _| blocked(clients),
    },
];

pub(super) fn run(project: &Project, report: &mut Report, options: &Options) {
    let valgrind = ["valgrind", "callgrind_control"]
        .into_iter()
        .all(|tool| exec::works(project.sh.cmd(tool).arg("--version")));
    if !valgrind {
        let advice = Verdict::skipped("apt-get install valgrind");
        report.step("bench timers", || Ok(advice));
        return;
    }
    server::with_built(project, report, "bench timers", |program| {
        compare(project, program, options)
    });
}

fn compare(project: &Project, program: &Program, options: &Options) -> Result<Verdict> {
    let rounds = options.rounds.unwrap_or(ROUNDS);
    ensure!(rounds > 0, "no rounds, no figures");
    let mut counts = vec![[f64::INFINITY; 2]; WORKLOADS.len()];
    for _ in 0..SERVERS {
        for (side, timers) in [false, true].into_iter().enumerate() {
            let found = count(project, program, timers, rounds)?;
            for (least, count) in counts.iter_mut().zip(found) {
                least[side] = least[side].min(count);
            }
        }
    }
    section::put(HEADING, &text(&counts)?, options.write)?;
    let above: Vec<_> = WORKLOADS
        .iter()
        .zip(&counts)
        .filter(|(_, counts)| share(**counts) > BAR)
        .map(|(workload, _)| workload.name)
        .collect();
    Ok(if above.is_empty() {
        let percent = BAR * 100.0;
        Verdict::passed(format!("no request takes {percent} % more instructions"))
    } else {
        Verdict::failed(format!("more than the bar: {}", above.join(", ")))
    })
}

/// The instructions per request of each workload.
fn count(project: &Project, program: &Program, timers: bool, rounds: usize) -> Result<Vec<f64>> {
    let out = project.target_dir("release").join("callgrind.redis");
    let mut counter = Counter {
        server: Server::start_under(
            &[
                "valgrind",
                "--quiet",
                "--tool=callgrind",
                // Threads in turn: fewer ways for a request to go.
                "--fair-sched=yes",
                &format!("--callgrind-out-file={out}"),
            ],
            program,
            1,
        )?,
        out: out.into_string(),
        dumps: 0,
    };
    let port = counter.server.port;
    let mut clients = [Client::connect(port)?, Client::connect(port)?];
    for client in &mut clients {
        // So that idle time-outs take part.
        client.call(&[b"CONFIG", b"SET", b"timeout", b"3000"])?;
        client.call(&[b"SET", b"k", b"v"])?;
    }
    fill(&mut clients[0], timers)?;
    WORKLOADS
        .iter()
        .map(|workload| {
            let mut least = f64::INFINITY;
            // One round to get used to it.
            for round in 0..=rounds {
                let count = counter.per_request(workload, &mut clients)?;
                if round > 0 {
                    least = least.min(count);
                }
            }
            let timers = if timers { KEYS } else { 0 };
            println!("    {timers:>6} timers, {}: {least:.0}", workload.label());
            Ok(least)
        })
        .collect()
}

// === impl Workload ===

impl Workload {
    /// Requests in a round: a multiple of what is sent at once.
    const REQUESTS: usize = 480;

    fn label(&self) -> String {
        match self.at_once {
            1 => self.name.to_owned(),
            many => format!("{}, {many} at once", self.name),
        }
    }
}

/// Puts the keys into the server.
fn fill(client: &mut Client, expire: bool) -> Result<()> {
    const AT_ONCE: usize = 100;
    for first in (0..KEYS).step_by(AT_ONCE) {
        for key in first..first + AT_ONCE {
            let (name, seconds) = (format!("key{key}"), (3600 + key % 3600).to_string());
            let mut words: Vec<&[u8]> = vec![b"SET", name.as_bytes(), b"v"];
            if expire {
                words.extend([b"EX", seconds.as_bytes()]);
            }
            client.push(&words);
        }
        client.send()?;
        for _ in 0..AT_ONCE {
            client.reply()?;
        }
    }
    Ok(())
}

fn pipelined([client, _]: &mut [Client; 2], at_once: usize, words: &[&[u8]]) -> Result<()> {
    for _ in 0..Workload::REQUESTS / at_once {
        for _ in 0..at_once {
            client.push(words);
        }
        client.send()?;
        for _ in 0..at_once {
            client.reply()?;
        }
    }
    Ok(())
}

fn blocked([pops, pushes]: &mut [Client; 2]) -> Result<()> {
    for _ in 0..Workload::REQUESTS / 3 {
        // In one batch: when the first is answered, the second waits.
        pops.push(&[b"PING"]);
        pops.push(&[b"BLPOP", b"list", b"1000"]);
        pops.send()?;
        pops.reply()?;
        pushes.call(&[b"RPUSH", b"list", b"element"])?;
        pops.reply()?;
    }
    Ok(())
}

/// The server under callgrind.
struct Counter {
    server: Server,
    out: String,
    dumps: usize,
}

// === impl Counter ===

impl Counter {
    fn per_request(&mut self, workload: &Workload, clients: &mut [Client; 2]) -> Result<f64> {
        self.control("--zero")?;
        (workload.run)(clients, workload.at_once)?;
        self.control("--dump")?;
        self.dumps += 1;
        let path = format!("{}.{}", self.out, self.dumps);
        let dump = fs::read_to_string(&path).with_context(|| path.clone())?;
        fs::remove_file(&path)?;
        let total = total(&dump).with_context(|| format!("{path} has no total"))?;
        Ok(total / Workload::REQUESTS as f64)
    }

    fn control(&self, what: &str) -> Result<()> {
        let status = Command::new("callgrind_control")
            .args([what, &self.server.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "callgrind_control {what}: {status}");
        Ok(())
    }
}

/// The count in the line `totals: 123`.
fn total(dump: &str) -> Option<f64> {
    dump.lines()
        .find_map(|line| line.strip_prefix("totals:"))
        .and_then(|count| count.trim().parse().ok())
}

/// How much more the second is.
fn share([without, with]: [f64; 2]) -> f64 {
    with / without - 1.0
}

fn text(counts: &[[f64; 2]]) -> Result<String> {
    let mut out = format!(
        "{HEADING}\n\n\
         Instructions of the Redis example per request, user space only, one worker: with {KEYS} keys that do not \
         expire, and with {KEYS} that do, each of which has a sleep on the wheel. In both cases each client has an idle \
         time-out, a sleep on the same wheel. Counted by callgrind in running servers, the least of \
         many rounds, for how often a thread sleeps differs from round to round. The bar is {} % more.\n\n\
         | request | no key expires | all keys expire | more |\n|---|--:|--:|--:|\n",
        BAR * 100.0
    );
    for (workload, counts) in WORKLOADS.iter().zip(counts) {
        let [without, with] = counts;
        let more = share(*counts) * 100.0;
        writeln!(
            out,
            "| {} | {without:.0} | {with:.0} | {more:+.1} % |",
            workload.label()
        )?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{share, total};

    #[test]
    fn the_total_is_found() {
        assert_eq!(total("fn=(1) f\n1 2\n\ntotals: 9876\n"), Some(9876.0));
        assert_eq!(total("fn=(1) f\n"), None);
    }

    #[test]
    fn more_is_above_zero() {
        assert!((share([100.0, 102.0]) - 0.02).abs() < 1e-9);
        assert!(share([100.0, 99.0]) < 0.0);
    }
}
