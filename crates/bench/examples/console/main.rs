//! Tasks on several schedulers, watched by tokio-console.
//!
//! ```text
//! RUSTFLAGS='--cfg console_without_tokio_unstable' \
//!     cargo run -p pintle-bench --features console --example console [SECONDS]
//! tokio-console http://127.0.0.1:PORT      # in another terminal; the example says which port
//! ```
//!
//! `cargo install tokio-console` has the terminal's side. The flag tells console-subscriber that the tasks
//! which it is to show are not tokio's. Without SECONDS the example runs until it is interrupted.

mod server;
mod tasks;

use std::{env, error::Error, process::ExitCode, thread, time::Duration};

use pintle_park::Parker;
use pintle_task::{
    future::block_on,
    scheduler::{LocalScheduler, StealingScheduler},
};

use self::server::Server;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    if cfg!(not(console_without_tokio_unstable)) {
        return Err("set RUSTFLAGS='--cfg console_without_tokio_unstable' for the build".into());
    }
    let seconds = match env::args().nth(1) {
        Some(seconds) => Some(Duration::from_secs(seconds.parse()?)),
        None => None,
    };
    let server = Server::start(Duration::from_secs(1))?;
    println!("tokio-console http://{}", server.address());

    let scheduler = StealingScheduler::new(2);
    for _ in 0..scheduler.workers() {
        let scheduler = scheduler.clone();
        thread::spawn(move || {
            let mut worker = scheduler.worker().expect("there are enough");
            block_on(&Parker::new(), worker.run());
        });
    }
    thread::spawn(|| {
        let local = LocalScheduler::new();
        tasks::spawn_local(&local);
        block_on(&Parker::new(), local.run());
    });
    tasks::spawn_busy(&scheduler);
    match seconds {
        Some(seconds) => thread::sleep(seconds),
        None => loop {
            thread::park();
        },
    }
    Ok(())
}
